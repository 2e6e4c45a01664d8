import { tailQuantiles } from '../stats/quantile.ts'

/**
 * What a model is given of each feature: the feature itself, standardised by mean and deviation of the training rows, or its
 * z-score over the last 24 hours, standardised in the same way.
 */
export const SCALERS = ['standard', 'rolling_zscore_24h'] as const
export type Scaler = (typeof SCALERS)[number]

/** What makes a feature fit for a linear model: a number a feature, in the order of the columns. */
export interface Preparation {
  /** Winsor limits: the 0.5th and 99.5th percentile of the training rows. */
  readonly lo: Float64Array
  readonly hi: Float64Array
  /** Mean and population deviation of the winsorised training rows; the deviation of a constant feature is set to 1. */
  readonly mean: Float64Array
  readonly std: Float64Array
}

const TAIL = 0.005

/**
 * Measures winsor limits and scaler on the rows given, and on no other, so that a test block leaks nothing.
 * @param x all rows x d, row after row, no NaN
 * @param rows the training rows
 */
export function measure(x: Float64Array, d: number, rows: Int32Array): Preparation {
  const prepared = {
    lo: new Float64Array(d),
    hi: new Float64Array(d),
    mean: new Float64Array(d),
    std: new Float64Array(d),
  }
  const column = new Float64Array(rows.length)
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < rows.length; i++) column[i] = x[(rows[i] ?? 0) * d + j] ?? Number.NaN
    const { lo, hi } = tailQuantiles(column, TAIL)
    for (let i = 0; i < column.length; i++) column[i] = Math.min(Math.max(column[i] ?? Number.NaN, lo), hi)
    const { mean, std } = momentsOf(column)
    prepared.lo[j] = lo
    prepared.hi[j] = hi
    // Equal limits leave one value: its deviation is zero but for rounding, which must not be blown up.
    prepared.mean[j] = hi > lo ? mean : lo
    prepared.std[j] = hi > lo && std > 0 ? std : 1
  }
  return prepared
}

/** Those rows winsorised and standardised: rows.length x d, row after row. */
export function standardise(x: Float64Array, d: number, rows: Int32Array, by: Preparation): Float64Array {
  const z = new Float64Array(rows.length * d)
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] ?? 0) * d
    for (let j = 0; j < d; j++) {
      const clipped = Math.min(Math.max(x[from + j] ?? Number.NaN, by.lo[j] ?? 0), by.hi[j] ?? 0)
      z[i * d + j] = (clipped - (by.mean[j] ?? 0)) / (by.std[j] ?? 1)
    }
  }
  return z
}

function momentsOf(values: Float64Array): { mean: number; std: number } {
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, std: Math.sqrt(squares / values.length) }
}
