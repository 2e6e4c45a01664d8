/** The natural logarithms that the spread estimate needs of a bar. */
export interface LogPrices {
  readonly logClose: number
  /** (ln high + ln low) / 2 */
  readonly logMidrange: number
}

/**
 * Bid-ask spread estimated from two adjacent bars without quotes, in basis points: >= 0, 0 where the estimate is negative.
 * Source: Abdi and Ranaldo 2017, "A Simple Estimation of Bid-Ask Spreads from Daily Close, High, and Low Prices", the
 * two-bar form with negative estimates set to zero.
 */
export function abdiRanaldoBp(previous: LogPrices, current: LogPrices): number {
  const squared = 4 * (previous.logClose - previous.logMidrange) * (previous.logClose - current.logMidrange)
  return 1e4 * Math.sqrt(Math.max(0, squared))
}
