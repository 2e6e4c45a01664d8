import { builtInCatalogue, type Column } from '../../src/engine/features/catalogue.ts'
import { columnOf, emptyTable, type FeatureRow, type FeatureTable } from '../../src/engine/features/row.ts'

/** Rows by column, as the database gives them. */
export function tableOf(rows: readonly FeatureRow[], catalogue = builtInCatalogue): FeatureTable {
  const table = emptyTable(catalogue, rows.length)
  rows.forEach((row, i) => {
    table.tsMs[i] = row.tsMs
    for (const [name, place] of catalogue.index) columnOf(table, name)[i] = row.values[place] ?? Number.NaN
  })
  return table
}

/** One row of a table, as the stream made it. */
export function valuesAt(table: FeatureTable, i: number): Float64Array {
  return Float64Array.from(table.catalogue.names, (name) => columnOf(table, name)[i] ?? Number.NaN)
}

/** The values of a row by name; what is not named is missing. */
export function valuesOf(given: Readonly<Partial<Record<Column, number>>>): Float64Array {
  return Float64Array.from(builtInCatalogue.names, (name) => given[name] ?? Number.NaN)
}
