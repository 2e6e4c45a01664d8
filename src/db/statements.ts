/** Statements that every repository has, made of the tables themselves: a new column needs no second list. */
import { and, eq, getTableColumns, gte, lt, type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from './connect.ts'

/** What becomes of a row whose key is there already. */
type OnConflict = 'fail' | 'keep' | 'replace'

/**
 * Writes whole rows, by a statement that is prepared once. Inside the caller's transaction.
 * @throws Error, a bug, outside a transaction; what SQLite refuses, the key itself included where `onConflict` is `fail`
 */
export function rowWriter<T extends SQLiteTable>(
  db: Database,
  table: T,
  onConflict: OnConflict,
): (row: T['$inferSelect']) => void {
  const { name, primaryKeys } = getTableConfig(table)
  const fields = Object.entries(getTableColumns(table))
  const columns = fields.map(([, column]) => column.name)
  const inKeys = primaryKeys.flatMap((key) => key.columns.map((column) => column.name))
  const keys = fields.flatMap(([, column]) => (column.primary || inKeys.includes(column.name) ? [column.name] : []))
  const others = columns.filter((column) => !keys.includes(column))
  const updates = others.map((column) => `${column} = excluded.${column}`).join(', ')
  const conflict = {
    fail: '',
    keep: 'ON CONFLICT DO NOTHING',
    replace: `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${updates}`,
  }
  const values = fields.map(([field]) => `@${field}`).join(', ')
  const statement = db.raw.prepare<[object]>(
    `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values}) ${conflict[onConflict]}`,
  )
  return (row) => {
    db.assertTransaction()
    statement.run(row)
  }
}

/** Deletes the rows of a table that a condition names. Inside the caller's transaction. @throws Error, a bug, outside one */
export function deleteRows(db: Database, table: SQLiteTable, where: SQL | undefined): void {
  db.assertTransaction()
  db.orm.delete(table).where(where).run()
}

/** `fromMs <= tsMs < untilMs` of one symbol, for a prepared statement: the places are `symbol`, `from` and `until`. */
export function inSpan({ symbol, tsMs }: SymbolAndMinute): SQL | undefined {
  return and(
    eq(symbol, sql.placeholder('symbol')),
    gte(tsMs, sql.placeholder('from')),
    lt(tsMs, sql.placeholder('until')),
  )
}

/** The row of one symbol and minute, for a prepared statement: the places are `symbol` and `tsMs`. */
export function atMinute({ symbol, tsMs }: SymbolAndMinute): SQL | undefined {
  return and(eq(symbol, sql.placeholder('symbol')), eq(tsMs, sql.placeholder('tsMs')))
}

interface SymbolAndMinute {
  readonly symbol: SQLiteColumn
  readonly tsMs: SQLiteColumn
}
