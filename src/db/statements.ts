/** Statements that every repository has, made of the tables themselves: a new column needs no second list. */
import { and, eq, getTableColumns, gte, lt, type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Database } from './connect.ts'

/** Rows of one statement. Sixteen cost a third less each than one by one; more would gain little. */
const ROWS_A_STATEMENT = [16, 4, 1] as const

type Bound = string | number | bigint | Buffer | null

/** What becomes of a row whose key is there already. */
type OnConflict = 'fail' | 'keep' | 'replace'

/**
 * Writes whole rows, by a statement that is prepared with the first. Inside the caller's transaction.
 * @throws Error, a bug, outside a transaction; what SQLite refuses, the key itself included where `onConflict` is `fail`
 */
export function rowWriter<T extends SQLiteTable>(
  db: Database,
  table: T,
  onConflict: OnConflict,
): (row: T['$inferSelect']) => void {
  let writer: ReturnType<typeof makeWriter> | null = null
  return (row) => {
    db.assertTransaction()
    writer ??= makeWriter(db, table, onConflict)
    writer(row)
  }
}

function makeWriter(
  db: Database,
  table: SQLiteTable,
  onConflict: OnConflict,
): (row: Readonly<Record<string, unknown>>) => void {
  const columns = Object.values(getTableColumns(table))
  const inKeys = getTableConfig(table).primaryKeys.flatMap((key) => key.columns.map(({ name }) => name))
  const isKey = ({ name, primary }: { name: string; primary: boolean }): boolean => primary || inKeys.includes(name)
  const keys = columns.filter(isKey).map(({ name }) => name)
  const others = columns.filter((column) => !isKey(column))
  const updates = others.map(({ name }) => `${name} = excluded.${name}`).join(', ')
  const conflict = {
    fail: '',
    keep: 'ON CONFLICT DO NOTHING',
    replace: `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${updates}`,
  }
  const { into, fields } = insertInto(table)
  const places = fields.map(() => '?').join(', ')
  const statement = db.raw.prepare<[unknown[]]>(`${into} (${places}) ${conflict[onConflict]}`)
  const values = Array.from<unknown>({ length: fields.length }).fill(null)
  return (row) => {
    let place = 0
    for (const field of fields) {
      const value = row[field]
      // A field that a row has not is a bug, and would be stored as NULL.
      if (value === undefined) throw new Error(`a row lacks ${field}`)
      values[place++] = value
    }
    statement.run(values)
    // A row may hold megabytes of a model's file.
    values.fill(null)
  }
}

/**
 * Writes many rows of one table in as few statements as there may be, inside the caller's transaction. This is the path of
 * every answered prediction: values are bound by their place, since looking each up by its name costs as much as SQLite does.
 */
export function rowsWriter(
  db: Database,
  table: SQLiteTable,
): (rows: readonly Readonly<Record<string, Bound>>[]) => void {
  const { into, fields } = insertInto(table)
  const tuple = `(${fields.map(() => '?').join(', ')})`
  const statements = ROWS_A_STATEMENT.map((count) => ({
    count,
    run: db.raw.prepare<[Bound[]]>(`${into} ${Array.from({ length: count }, () => tuple).join(', ')}`),
    values: Array.from<Bound>({ length: count * fields.length }).fill(null),
  }))
  return (rows) => {
    db.assertTransaction()
    let done = 0
    for (const { count, run, values } of statements) {
      for (; rows.length - done >= count; done += count) {
        let place = 0
        for (let i = done; i < done + count; i++) {
          const row = rows[i]
          if (row !== undefined) for (const field of fields) values[place++] = row[field] ?? null
        }
        run.run(values)
      }
    }
  }
}

/** The beginning of an insert, and the fields of a row in the order of its columns. */
function insertInto(table: SQLiteTable): { readonly into: string; readonly fields: readonly string[] } {
  const columns = Object.entries(getTableColumns(table))
  const names = columns.map(([, column]) => column.name)
  return {
    into: `INSERT INTO ${getTableConfig(table).name} (${names.join(', ')}) VALUES`,
    fields: columns.map(([field]) => field),
  }
}

/** The columns by the names that a row has here. @param fields which; all of them unless given */
export function selected(table: SQLiteTable, fields?: readonly string[]): string {
  return Object.entries(getTableColumns(table))
    .filter(([field]) => fields?.includes(field) ?? true)
    .map(([field, column]) => `${column.name} AS ${field}`)
    .join(', ')
}

/**
 * Deletes the rows of a table that a condition names, and says how many. Inside the caller's transaction.
 * @throws Error, a bug, outside one
 */
export function deleteRows(db: Database, table: SQLiteTable, where: SQL | undefined): number {
  db.assertTransaction()
  return db.orm.delete(table).where(where).run().changes
}

/** The rows of one symbol, for a prepared statement: the place is `symbol`. */
export function ofSymbol({ symbol }: { readonly symbol: SQLiteColumn }): SQL {
  return eq(symbol, sql.placeholder('symbol'))
}

/** `fromMs <= tsMs < untilMs` of one symbol, for a prepared statement: the places are `symbol`, `from` and `until`. */
export function inSpan({ symbol, tsMs }: SymbolAndMinute): SQL | undefined {
  return and(ofSymbol({ symbol }), gte(tsMs, sql.placeholder('from')), lt(tsMs, sql.placeholder('until')))
}

/** The row of one symbol and minute, for a prepared statement: the places are `symbol` and `tsMs`. */
export function atMinute({ symbol, tsMs }: SymbolAndMinute): SQL | undefined {
  return and(ofSymbol({ symbol }), eq(tsMs, sql.placeholder('tsMs')))
}

interface SymbolAndMinute {
  readonly symbol: SQLiteColumn
  readonly tsMs: SQLiteColumn
}
