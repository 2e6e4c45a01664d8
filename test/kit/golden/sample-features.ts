/**
 * The features of a recording without gaps, a second time: straight from their definitions, column by column, "k minutes
 * ago" being k rows ago. It shares no code with the product, so that an error would have to be made twice to go unseen.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { BuiltInColumn } from '../../../src/engine/features/built-in.ts'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import type { FeatureTable } from '../../../src/engine/features/row.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'
import type { GoldenSymbol } from './golden-figures.ts'

const recordings = new Map<GoldenSymbol, readonly Bar[]>()

/** The bars of a recording, read once in a process, whose test files share them. */
export function readSampleBars(symbol: GoldenSymbol): readonly Bar[] {
  const bars = recordings.get(symbol) ?? barsIn(new URL(`../../../samples/${symbol}_1m.csv.gz`, import.meta.url))
  recordings.set(symbol, bars)
  return bars
}

function barsIn(file: URL): Bar[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [tsMs, open, high, low, close, volume] = line.split(',')
    return {
      tsMs: Number(tsMs),
      open: Number(open),
      high: Number(high),
      low: Number(low),
      close: Number(close),
      volume: Number(volume),
    }
  })
}

/** Every column of the catalogue for each bar of a recording in which no minute is missing. */
export function sampleFeatures(bars: readonly Bar[]): FeatureTable {
  const of = (pick: (bar: Bar) => number): Float64Array => Float64Array.from(bars, pick)
  const [mid, high, low] = [of(({ close }) => close), of((bar) => bar.high), of((bar) => bar.low)]
  const log = mid.map(Math.log)
  const eta = high.map((price, i) => (Math.log(price) + Math.log(at(low, i))) / 2)
  const spread = mid.map((_, i) => {
    const product = 4 * (at(log, i - 1) - at(eta, i - 1)) * (at(log, i - 1) - at(eta, i))
    return Number.isNaN(product) ? Number.NaN : 1e4 * Math.sqrt(Math.max(0, product))
  })
  const return1 = change(log, 1)
  const return60 = change(log, 60)
  const volume = of((bar) => bar.volume * bar.close)
  const rsi = rsiOf(mid)
  const day = spanOf(mid, 1440)
  const logVolume = volume.map(Math.log1p)
  const path = overLast(return1, 60, (steps, step) => steps + Math.abs(step), 0)
  const top = overLast(high, 15, Math.max, -Infinity)
  const bottom = overLast(low, 15, Math.min, Infinity)
  const columns: Record<BuiltInColumn, Float64Array> = {
    mid,
    mid_change_1m: change(mid, 1),
    mid_logret_1m: return1,
    mid_logret_5m: change(log, 5),
    spread_bp: spread,
    vol1m: volume,
    vol1m_log: logVolume,
    rsi14: rsi,
    rsi14_z: rsi.map((value) => (value - 50) / 30),
    zscore_mid_24h: zScore(mid, day, 60),
    rv_15m_log: realisedVolatility(return1, 15),
    rv_60m_log: realisedVolatility(return1, 60),
    ewma_var_1m: ewmaOf(return1),
    mid_mean_24h: day.mean,
    mid_std_24h: day.std,
    mid_count_24h: mid.map((_, i) => Math.min(i + 1, 1440)),
    mid_logret_15m: change(log, 15),
    mid_logret_60m: return60,
    range_15m_bp: top.map((highest, i) => 1e4 * Math.log(highest / at(bottom, i))),
    vol1m_log_z_24h: zScore(logVolume, spanOf(logVolume, 1440), 60),
    zscore_mid_20m: zScore(mid, spanOf(mid, 20), 20),
    efficiency_60m: path.map((length, i) => (length === 0 ? 0 : Math.abs(at(return60, i)) / length)),
  }
  return { catalogue: builtInCatalogue, tsMs: of(({ tsMs }) => tsMs), columns }
}

/** The rows from one UTC date to another, the latter not included. */
export function cut(table: FeatureTable, fromDate: string, untilDate: string): FeatureTable {
  const from = table.tsMs.findIndex((ms) => ms >= Date.parse(fromDate))
  const end = table.tsMs.findIndex((ms) => ms >= Date.parse(untilDate))
  const until = end === -1 ? table.tsMs.length : end
  const columns = Object.entries(table.columns).map(([name, values]) => [name, values.subarray(from, until)] as const)
  return { ...table, tsMs: table.tsMs.subarray(from, until), columns: Object.fromEntries(columns) }
}

/** NaN before the first row, without asking: one look-up of a negative index would make V8 slow at every other one here. */
function at(column: Float64Array, i: number): number {
  return i < 0 ? Number.NaN : (column[i] ?? Number.NaN)
}

function rsiOf(mid: Float64Array): Float64Array {
  const period = 14
  const out = new Float64Array(mid.length).fill(Number.NaN)
  let [gain, loss] = [0, 0]
  for (let i = 1; i < mid.length; i++) {
    const change = (mid[i] ?? NaN) - (mid[i - 1] ?? NaN)
    const [up, down] = [Math.max(change, 0), Math.max(-change, 0)]
    gain = i <= period ? gain + up / period : ((period - 1) * gain + up) / period
    loss = i <= period ? loss + down / period : ((period - 1) * loss + down) / period
    if (i >= period) out[i] = loss > 0 ? 100 - 100 / (1 + gain / loss) : gain > 0 ? 100 : 50
  }
  return out
}

/** By how much each value is above the one so many rows before. */
function change(values: Float64Array, rows: number): Float64Array {
  return values.map((value, i) => value - at(values, i - rows))
}

/** The last rows of each taken together, one by one; NaN where there are not as many. */
function overLast(
  values: Float64Array,
  rows: number,
  together: (so: number, value: number) => number,
  first: number,
): Float64Array {
  const out = new Float64Array(values.length).fill(Number.NaN)
  for (let i = rows - 1; i < values.length; i++) {
    let so = first
    for (let j = i + 1 - rows; j <= i; j++) so = together(so, at(values, j))
    out[i] = so
  }
  return out
}

interface Span {
  readonly mean: Float64Array
  readonly std: Float64Array
}

/** Mean and population deviation over the last rows of each, fewer at the beginning. Distances from the newest need one pass alone. */
function spanOf(values: Float64Array, rows: number): Span {
  const mean = new Float64Array(values.length)
  const std = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const from = Math.max(0, i + 1 - rows)
    const n = i + 1 - from
    const newest = at(values, i)
    let [sum, squares] = [0, 0]
    for (let j = from; j <= i; j++) {
      const distance = at(values, j) - newest
      sum += distance
      squares += distance * distance
    }
    mean[i] = newest + sum / n
    std[i] = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2))
  }
  return { mean, std }
}

/** Distance from the mean in deviations, where there are enough rows. */
function zScore(values: Float64Array, { mean, std }: Span, least: number): Float64Array {
  return values.map((value, i) => (i + 1 < least ? Number.NaN : (value - at(mean, i)) / (at(std, i) + 1e-8)))
}

function realisedVolatility(returns: Float64Array, minutes: number): Float64Array {
  const squares = overLast(returns, minutes, (so, step) => so + step * step, 0)
  return squares.map((sum) => Math.log(Math.sqrt(sum / minutes) + 1e-7))
}

/** Half-life of 30 minutes, begun with the mean of the first 30 squared returns. */
function ewmaOf(returns: Float64Array): Float64Array {
  const keep = 0.5 ** (1 / 30)
  const out = new Float64Array(returns.length).fill(Number.NaN)
  let variance = 0
  for (let i = 1; i < returns.length; i++) {
    const square = (returns[i] ?? NaN) ** 2
    variance = i <= 30 ? variance + square / 30 : keep * variance + (1 - keep) * square
    if (i >= 30) out[i] = variance
  }
  return out
}
