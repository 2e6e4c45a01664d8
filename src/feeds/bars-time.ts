import type { UnixMs } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { WrittenBar } from './bars-row.ts'

/** What a recording's times are written in: seconds, milli-, micro- or nanoseconds since 1970. */
export const TIME_UNITS = ['ms', 's', 'us', 'ns'] as const
export type TimeUnit = (typeof TIME_UNITS)[number]

export const UNIT_NAMES: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
}

/**
 * The unit that a time is written in, by its size: from 1973 to the year 5138 each has magnitudes of its own. Smaller numbers
 * are taken for milliseconds: no market's seconds are as old as that.
 */
export function unitOf(time: number): TimeUnit {
  if (time < 1e8) return 'ms'
  if (time < 1e11) return 's'
  if (time < 1e14) return 'ms'
  return time < 1e17 ? 'us' : 'ns'
}

/** A bar whose time is written in this unit. */
export function barOf({ time, open, high, low, close, volume }: WrittenBar, unit: TimeUnit): Bar {
  return { tsMs: toMs(time, unit), open, high, low, close, volume }
}

/** Rounded down, so that the last microsecond of a minute stays in it. */
export function toMs(time: number, unit: TimeUnit): UnixMs {
  switch (unit) {
    case 's':
      return time * 1_000
    case 'ms':
      return time
    case 'us':
      return Math.floor(time / 1_000)
    case 'ns':
      return Math.floor(time / 1_000_000)
    default:
      return unreachable(unit)
  }
}
