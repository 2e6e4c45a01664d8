import { percent, shortPercent } from '../kernel/figures.ts'
import { isStale, rowAgeText } from '../market/row-age.ts'
import type { Reading, SpanFigures } from './rule.ts'

/** A share above a limit; null where nothing was counted. */
export function shareAbove(part: number, whole: number, limit: number, what: string): Reading {
  if (whole === 0) return null
  return { holds: part / whole > limit, text: `${what} ${percent(part / whole)}, limit ${shortPercent(limit)}` }
}

/** P95 is beyond a bound where more than this share is. */
export const TAIL_SHARE = 0.05
/**
 * Slow answers in five minutes below which nothing is said of their P95: a room that nobody asks answers its own minute alone,
 * and one of its five answers, held up by a busy machine, would already be 20 %.
 */
export const TAIL_LEAST = 3

/** More than a twentieth of the answers is slower than a bound, and not by one or two of them. */
export function tailBeyond(slow: number, timed: number, what: string): Reading {
  const reading = shareAbove(slow, timed, TAIL_SHARE, what)
  if (reading === null || slow >= TAIL_LEAST) return reading
  return { holds: false, text: `${slow} of ${timed} ${what}` }
}

/** A match below its limit, said as the mismatch above the rest of it. */
export function mismatchAbove({ compared, matched }: SpanFigures, least: number): Reading {
  return shareAbove(compared - matched, compared, rest(least), 'mismatch')
}

/** What is left of one, without the last digits of a subtraction: 0.05 of 0.95. */
export function rest(share: number): number {
  return Number((1 - share).toFixed(12))
}

export function above(value: number | null, limit: number, what: string): Reading {
  return value === null ? null : { holds: value > limit, text: `${what} ${value.toFixed(3)}, limit ${limit}` }
}

/** @param ageMs of the newest row; negative where it lies ahead of the clock */
export function older(ageMs: number | null, limitMs: number): Reading {
  return ageMs === null ? null : { holds: isStale(ageMs, limitMs), text: rowAgeText(ageMs) }
}

export function flag(holds: boolean, text: string): Reading {
  return { holds, text }
}

/** What a rule watches is not there: that is not an alert, and ends one. */
export function without(what: string): Reading {
  return { holds: false, text: `there is no ${what}` }
}
