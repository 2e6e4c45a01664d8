import { HOUR_MS, MINUTE_MS } from '../kernel/units.ts'

export type Severity = 'info' | 'warning' | 'critical'

/** Counts over a span of minutes that ends now; latencies as the number within and beyond a bound, which is exact. */
export interface SpanFigures {
  readonly requests: number
  readonly timed: number
  readonly above80Ms: number
  readonly above120Ms: number
  readonly tried: number
  readonly modelErrors: number
  readonly shadowTried: number
  readonly shadowErrors: number
  readonly shadowTimed: number
  readonly shadowAbove60Ms: number
  readonly compared: number
  readonly matched: number
}

/** What the rules look at, in one symbol at one moment. Null is unknown: it neither fires nor resolves. */
export interface AlertInputs {
  readonly last5: SpanFigures
  readonly last10: SpanFigures
  /** Of the model in charge, once its seven days are full. */
  readonly psi: number | null
  readonly psiDayAgo: number | null
  readonly stalenessMs: number | null
  readonly breakerOpen: boolean
}

/** `null`: nothing to judge by, so the rule stays as it is. */
export type Reading = { readonly holds: boolean; readonly text: string } | null

export interface Rule {
  readonly name: string
  readonly severity: Severity
  readonly forMs: number
  /** Gate 1 judges the same figure, so gate 3 leaves these out. */
  readonly driftRule: boolean
  read(inputs: AlertInputs): Reading
}

const TAIL = 0.05

/** The rules that this stage of the room can feed; the others of the catalogue join with what they watch. */
export const RULES: readonly Rule[] = [
  rule('MLShadowMatchLow', 'warning', 10 * MINUTE_MS, ({ last10 }) =>
    share(
      last10.compared - last10.matched,
      last10.compared,
      (s) => s > 0.05,
      (s) => `match ${percent(1 - s)} below 95 %`,
    ),
  ),
  rule('MLShadowErrorRateHigh', 'warning', 5 * MINUTE_MS, ({ last5 }) =>
    share(
      last5.shadowErrors,
      last5.shadowTried,
      (s) => s > 0.02,
      (s) => `shadow errors ${percent(s)} above 2 %`,
    ),
  ),
  rule('MLPredictLatencyP95High', 'warning', 10 * MINUTE_MS, ({ last5 }) =>
    share(
      last5.above80Ms,
      last5.timed,
      (s) => s > TAIL,
      (s) => `${percent(s)} of the answers above 80 ms`,
    ),
  ),
  rule('MLPredictLatencyP95Critical', 'critical', 5 * MINUTE_MS, ({ last5 }) =>
    share(
      last5.above120Ms,
      last5.timed,
      (s) => s > TAIL,
      (s) => `${percent(s)} of the answers above 120 ms`,
    ),
  ),
  rule('MLShadowLatencyP95High', 'warning', 10 * MINUTE_MS, ({ last5 }) =>
    share(
      last5.shadowAbove60Ms,
      last5.shadowTimed,
      (s) => s > TAIL,
      (s) => `${percent(s)} of the shadow runs above 60 ms`,
    ),
  ),
  { ...rule('MLPSIWarning', 'warning', HOUR_MS, ({ psi }) => above(psi, 0.2, 'PSI')), driftRule: true },
  { ...rule('MLPSICritical', 'critical', HOUR_MS, ({ psi }) => above(psi, 0.3, 'PSI')), driftRule: true },
  {
    ...rule('MLPSIJump', 'warning', 0, ({ psi, psiDayAgo }) =>
      above(psi === null || psiDayAgo === null ? null : psi - psiDayAgo, 0.15, 'PSI up in 24 h by'),
    ),
    driftRule: true,
  },
  rule('MLModelErrorsHigh', 'warning', 5 * MINUTE_MS, ({ last5 }) =>
    share(
      last5.modelErrors,
      last5.tried,
      (s) => s > 0.01,
      (s) => `model errors ${percent(s)} above 1 %`,
    ),
  ),
  rule('MLFeatureStaleness', 'warning', 5 * MINUTE_MS, ({ stalenessMs }) => older(stalenessMs, 2 * MINUTE_MS)),
  rule('MLDataGap', 'warning', 0, ({ stalenessMs }) => older(stalenessMs, 5 * MINUTE_MS)),
  rule('MLBreakerOpen', 'warning', 0, ({ breakerOpen }) => ({
    holds: breakerOpen,
    text: 'the shadow is stopped: its errors opened the breaker',
  })),
]

/** Whether an alert of this rule counts for gate 3: critical ones do, those on drift are gate 1's. */
export function countsForSilence(name: string, severity: string): boolean {
  const known = RULES.find((candidate) => candidate.name === name)
  return severity === 'critical' && !(known?.driftRule ?? (name.startsWith('MLPSI') || name === 'MLDriftCritical'))
}

function rule(name: string, severity: Severity, forMs: number, read: Rule['read']): Rule {
  return { name, severity, forMs, driftRule: false, read }
}

function share(
  part: number,
  whole: number,
  holds: (share: number) => boolean,
  text: (share: number) => string,
): Reading {
  return whole === 0 ? null : { holds: holds(part / whole), text: text(part / whole) }
}

function above(value: number | null, limit: number, what: string): Reading {
  return value === null ? null : { holds: value > limit, text: `${what} ${value.toFixed(3)} above ${limit}` }
}

function older(stalenessMs: number | null, limitMs: number): Reading {
  if (stalenessMs === null) return null
  return { holds: stalenessMs > limitMs, text: `the newest row is ${Math.round(stalenessMs / 1_000)} s old` }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
