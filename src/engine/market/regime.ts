/** What kind of market a minute lies in. */
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'

export const REGIMES = ['trending', 'ranging', 'volatile'] as const
export type Regime = (typeof REGIMES)[number]
/** A regime but for its volatility, which only shows in a whole period. */
export const COURSES = ['trending', 'ranging'] as const
export type Course = (typeof COURSES)[number]

/** Of a period's `rv_60m_log`: what lies above it is volatile. */
const VOLATILE_QUANTILE = 0.8
/** Efficiency of the last hour from which on a market trends. */
const TRENDING_FROM = 0.3

/**
 * Above which `rv_60m_log` a minute is volatile.
 * @param rv60mLog of every minute of a period, any order
 * @returns the 80th percentile; NaN where there is no value
 */
export function volatileFrom(rv60mLog: ArrayLike<number>): number {
  const market = sortedFinite(rv60mLog)
  return market.length === 0 ? Number.NaN : quantileSorted(market, VOLATILE_QUANTILE)
}

/** @param efficiency of the hour up to the minute, 0 to 1 */
export function courseFrom(efficiency: number): Course {
  return efficiency >= TRENDING_FROM ? 'trending' : 'ranging'
}

/** @param closes of the 61 bars that end with the minute, ascending */
export function courseOf(closes: ArrayLike<number>): Course {
  return courseFrom(efficiencyRatio(closes))
}

/** @returns null where one of the figures is missing */
export function regimeOf(rv60mLog: number, efficiency: number, volatileAbove: number): Regime | null {
  if (Number.isNaN(rv60mLog) || Number.isNaN(efficiency) || Number.isNaN(volatileAbove)) return null
  return rv60mLog > volatileAbove ? 'volatile' : courseFrom(efficiency)
}

/**
 * Kaufman's efficiency ratio: how much of the way a price went led anywhere, 0 to 1; 0 where it did not move.
 * @param closes at least two, ascending in time
 */
function efficiencyRatio(closes: ArrayLike<number>): number {
  let path = 0
  for (let i = 1; i < closes.length; i++) path += Math.abs(Math.log(closes[i] ?? NaN) - Math.log(closes[i - 1] ?? NaN))
  const net = Math.abs(Math.log((closes[closes.length - 1] ?? NaN) / (closes[0] ?? NaN)))
  return path === 0 ? 0 : net / path
}
