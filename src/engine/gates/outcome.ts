import type { Random } from '../kernel/random.ts'
import { blockBootstrapMean, type Interval } from '../stats/intervals.ts'

export interface OutcomeLimits {
  readonly minRows: number
  /** `no worse` when the whole interval lies below this much more log loss. */
  readonly margin: number
  readonly block: number
  readonly draws: number
}

export const OUTCOME_LIMITS: OutcomeLimits = { minRows: 1_440, margin: 0.005, block: 60, draws: 500 }

/** Log losses of the same settled minutes, oldest first. */
export interface PairedLosses {
  readonly candidate: Float64Array
  readonly baseline: Float64Array
  readonly fallback: Float64Array
}

export type OutcomeVerdict = 'too_early' | 'better' | 'worse' | 'no_worse' | 'undecided'

export interface Outcome {
  readonly verdict: OutcomeVerdict
  readonly n: number
  readonly logLoss: {
    readonly candidate: number | null
    readonly baseline: number | null
    readonly fallback: number | null
  }
  readonly difference: Interval | null
  readonly againstFallback: Interval | null
}

/** What the settled minutes say of the candidate: paired log loss against the model in charge and against the fallback. */
export function judgeOutcome(losses: PairedLosses, limits: OutcomeLimits, random: Random): Outcome {
  const n = losses.candidate.length
  if (n === 0) {
    return {
      verdict: 'too_early',
      n,
      logLoss: { candidate: null, baseline: null, fallback: null },
      difference: null,
      againstFallback: null,
    }
  }
  const options = { block: limits.block, draws: limits.draws, random }
  const difference = blockBootstrapMean(minus(losses.candidate, losses.baseline), options)
  const againstFallback = blockBootstrapMean(minus(losses.candidate, losses.fallback), options)
  return {
    verdict: outcomeVerdict(n, difference, limits),
    n,
    logLoss: { candidate: mean(losses.candidate), baseline: mean(losses.baseline), fallback: mean(losses.fallback) },
    difference,
    againstFallback,
  }
}

/** In this order: too early, better, worse, no worse, undecided. */
export function outcomeVerdict(n: number, difference: Interval, limits: OutcomeLimits): OutcomeVerdict {
  if (n < limits.minRows) return 'too_early'
  if (difference.hi < 0) return 'better'
  if (difference.lo > 0) return 'worse'
  return difference.hi < limits.margin ? 'no_worse' : 'undecided'
}

/** The figures behind the verdict, for people; the verdict itself stands beside it. */
export function outcomeText(outcome: Outcome, limits: OutcomeLimits): string {
  const { verdict, n, logLoss } = outcome
  if (verdict === 'too_early') return `${limits.minRows - n} more settled minutes needed`
  const losses = `log loss ${figure(logLoss.candidate)} against ${figure(logLoss.baseline)}, fallback ${figure(logLoss.fallback)}`
  return `${losses}, on ${n} settled minutes`
}

function figure(value: number | null): string {
  return value === null ? 'unknown' : value.toFixed(4)
}

function minus(a: Float64Array, b: Float64Array): Float64Array {
  const difference = new Float64Array(a.length)
  for (let i = 0; i < a.length; i++) difference[i] = (a[i] ?? Number.NaN) - (b[i] ?? Number.NaN)
  return difference
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}
