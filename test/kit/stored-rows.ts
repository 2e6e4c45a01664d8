/** Rows of features that stand in the database without the bars that they would be made of. */
import type { Column } from '../../src/engine/features/catalogue.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { MINUTE } from './moments.ts'

export interface KnownRow {
  readonly tsMs: number
  /** Everything else of the row is missing. */
  readonly values: Partial<Record<Column, number>>
}

export function storeRows(desk: Desk, rows: readonly KnownRow[]): void {
  const { catalogue } = desk
  desk.transaction(() => {
    for (const { tsMs, values } of rows) {
      const row = Float64Array.from(catalogue.names, (name) => values[name] ?? Number.NaN)
      desk.parts.store.features.insert(desk.symbol, { tsMs, values: row }, 0)
    }
  })
}

/** What numbered rows have: other rows of a desk that has just begun lack the second. */
export const NUMBERED: readonly Column[] = ['mid', 'rsi14']

/** As many rows as that, the last of them two minutes before `untilMs`; the `mid` of each is its number, from 1. */
export function numberedRows(n: number, untilMs: number): KnownRow[] {
  return Array.from({ length: n }, (_, i) => ({
    tsMs: untilMs - (n + 1 - i) * MINUTE,
    values: { mid: i + 1, rsi14: 50 },
  }))
}
