import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Column } from '../features/catalogue.ts'
import { columnOf, type FeatureTable } from '../features/row.ts'
import type { LabelSpec } from '../models/contract.ts'
import { outcomesIn } from './labels.ts'

/** From `fromMs` up to, but not including, `untilMs`. */
export interface TrainingWindow {
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
}

/** The rows that train: every feature is there that must be, and the label is known. Ascending in time. */
export interface TrainingSet {
  readonly tsMs: Float64Array
  /** rows x d, row after row. */
  readonly x: Float64Array
  /** Number of features. */
  readonly d: number
  /** 0 or 1 a row. */
  readonly y: Float64Array
  readonly rows: number
  /** Rows of the window that do not train. One that lacks both counts as missing features. */
  readonly dropped: { readonly missing_features: number; readonly unknown_label: number }
  /** Where each row stands in the table. */
  readonly indices: Int32Array
}

/**
 * The training rows of a window. A label counts as known only when the bar that settles it lies inside the window too, so
 * the set is the same whenever it is made.
 * @param mayLack features that a row may lack, as long as it has one of all
 * @throws RangeError when no feature is asked for, or the table has no such column
 */
export function trainingSet(
  table: FeatureTable,
  features: readonly Column[],
  label: LabelSpec,
  window: TrainingWindow,
  mayLack: readonly Column[] = [],
): TrainingSet {
  if (features.length === 0) throw new RangeError('a training set needs at least one feature')
  const columns = features.map((name) => columnOf(table, name))
  const optional = features.map((name) => mayLack.includes(name))
  const lacks = (row: number): boolean =>
    columns.some(
      (column, j) => !Number.isFinite(column[row]) && !(optional[j] === true && Number.isNaN(column[row])),
    ) || columns.every((column) => Number.isNaN(column[row]))
  const labels = outcomesIn(table, label)
  const kept: number[] = []
  let missing = 0
  let unknown = 0
  for (let i = 0; i < table.tsMs.length; i++) {
    const at = table.tsMs[i] ?? Number.NaN
    if (at < window.fromMs || at >= window.untilMs) continue
    const settled = at + label.horizonMin * MINUTE_MS < window.untilMs && !Number.isNaN(labels[i])
    if (lacks(i)) missing++
    else if (settled) kept.push(i)
    else unknown++
  }
  return {
    tsMs: pick(table.tsMs, kept),
    x: matrix(columns, kept),
    d: columns.length,
    y: pick(labels, kept),
    rows: kept.length,
    dropped: { missing_features: missing, unknown_label: unknown },
    indices: Int32Array.from(kept),
  }
}

/** The values at those places. */
export function pick(values: Float64Array, places: ArrayLike<number>): Float64Array {
  const picked = new Float64Array(places.length)
  for (let i = 0; i < places.length; i++) picked[i] = values[places[i] ?? -1] ?? Number.NaN
  return picked
}

function matrix(columns: readonly Float64Array[], rows: readonly number[]): Float64Array {
  const x = new Float64Array(rows.length * columns.length)
  rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      x[i * columns.length + j] = column[row] ?? Number.NaN
    })
  })
  return x
}
