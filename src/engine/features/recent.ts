import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import type { LogPrices } from '../market/spread.ts'

/** What later bars look back at. */
export interface RecentBar extends LogPrices {
  readonly tsMs: UnixMs
  readonly mid: number
  readonly high: number
  readonly low: number
  /** Log return from the bar exactly before; NaN without one. */
  readonly logReturn: number
}

/** Keeps the z-score of a price that stands still finite. */
export const STD_FLOOR = 1e-8

/** Longer than the longest look-back that reads single bars (60 returns), and a power of two. */
const SLOTS = 64

/**
 * The last 64 bars by their time. "k bars ago" is the bar of exactly that time or nothing: a bar that lies further back never
 * stands in for a missing one. Look-backs are in bars: of bars of 15 minutes, 5 of them are 75 minutes.
 */
export class RecentBars {
  private readonly slots: (RecentBar | undefined)[] = Array.from({ length: SLOTS }, () => undefined)

  /** @param barMs how long a bar is */
  constructor(private readonly barMs: number = MINUTE_MS) {}

  /** Keeps a bar. @returns what is kept of it, its return included. */
  push(bar: Bar): RecentBar {
    const logClose = Math.log(bar.close)
    const before = this.at(bar.tsMs - this.barMs)
    const kept: RecentBar = {
      tsMs: bar.tsMs,
      mid: bar.close,
      high: bar.high,
      low: bar.low,
      logClose,
      logMidrange: (Math.log(bar.high) + Math.log(bar.low)) / 2,
      logReturn: before === undefined ? Number.NaN : logClose - before.logClose,
    }
    this.slots[this.slotOf(bar.tsMs)] = kept
    return kept
  }

  /** The bar that began at exactly that time, one of the last 64; undefined when there was none. */
  at(tsMs: UnixMs): RecentBar | undefined {
    const kept = this.slots[this.slotOf(tsMs)]
    return kept?.tsMs === tsMs ? kept : undefined
  }

  /** The bar of exactly so many bars before; undefined when there was none. */
  before({ tsMs }: RecentBar, bars: number): RecentBar | undefined {
    return this.at(tsMs - bars * this.barMs)
  }

  /** ln(highest high / lowest low) of the last `bars` bars up to `tsMs`; NaN when one of them is missing. */
  logRange(tsMs: UnixMs, bars: number): number {
    let high = Number.NEGATIVE_INFINITY
    let low = Number.POSITIVE_INFINITY
    for (let back = bars - 1; back >= 0; back--) {
      const bar = this.at(tsMs - back * this.barMs)
      if (bar === undefined) return Number.NaN
      high = Math.max(high, bar.high)
      low = Math.min(low, bar.low)
    }
    return Math.log(high / low)
  }

  /**
   * Distance of the newest close from the mean of the last `bars` closes up to `tsMs`, in their population deviations; NaN when
   * one of them is missing. In two passes: so few closes lie far closer to each other than to 0.
   */
  closeZScore(tsMs: UnixMs, bars: number): number {
    let sum = 0
    for (let back = bars - 1; back >= 0; back--) sum += this.at(tsMs - back * this.barMs)?.mid ?? Number.NaN
    const mean = sum / bars
    if (Number.isNaN(mean)) return Number.NaN
    let squares = 0
    for (let back = bars - 1; back >= 0; back--) {
      const distance = (this.at(tsMs - back * this.barMs)?.mid ?? Number.NaN) - mean
      squares += distance * distance
    }
    const mid = this.at(tsMs)?.mid ?? Number.NaN
    return (mid - mean) / (Math.sqrt(squares / bars) + STD_FLOOR)
  }

  /**
   * Root mean square of the last `bars` log returns from bar to bar up to `tsMs`; NaN when one of them is missing.
   * Summed anew for each bar: a running sum would carry the rounding of everything before it.
   */
  realisedVolatility(tsMs: UnixMs, bars: number): number {
    let squares = 0
    for (let back = bars - 1; back >= 0; back--) {
      const logReturn = this.at(tsMs - back * this.barMs)?.logReturn ?? Number.NaN
      if (Number.isNaN(logReturn)) return Number.NaN
      squares += logReturn * logReturn
    }
    return Math.sqrt(squares / bars)
  }

  /**
   * How much of the way that the close went in the last `bars` bars up to `tsMs` led anywhere: 0 to 1, 0 where it did not move
   * (Kaufman's efficiency ratio, of log prices). NaN when one of them, or the bar before them, is missing.
   */
  efficiency(tsMs: UnixMs, bars: number): number {
    let path = 0
    for (let back = bars - 1; back >= 0; back--)
      path += Math.abs(this.at(tsMs - back * this.barMs)?.logReturn ?? Number.NaN)
    const net = (this.at(tsMs)?.logClose ?? Number.NaN) - (this.at(tsMs - bars * this.barMs)?.logClose ?? Number.NaN)
    // Rounding may leave the way a little shorter than the distance.
    return path === 0 ? 0 : Math.min(1, Math.abs(net) / path)
  }

  private slotOf(tsMs: UnixMs): number {
    return (tsMs / this.barMs) & (SLOTS - 1)
  }
}
