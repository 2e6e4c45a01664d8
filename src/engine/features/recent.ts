import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import type { LogPrices } from '../market/spread.ts'

/** What later bars look back at. */
export interface RecentBar extends LogPrices {
  readonly tsMs: UnixMs
  readonly mid: number
  /** Log return from the bar exactly one minute earlier; NaN without one. */
  readonly logReturn: number
}

/** Longer than the longest look-back that reads single bars (60 returns), and a power of two. */
const SLOTS = 64

/**
 * The bars of the last hour by their minute. "k minutes ago" is the bar of exactly that minute or nothing: a bar that lies
 * further back never stands in for a missing one.
 */
export class RecentBars {
  private readonly slots: (RecentBar | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

  /** Keeps a bar. @returns what is kept of it, its return included. */
  push(bar: Bar): RecentBar {
    const logClose = Math.log(bar.close)
    const before = this.at(bar.tsMs - MINUTE_MS)
    const kept: RecentBar = {
      tsMs: bar.tsMs,
      mid: bar.close,
      logClose,
      logMidrange: (Math.log(bar.high) + Math.log(bar.low)) / 2,
      logReturn: before === undefined ? Number.NaN : logClose - before.logClose,
    }
    this.slots[slotOf(bar.tsMs)] = kept
    return kept
  }

  /** The bar of exactly that minute, one of the last 64; undefined when there was none. */
  at(tsMs: UnixMs): RecentBar | undefined {
    const kept = this.slots[slotOf(tsMs)]
    return kept?.tsMs === tsMs ? kept : undefined
  }

  /**
   * Root mean square of the last `minutes` one-minute log returns up to `tsMs`; NaN when one of them is missing.
   * Summed anew for each bar: a running sum would carry the rounding of everything before it.
   */
  realisedVolatility(tsMs: UnixMs, minutes: number): number {
    let squares = 0
    for (let back = minutes - 1; back >= 0; back--) {
      const logReturn = this.at(tsMs - back * MINUTE_MS)?.logReturn ?? Number.NaN
      if (Number.isNaN(logReturn)) return Number.NaN
      squares += logReturn * logReturn
    }
    return Math.sqrt(squares / minutes)
  }
}

function slotOf(tsMs: UnixMs): number {
  return (tsMs / MINUTE_MS) & (SLOTS - 1)
}
