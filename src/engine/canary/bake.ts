import type { Random } from '../kernel/random.ts'
import { signed } from '../kernel/figures.ts'
import { HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { blockBootstrapMean, type Interval } from '../stats/intervals.ts'
import type { CanaryProfile, JudgeLimits } from './plan.ts'
import { certainBreachesOf, inconsistency, intervalsOf, type JudgeCounts, readingsOf } from './readings.ts'

export interface BakeLimits {
  readonly durationMs: number
  /** Settled minutes before the outcome says anything. */
  readonly minRows: number
  /** Log loss above the former model's, in nats, that is not tolerated. */
  readonly margin: number
  /** Consecutive minutes drawn together. */
  readonly block: number
  readonly draws: number
  readonly confidence: number
}

export const BAKE_LIMITS: BakeLimits = {
  durationMs: 48 * HOUR_MS,
  minRows: 1_440,
  margin: 0.005,
  block: 60,
  draws: 10_000,
  confidence: 0.999,
}

/** What an hour of the bake looks at. */
export interface BakeInputs {
  /**
   * Counts of the model now in charge, its match against the former one; for instance over the last hour and since the promotion:
   * the hour alone seldom has the comparisons that certainty needs, the whole span is slow to show a late failure.
   */
  readonly spans: readonly { readonly name: string; readonly counts: JudgeCounts }[]
  /** Log losses of the same settled minutes since the promotion, oldest first. */
  readonly losses: { readonly current: Float64Array; readonly former: Float64Array }
}

/** `wait`: nothing speaks against it, and not everything could be judged yet. */
export interface BakeVerdict {
  readonly kind: 'keep' | 'wait' | 'rollBack' | 'measureError'
  readonly reason: string
  /** Log loss of the model in charge minus the former one's; null before there are enough minutes. */
  readonly difference: Interval | null
}

/** When the bake of a promotion ends. */
export function bakeUntilMs(promotedMs: UnixMs, limits: BakeLimits): UnixMs {
  return promotedMs + limits.durationMs
}

/** Whether a model that was promoted stays: rolled back only for what is certain. */
export function judgeBake(
  inputs: BakeInputs,
  limits: { readonly judge: JudgeLimits; readonly bake: BakeLimits },
  profile: CanaryProfile,
  random: Random,
): BakeVerdict {
  const fault = faultOf(inputs)
  if (fault !== null) return { kind: 'measureError', reason: fault, difference: null }
  const broken = inputs.spans.flatMap(({ name, counts }) => {
    const intervals = intervalsOf(counts, limits.judge)
    const readings = readingsOf(counts, null, intervals, limits.judge, profile)
    return certainBreachesOf(readings, intervals).map((breach) => `${name}: ${breach}`)
  })
  const difference = outcomeOf(inputs.losses, limits.bake, random)
  if (difference !== null && difference.lo > limits.bake.margin) broken.push(worse(difference, inputs, limits.bake))
  if (broken.length > 0) return { kind: 'rollBack', reason: broken.join('; '), difference }
  const missing = missingOf(inputs, limits)
  if (missing.length > 0) return { kind: 'wait', reason: missing.join('; '), difference }
  return { kind: 'keep', reason: 'no abort limit is broken, and the outcome is not worse with certainty', difference }
}

function outcomeOf(losses: BakeInputs['losses'], limits: BakeLimits, random: Random): Interval | null {
  if (losses.current.length < limits.minRows) return null
  const differences = losses.current.map((loss, i) => loss - (losses.former[i] ?? Number.NaN))
  const { block, draws, confidence } = limits
  return blockBootstrapMean(differences, { block, draws, random, confidence })
}

function worse({ value, lo, hi }: Interval, { losses }: BakeInputs, { margin }: BakeLimits): string {
  const interval = `interval ${signed(lo)} to ${signed(hi)}`
  return `log loss ${signed(value)} against the former model on ${losses.current.length} settled minutes, ${interval}, limit ${margin}`
}

function missingOf(
  { spans, losses }: BakeInputs,
  limits: { readonly judge: JudgeLimits; readonly bake: BakeLimits },
): string[] {
  const missing: string[] = []
  const most = Math.max(0, ...spans.map(({ counts }) => Math.min(counts.comparisons, counts.tried, counts.timed)))
  if (most < limits.judge.minComparisons) missing.push(`${limits.judge.minComparisons - most} more comparisons needed`)
  const minutes = limits.bake.minRows - losses.current.length
  if (minutes > 0) missing.push(`${minutes} more settled minutes needed`)
  return missing
}

function faultOf({ spans, losses }: BakeInputs): string | null {
  for (const { name, counts } of spans) {
    const fault = inconsistency(counts)
    if (fault !== null) return `${name}: ${fault}`
  }
  if (losses.current.length !== losses.former.length) return 'the losses of the two models are not of the same minutes'
  return [losses.current, losses.former].every((values) => values.every(Number.isFinite))
    ? null
    : 'a settled minute has no log loss'
}
