import { grouped } from '../kernel/figures.ts'
import { HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { flag, without } from './reading.ts'
import type { LimitOf } from './rule-limits.ts'
import { oneSeries, type Rule } from './rule.ts'

const TWO = 2 * MINUTE_MS
const BACKUP_MAX_MS = 26 * HOUR_MS

/** Rules on the room itself. */
export const roomRules = (limit: LimitOf): readonly Rule[] => [
  {
    name: 'MLEngineDown',
    severity: 'critical',
    forMs: 0,
    clearMs: 0,
    summary: 'The room was down for more than two minutes without having been stopped.',
    next: [
      'Start it again: onay start, or systemctl start onay. It continues where it was: same canary phase, same prompts.',
      'Its log in the data directory says why it ended; a full disk or too little memory is the usual reason.',
      'Requests made meanwhile were not answered; everything that was answered is in the database.',
    ],
    expr: 'up{job="onay"} == 0',
    labels: { job: 'onay' },
    example: oneSeries('up{job="onay"}', { afterMin: 5, fires: '0x20', quiet: '1x20' }),
    read: ({ back, atMs }) =>
      back === null
        ? without('outage')
        : flag(
            back.goneMs > TWO && atMs - back.atMs < TWO,
            `the room was down for ${Math.round(back.goneMs / MINUTE_MS)} min`,
          ),
  },
  {
    name: 'MLJobOverdue',
    severity: 'warning',
    forMs: 0,
    clearMs: 0,
    summary: 'A job has not succeeded for twice its period.',
    next: [
      'The jobs panel shows how its last run ended. A disk that is full or read-only is the usual reason.',
      'Once that is fixed it runs by itself, and catches up once.',
    ],
    expr: 'ml_jobs_overdue > 0',
    example: oneSeries('ml_jobs_overdue', { afterMin: 5, fires: '1x20', quiet: '0x20' }),
    read: ({ overdueJobs }) => flag(overdueJobs.length > 0, `overdue: ${overdueJobs.join(', ') || 'none'}`),
  },
  {
    name: 'MLCardinalityHigh',
    severity: 'warning',
    forMs: 0,
    clearMs: 0,
    summary: `The metrics hold more than ${grouped(limit('MLCardinalityHigh'))} series.`,
    next: [
      'Every label is bounded, so this is a bug: keep a scrape (curl -s localhost:4010/ml/metrics) and report it.',
    ],
    expr: `scrape_samples_scraped{job="onay"} > ${limit('MLCardinalityHigh')}`,
    labels: { job: 'onay' },
    example: oneSeries('scrape_samples_scraped{job="onay"}', { afterMin: 5, fires: '10001x20', quiet: '10000x20' }),
    read: ({ series }) =>
      series === null
        ? null
        : flag(series > limit('MLCardinalityHigh'), `${series} series, limit ${limit('MLCardinalityHigh')}`),
  },
  {
    name: 'MLBackupOld',
    severity: 'warning',
    forMs: 0,
    clearMs: 0,
    summary: 'The newest backup of the room is older than 26 hours, or there is none.',
    next: [
      'Make one now: onay backup. It says what stands in its way: a full disk, or evidence that does not verify.',
      'onay backup --list names those that there are; the events say why the daily one, at 00:30 UTC, failed.',
    ],
    expr: `ml_backup_age_seconds > ${BACKUP_MAX_MS / 1_000}`,
    example: oneSeries('ml_backup_age_seconds', { afterMin: 5, fires: '93601x30', quiet: '93600x30' }),
    read: ({ backupAgeMs }) =>
      backupAgeMs === null
        ? null
        : flag(
            backupAgeMs > BACKUP_MAX_MS,
            `the newest backup is ${Math.floor(backupAgeMs / HOUR_MS)} h old, limit 26 h`,
          ),
  },
  {
    name: 'MLKillSwitchOn',
    severity: 'critical',
    forMs: 0,
    clearMs: 0,
    summary: "The kill switch is on: every answer is the fallback's and abstains.",
    next: [
      'onay kill (or the events) says who threw it, when, and why.',
      'To take it back: K K on the screen, or onay kill off, then ONAY with a reason.',
    ],
    expr: 'ml_kill_switch == 1',
    example: oneSeries('ml_kill_switch', { afterMin: 2, fires: '1x10', quiet: '0x10' }),
    read: ({ killSwitch }) => flag(killSwitch, killSwitch ? 'the kill switch is on' : 'the kill switch is off'),
  },
]
