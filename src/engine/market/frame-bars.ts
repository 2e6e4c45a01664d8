import { floorTo, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from './bar.ts'

/** How long the bars of the longer time frames are, in minutes. */
export const FRAMES_MIN = [5, 15, 60] as const
export type FrameMin = (typeof FRAMES_MIN)[number]

/** Makes the bars of one time frame out of minutes. One that lacks a minute does not come about, then or later. */
export class FrameBars {
  private bar: Bar | null = null
  /** The next minute of the bar that is under way. */
  private nextMs: UnixMs = Number.NaN

  constructor(private readonly frameMin: FrameMin) {}

  /**
   * @param minute later than every one before it; minutes may be missing between them
   * @returns the bar that ends with this minute, known at its `tsMs` + the frame; null while none does
   */
  push(minute: Bar): Bar | null {
    const frameMs = this.frameMin * MINUTE_MS
    const { tsMs } = minute
    const startMs = floorTo(tsMs, frameMs)
    if (tsMs === startMs) this.bar = { ...minute }
    else if (this.bar !== null && tsMs === this.nextMs) this.bar = joined(this.bar, minute)
    else this.bar = null
    this.nextMs = tsMs + MINUTE_MS
    return this.bar !== null && this.nextMs === startMs + frameMs ? this.bar : null
  }
}

function joined(bar: Bar, minute: Bar): Bar {
  return {
    ...bar,
    high: Math.max(bar.high, minute.high),
    low: Math.min(bar.low, minute.low),
    close: minute.close,
    volume: bar.volume + minute.volume,
  }
}
