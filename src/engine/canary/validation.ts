import { isoTime, type UnixMs } from '../kernel/units.ts'
import type { CanaryProfile, JudgeLimits } from './plan.ts'
import { breachesOf, inconsistency, type JudgeCounts } from './readings.ts'

/** Counts of one full hour after a canary's success. */
export interface ValidationHour extends JudgeCounts {
  /** When the hour began. */
  readonly hourMs: UnixMs
}

export interface Validation {
  readonly countedH: number
  readonly neededH: number
  /** The start of the last hour that broke an abort limit; what came before it no longer counts. */
  readonly brokenAtMs: UnixMs | null
  readonly done: boolean
  /** What is missing, for people; empty when nothing is. */
  readonly missing: string
}

/** The fewest independent rows of which one reaches beyond the 95th percentile with 95 % probability: ln 0.05 / ln 0.95. */
const MIN_HOURLY_COMPARISONS = 59

/**
 * The hours of validation that count. An hour with too little to judge by does not count and breaks nothing; an hour beyond
 * an abort limit starts it anew. An hour without comparisons in which the candidate failed is such a breach, not a quiet one.
 * @param hours full hours since the success, ascending; hours of which nothing is known are left out
 * @throws RangeError when they are not in order
 */
export function validateHours(
  hours: readonly ValidationHour[],
  neededH: number,
  limits: JudgeLimits,
  profile: CanaryProfile,
): Validation {
  let countedH = 0
  let broken: { readonly atMs: UnixMs; readonly why: string } | null = null
  let before = Number.NEGATIVE_INFINITY
  for (const hour of hours) {
    if (!(hour.hourMs > before)) throw new RangeError('hours of validation stand in order, each once')
    before = hour.hourMs
    if (inconsistency(hour) !== null) continue
    const breaches = breachesOf(hour, MIN_HOURLY_COMPARISONS, limits, profile)
    if (breaches.length > 0) {
      countedH = 0
      broken = { atMs: hour.hourMs, why: breaches.join('; ') }
    } else if (isFull(hour)) countedH++
  }
  const missingH = Math.max(0, neededH - countedH)
  const anew = broken === null ? '' : `; started anew after ${isoTime(broken.atMs)}: ${broken.why}`
  return {
    countedH,
    neededH,
    brokenAtMs: broken?.atMs ?? null,
    done: missingH === 0,
    missing:
      missingH === 0
        ? ''
        : `${missingH} more full hours of at least ${MIN_HOURLY_COMPARISONS} comparisons needed${anew}`,
  }
}

/** Whether there is enough to count the hour. Its latency is judged where it was timed: history times nothing. */
function isFull({ comparisons, tried }: ValidationHour): boolean {
  return Math.min(comparisons, tried) >= MIN_HOURLY_COMPARISONS
}
