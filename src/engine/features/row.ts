import type { UnixMs } from '../kernel/units.ts'
import { COLUMNS, COLUMN_INDEX, type Column } from './catalogue.ts'

/** What one bar yields: a value a column of the catalogue, NaN where it is missing. */
export interface FeatureRow {
  /** The bar's start. */
  readonly tsMs: UnixMs
  /** One number a column, in the catalogue's order; NaN is missing. */
  readonly values: Float64Array
}

/** Many rows by column, ascending in time: `columns[name][i]` belongs to `tsMs[i]`; NaN is missing. */
export interface FeatureTable {
  readonly tsMs: Float64Array
  readonly columns: Readonly<Record<Column, Float64Array>>
}

export function emptyTable(length: number): FeatureTable {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, new Float64Array(length).fill(Number.NaN)]))
  return { tsMs: new Float64Array(length), columns: columns as Record<Column, Float64Array> }
}

export function tableOf(rows: readonly FeatureRow[]): FeatureTable {
  const table = emptyTable(rows.length)
  rows.forEach((row, i) => {
    table.tsMs[i] = row.tsMs
    for (const name of COLUMNS) table.columns[name][i] = row.values[COLUMN_INDEX[name]] ?? Number.NaN
  })
  return table
}
