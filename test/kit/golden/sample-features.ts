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

export function readSampleBars(symbol: GoldenSymbol): Bar[] {
  const file = new URL(`../../../samples/${symbol}_1m.csv.gz`, import.meta.url)
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [tsMs = NaN, open = NaN, high = NaN, low = NaN, close = NaN, volume = NaN] = line.split(',').map(Number)
    return { tsMs, open, high, low, close, volume }
  })
}

/** Every column of the catalogue for each bar of a recording in which no minute is missing. */
export function sampleFeatures(bars: readonly Bar[]): FeatureTable {
  const each = (of: (i: number) => number): Float64Array => Float64Array.from(bars, (_, i) => of(i))
  const mid = each((i) => bars[i]?.close ?? Number.NaN)
  const log = mid.map(Math.log)
  const eta = each((i) => (Math.log(bars[i]?.high ?? NaN) + Math.log(bars[i]?.low ?? NaN)) / 2)
  const spread = (i: number): number => {
    const product = 4 * (at(log, i - 1) - at(eta, i - 1)) * (at(log, i - 1) - at(eta, i))
    return Number.isNaN(product) ? Number.NaN : 1e4 * Math.sqrt(Math.max(0, product))
  }
  const logret1 = each((i) => at(log, i) - at(log, i - 1))
  const vol = each((i) => (bars[i]?.volume ?? Number.NaN) * at(mid, i))
  const rsi = rsiOf(mid)
  const day = dayOf(mid)
  const logVolume = vol.map(Math.log1p)
  const volumeDay = dayOf(logVolume)
  const columns: Record<BuiltInColumn, Float64Array> = {
    mid,
    mid_change_1m: each((i) => at(mid, i) - at(mid, i - 1)),
    mid_logret_1m: logret1,
    mid_logret_5m: each((i) => at(log, i) - at(log, i - 5)),
    spread_bp: each(spread),
    vol1m: vol,
    vol1m_log: logVolume,
    rsi14: rsi,
    rsi14_z: rsi.map((value) => (value - 50) / 30),
    zscore_mid_24h: each((i) => (i < 59 ? Number.NaN : (at(mid, i) - at(day.mean, i)) / (at(day.std, i) + 1e-8))),
    rv_15m_log: each((i) => realisedVolatility(logret1, i, 15)),
    rv_60m_log: each((i) => realisedVolatility(logret1, i, 60)),
    ewma_var_1m: ewmaOf(logret1),
    mid_mean_24h: day.mean,
    mid_std_24h: day.std,
    mid_count_24h: each((i) => Math.min(i + 1, 1440)),
    mid_logret_15m: each((i) => at(log, i) - at(log, i - 15)),
    mid_logret_60m: each((i) => at(log, i) - at(log, i - 60)),
    range_15m_bp: each((i) => {
      const last = i < 14 ? [] : bars.slice(i - 14, i + 1)
      return 1e4 * Math.log(Math.max(...last.map(({ high }) => high)) / Math.min(...last.map(({ low }) => low)))
    }),
    vol1m_log_z_24h: each((i) =>
      i < 59 ? Number.NaN : (at(logVolume, i) - at(volumeDay.mean, i)) / (at(volumeDay.std, i) + 1e-8),
    ),
    zscore_mid_20m: each((i) => shortZScore(mid, i, 20)),
    efficiency_60m: each((i) => {
      const path = i < 60 ? Number.NaN : logret1.slice(i - 59, i + 1).reduce((sum, step) => sum + Math.abs(step), 0)
      return path === 0 ? 0 : Math.abs(at(log, i) - at(log, i - 60)) / path
    }),
  }
  return { catalogue: builtInCatalogue, tsMs: each((i) => bars[i]?.tsMs ?? Number.NaN), columns }
}

/** The rows from one UTC date to another, the latter not included. */
export function cut(table: FeatureTable, fromDate: string, untilDate: string): FeatureTable {
  const from = table.tsMs.findIndex((ms) => ms >= Date.parse(fromDate))
  const end = table.tsMs.findIndex((ms) => ms >= Date.parse(untilDate))
  const until = end === -1 ? table.tsMs.length : end
  const columns = Object.entries(table.columns).map(([name, values]) => [name, values.subarray(from, until)] as const)
  return { ...table, tsMs: table.tsMs.subarray(from, until), columns: Object.fromEntries(columns) }
}

function at(column: Float64Array, i: number): number {
  return column[i] ?? Number.NaN
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

/** Mean and population deviation over the last 1,440 rows, each worked out afresh. */
function dayOf(mid: Float64Array): { mean: Float64Array; std: Float64Array } {
  const mean = new Float64Array(mid.length)
  const std = new Float64Array(mid.length)
  for (let i = 0; i < mid.length; i++) {
    const from = Math.max(0, i - 1439)
    const n = i + 1 - from
    let sum = 0
    for (let j = from; j <= i; j++) sum += mid[j] ?? NaN
    const average = sum / n
    let squares = 0
    for (let j = from; j <= i; j++) {
      const distance = (mid[j] ?? NaN) - average
      squares += distance * distance
    }
    mean[i] = average
    std[i] = Math.sqrt(squares / n)
  }
  return { mean, std }
}

function shortZScore(mid: Float64Array, i: number, minutes: number): number {
  if (i < minutes - 1) return Number.NaN
  const last = mid.subarray(i + 1 - minutes, i + 1)
  const mean = last.reduce((sum, x) => sum + x, 0) / minutes
  const variance = last.reduce((sum, x) => sum + (x - mean) ** 2, 0) / minutes
  return (at(mid, i) - mean) / (Math.sqrt(variance) + 1e-8)
}

function realisedVolatility(returns: Float64Array, i: number, minutes: number): number {
  if (i < minutes - 1) return Number.NaN
  const last = returns.subarray(i + 1 - minutes, i + 1)
  return Math.log(Math.sqrt(last.reduce((sum, r) => sum + r * r, 0) / minutes) + 1e-7)
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
