import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import { type RsiState, WilderRsi } from '../market/rsi.ts'
import { RollingWindow } from '../stats/rolling.ts'
import { type BarInContext, BUILT_IN, logVolume } from './built-in.ts'
import { type EwmaState, EwmaVariance } from './ewma.ts'
import { type RecentBar, RecentBars } from './recent.ts'

/** What the columns of one time frame know that cannot be worked out of the bars they look back at: plain JSON of fixed size. */
export interface ColumnsState {
  /** The newest bar; null before the first. */
  readonly lastMs: UnixMs | null
  readonly rsi: RsiState
  readonly ewma: EwmaState
}

/** The built-in columns of bars of one length: a bar in, a value a column out. Constant time a bar. */
export class BarColumns {
  private readonly recent: RecentBars
  private readonly day = new RollingWindow(DAY_MS)
  private readonly volumes = new RollingWindow(DAY_MS)
  private rsi = new WilderRsi()
  private ewma = new EwmaVariance()
  private lastMs: UnixMs | null = null

  /** @param barMs how long a bar is */
  constructor(private readonly barMs: number) {
    this.recent = new RecentBars(barMs)
  }

  /**
   * @param into gets the value of each column of `BUILT_IN`, NaN where it is missing
   * @param places where in `into`, by the order of `BUILT_IN`; below 0 for a column that is left out
   * @throws RangeError when the bar is not later than those before it, or does not begin where bars of this length do
   */
  push(bar: Bar, into: Float64Array, places: Int32Array): void {
    const now = this.remember(bar)
    const { recent, day, volumes } = this
    const context: BarInContext = {
      bar,
      now,
      recent,
      day: { count: day.count, mean: day.mean(), std: day.std() },
      volumeDay: { count: volumes.count, mean: volumes.mean(), std: volumes.std() },
      rsi14: this.rsi.push(bar.close),
      ewmaVariance: this.ewma.push(now.logReturn),
    }
    for (let i = 0; i < BUILT_IN.length; i++) {
      const place = places[i] ?? -1
      if (place >= 0) into[place] = BUILT_IN[i]?.[1](context) ?? Number.NaN
    }
  }

  state(): ColumnsState {
    return { lastMs: this.lastMs, rsi: this.rsi.state(), ewma: this.ewma.state() }
  }

  /**
   * Columns that continue where `state` was taken, equal to the last bit to those that never stopped.
   * @param recent the last 64 bars that were pushed, and all of the last 24 hours; ascending
   * @throws RangeError when the newest of them is not the one that the state was taken after
   */
  static resume(barMs: number, state: ColumnsState, recent: readonly Bar[]): BarColumns {
    const newestMs = recent.at(-1)?.tsMs ?? null
    if (newestMs !== state.lastMs) {
      throw new RangeError(`the state was taken after the bar of ${state.lastMs}, the newest bar given is ${newestMs}`)
    }
    const columns = new BarColumns(barMs)
    for (const bar of recent) columns.remember(bar)
    columns.rsi = new WilderRsi(state.rsi)
    columns.ewma = new EwmaVariance(state.ewma)
    return columns
  }

  /** Takes a bar into what depends on the bars looked back at alone. */
  private remember(bar: Bar): RecentBar {
    const { tsMs } = bar
    if (tsMs % this.barMs !== 0) throw new RangeError(`${tsMs} is not the start of a bar of ${this.barMs} ms`)
    if (this.lastMs !== null && tsMs <= this.lastMs) {
      throw new RangeError(`bars must ascend: ${tsMs} does not come after ${this.lastMs}`)
    }
    this.lastMs = tsMs
    this.day.push(tsMs, bar.close)
    this.volumes.push(tsMs, logVolume(bar))
    return this.recent.push(bar)
  }
}
