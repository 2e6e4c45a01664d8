import { percent } from '../kernel/figures.ts'
import type { Reading } from './rule.ts'

/** A share above a limit; null where nothing was counted. @param text words for the share */
export function shareAbove(part: number, whole: number, limit: number, text: (share: string) => string): Reading {
  if (whole === 0) return null
  return { holds: part / whole > limit, text: text(percent(part / whole)) }
}

export function above(value: number | null, limit: number, what: string): Reading {
  return value === null ? null : { holds: value > limit, text: `${what} ${value.toFixed(3)}, limit ${limit}` }
}

export function older(stalenessMs: number | null, limitMs: number): Reading {
  if (stalenessMs === null) return null
  return { holds: stalenessMs > limitMs, text: `the newest row is ${Math.round(stalenessMs / 1_000)} s old` }
}

export function flag(holds: boolean, text: string): Reading {
  return { holds, text }
}

/** What a rule watches is not there: that is not an alert, and ends one. */
export function without(what: string): Reading {
  return { holds: false, text: `there is no ${what}` }
}
