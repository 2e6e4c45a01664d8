import { percent, shortPercent } from '../kernel/figures.ts'
import { HOUR_MS, MINUTE_MS, minuteText } from '../kernel/units.ts'
import { above, flag, older } from './reading.ts'
import type { LimitOf } from './rule-limits.ts'
import { oneSeries, type Rule } from './rule.ts'

const FIVE = 5 * MINUTE_MS
const TEN = 10 * MINUTE_MS
const FIFTEEN = 15 * MINUTE_MS
const FULL = 'and on (symbol) (ml_drift_level >= 0)'
/** The level once the seven days are full, -1 before. */
const level = (values: string): { series: string; values: string } => ({ series: 'ml_drift_level', values })

const psiNext = [
  'The market has moved away from what the model in charge was trained on: open the drift panel and see which feature moved.',
  'A feature on prices moves with them: retrain on v1.8.1 (r). If none does, retrain with a newer window.',
  'Until then the model keeps answering. onay report daily says whether it is worse than the fallback.',
]

const dataNext = [
  'Answers abstain while the newest row is older than two bars, so that no one acts on old data.',
  'Look at the feed: the exchange, the program that pushes bars, the network. The events and the troubles name what failed.',
  'Missed bars: an exchange feed fetches them by itself. Otherwise run onay import bars FILE, while the room runs or not; they are never scored.',
]

/** Rules on what comes in and on what has become of it. */
export const marketRules = (limitOf: LimitOf): readonly Rule[] => [
  ...(
    [
      ['MLPSIWarning', 'warning', limitOf('MLPSIWarning')],
      ['MLPSICritical', 'critical', limitOf('MLPSICritical')],
    ] as const
  ).map(
    ([name, severity, limit]): Rule => ({
      name,
      severity,
      forMs: HOUR_MS,
      clearMs: FIVE,
      driftRule: true,
      summary: `The features of the model in charge have drifted: overall PSI above ${limit} over the last seven days.`,
      next: psiNext,
      expr: `(ml_psi_score > ${limit}) ${FULL}`,
      example: {
        afterMin: 65,
        fires: [{ series: 'ml_psi_score', values: `${limit + 0.05}x90` }, level('2x90')],
        quiet: [{ series: 'ml_psi_score', values: `${limit + 0.05}x90` }, level('-1x90')],
      },
      read: ({ psi }) => above(psi, limit, 'PSI'),
    }),
  ),
  {
    name: 'MLPSIJump',
    severity: 'warning',
    forMs: 0,
    clearMs: FIVE,
    driftRule: true,
    summary: `Overall PSI of the model in charge has risen by more than ${limitOf('MLPSIJump')} within 24 hours.`,
    next: psiNext,
    expr: `((ml_psi_score - (ml_psi_score offset 24h)) > ${limitOf('MLPSIJump')}) ${FULL}`,
    example: {
      afterMin: 1_500,
      fires: [{ series: 'ml_psi_score', values: '0.02x1440 0.2x100' }, level('1x1600')],
      quiet: [{ series: 'ml_psi_score', values: '0.1x1440 0.2x100' }, level('1x1600')],
    },
    read: ({ psi, psiDayAgo }) =>
      above(psi === null || psiDayAgo === null ? null : psi - psiDayAgo, limitOf('MLPSIJump'), 'PSI up in 24 h by'),
  },
  {
    name: 'MLDriftCritical',
    severity: 'critical',
    forMs: 0,
    clearMs: 0,
    driftRule: true,
    summary: 'The drift of the model in charge is critical: over the last seven days, or over the last 24 hours.',
    next: psiNext,
    expr: '(max by (symbol) (ml_drift_level) == 2) or (max by (symbol) (ml_drift_level_24h) >= 2) or (sum by (symbol) (increase(ml_drift_events_total{severity="critical"}[15m])) > 0)',
    example: {
      afterMin: 30,
      fires: [{ series: 'ml_drift_events_total{severity="critical"}', values: '0x5 1x60' }, level('1x5 2x60')],
      quiet: [{ series: 'ml_drift_events_total{severity="critical"}', values: '1x60' }, level('1x60')],
    },
    read: ({ atMs, driftCritical, driftCriticalAgoMs: ago }) => {
      if (ago === null) return flag(driftCritical, driftCritical ? 'drift is critical' : 'no drift event')
      const since = `drift became critical at ${minuteText(atMs - ago)}`
      return flag(driftCritical || ago < FIFTEEN, driftCritical ? since : `${since}, and no longer is`)
    },
  },
  {
    name: 'MLDriftAsksKill',
    severity: 'critical',
    forMs: 0,
    clearMs: 0,
    driftRule: true,
    summary:
      'The last 24 hours are further from what the model in charge was trained on than any limit allows: the kill switch is asked for.',
    next: [
      'To let every answer abstain until somebody has looked: K K, or onay kill on.',
      'onay drift names the features. Where one moved alone, look at the feed first: its rows may be wrong.',
      'Afterwards retrain (r). With drift.kill: on the switch is thrown by itself; onay rehearse shows how often it would have been.',
    ],
    expr: 'ml_drift_level_24h == 3',
    example: oneSeries('ml_drift_level_24h', { afterMin: 5, fires: '3x30', quiet: '2x30' }),
    read: ({ driftAsksKill }) =>
      flag(driftAsksKill, driftAsksKill ? 'overall PSI of the last 24 hours beyond its limit' : 'no such drift'),
  },
  {
    name: 'MLFeatureStaleness',
    severity: 'warning',
    forMs: FIVE,
    clearMs: 0,
    summary: `The newest row is older than ${spanText(limitOf('MLFeatureStaleness'))}.`,
    next: dataNext,
    expr: `ml_feature_staleness_seconds > ${limitOf('MLFeatureStaleness')}`,
    example: oneSeries('ml_feature_staleness_seconds', { afterMin: 10, fires: '150x30', quiet: '120x30' }),
    read: ({ rowAgeMs }) => older(rowAgeMs, limitOf('MLFeatureStaleness') * 1_000),
  },
  {
    name: 'MLDataGap',
    severity: 'warning',
    forMs: 0,
    clearMs: 0,
    summary: `No bar has come in for more than ${spanText(limitOf('MLDataGap'))}.`,
    next: dataNext,
    expr: `ml_feature_staleness_seconds > ${limitOf('MLDataGap')}`,
    example: oneSeries('ml_feature_staleness_seconds', { afterMin: 10, fires: '0+60x30', quiet: '240x30' }),
    read: ({ rowAgeMs }) => older(rowAgeMs, limitOf('MLDataGap') * 1_000),
  },
  {
    name: 'MLFeatureMissing',
    severity: 'warning',
    forMs: 0,
    clearMs: FIVE,
    summary: `A feature was missing in more than ${shortPercent(limitOf('MLFeatureMissing'))} of the last 24 hours of rows.`,
    next: [
      'onay features names each feature and its gaps. Rows without a feature are answered by the fallback, which abstains.',
      'After a gap the long features need a day of bars. onay import bars FILE brings the missing ones in; rows that were made meanwhile stay as they are.',
    ],
    expr: `ml_feature_missing_share > ${limitOf('MLFeatureMissing')}`,
    example: oneSeries('ml_feature_missing_share', { afterMin: 5, fires: '0.006x20', quiet: '0.005x20' }),
    read: ({ missing }) =>
      missing === null
        ? null
        : flag(
            missing.share > limitOf('MLFeatureMissing'),
            `${missing.feature} missing in ${percent(missing.share, 2)} of the rows, limit ${shortPercent(limitOf('MLFeatureMissing'))}`,
          ),
  },
  {
    name: 'MLOutcomesOverdue',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    summary: `More than ${limitOf('MLOutcomesOverdue')} minutes of the last 24 hours lack the outcome that you bring, past their horizon.`,
    next: [
      'See whether the program that sends POST /outcomes runs, and what it was answered. onay features has the figure.',
      'onay import outcomes FILE brings the missing ones in, which settles those minutes late. Until then AUC, calibration and the outcome line stand on fewer minutes.',
      'If you send outcomes for only some minutes, raise the limit or switch the rule off: alerts.MLOutcomesOverdue.',
    ],
    expr: `ml_outcomes_overdue > ${limitOf('MLOutcomesOverdue')}`,
    example: oneSeries('ml_outcomes_overdue', { afterMin: 20, fires: '61x40', quiet: '60x40' }),
    read: ({ overdueOutcomes }) =>
      overdueOutcomes === null
        ? null
        : flag(
            overdueOutcomes > limitOf('MLOutcomesOverdue'),
            `${overdueOutcomes} minutes lack their outcome, limit ${limitOf('MLOutcomesOverdue')}`,
          ),
  },
]

/** `2 minutes`, `90 s`. */
function spanText(seconds: number): string {
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} s`
}
