import { DAY_MS, MINUTE_MS } from '../kernel/units.ts'

/** A stretch of a canary in which the judge counts the same share of the requests. */
export interface CanaryPhase {
  /** Share of the requests, above 0 and at most 1. */
  readonly split: number
  readonly durationMs: number
}

export interface CanaryPlan {
  readonly name: string
  readonly phases: readonly CanaryPhase[]
  /** Of a canary of days, whose one phase is also judged on what came of its answers; left out in every other. */
  readonly live?: LivePolicy | undefined
}

/** What a canary of days was approved with. */
interface LivePolicy {
  /** A score decides where it is as far from its model's threshold as this is from 0.5: from 0.5 to 1. */
  readonly minConfidence: number
  /** Of the file that it was read from. */
  readonly sha256: string
}

/** `observe`: callers keep getting the baseline's answers, the split picks what the judge counts. `serve`: the split gets the candidate's. */
export const CANARY_MODES = ['observe', 'serve'] as const
export type CanaryMode = (typeof CANARY_MODES)[number]

export const LIVE_PLAN = 'live'
/** A canary of days ends after so many, decided or not. */
export const MAX_LIVE_DAYS = 28

/** `equivalent`: the candidate is meant to agree with the baseline. `improve`: it is meant to differ, so match stops nothing. */
export type CanaryProfile = 'equivalent' | 'improve'

/** The judge's limits. `within` lets a phase pass, `abort` stops the canary when it is exceeded. */
export interface JudgeLimits {
  /** Shares of the tries: below `within`, above `abort`. */
  readonly errorRate: { readonly within: number; readonly abort: number }
  /** Shares of the comparisons: at least `within`, below `abort`. */
  readonly matchRate: { readonly within: number; readonly abort: number }
  /** Milliseconds: below `within`, above `abort`. */
  readonly p95Ms: { readonly within: number; readonly abort: number }
  /** Share of the candidate's answers that may take longer than `p95Ms.abort`: the 95th percentile, said as a share. */
  readonly tailShare: number
  /** With fewer comparisons (for errors: tries; for latency: timed) nothing is decided. */
  readonly minComparisons: number
  /** Comparisons of a phase besides its probes: with fewer it does not pass. Probes are rows of yesterday. */
  readonly minLive: number
  /** Of the intervals that a look decides by. */
  readonly confidence: number
}

export const JUDGE_LIMITS: JudgeLimits = {
  errorRate: { within: 0.01, abort: 0.02 },
  matchRate: { within: 0.95, abort: 0.9 },
  p95Ms: { within: 80, abort: 120 },
  tailShare: 0.05,
  minComparisons: 100,
  minLive: 20,
  confidence: 0.999,
}

/** The judge looks so often on the market clock, at every speed. */
export const LOOK_EVERY_MS = 10_000

const MAX_PHASES = 20

/** The plan of a canary of days. @param share above 0, at most 1. @param days 1 to `MAX_LIVE_DAYS` */
export function livePlan(share: number, days: number, live: LivePolicy): CanaryPlan {
  return { name: LIVE_PLAN, phases: [{ split: share, durationMs: days * DAY_MS }], live }
}

/** How far from its threshold a score must be to decide, 0 to 0.5; 0 where a plan asks for none. */
export function marginOf({ live }: CanaryPlan): number {
  return live === undefined ? 0 : live.minConfidence - 0.5
}

export const PLANS: { readonly full: CanaryPlan; readonly mini: CanaryPlan } = {
  full: halfHours('full', [0.05, 0.1, 0.25, 0.5, 1]),
  mini: halfHours('mini', [0.05, 0.25, 1]),
}

function halfHours(name: string, splits: readonly number[]): CanaryPlan {
  return { name, phases: splits.map((split) => ({ split, durationMs: 30 * MINUTE_MS })) }
}

/** What is wrong with a plan, one plain sentence each; empty when nothing is. */
export function validatePlan(plan: CanaryPlan): string[] {
  const { phases, live } = plan
  if (live !== undefined) return validateLivePlan(phases)
  const faults: string[] = []
  if (plan.name === '') faults.push('the plan has no name')
  if (plan.name === LIVE_PLAN) faults.push(`${LIVE_PLAN} is the name of the canary of days`)
  if (phases.length < 1 || phases.length > MAX_PHASES) {
    faults.push(`a plan has 1 to ${MAX_PHASES} phases, not ${phases.length}`)
  }
  phases.forEach(({ split, durationMs }, i) => {
    const phase = `phase ${i + 1}`
    if (!(split > 0 && split <= 1)) faults.push(`${phase}: a split is above 0 and at most 1, not ${split}`)
    if (!(durationMs >= MINUTE_MS && durationMs <= DAY_MS)) {
      faults.push(`${phase}: it lasts 1 minute to 24 hours, not ${durationMs / MINUTE_MS} minutes`)
    }
    const before = phases[i - 1]
    if (before !== undefined && !(split > before.split)) {
      faults.push(`${phase}: its split ${split} is not above the ${before.split} before it`)
    }
  })
  const last = phases.at(-1)
  if (last !== undefined && last.split !== 1) faults.push(`the last split is 1, not ${last.split}`)
  return faults
}

function validateLivePlan(phases: readonly CanaryPhase[]): string[] {
  const [phase] = phases
  if (phase === undefined || phases.length > 1) return [`a live plan has one phase, not ${phases.length}`]
  const faults: string[] = []
  const days = phase.durationMs / DAY_MS
  if (!(phase.split > 0 && phase.split <= 1)) faults.push(`a share is above 0 and at most 1, not ${phase.split}`)
  if (!(days >= 1 && days <= MAX_LIVE_DAYS)) faults.push(`it lasts 1 to ${MAX_LIVE_DAYS} days, not ${days}`)
  return faults
}
