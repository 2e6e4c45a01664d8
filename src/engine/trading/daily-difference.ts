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
  const differences = Array.from(ofB, (result, day) => result - (ofA[day] ?? 0))
  return meanInterval(differences)
}

/**
 * Mean over the days of the mean result of a trade of `b` less that of `a`, in basis points of the trades' value, on the days on which
 * both have closed some: neither how many trades a side has nor how large they are counts. With its 95 % interval by Student's t over
 * those days; null with fewer than two of them.
 */
export function tradeDifferenceBp(
  a: readonly ClosedTrade[],
  b: readonly ClosedTrade[],
  { fromMs, days }: Omit<Days, 'capital'>,
): Interval | null {
  const [ofA, ofB] = [dailyMeansBp(a, fromMs), dailyMeansBp(b, fromMs)]
  const differences = [...ofB].flatMap(([day, result]) => {
    const other = ofA.get(day)
    return other === undefined || day < 0 || day >= days ? [] : [result - other]
  })
  return meanInterval(differences)
}

/** Of all trades, each as a share of its own value. Null without one. */
export function meanReturnBp(trades: readonly ClosedTrade[]): number | null {
  if (trades.length === 0) return null
  return trades.reduce((sum, { pnl, notional }) => sum + (1e4 * pnl) / notional, 0) / trades.length
}

function dailyMeansBp(trades: readonly ClosedTrade[], fromMs: UnixMs): ReadonlyMap<number, number> {
  const byDay = new Map<number, ClosedTrade[]>()
  for (const trade of trades) {
    const day = Math.floor((trade.closedMs - fromMs) / DAY_MS)
    const those = byDay.get(day)
    if (those === undefined) byDay.set(day, [trade])
    else those.push(trade)
  }
  return new Map([...byDay].map(([day, those]) => [day, meanReturnBp(those) ?? Number.NaN]))
}

/** Null with fewer than two values. */
function meanInterval(values: readonly number[]): Interval | null {
  const n = values.length
  if (n < 2) return null
  const value = values.reduce((sum, x) => sum + x, 0) / n
  const variance = values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1)
  const reach = studentAbove(TAIL, n - 1) * Math.sqrt(variance / n)
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
