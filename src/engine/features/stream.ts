import { DAY_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import { type RsiState, WilderRsi } from '../market/rsi.ts'
import { abdiRanaldoBp } from '../market/spread.ts'
import { RollingWindow } from '../stats/rolling.ts'
import { COLUMN_INDEX, COLUMNS, type Column } from './catalogue.ts'
import { type EwmaState, EwmaVariance } from './ewma.ts'
import { type RecentBar, RecentBars } from './recent.ts'
import type { FeatureRow } from './row.ts'

/** What a stream knows that the bars of the last 24 hours do not tell: plain JSON of fixed size. */
export interface StreamState {
  /** The newest bar; null before the first. */
  readonly lastMs: UnixMs | null
  readonly rsi: RsiState
  readonly ewma: EwmaState
}

/** Rows in the 24 h window below which a z-score says nothing. */
const MIN_ZSCORE_ROWS = 60

/**
 * The one feature code: a bar in, a row out, for history, replay and live alike. A row depends on its own bar and earlier
 * ones only. Constant time a bar, memory of at most the last 24 hours.
 */
export class FeatureStream {
  private readonly recent = new RecentBars()
  private readonly day = new RollingWindow(DAY_MS)
  private rsi = new WilderRsi()
  private ewma = new EwmaVariance()
  private lastMs: UnixMs | null = null

  /**
   * @param bar a sound bar (see `faultOf`) later than every one before it; minutes may be missing between them
   * @throws RangeError when it is not later, or not at a whole minute
   */
  push(bar: Bar): FeatureRow {
    const now = this.remember(bar)
    const values = new Float64Array(COLUMNS.length).fill(Number.NaN)
    const set = (name: Column, value: number): void => {
      values[COLUMN_INDEX[name]] = value
    }
    const vol1m = bar.volume * bar.close
    const rsi14 = this.rsi.push(bar.close)
    set('mid', now.mid)
    this.setChanges(now, set)
    set('vol1m', vol1m)
    set('vol1m_log', Math.log1p(vol1m))
    set('rsi14', rsi14)
    set('rsi14_z', (rsi14 - 50) / 30)
    set('rv_15m_log', logOf(this.recent.realisedVolatility(now.tsMs, 15)))
    set('rv_60m_log', logOf(this.recent.realisedVolatility(now.tsMs, 60)))
    set('ewma_var_1m', this.ewma.push(now.logReturn))
    this.setDay(now, set)
    return { tsMs: bar.tsMs, values }
  }

  /** What `resume` needs beside the bars of the last 24 hours. */
  state(): StreamState {
    return { lastMs: this.lastMs, rsi: this.rsi.state(), ewma: this.ewma.state() }
  }

  /**
   * A stream that goes on where `state` was taken, its rows equal to the last bit to those of a stream that never stopped.
   * @param recent the bars that the former stream was given and whose `tsMs` > newest - 1,440 min, ascending; older ones
   *   are ignored
   * @throws RangeError when the newest of them is not the one that the state was taken after
   */
  static resume(state: StreamState, recent: readonly Bar[]): FeatureStream {
    const newestMs = recent.at(-1)?.tsMs ?? null
    if (newestMs !== state.lastMs) {
      throw new RangeError(`the state was taken after the bar of ${state.lastMs}, the newest bar given is ${newestMs}`)
    }
    const stream = new FeatureStream()
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
    return this.recent.push(bar)
  }

  private setChanges(now: RecentBar, set: (name: Column, value: number) => void): void {
    const before = this.recent.at(now.tsMs - MINUTE_MS)
    const fiveAgo = this.recent.at(now.tsMs - 5 * MINUTE_MS)
    set('mid_logret_1m', now.logReturn)
    if (before !== undefined) {
      set('mid_change_1m', now.mid - before.mid)
      set('spread_bp', abdiRanaldoBp(before, now))
    }
    if (fiveAgo !== undefined) set('mid_logret_5m', now.logClose - fiveAgo.logClose)
  }

  private setDay(now: RecentBar, set: (name: Column, value: number) => void): void {
    const mean = this.day.mean()
    const std = this.day.std()
    set('mid_mean_24h', mean)
    set('mid_std_24h', std)
    set('mid_count_24h', this.day.count)
    if (this.day.count >= MIN_ZSCORE_ROWS) set('zscore_mid_24h', (now.mid - mean) / (std + 1e-8))
  }
}

/** The floor keeps an hour without a move finite; NaN stays NaN. */
function logOf(volatility: number): number {
  return Math.log(volatility + 1e-7)
}
