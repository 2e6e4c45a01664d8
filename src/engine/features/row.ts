import type { UnixMs } from '../kernel/units.ts'
import type { Catalogue, Column } from './catalogue.ts'

/** What one bar yields: a value a column of the symbol's catalogue, NaN where it is missing. */
export interface FeatureRow {
  /** The bar's start. */
  readonly tsMs: UnixMs
  /** One number a column, in the catalogue's order; NaN is missing. */
  readonly values: Float64Array
}

/** Many rows by column, ascending in time: `columns[name][i]` belongs to `tsMs[i]`; NaN is missing. */
export interface FeatureTable {
  readonly catalogue: Catalogue
  readonly tsMs: Float64Array
  /** One entry a column: those that rows are stored with, and those of the others that were asked for. */
  readonly columns: Readonly<Record<Column, Float64Array>>
  /** What a user says came of each row, 0 or 1, NaN where nothing is known; left out where they say nothing. */
  readonly outcomes?: Float64Array | undefined
}

/** @param names the columns that it is to have; left out, all of the catalogue */
export function emptyTable(catalogue: Catalogue, length: number, names = catalogue.names): FeatureTable {
  const columns = names.map((name) => [name, new Float64Array(length).fill(Number.NaN)] as const)
  return { catalogue, tsMs: new Float64Array(length), columns: Object.fromEntries(columns) }
}

/** All values of one column. @throws RangeError when the table has no such column */
export function columnOf({ columns }: FeatureTable, name: Column): Float64Array {
  const values = columns[name]
  if (values === undefined) throw new RangeError(`there is no column ${name}`)
  return values
}

/** The rows of a table from that moment on, over the same values. */
export function rowsFrom({ catalogue, tsMs, columns }: FeatureTable, fromMs: UnixMs): FeatureTable {
  const first = tsMs.findIndex((at) => at >= fromMs)
  const from = first < 0 ? tsMs.length : first
  const later = Object.entries(columns).map(([name, values]) => [name, values.subarray(from)] as const)
  return { catalogue, tsMs: tsMs.subarray(from), columns: Object.fromEntries(later) }
}
