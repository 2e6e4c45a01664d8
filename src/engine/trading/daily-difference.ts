/** What one arm earns a day more than another, on the same days. */
import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import type { Interval } from '../stats/intervals.ts'
import { studentAbove } from '../stats/student.ts'
import type { ClosedTrade } from './arm-figures.ts'

const TAIL = 0.025

interface Days {
  readonly fromMs: UnixMs
  /** Full days; results after them do not count. */
  readonly days: number
  /** What results are measured against, above 0. */
  readonly capital: number
}

/**
 * Mean daily result of `b` less that of `a`, as a share of the capital, with its 95 % interval by Student's t over the days: results
 * of one day hang together, those of two hardly do. Null with fewer than two days.
 */
export function dailyDifference(a: readonly ClosedTrade[], b: readonly ClosedTrade[], span: Days): Interval | null {
  const { days } = span
  if (days < 2) return null
  const [ofA, ofB] = [dailyResults(a, span), dailyResults(b, span)]
  const differences = ofB.map((result, day) => result - (ofA[day] ?? 0))
  const value = differences.reduce((sum, x) => sum + x, 0) / days
  const variance = differences.reduce((sum, x) => sum + (x - value) ** 2, 0) / (days - 1)
  const reach = studentAbove(TAIL, days - 1) * Math.sqrt(variance / days)
  return { value, lo: value - reach, hi: value + reach }
}

/** By the day, counted from `fromMs`, in which a trade was closed. */
function dailyResults(trades: readonly ClosedTrade[], { fromMs, days, capital }: Days): Float64Array {
  const results = new Float64Array(days)
  for (const { closedMs, pnl } of trades) {
    const day = Math.floor((closedMs - fromMs) / DAY_MS)
    if (day >= 0 && day < days) results[day] = (results[day] ?? 0) + pnl / capital
  }
  return results
}
