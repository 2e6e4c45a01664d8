/**
 * What the set of five is trained on and for, straight from the definitions on a recording without gaps, without any of onay's
 * own code but the features that `sample-features.ts` works out: the golden figures hold for these rows.
 */
import { columnOf, type FeatureTable } from '../../../src/engine/features/row.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'

export const HORIZON = 15
export const PAPER_FEATURES = [
  'mid_logret_1m',
  'mid_logret_5m',
  'mid_logret_15m',
  'mid_logret_60m',
  'rv_15m_log',
  'rv_60m_log',
  'range_15m_bp',
  'vol1m_log_z_24h',
  'rsi14_z',
  'zscore_mid_24h',
  'zscore_mid_20m',
] as const
export const TARGETS = ['direction', 'price', 'risk', 'momentum', 'volatility', 'move'] as const

type Name = (typeof PAPER_FEATURES)[number] | (typeof TARGETS)[number]
export type PaperTable = Readonly<Record<Name, Float64Array>>

/**
 * Every feature and target of each bar; NaN where it is unknown. `move`: a log return beyond 6 bp in the next 5 minutes.
 * @param table what `sampleFeatures` gives of the same bars
 */
export function paperTable(bars: readonly Bar[], table: FeatureTable): PaperTable {
  const close = Float64Array.from(bars, (bar) => bar.close)
  const log = close.map(Math.log)
  const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN
  const each = (of: (i: number) => number): Float64Array => Float64Array.from(bars, (_, i) => of(i))
  const change = (from: number, to: number): Float64Array => each((i) => at(log, i + to) - at(log, i + from))
  const extreme = (of: (bar: Bar) => number, best: (...values: number[]) => number, from: number, to: number) =>
    each((i) => {
      const span = bars.slice(Math.max(0, i + from), i + to + 1)
      return i + from < 0 || span.length < to - from + 1 ? Number.NaN : best(...span.map(of))
    })
  const high = ({ high: price }: Bar): number => price
  const low = ({ low: price }: Bar): number => price
  const ahead = change(0, HORIZON).map((x) => 1e4 * x)
  const past = change(-HORIZON, 0)
  const soon = change(0, 5)
  const [highest, lowest] = [extreme(high, Math.max, 1, HORIZON), extreme(low, Math.min, 1, HORIZON)]
  const [top, bottom] = [extreme(high, Math.max, 1 - HORIZON, 0), extreme(low, Math.min, 1 - HORIZON, 0)]
  const return1 = columnOf(table, 'mid_logret_1m')
  const squares = (i: number): number => {
    const next = return1.subarray(i + 1, i + 1 + HORIZON)
    return next.length < HORIZON ? Number.NaN : next.reduce((sum, r) => sum + r * r, 0) / HORIZON
  }
  const known = (test: (i: number) => boolean, needed: readonly Float64Array[]): Float64Array =>
    each((i) => (needed.some((column) => Number.isNaN(at(column, i))) ? Number.NaN : Number(test(i))))
  return {
    mid_logret_1m: return1,
    mid_logret_5m: columnOf(table, 'mid_logret_5m'),
    mid_logret_15m: past,
    mid_logret_60m: change(-60, 0),
    rv_15m_log: columnOf(table, 'rv_15m_log'),
    rv_60m_log: columnOf(table, 'rv_60m_log'),
    range_15m_bp: each((i) => 1e4 * Math.log(at(top, i) / at(bottom, i))),
    vol1m_log_z_24h: zScore(columnOf(table, 'vol1m_log'), 1_440, 60),
    rsi14_z: columnOf(table, 'rsi14_z'),
    zscore_mid_24h: columnOf(table, 'zscore_mid_24h'),
    zscore_mid_20m: zScore(close, 20, 20),
    direction: known((i) => at(ahead, i) > 0, [ahead]),
    price: ahead,
    risk: each((i) => 1e4 * Math.max(Math.log(at(highest, i) / at(close, i)), -Math.log(at(lowest, i) / at(close, i)))),
    momentum: known((i) => Math.sign(at(ahead, i)) === Math.sign(at(past, i)), [ahead, past]),
    volatility: each((i) => Math.log(Math.sqrt(squares(i)) + 1e-7)),
    move: known((i) => Math.abs(at(soon, i)) * 1e4 > 6, [soon]),
  }
}

/** Distance from the mean of the last rows, this one among them, in their population deviations. Plain loops: of a day they are many. */
function zScore(values: Float64Array, rows: number, least: number): Float64Array {
  return values.map((value, i) => {
    if (i + 1 < least) return Number.NaN
    const from = Math.max(0, i + 1 - rows)
    const n = i + 1 - from
    let sum = 0
    for (let j = from; j <= i; j++) sum += values[j] ?? Number.NaN
    const mean = sum / n
    let squares = 0
    for (let j = from; j <= i; j++) {
      const distance = (values[j] ?? Number.NaN) - mean
      squares += distance * distance
    }
    return (value - mean) / (Math.sqrt(squares / n) + 1e-8)
  })
}
