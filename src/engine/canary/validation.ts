import { percent } from '../kernel/figures.ts'
import { HOUR_MS, isoTime, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { CanaryProfile, JudgeLimits } from './plan.ts'
import { certainBreachesOf, inconsistency, intervalsOf, type JudgeCounts, readingsOf } from './readings.ts'

/** Counts of one full hour after a canary's success. */
export interface ValidationHour extends JudgeCounts {
  /** When the hour began. */
  readonly hourMs: UnixMs
  /** Minutes of it with a comparison, 0 to 60. */
  readonly minutes: number
  readonly above80Ms: number
}

/** The hours to be judged: from a canary's success to the last full hour. */
interface ValidationSpan {
  readonly sinceMs: UnixMs
  readonly untilMs: UnixMs
}

/** How long a validation is. */
export interface ValidationNeeds {
  readonly hours: number
  /** Of their minutes, so many have a comparison; above 0, at most 1. */
  readonly minutesShare: number
}

export interface Validation {
  /** Of the hours needed, those whose minutes have been made up; whole. */
  readonly countedH: number
  readonly neededH: number
  /** When it can be done at the earliest, if every minute from now on has a comparison; null once it is. */
  readonly readyAtMs: UnixMs | null
  /** What is missing, for people; empty when nothing is. */
  readonly missing: string
}

/** The fewest independent rows of which one reaches beyond the 95th percentile with 95 % probability: ln 0.05 / ln 0.95. */
const MIN_HOURLY_COMPARISONS = 59
const HOUR_MIN = HOUR_MS / MINUTE_MS

/**
 * The validation after a canary's success. An hour that breaks an abort limit with certainty starts it anew; minutes without a
 * comparison only make it longer; and it is done where the point figures of the whole stretch are within the limits for going on.
 * One bad hour of a good model, which point figures of single hours would not forgive, breaks nothing.
 * @param hours full hours within the span, ascending; hours of which nothing is known are left out
 * @throws RangeError when they are not in order
 */
export function validateHours(
  hours: readonly ValidationHour[],
  { sinceMs, untilMs }: ValidationSpan,
  { hours: neededH, minutesShare }: ValidationNeeds,
  limits: JudgeLimits,
  profile: CanaryProfile,
): Validation {
  let sum = nothing()
  let beganMs = sinceMs
  let broken = ''
  let before = Number.NEGATIVE_INFINITY
  for (const hour of hours) {
    if (!(hour.hourMs > before)) throw new RangeError('hours of validation stand in order, each once')
    before = hour.hourMs
    // Impossible counts are a failed measurement: the hour is as one of which nothing is known.
    if (inconsistency(hour) !== null) continue
    const breaches = certainBreaches(hour, limits, profile)
    if (breaches.length === 0) {
      sum = added(sum, hour)
      continue
    }
    sum = nothing()
    beganMs = hour.hourMs + HOUR_MS
    broken = `; started anew after ${isoTime(hour.hourMs)}: ${breaches.join('; ')}`
  }
  const neededMin = Math.ceil(minutesShare * neededH * HOUR_MIN)
  const passedH = Math.max(0, Math.floor((untilMs - beganMs) / HOUR_MS))
  const missingH = Math.max(neededH - passedH, Math.ceil((neededMin - sum.minutes) / HOUR_MIN))
  if (missingH > 0) {
    const countedH = Math.min(neededH, passedH, Math.floor(sum.minutes / (minutesShare * HOUR_MIN)))
    const missing = `${missingH} more full hours needed, ${sum.minutes} of ${neededMin} minutes have a comparison${broken}`
    return { countedH, neededH, readyAtMs: untilMs + missingH * HOUR_MS, missing }
  }
  const outside = neededH === 0 ? [] : outsideOf(sum, limits, profile)
  const done = outside.length === 0
  return {
    countedH: neededH,
    neededH,
    readyAtMs: done ? null : untilMs + HOUR_MS,
    missing: done ? '' : `not within the limits over the whole stretch: ${outside.join('; ')}${broken}`,
  }
}

type Stretch = Omit<ValidationHour, 'hourMs'>

function nothing(): Stretch {
  return { minutes: 0, comparisons: 0, matched: 0, tried: 0, errors: 0, timed: 0, above80Ms: 0, above120Ms: 0 }
}

function added(sum: Stretch, hour: Stretch): Stretch {
  return {
    minutes: sum.minutes + hour.minutes,
    comparisons: sum.comparisons + hour.comparisons,
    matched: sum.matched + hour.matched,
    tried: sum.tried + hour.tried,
    errors: sum.errors + hour.errors,
    timed: sum.timed + hour.timed,
    above80Ms: sum.above80Ms + hour.above80Ms,
    above120Ms: sum.above120Ms + hour.above120Ms,
  }
}

function certainBreaches(hour: JudgeCounts, limits: JudgeLimits, profile: CanaryProfile): string[] {
  const hourly = { ...limits, minComparisons: MIN_HOURLY_COMPARISONS }
  const intervals = intervalsOf(hour, hourly)
  return certainBreachesOf(readingsOf(hour, null, intervals, hourly, profile), intervals)
}

/** Point figures that are not within the limits for going on. Latency by its tail, where anything was timed: history times nothing. */
function outsideOf(sum: Stretch, limits: JudgeLimits, profile: CanaryProfile): string[] {
  const [errors, match] = readingsOf(sum, null, intervalsOf(sum, limits), limits, profile)
  const outside = [errors, match].flatMap((r) => (r.judged && r.point !== 'within' ? [`${r.text}, ${r.limits}`] : []))
  const { within } = limits.p95Ms
  const slow = sum.timed === 0 ? 0 : sum.above80Ms / sum.timed
  if (slow >= limits.tailShare)
    outside.push(`${percent(slow)} of ${sum.timed} beyond ${within} ms, below ${percent(limits.tailShare)} needed`)
  return outside
}
