/** The pages of live operations as tables: the last 24 hours of each feature, a canary of days, the weights of a mix, the calibration, the newest checklist, the backups. */
import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { DetailView, LivePage } from '../../control/panels.ts'
import { plainSpark } from '../../control/spark.ts'
import { listBackups } from '../../db/backup-shelf.ts'
import { CHECK_VERDICTS } from '../../engine/approval/go-live.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { HOUR_MS, minuteText, minuteUtc } from '../../engine/kernel/units.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import { signed } from '../../engine/kernel/figures.ts'
import type { Interval } from '../../engine/stats/intervals.ts'
import type { DriftDocument } from '../../evidence/documents/documents.ts'
import type { EnsembleDocument } from '../../evidence/documents/ensemble-document.ts'
import type { LiveCanaryDocument, LiveSideDocument } from '../../evidence/documents/release-documents.ts'
import type { Desk } from '../desk/desk.ts'
import { checkedModels } from '../watch/check-drift.ts'
import type { Desks } from '../desk/desks.ts'
import { rehearsalTable } from './rehearsal-page.ts'

type Table = Extract<DetailView, { kind: 'table' }>
type Row = Table['rows'][number]

const COURSE_CELLS = 24
/** Of a month. */
const ENSEMBLE_STEPS = 30
/** Of a week. */
const CALIBRATION_LOOKS = 28
const CHECKLIST = 'checklist_'

/** @param canary of days that runs, or was the last */
export function liveTable(desks: Desks, desk: Desk, page: LivePage, canary: () => LiveCanaryDocument | null): Table {
  switch (page) {
    case 'driftDay':
      return driftTable(desk)
    case 'liveCanary':
      return canaryTable(canary())
    case 'rehearsal':
      return rehearsalTable(desks, desk)
    case 'ensemble':
      return ensembleTable(desk)
    case 'calibration':
      return calibrationTable(desk)
    case 'checklist':
      return checklistTable(desks, desk)
    case 'backups':
      return backupsTable(desks, desk)
    default:
      return unreachable(page)
  }
}

function driftTable(desk: Desk): Table {
  const {
    lineUp,
    drift: { days },
  } = desk
  const rows = checkedModels(desk).flatMap(({ version }) => featureRows(version, days.courseOf(version)))
  const newest = lineUp.inCharge === null ? undefined : days.newestOf(lineUp.inCharge.version)
  const plan = days.plan === null ? '' : ` Retrain ${days.plan.model} by ${minuteUtc(days.plan.dueMs)}: r.`
  return {
    kind: 'table',
    title: `Live: the last 24 hours${newest === undefined ? '' : `, ${newest.verdict} at ${minuteUtc(newest.at)}`}`,
    rows,
    note:
      newest === undefined
        ? 'A check is made every quarter of an hour; none was yet.'
        : `Overall PSI ${figure(newest.overall_psi)}, the kill switch is asked for above ${newest.kill_limit.toFixed(3)}. The limits are warning and critical, raised to what the reference's own days come to. A verdict is what two of three checks say.${plan} R rehearses the rules.`,
  }
}

/** The course is the PSI of the last day, on a scale from 0 to what is critical or has been reached. */
function featureRows(version: string, course: readonly DriftDocument[]): readonly Row[] {
  const newest = course.at(-1)
  if (newest === undefined) return []
  return Object.entries(newest.features).map(([feature, { psi, ks, judged, level }]) => {
    const values = course.map(({ features }) => features[feature]?.psi.value ?? null)
    const high = Math.max(psi.critical, ...values.map((value) => value ?? 0))
    return {
      model: version,
      feature,
      level: judged ? level : 'shown',
      PSI: psi.value.toFixed(3),
      'PSI limits': `${psi.warning.toFixed(3)}, ${psi.critical.toFixed(3)}`,
      D: figure(ks?.value ?? null),
      'D limits': ks === null ? '-' : `${ks.warning.toFixed(3)}, ${ks.critical.toFixed(3)}`,
      'PSI over 24 h': plainSpark(values, COURSE_CELLS, { low: 0, high }),
    }
  })
}

/** Both sides of a canary of days beside each other. */
function canaryTable(live: LiveCanaryDocument | null): Table {
  if (live === null)
    return {
      kind: 'table',
      title: 'Live: canary of days',
      rows: [],
      note: 'No canary has run, or the newest was not one of days. To begin one, write canary_policy.json, then onay canary start --mode serve --live; what earlier ones came to is in the evidence, canary_live_*.json.',
    }
  const { canary, in_charge: inCharge, difference, policy, days, minutes, at, verdict, reason } = live
  const row = (what: string, of: (side: LiveSideDocument) => string, needed: string): Row => ({
    figure: what,
    [canary.version]: of(canary),
    [inCharge.version]: of(inCharge),
    'needed to promote': needed,
  })
  const differenceRow = (what: string, of: Interval | null, said: (value: number) => string, needed: string): Row => ({
    figure: what,
    [canary.version]: of === null ? '-' : said(of.value),
    [inCharge.version]: of === null ? '' : `95 % ${said(of.lo)} to ${said(of.hi)}`,
    'needed to promote': needed,
  })
  const perDay = (share: number): string => `${signed(share * 100, 3)} %`
  return {
    kind: 'table',
    title: `Live: canary of ${canary.version}, ${days} of ${policy.min_days} days, ${verdict} at ${minuteUtc(at)}`,
    rows: [
      row('trades on paper', ({ trades }) => `${trades}`, ''),
      row('Sharpe ratio', ({ sharpe }) => figure(sharpe), "0.2 above the other's"),
      row('drawdown', (side) => figure(side.max_drawdown), "at most 0.9 of the other's"),
      row('net result', (side) => figure(side.net_pnl), ''),
      row('log loss', (side) => figure(side.log_loss), ''),
      row('calibration error', ({ ece }) => figure(ece), 'at most 0.05'),
      differenceRow('daily return, difference', difference, perDay, 'above 0 with certainty'),
      differenceRow('log loss, paired difference', live.log_loss_difference, (loss) => signed(loss, 4), ''),
      row('own trades of callers', ({ own_trades: n }) => `${n}`, ''),
      row('their mean result, bp', ({ own_mean_bp: mean }) => (mean === null ? '-' : signed(mean, 1)), ''),
      differenceRow(
        'their daily difference, bp',
        live.own_difference_bp,
        (bp) => signed(bp, 1),
        'not below 0 with certainty',
      ),
    ],
    note: `${policy.fraction * 100} % of the callers' keys, ${minutes} settled minutes on which ${canary.version} was confident. ${reason}.${live.policy_changed ? ' canary_policy.json has changed since it was approved, and changes nothing.' : ''}`,
  }
}

/** The weights after the last step, and their course. */
function ensembleTable({ symbol, parts }: Desk): Table {
  const steps = parts.store.ensembles.newest(symbol, ENSEMBLE_STEPS).toReversed()
  const newest = steps.at(-1)
  if (newest === undefined)
    return {
      kind: 'table',
      title: 'Live: ensemble',
      rows: [],
      note: 'The weights of a mix are looked at every night; they were not yet. Now: onay ensemble.',
    }
  const courseOf = (version: string, of: 'weight' | 'money_weight'): string =>
    plainSpark(
      steps.map(({ members }) => members.find((member) => member.version === version)?.[of] ?? null),
      COURSE_CELLS,
      { low: 0, high: 1 },
    )
  const kept = (what: string, why: string | null): string => (why === null ? '' : ` ${what} stayed: ${why}.`)
  return {
    kind: 'table',
    title: `Live: ${newest.model ?? 'a mix of what stands, which serves nothing'}, ${minuteUtc(newest.at)}`,
    rows: newest.members.map(({ version, weight, money_weight: money, log_loss: loss, sharpe, trades }) => ({
      member: version,
      'by score': weight.toFixed(2),
      'score, course': courseOf(version, 'weight'),
      'by money': money.toFixed(2),
      'money, course': courseOf(version, 'money_weight'),
      'log loss': loss === null ? '-' : loss.toFixed(4),
      Sharpe: figure(sharpe),
      trades: `${trades}`,
    })),
    note: `${newest.plain}.${kept('The weights by score', newest.kept)}${kept('Those by money', newest.money_kept)}${regimesText(newest)}`,
  }
}

/** The weights that a mix has in each kind of market, in the order of the table. */
function regimesText({ regimes }: EnsembleDocument): string {
  if (regimes == null) return ''
  const of = regimes.of.map(
    ({ regime, minutes, weights }) =>
      `${regime} ${weights?.map((weight) => weight.toFixed(2)).join('/') ?? 'as above'} (${minutes} min)`,
  )
  return ` By market: ${of.join(', ')}.`
}

/** The newest looks; the first has the outcomes of the last day beside what was answered. */
function calibrationTable({ symbol, lineUp, parts }: Desk): Table {
  const { inCharge } = lineUp
  const looks =
    inCharge === null
      ? []
      : parts.store.calibrations.newest(symbol, inCharge.version, inCharge.sha256, CALIBRATION_LOOKS)
  const newest = looks[0]?.document
  if (newest === undefined)
    return {
      kind: 'table',
      title: 'Live: calibration',
      rows: [],
      note: 'A look is made every six hours; none was yet. Now: onay calibrate --dry-run.',
    }
  const curve = (newest.day?.answers ?? []).map((bin) => `${bin.mean_score.toFixed(2)} ${bin.mean_label.toFixed(2)}`)
  return {
    kind: 'table',
    title: `Live: calibration of ${newest.model}, ${newest.kind ?? 'its own scores'}, threshold ${newest.threshold.toFixed(3)}${newest.raised_by === 0 ? '' : ` (${signed(newest.raised_by, 2)})`}`,
    rows: looks.map(({ document: { at, verdict, n, tried, day, raised_by: raised, reason } }) => ({
      look: minuteUtc(at),
      verdict,
      minutes: `${n}`,
      tried: tried?.kind ?? '-',
      'log loss before, after':
        tried === null ? '-' : `${tried.log_loss.before.toFixed(4)}, ${tried.log_loss.after.toFixed(4)}`,
      'ECE of the day': figure(day?.ece ?? null),
      threshold: raised === 0 ? 'its own' : signed(raised, 2),
      reason,
    })),
    inDetail: ['reason'],
    note: `Answers and what came true over the last day, by tenths: ${curve.length === 0 ? 'none yet' : curve.join(', ')}. Gates and canary go by the artifact.`,
  }
}

const Kept = z.object({
  at: z.string(),
  verdict: z.string(),
  checks: z.array(
    z.object({ check: z.string(), verdict: z.enum(CHECK_VERDICTS), said: z.string(), next: z.string().nullable() }),
  ),
})

function checklistTable({ evidence, store }: Desks, { symbol }: Desk): Table {
  const entry = store.journal.entriesUnder(evidence.subject(symbol, CHECKLIST)).at(-1)
  const kept = entry === undefined ? undefined : Kept.safeParse(tryJson(contentOf(evidence.pathOf(entry.subject)))).data
  if (kept === undefined)
    return {
      kind: 'table',
      title: 'Live: checklist',
      rows: [],
      note: 'None has been made yet, or its file is gone: onay checklist.',
    }
  return {
    kind: 'table',
    title: `Live: checklist of ${minuteUtc(kept.at)}, ${kept.verdict}`,
    rows: kept.checks.map(({ check, verdict, said, next }) => ({
      check,
      verdict,
      found: said,
      'what to do': next ?? '',
    })),
    note: "Made by onay checklist, on the machine's clock.",
  }
}

function backupsTable({ options }: Desks, { parts, tape }: Desk): Table {
  const backups = listBackups(options.dataDir).toReversed()
  const nowMs = parts.wallNow()
  return {
    kind: 'table',
    title: 'Live: backups',
    rows: backups.map(({ at, file, bytes, head, seconds }) => ({
      made: minuteText(at),
      age: `${Math.max(0, Math.floor((nowMs - Date.parse(at)) / HOUR_MS))} h`,
      size: `${(bytes / 1e6).toFixed(1)} MB`,
      head: `${head.seq}`,
      took: `${seconds.toFixed(1)} s`,
      file,
    })),
    note:
      tape.feed.clockKind === 'replay'
        ? 'A recording is not backed up by itself: onay backup. To lay one out: onay restore FILE --data-dir NEW.'
        : 'One a day at 00:30 UTC, restored and verified before it counts; or onay backup. To lay one out: onay restore FILE --data-dir NEW.',
  }
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(3)
}
