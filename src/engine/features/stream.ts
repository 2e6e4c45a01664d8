import { DAY_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import { type RsiState, WilderRsi } from '../market/rsi.ts'
import { RollingWindow } from '../stats/rolling.ts'
import { type BarInContext, BUILT_IN, logVolume } from './built-in.ts'
import type { Catalogue } from './catalogue.ts'
import { type EwmaState, EwmaVariance } from './ewma.ts'
import { type RecentBar, RecentBars } from './recent.ts'
import type { FeatureRow } from './row.ts'

/** What a stream knows that cannot be worked out of the bars of the last 24 hours: plain JSON of fixed size. */
export interface StreamState {
  /** The newest bar; null before the first. */
  readonly lastMs: UnixMs | null
  readonly rsi: RsiState
  readonly ewma: EwmaState
}

/**
 * The one feature code: a bar in, a row out, for history, replay and live alike. A row depends on its own bar and earlier
 * ones only. Constant time a bar, memory of at most the last 24 hours.
 */
export class FeatureStream {
  private readonly recent = new RecentBars()
  private readonly day = new RollingWindow(DAY_MS)
  private readonly volumes = new RollingWindow(DAY_MS)
  private rsi = new WilderRsi()
  private ewma = new EwmaVariance()
  private lastMs: UnixMs | null = null
  private readonly places: Int32Array

  /** @param catalogue what a row is to hold: columns that no bar yields are missing in it */
  constructor(private readonly catalogue: Catalogue) {
    this.places = catalogue.places(BUILT_IN.map(([name]) => name))
  }

  /**
   * @param bar a sound bar (see `faultOf`) later than every one before it; minutes may be missing between them
   * @throws RangeError when it is not later, or not at a whole minute
   */
  push(bar: Bar): FeatureRow {
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
    const values = new Float64Array(this.catalogue.names.length).fill(Number.NaN)
    BUILT_IN.forEach(([, valueOf], i) => {
      values[this.places[i] ?? -1] = valueOf(context)
    })
    return { tsMs: bar.tsMs, values }
  }

  /** What `resume` needs beside the bars of the last 24 hours. */
  state(): StreamState {
    return { lastMs: this.lastMs, rsi: this.rsi.state(), ewma: this.ewma.state() }
  }

  /**
   * A stream that continues where `state` was taken, its rows equal to the last bit to those of a stream that never stopped.
   * @param recent the bars that the former stream was given and whose `tsMs` > newest - 1,440 min, ascending; older ones
   *   are ignored
   * @throws RangeError when the newest of them is not the one that the state was taken after
   */
  static resume(state: StreamState, recent: readonly Bar[], catalogue: Catalogue): FeatureStream {
    const newestMs = recent.at(-1)?.tsMs ?? null
    if (newestMs !== state.lastMs) {
      throw new RangeError(`the state was taken after the bar of ${state.lastMs}, the newest bar given is ${newestMs}`)
    }
    const stream = new FeatureStream(catalogue)
    for (const bar of recent) {
      if (newestMs !== null && bar.tsMs > newestMs - DAY_MS) stream.remember(bar)
    }
    stream.rsi = new WilderRsi(state.rsi)
    stream.ewma = new EwmaVariance(state.ewma)
    return stream
  }

  /** Takes a bar into what depends on the last 24 hours alone. */
  private remember(bar: Bar): RecentBar {
    const { tsMs } = bar
    if (tsMs % MINUTE_MS !== 0) throw new RangeError(`${tsMs} is not the start of a minute`)
    if (this.lastMs !== null && tsMs <= this.lastMs) {
      throw new RangeError(`bars must ascend: ${tsMs} does not come after ${this.lastMs}`)
    }
    this.lastMs = tsMs
    this.day.push(tsMs, bar.close)
    this.volumes.push(tsMs, logVolume(bar))
    return this.recent.push(bar)
  }
}
