import { DAY_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { DailyReport } from '../../evidence/documents/documents.ts'
import type { Desk } from '../desk/desk.ts'

type DayArm = DailyReport['arms'][number]

/** What each arm made of the trades that it closed on a day, by its label. */
export function dayArms({ symbol, parts, sets }: Desk, dayMs: UnixMs): readonly DayArm[] {
  const trades = parts.store.trading.closedIn(symbol, dayMs, dayMs + DAY_MS)
  const arms = [...new Set(trades.map(({ arm }) => arm))].toSorted()
  return arms.map((arm): DayArm => {
    const closed = trades.filter((trade) => trade.arm === arm)
    const sum = (of: (trade: (typeof closed)[number]) => number): number =>
      closed.reduce((all, trade) => all + of(trade), 0)
    const [net, notional] = [sum(({ pnl }) => pnl), sum((trade) => trade.notional)]
    return {
      arm,
      active: sets.active === arm,
      trades: closed.length,
      win_rate: sum(({ pnl }) => (pnl > 0 ? 1 : 0)) / closed.length,
      net,
      fees: sum(({ fees }) => fees),
      expectancy_bp: notional > 0 ? (1e4 * net) / notional : null,
    }
  })
}
