import type { JudgeLimits } from '../canary/plan.ts'
import { shortPercent } from '../kernel/figures.ts'
import { HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { normalQuantile } from '../stats/normal.ts'
import { above, mismatchAbove, rest, shareAbove, tailBeyond, without } from './reading.ts'
import type { LimitOf } from './rule-limits.ts'
import type { AlertInputs, Reading, Rule, Series } from './rule.ts'
import { beyond, errorSeries, MISMATCH, MODEL_ERRORS } from './serving-rules.ts'

const FIVE = 5 * MINUTE_MS
const TEN = 10 * MINUTE_MS
const RUNS = 'and on (symbol) (ml_canary_share > 0)'

const share = (values: string): { series: string; values: string } => ({ series: 'ml_canary_share', values })
const whileItRuns =
  (read: (inputs: AlertInputs) => Reading) =>
  (inputs: AlertInputs): Reading =>
    inputs.canary === null ? without('canary that runs') : read(inputs)

/**
 * The judge's condition: enough tries, and Wilson's interval above the share that stops. Its lower end is above a share p of n
 * tries with e errors where e - p n > z sqrt(p (1 - p) n).
 */
function certainErrors({ errorRate: { abort: p }, confidence, minComparisons }: JudgeLimits): string {
  const z = Number(normalQuantile((1 + confidence) / 2).toFixed(7))
  return `(ml_canary_errors - ${p} * ml_canary_tries > ${z} * sqrt(${p} * ${rest(p)} * ml_canary_tries)) and (ml_canary_tries >= ${minComparisons})`
}

const seen = (tries: number, errors: number): Series[] => [
  { series: 'ml_canary_tries', values: `${tries}x60` },
  { series: 'ml_canary_errors', values: `${errors}x60` },
]

const look =
  "The canary panel has the judge's last word and the limits; a a aborts at once, no caller is exposed in mode observe."

/** Rules that are looked at while a canary runs. */
export const canaryRules = (limit: LimitOf, judge: JudgeLimits): readonly Rule[] => [
  {
    name: 'MLCanaryPredictLatencyP95High',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    canary: true,
    summary: `While a canary runs, fewer than 95 % of the answers leave within ${limit('MLPredictLatencyP95High')} ms.`,
    next: [look, "When latency began with the canary, abort it and look at the candidate's own latency."],
    expr: `(${beyond('ml_predict_latency_ms', limit('MLPredictLatencyP95High'))}) ${RUNS}`,
    example: {
      afterMin: 20,
      fires: [
        { series: `ml_predict_latency_ms_bucket{le="${limit('MLPredictLatencyP95High')}"}`, values: '0+94x60' },
        { series: 'ml_predict_latency_ms_count', values: '0+100x60' },
        share('0.05x60'),
      ],
      quiet: [
        { series: `ml_predict_latency_ms_bucket{le="${limit('MLPredictLatencyP95High')}"}`, values: '0+94x60' },
        { series: 'ml_predict_latency_ms_count', values: '0+100x60' },
        share('0x60'),
      ],
    },
    read: whileItRuns(({ last5 }) =>
      tailBeyond(last5.above80Ms, last5.timed, `answers above ${limit('MLPredictLatencyP95High')} ms`),
    ),
  },
  {
    name: 'MLCanaryShadowMatchLow',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    canary: true,
    summary: `While a canary runs, the candidate agrees on less than ${shortPercent(limit('MLCanaryShadowMatchLow'))} of the predictions.`,
    next: [
      look,
      `Below ${shortPercent(judge.matchRate.abort)} the judge aborts by itself at the end of the phase, or sooner when it is certain.`,
    ],
    expr: `(${MISMATCH} > ${rest(limit('MLCanaryShadowMatchLow'))}) and on (symbol) (ml_shadow_meant_to_match == 1) ${RUNS}`,
    example: {
      afterMin: 25,
      fires: [
        ...errorSeries('ml_shadow_mismatch_total', 'ml_shadow_match_total', 6),
        { series: 'ml_shadow_meant_to_match', values: '1x60' },
        share('0.25x60'),
      ],
      quiet: [
        ...errorSeries('ml_shadow_mismatch_total', 'ml_shadow_match_total', 6),
        { series: 'ml_shadow_meant_to_match', values: '1x60' },
        share('0x60'),
      ],
    },
    read: whileItRuns(({ last10, candidate }) =>
      candidate?.meantToMatch === true
        ? mismatchAbove(last10, limit('MLCanaryShadowMatchLow'))
        : without('candidate that is meant to match'),
    ),
  },
  {
    name: 'MLCanaryShadowErrorRateHigh',
    severity: 'critical',
    forMs: 0,
    clearMs: FIVE,
    canary: true,
    summary: `The judge is certain that more than ${shortPercent(judge.errorRate.abort)} of the candidate's runs fail: it has aborted the canary.`,
    next: [
      'The canary is already at 0 %; the candidate stays in the shadow, where it cannot affect callers.',
      'The metrics name the kinds of errors. Fix the candidate, register it under a new version, and begin again with a dry run.',
    ],
    expr: certainErrors(judge),
    example: {
      afterMin: 10,
      fires: seen(500, 30),
      // Beyond the limit, and not certain of it.
      quiet: seen(100, 5),
    },
    read: ({ canarySeen }) =>
      canarySeen === null
        ? without('canary that runs')
        : {
            holds: canarySeen.certain,
            text: `${canarySeen.errors} of ${canarySeen.tried} runs of the candidate failed in this phase, limit ${shortPercent(judge.errorRate.abort)}`,
          },
  },
  {
    name: 'MLCanaryModelErrorsHigh',
    severity: 'warning',
    forMs: FIVE,
    clearMs: FIVE,
    canary: true,
    summary: `While a canary runs, the model in charge gives no score in more than ${shortPercent(limit('MLCanaryModelErrorsHigh'))} of its tries.`,
    next: [look, 'It is the model in charge that fails, not the candidate: see MLModelErrorsHigh.'],
    expr: `(${MODEL_ERRORS} > ${limit('MLCanaryModelErrorsHigh')}) ${RUNS}`,
    example: {
      afterMin: 15,
      fires: [...errorSeries('ml_model_errors_total', 'ml_baseline_latency_ms_count', 2), share('0.05x60')],
      quiet: [...errorSeries('ml_model_errors_total', 'ml_baseline_latency_ms_count', 2), share('0x60')],
    },
    read: whileItRuns(({ last5 }) =>
      shareAbove(last5.modelErrors, last5.tried, limit('MLCanaryModelErrorsHigh'), 'model errors'),
    ),
  },
  ...(
    [
      ['MLCanaryPSIWarning', limit('MLCanaryPSIWarning')],
      ['MLCanaryPSICritical', limit('MLCanaryPSICritical')],
    ] as const
  ).map(
    ([name, bound]): Rule => ({
      name,
      severity: 'info',
      forMs: HOUR_MS,
      clearMs: FIVE,
      driftRule: true,
      canary: true,
      summary: `While a canary runs, the PSI of its candidate is above ${bound}.`,
      next: [
        'PSI never stops a canary; gate 1 judges it before a promotion. The drift panel says which feature moved.',
      ],
      expr: `(ml_canary_psi > ${bound}) ${RUNS}`,
      example: {
        afterMin: 65,
        fires: [{ series: 'ml_canary_psi', values: `${bound + 0.05}x90` }, share('0.05x90')],
        quiet: [{ series: 'ml_canary_psi', values: `${bound + 0.05}x90` }, share('0x90')],
      },
      read: whileItRuns(({ canary }) => above(canary?.psi ?? null, bound, 'PSI of the candidate')),
    }),
  ),
]
