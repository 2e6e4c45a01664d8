import { HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { above, shareAbove, without } from './reading.ts'
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
 * The judge's condition: at least 100 tries, and Wilson's 99.9 % interval above 2 %. Its lower end is above a share p of n tries
 * with e errors where e - p n > z sqrt(p (1 - p) n).
 */
const CERTAIN_ERRORS =
  '(ml_canary_errors - 0.02 * ml_canary_tries > 3.2905267 * sqrt(0.02 * 0.98 * ml_canary_tries)) and (ml_canary_tries >= 100)'

const seen = (tries: number, errors: number): Series[] => [
  { series: 'ml_canary_tries', values: `${tries}x60` },
  { series: 'ml_canary_errors', values: `${errors}x60` },
]

const look =
  "The canary panel has the judge's last word and the limits; a a aborts at once, no caller is exposed in mode observe."

/** Rules that are looked at while a canary runs. */
export const CANARY_RULES: readonly Rule[] = [
  {
    name: 'MLCanaryPredictLatencyP95High',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    canary: true,
    summary: 'While a canary runs, fewer than 95 % of the answers leave within 80 ms.',
    next: [look, "When latency began with the canary, abort it and look at the candidate's own latency."],
    expr: `(${beyond('ml_predict_latency_ms', 80)}) ${RUNS}`,
    example: {
      afterMin: 20,
      fires: [
        { series: 'ml_predict_latency_ms_bucket{le="80"}', values: '0+94x60' },
        { series: 'ml_predict_latency_ms_count', values: '0+100x60' },
        share('0.05x60'),
      ],
      quiet: [
        { series: 'ml_predict_latency_ms_bucket{le="80"}', values: '0+94x60' },
        { series: 'ml_predict_latency_ms_count', values: '0+100x60' },
        share('0x60'),
      ],
    },
    read: whileItRuns(({ last5 }) =>
      shareAbove(last5.above80Ms, last5.timed, 0.05, (s) => `${s} of the answers above 80 ms, limit 5 %`),
    ),
  },
  {
    name: 'MLCanaryShadowMatchLow',
    severity: 'warning',
    forMs: TEN,
    clearMs: FIVE,
    canary: true,
    summary: 'While a canary runs, the candidate agrees on less than 95 % of the predictions.',
    next: [look, 'Below 90 % the judge aborts by itself at the end of the phase, or sooner when it is certain.'],
    expr: `(${MISMATCH} > 0.05) and on (symbol) (ml_shadow_meant_to_match == 1) ${RUNS}`,
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
        ? shareAbove(last10.compared - last10.matched, last10.compared, 0.05, (s) => `mismatch ${s}, limit 5 %`)
        : without('candidate that is meant to match'),
    ),
  },
  {
    name: 'MLCanaryShadowErrorRateHigh',
    severity: 'critical',
    forMs: 0,
    clearMs: FIVE,
    canary: true,
    summary: "The judge is certain that more than 2 % of the candidate's runs fail: it has aborted the canary.",
    next: [
      'The canary is already at 0 %; the candidate stays in the shadow, where it cannot affect callers.',
      'The metrics name the kinds of errors. Fix the candidate, register it under a new version, and begin again with a dry run.',
    ],
    expr: CERTAIN_ERRORS,
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
            text: `${canarySeen.errors} of ${canarySeen.tried} runs of the candidate failed in this phase, limit 2 %`,
          },
  },
  {
    name: 'MLCanaryModelErrorsHigh',
    severity: 'warning',
    forMs: FIVE,
    clearMs: FIVE,
    canary: true,
    summary: 'While a canary runs, the model in charge fails to give a score more than once in a hundred times.',
    next: [look, 'It is the model in charge that fails, not the candidate: see MLModelErrorsHigh.'],
    expr: `(${MODEL_ERRORS} > 0.01) ${RUNS}`,
    example: {
      afterMin: 15,
      fires: [...errorSeries('ml_model_errors_total', 'ml_baseline_latency_ms_count', 2), share('0.05x60')],
      quiet: [...errorSeries('ml_model_errors_total', 'ml_baseline_latency_ms_count', 2), share('0x60')],
    },
    read: whileItRuns(({ last5 }) =>
      shareAbove(last5.modelErrors, last5.tried, 0.01, (s) => `model errors ${s}, limit 1 %`),
    ),
  },
  ...(
    [
      ['MLCanaryPSIWarning', 0.2],
      ['MLCanaryPSICritical', 0.3],
    ] as const
  ).map(
    ([name, limit]): Rule => ({
      name,
      severity: 'info',
      forMs: HOUR_MS,
      clearMs: FIVE,
      driftRule: true,
      canary: true,
      summary: `While a canary runs, the PSI of its candidate is above ${limit}.`,
      next: [
        'PSI never stops a canary; gate 1 judges it before a promotion. The drift panel says which feature moved.',
      ],
      expr: `(ml_canary_psi > ${limit}) ${RUNS}`,
      example: {
        afterMin: 65,
        fires: [{ series: 'ml_canary_psi', values: `${limit + 0.05}x90` }, share('0.05x90')],
        quiet: [{ series: 'ml_canary_psi', values: `${limit + 0.05}x90` }, share('0x90')],
      },
      read: whileItRuns(({ canary }) => above(canary?.psi ?? null, limit, 'PSI of the candidate')),
    }),
  ),
]
