/** What an arm's closed trades come to. The formulas are those of freqtrade's backtests, so that its figures are reproduced. */
import { DAY_MS, type UnixMs } from '../kernel/units.ts'

/** What figures need to know of a trade, in the order in which trades were closed. */
export interface ClosedTrade {
  readonly openedMs: UnixMs
  readonly closedMs: UnixMs
  /** After fees, in quote units. */
  readonly pnl: number
  readonly pnlGross: number
  readonly fees: number
  readonly notional: number
}

/** Null where a figure has no value: no trade, no loss, no spread of results. */
export interface ArmFigures {
  readonly trades: number
  readonly winRate: number | null
  /** Sum of wins over the sum of losses. */
  readonly profitFactor: number | null
  /** Mean net result of a trade, in quote units. */
  readonly expectancy: number | null
  /** The same in basis points of the notional. */
  readonly expectancyBp: number | null
  readonly sharpe: number | null
  /** The largest fall of the cumulative net result below its running maximum, which begins at 0. */
  readonly maxDrawdown: number
  readonly netPnl: number
  readonly grossPnl: number
  readonly fees: number
  /** Sum of the notionals. */
  readonly turnover: number
  readonly meanHoldingMin: number | null
  /** Net result a day and unit of notional that was in the market: sum of results / sum of notional x days in market. */
  readonly dailyReturnPerExposure: number | null
  /** The cost a side, in basis points of the notional, at which the expectancy would be 0; negative where none is low enough. */
  readonly breakEvenCostBp: number | null
}

/**
 * @param trades ascending by `closedMs`
 * @param capital what results are measured against in the Sharpe ratio, above 0
 * @param days length of the period, above 0
 * @throws RangeError when capital or days are not above 0
 */
export function armFigures(trades: readonly ClosedTrade[], capital: number, days: number): ArmFigures {
  if (!(capital > 0 && days > 0)) throw new RangeError(`capital ${capital} and days ${days} must be above 0`)
  const n = trades.length
  const sum = (of: (trade: ClosedTrade) => number): number => trades.reduce((total, trade) => total + of(trade), 0)
  const netPnl = sum(({ pnl }) => pnl)
  const grossPnl = sum(({ pnlGross }) => pnlGross)
  const turnover = sum(({ notional }) => notional)
  const won = sum(({ pnl }) => Math.max(pnl, 0))
  const lost = sum(({ pnl }) => Math.max(-pnl, 0))
  const exposure = sum(({ notional, openedMs, closedMs }) => (notional * (closedMs - openedMs)) / DAY_MS)
  return {
    trades: n,
    winRate: ratio(trades.filter(({ pnl }) => pnl > 0).length, n),
    profitFactor: ratio(won, lost),
    expectancy: ratio(netPnl, n),
    expectancyBp: ratio(1e4 * netPnl, turnover),
    sharpe: sharpeOf(
      trades.map(({ pnl }) => pnl / capital),
      days,
    ),
    maxDrawdown: drawdownOf(trades.map(({ pnl }) => pnl)),
    netPnl,
    grossPnl,
    fees: sum(({ fees }) => fees),
    turnover,
    meanHoldingMin: ratio(sum(({ openedMs, closedMs }) => closedMs - openedMs) / 60_000, n),
    dailyReturnPerExposure: ratio(netPnl, exposure),
    breakEvenCostBp: ratio((1e4 * grossPnl) / 2, turnover),
  }
}

/** Yearly, of results as shares of the capital; null without a spread. */
function sharpeOf(results: readonly number[], days: number): number | null {
  const n = results.length
  if (n < 2) return null
  const total = results.reduce((sum, x) => sum + x, 0)
  const deviation = Math.sqrt(results.reduce((sum, x) => sum + (x - total / n) ** 2, 0) / n)
  return deviation > 0 ? (total / days / deviation) * Math.sqrt(365) : null
}

function drawdownOf(results: readonly number[]): number {
  let equity = 0
  let peak = 0
  let most = 0
  for (const result of results) {
    equity += result
    peak = Math.max(peak, equity)
    most = Math.max(most, peak - equity)
  }
  return most
}

function ratio(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null
}
