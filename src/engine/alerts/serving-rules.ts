import { HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { percent, shortPercent } from '../kernel/figures.ts'
import { above, flag, mismatchAbove, rest, shareAbove, TAIL_LEAST, TAIL_SHARE, tailBeyond, without } from './reading.ts'
import type { LimitOf } from './rule-limits.ts'
import { oneSeries, type Rule } from './rule.ts'

const FIVE = 5 * MINUTE_MS
const TEN = 10 * MINUTE_MS

/** Counted, then divided: one minus a share is off by a rounding, and fires at the bound itself. */
export const beyond = (metric: string, le: number): string => {
  const all = `sum by (symbol) (increase(${metric}_count[5m]))`
  const slow = `(${all} - sum by (symbol) (increase(${metric}_bucket{le="${le}"}[5m])))`
  return `(${slow} / ${all} > ${TAIL_SHARE}) and (${slow} >= ${TAIL_LEAST})`
}

/** 100 runs a minute, of which so many within a bound. */
const latencySeries = (metric: string, le: number, within: number): Rule['example']['fires'] => [
  { series: `${metric}_bucket{le="${le}"}`, values: `0+${within}x60` },
  { series: `${metric}_count`, values: '0+100x60' },
]

const SHADOW_ERRORS =
  'sum by (symbol) (increase(ml_shadow_error_total[5m])) / (sum by (symbol) (increase(ml_shadow_error_total[5m])) + sum by (symbol) (increase(ml_shadow_success_total[5m])))'
export const MODEL_ERRORS =
  'sum by (symbol) (increase(ml_model_errors_total[5m])) / (sum by (symbol) (increase(ml_model_errors_total[5m])) + sum by (symbol) (increase(ml_baseline_latency_ms_count[5m])))'
export const MISMATCH =
  'sum by (symbol) (increase(ml_shadow_mismatch_total[10m])) / (sum by (symbol) (increase(ml_shadow_match_total[10m])) + sum by (symbol) (increase(ml_shadow_mismatch_total[10m])))'

/** Of a hundred a minute, so many failed. */
export const errorSeries = (error: string, success: string, failed: number): Rule['example']['fires'] => [
  { series: error, values: `0+${failed}x60` },
  { series: success, values: `0+${100 - failed}x60` },
]

/** Rules on answers and on the candidate in their shadow. */
export const servingRules = (limit: LimitOf): readonly Rule[] => [
  {
    name: 'MLShadowMatchLow',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    summary: `The candidate agrees with the model in charge on less than ${shortPercent(limit('MLShadowMatchLow'))} of the predictions.`,
    next: [
      'Callers are not affected: the candidate only runs in the shadow.',
      'Open the serving panel for match and delta. A candidate that is meant to differ needs the profile improve: onay validate --profile improve.',
      'Otherwise abort a canary that runs (a a) and retrain (r).',
    ],
    expr: `(${MISMATCH} > ${rest(limit('MLShadowMatchLow'))}) and on (symbol) (ml_shadow_meant_to_match == 1)`,
    example: {
      afterMin: 25,
      fires: [
        ...errorSeries('ml_shadow_mismatch_total', 'ml_shadow_match_total', 6),
        { series: 'ml_shadow_meant_to_match', values: '1x60' },
      ],
      quiet: [
        ...errorSeries('ml_shadow_mismatch_total', 'ml_shadow_match_total', 60),
        { series: 'ml_shadow_meant_to_match', values: '0x60' },
      ],
    },
    read: ({ last10, candidate }) =>
      candidate === null
        ? without('candidate')
        : candidate.meantToMatch
          ? mismatchAbove(last10, limit('MLShadowMatchLow'))
          : without('candidate that is meant to match'),
  },
  {
    name: 'MLShadowErrorRateHigh',
    severity: 'warning',
    forMs: FIVE,
    clearMs: FIVE,
    summary: `More than ${shortPercent(limit('MLShadowErrorRateHigh'))} of the shadow runs fail.`,
    next: [
      'Callers are not affected: the candidate only runs in the shadow.',
      'The metrics name the kinds (ml_shadow_error_total by kind): timeout and unreachable are the server of a model behind HTTP, nan and range the model itself.',
      'Abort a canary that runs (a a); fix the candidate and register it under a new version.',
    ],
    expr: `${SHADOW_ERRORS} > ${limit('MLShadowErrorRateHigh')}`,
    example: {
      afterMin: 15,
      fires: errorSeries('ml_shadow_error_total{kind="nan"}', 'ml_shadow_success_total', 3),
      quiet: errorSeries('ml_shadow_error_total{kind="nan"}', 'ml_shadow_success_total', 2),
    },
    read: ({ last5, candidate }) =>
      candidate === null
        ? without('candidate')
        : shareAbove(last5.shadowErrors, last5.shadowTried, limit('MLShadowErrorRateHigh'), 'shadow errors'),
  },
  ...(
    [
      ['MLPredictLatencyP95High', 'warning', TEN, limit('MLPredictLatencyP95High'), 'above80Ms'],
      ['MLPredictLatencyP95Critical', 'critical', FIVE, limit('MLPredictLatencyP95Critical'), 'above120Ms'],
    ] as const
  ).map(
    ([name, severity, forMs, bound, slow]): Rule => ({
      name,
      severity,
      forMs,
      clearMs: FIVE,
      summary: `Fewer than 95 % of the answers leave within ${bound} ms.`,
      next: [
        'See what else the machine is doing (top); a training or an import runs at low priority and can be cancelled (c).',
        'The serving panel says whether the model or the room is slow; a full disk shows among the troubles.',
        'If callers suffer, roll back (b b): the former model answers at once.',
      ],
      expr: beyond('ml_predict_latency_ms', bound),
      example: {
        afterMin: forMs / MINUTE_MS + 10,
        fires: latencySeries('ml_predict_latency_ms', bound, 94),
        quiet: latencySeries('ml_predict_latency_ms', bound, 96),
      },
      read: ({ last5 }) => tailBeyond(last5[slow], last5.timed, `answers above ${bound} ms`),
    }),
  ),
  {
    name: 'MLShadowLatencyP95High',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    summary: `Fewer than 95 % of the shadow runs end within ${limit('MLShadowLatencyP95High')} ms.`,
    next: [
      'Callers are not affected: they do not wait for the candidate. Beyond its budget, 60 ms by default, a run counts as an error.',
      'For a model behind HTTP, check its server; for any other, the event loop (ml_event_loop_lag_ms).',
    ],
    expr: beyond('ml_shadow_latency_ms', limit('MLShadowLatencyP95High')),
    example: {
      afterMin: 20,
      fires: latencySeries('ml_shadow_latency_ms', limit('MLShadowLatencyP95High'), 94),
      quiet: latencySeries('ml_shadow_latency_ms', limit('MLShadowLatencyP95High'), 96),
    },
    read: ({ last5, candidate }) =>
      candidate === null
        ? without('candidate')
        : tailBeyond(
            last5.shadowAbove60Ms,
            last5.shadowTimed,
            `shadow runs above ${limit('MLShadowLatencyP95High')} ms`,
          ),
  },
  {
    name: 'MLModelErrorsHigh',
    severity: 'warning',
    forMs: FIVE,
    clearMs: FIVE,
    summary: `The model in charge gives no score in more than ${shortPercent(limit('MLModelErrorsHigh'))} of its tries; then the fallback answers, and abstains.`,
    next: [
      'Roll back (b b, or onay rollback) when the errors began with a promotion.',
      'The events and the reason in the answers name the fault. For a model behind HTTP, check its server.',
    ],
    expr: `${MODEL_ERRORS} > ${limit('MLModelErrorsHigh')}`,
    example: {
      afterMin: 15,
      fires: errorSeries('ml_model_errors_total', 'ml_baseline_latency_ms_count', 2),
      quiet: errorSeries('ml_model_errors_total', 'ml_baseline_latency_ms_count', 1),
    },
    read: ({ last5 }) => shareAbove(last5.modelErrors, last5.tried, limit('MLModelErrorsHigh'), 'model errors'),
  },
  {
    name: 'MLPoorCalibration',
    severity: 'warning',
    forMs: 30 * MINUTE_MS,
    // It moves slowly about its bound: with a shorter time it would come and go all day.
    clearMs: 6 * HOUR_MS,
    summary: `The probabilities of the model in charge are off by more than ${limit('MLPoorCalibration')} on average.`,
    next: [
      'The ranking may still be right: only what reads the score as a probability is affected, not what reads the signal.',
      'Retrain (r): that fits the calibration again.',
    ],
    expr: `ml_model_ece > ${limit('MLPoorCalibration')}`,
    example: oneSeries('ml_model_ece', { afterMin: 35, fires: '0.07x60', quiet: '0.06x60' }),
    // A model that has just taken over is not blamed for the one before it.
    read: ({ ece }) =>
      above(ece, limit('MLPoorCalibration'), 'ECE') ?? flag(false, 'too few settled minutes of the model in charge'),
  },
  {
    name: 'MLBreakerOpen',
    severity: 'warning',
    forMs: 0,
    clearMs: 0,
    summary: 'The breaker has stopped the shadow: the candidate failed more than 2 % of its last tries.',
    next: [
      'Callers are not affected: the candidate only runs in the shadow. Every 20th prediction is tried, and 50 clean ones close the breaker.',
      'The metrics name the kinds of errors. For a model behind HTTP, check its server; for any other, retrain (r).',
    ],
    expr: 'ml_breaker_open == 1',
    example: oneSeries('ml_breaker_open', { afterMin: 2, fires: '1x10', quiet: '0x10' }),
    read: ({ breakerOpen, last5 }) =>
      flag(
        breakerOpen,
        `the shadow is stopped: ${percent(last5.shadowErrors / Math.max(1, last5.shadowTried))} errors in 5 min`,
      ),
  },
]
