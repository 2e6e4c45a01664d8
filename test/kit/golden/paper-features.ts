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
  const close = columnOf(table, 'mid')
  const log = close.map(Math.log)
  const at = (values: Float64Array, i: number): number => values[i] ?? Number.NaN
  const ahead = log.map((now, i) => 1e4 * (at(log, i + HORIZON) - now))
  const past = columnOf(table, 'mid_logret_15m')
  const soon = log.map((now, i) => at(log, i + 5) - now)
  const high = Float64Array.from(bars, (bar) => bar.high)
  const low = Float64Array.from(bars, (bar) => bar.low)
  const squares = columnOf(table, 'mid_logret_1m').map((step) => step * step)
  /** The next rows taken together; NaN where there are not as many. */
  const overNext = (values: Float64Array, together: (so: number, value: number) => number, first: number) =>
    values.map((_, i) => {
      let so = first
      for (let j = i + 1; j <= i + HORIZON; j++) so = together(so, at(values, j))
      return so
    })
  const highest = overNext(high, Math.max, -Infinity)
  const lowest = overNext(low, Math.min, Infinity)
  const known = (needed: readonly Float64Array[], test: (i: number) => boolean): Float64Array =>
    close.map((_, i) => (needed.some((column) => Number.isNaN(at(column, i))) ? Number.NaN : Number(test(i))))
  const features = Object.fromEntries(PAPER_FEATURES.map((name) => [name, columnOf(table, name)]))
  return {
    ...(features as Record<(typeof PAPER_FEATURES)[number], Float64Array>),
    direction: known([ahead], (i) => at(ahead, i) > 0),
    price: ahead,
    risk: close.map((now, i) => 1e4 * Math.max(Math.log(at(highest, i) / now), -Math.log(at(lowest, i) / now))),
    momentum: known([ahead, past], (i) => Math.sign(at(ahead, i)) === Math.sign(at(past, i))),
    volatility: overNext(squares, (so, square) => so + square, 0).map((sum) =>
      Math.log(Math.sqrt(sum / HORIZON) + 1e-7),
    ),
    move: known([soon], (i) => Math.abs(at(soon, i)) * 1e4 > 6),
  }
}
