import { percent, shortPercent } from '../kernel/figures.ts'
import { isStale, rowAgeText } from '../market/row-age.ts'
import type { Reading, SpanFigures } from './rule.ts'

/** A share above a limit; null where nothing was counted. */
export function shareAbove(part: number, whole: number, limit: number, what: string): Reading {
  if (whole === 0) return null
  return { holds: part / whole > limit, text: `${what} ${percent(part / whole)}, limit ${shortPercent(limit)}` }
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
