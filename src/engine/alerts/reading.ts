import { percent } from '../kernel/figures.ts'
import { isStale, rowAgeText } from '../market/row-age.ts'
import type { Reading } from './rule.ts'

/** A share above a limit; null where nothing was counted. @param text words for the share */
export function shareAbove(part: number, whole: number, limit: number, text: (share: string) => string): Reading {
  if (whole === 0) return null
  return { holds: part / whole > limit, text: text(percent(part / whole)) }
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
