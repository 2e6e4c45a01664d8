import { wilson } from '../stats/intervals.ts'
import type { CanaryProfile, JudgeLimits } from './plan.ts'

/** Counts of the candidate over some span. Latency is kept as the number beyond a bound, which is exact. */
export interface JudgeCounts {
  /** Rows that both models scored, and how many of them agree. */
  readonly comparisons: number
  readonly matched: number
  /** Rows that the candidate was run on, and how many it failed. */
  readonly tried: number
  readonly errors: number
  readonly timed: number
  /** Above the limit for stopping, 120 ms by default. */
  readonly above120Ms: number
}

interface Range {
  readonly lo: number
  readonly hi: number
}

/** Wilson intervals of the judged shares, 0 to 1. */
export interface JudgeIntervals {
  readonly errorRate: Range
  readonly matchRate: Range
  readonly above120Ms: Range
}

/** One judged figure beside its limits. */
export interface Reading {
  /** False for what is shown and stops nothing. */
  readonly judged: boolean
  readonly n: number
  /** The point figure against the limits. */
  readonly point: 'within' | 'between' | 'beyond' | 'unknown'
  /** The whole interval lies beyond the abort limit, on enough rows. */
  readonly certain: boolean
  /** For people: `errors 0.3 % of 320`. */
  readonly text: string
  /** The limits, for people: `below 1 %, abort above 2 %`. */
  readonly limits: string
}

export function intervalsOf(counts: JudgeCounts, limits: JudgeLimits): JudgeIntervals {
  const { confidence } = limits
  return {
    errorRate: wilson(counts.errors, counts.tried, confidence),
    matchRate: wilson(counts.matched, counts.comparisons, confidence),
    above120Ms: wilson(counts.above120Ms, counts.timed, confidence),
  }
}

/** Errors, match and latency, in this order. @param p95Ms null where it is not known */
export function readingsOf(
  counts: JudgeCounts,
  p95Ms: number | null,
  intervals: JudgeIntervals,
  limits: JudgeLimits,
  profile: CanaryProfile,
): readonly [errors: Reading, match: Reading, latency: Reading] {
  return [
    errorReading(counts, intervals.errorRate, limits),
    matchReading(counts, intervals.matchRate, limits, profile),
    latencyReading(counts, p95Ms, intervals.above120Ms, limits),
  ]
}

function errorReading({ tried, errors }: JudgeCounts, range: Range, limits: JudgeLimits): Reading {
  const { within, abort } = limits.errorRate
  const rate = tried === 0 ? null : errors / tried
  return {
    judged: true,
    n: tried,
    point: rate === null ? 'unknown' : rate < within ? 'within' : rate > abort ? 'beyond' : 'between',
    certain: tried >= limits.minComparisons && range.lo > abort,
    text: rate === null ? 'errors unknown' : `errors ${percent(rate)} of ${tried}`,
    limits: `below ${percent(within)}, abort above ${percent(abort)}`,
  }
}

/** Whether the error rate alone is beyond its abort limit with certainty. */
export function errorsAreCertain(counts: Pick<JudgeCounts, 'tried' | 'errors'>, limits: JudgeLimits): boolean {
  return (
    counts.tried >= limits.minComparisons &&
    wilson(counts.errors, counts.tried, limits.confidence).lo > limits.errorRate.abort
  )
}

function matchReading(counts: JudgeCounts, range: Range, limits: JudgeLimits, profile: CanaryProfile): Reading {
  const { within, abort } = limits.matchRate
  const n = counts.comparisons
  const rate = n === 0 ? null : counts.matched / n
  return {
    judged: profile === 'equivalent',
    n,
    point: rate === null ? 'unknown' : rate >= within ? 'within' : rate < abort ? 'beyond' : 'between',
    certain: n >= limits.minComparisons && range.hi < abort,
    text: rate === null ? 'match unknown' : `match ${percent(rate)} of ${n}`,
    limits: `at least ${percent(within)}, abort below ${percent(abort)}`,
  }
}

function latencyReading(counts: JudgeCounts, p95Ms: number | null, range: Range, limits: JudgeLimits): Reading {
  const { within, abort } = limits.p95Ms
  const n = counts.timed
  return {
    judged: true,
    n,
    point: p95Ms === null || n === 0 ? 'unknown' : p95Ms < within ? 'within' : p95Ms > abort ? 'beyond' : 'between',
    certain: n >= limits.minComparisons && range.lo > limits.tailShare,
    text: `${p95Ms === null ? 'p95 unknown' : `p95 ${p95Ms.toFixed(1)} ms`}${tail(counts, abort)}`,
    limits: `below ${within} ms, abort above ${abort} ms`,
  }
}

function tail({ timed, above120Ms }: JudgeCounts, abortMs: number): string {
  return timed === 0 || above120Ms === 0 ? '' : `, ${percent(above120Ms / timed)} of ${timed} beyond ${abortMs} ms`
}

/** What is beyond an abort limit with certainty: the whole interval, on enough rows. */
export function certainBreachesOf(readings: readonly Reading[], intervals: JudgeIntervals): string[] {
  const ranges = [intervals.errorRate, intervals.matchRate, intervals.above120Ms]
  return readings.flatMap((reading, i) => {
    const range = ranges[i]
    if (!reading.judged || !reading.certain || range === undefined) return []
    return [`${reading.text}, interval ${percent(range.lo)} to ${percent(range.hi)}, ${reading.limits}`]
  })
}

/** Why counts are impossible; null when they are not. Impossible counts are a failed measurement, not a figure. */
export function inconsistency(counts: JudgeCounts): string | null {
  const pairs: readonly [part: string, some: number, whole: string, all: number][] = [
    ['matched', counts.matched, 'comparisons', counts.comparisons],
    ['errors', counts.errors, 'tries', counts.tried],
    ['slow', counts.above120Ms, 'timed', counts.timed],
  ]
  for (const [part, some, whole, all] of pairs) {
    if (!(Number.isInteger(some) && Number.isInteger(all) && some >= 0 && some <= all)) {
      return `${some} ${part} of ${all} ${whole} is impossible`
    }
  }
  return null
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`
}
