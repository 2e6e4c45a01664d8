/** Minutes made of ticks, and how far they are from those that are known. */
import { floorTo, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from './bar.ts'

/** One minute after the other, of ticks in ascending order. */
export class TickBars {
  private bar: Bar | null = null

  /** @returns the minute before, once the first tick of a later one has come */
  push(tsMs: UnixMs, price: number, qty: number): Bar | null {
    const minuteMs = floorTo(tsMs, MINUTE_MS)
    const { bar } = this
    if (bar?.tsMs === minuteMs) {
      const high = Math.max(bar.high, price)
      const low = Math.min(bar.low, price)
      this.bar = { ...bar, high, low, close: price, volume: bar.volume + qty }
      return null
    }
    this.bar = { tsMs: minuteMs, open: price, high: price, low: price, close: price, volume: qty }
    return bar
  }

  /** The minute that is under way; null before the first tick. */
  get last(): Bar | null {
    return this.bar
  }
}

/** Prices of a bar are those of its ticks to the last digit; volumes are sums, which round. */
const VOLUME_TOLERANCE = 1e-6

/** The fields in which two bars of one minute differ. */
export function differingFields(made: Bar, known: Bar): readonly string[] {
  const prices = (['open', 'high', 'low', 'close'] as const).filter((name) => made[name] !== known[name])
  const isVolume = Math.abs(made.volume - known.volume) > VOLUME_TOLERANCE * Math.max(1, known.volume)
  return isVolume ? [...prices, 'volume'] : prices
}
