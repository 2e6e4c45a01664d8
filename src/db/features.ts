import { and, asc, desc, eq, gte, lt, sql } from 'drizzle-orm'
import { COLUMNS, type Column } from '../engine/features/catalogue.ts'
import { emptyTable, type FeatureRow, type FeatureTable } from '../engine/features/row.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { featureRows, streamStates } from './schema-market.ts'

export interface FeatureRepo {
  insert(symbol: string, row: FeatureRow, wallMs: number): void
  /** Ascending, by column, `fromMs <= tsMs < untilMs`. */
  table(symbol: string, fromMs: UnixMs, untilMs: UnixMs): FeatureTable
  /** The same rows one by one, without holding them all. */
  each(symbol: string, fromMs: UnixMs, untilMs: UnixMs): IterableIterator<FeatureRow>
  times(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Float64Array
  newest(symbol: string): FeatureRow | null
  /** Missing values by column and the number of rows. */
  missing(symbol: string, fromMs: UnixMs, untilMs: UnixMs): { rows: number; missing: Record<string, number> }
  saveState(symbol: string, tsMs: UnixMs, state: string): void
  state(symbol: string): { tsMs: UnixMs; state: string } | null
}

export function featureRepo(db: Database): FeatureRepo {
  const { orm, raw } = db
  const place = sql.placeholder
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, place(name)]))
  const insert = orm
    .insert(featureRows)
    .values({ symbol: place('symbol'), tsMs: place('tsMs'), wallMs: place('wallMs'), ...columns })
    .prepare()
  const newest = orm
    .select()
    .from(featureRows)
    .where(eq(featureRows.symbol, place('symbol')))
    .orderBy(desc(featureRows.tsMs))
    .limit(1)
    .prepare()
  const times = orm
    .select({ tsMs: featureRows.tsMs })
    .from(featureRows)
    .where(
      and(
        eq(featureRows.symbol, place('symbol')),
        gte(featureRows.tsMs, place('from')),
        lt(featureRows.tsMs, place('until')),
      ),
    )
    .orderBy(asc(featureRows.tsMs))
    .prepare()
  // Whole windows are read as plain arrays: objects of twenty thousand rows cost four times as much.
  const range = 'WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ?'
  const scan = raw
    .prepare<[string, number, number]>(`SELECT ts_ms, ${COLUMNS.join(', ')} FROM feature_rows ${range} ORDER BY ts_ms`)
    .raw(true)
  const absent = raw.prepare<[string, number, number]>(
    `SELECT count(*) AS rows, ${COLUMNS.map((name) => `count(*) - count(${name}) AS ${name}`).join(', ')} FROM feature_rows ${range}`,
  )
  const saveState = orm
    .insert(streamStates)
    .values({ symbol: place('symbol'), tsMs: place('tsMs'), state: place('state') })
    .onConflictDoUpdate({ target: streamStates.symbol, set: { tsMs: sql`excluded.ts_ms`, state: sql`excluded.state` } })
    .prepare()
  const state = orm
    .select()
    .from(streamStates)
    .where(eq(streamStates.symbol, place('symbol')))
    .prepare()

  return {
    insert: (symbol, row, wallMs) => {
      const values: Record<string, unknown> = { symbol, tsMs: row.tsMs, wallMs }
      COLUMNS.forEach((name, i) => {
        values[name] = nullIfMissing(row.values[i])
      })
      insert.run(values)
    },
    table: (symbol, from, until) => {
      const rows = scan.all(symbol, from, until) as (number | null)[][]
      const table = emptyTable(rows.length)
      rows.forEach((row, i) => {
        table.tsMs[i] = row[0] ?? Number.NaN
        COLUMNS.forEach((name, c) => {
          table.columns[name][i] = row[c + 1] ?? Number.NaN
        })
      })
      return table
    },
    each: function* (symbol, from, until) {
      for (const row of scan.iterate(symbol, from, until) as IterableIterator<(number | null)[]>) {
        yield { tsMs: row[0] ?? Number.NaN, values: Float64Array.from(row.slice(1), (value) => value ?? Number.NaN) }
      }
    },
    times: (symbol, from, until) => Float64Array.from(times.all({ symbol, from, until }), (row) => row.tsMs),
    newest: (symbol) => {
      const row = newest.get({ symbol })
      return row === undefined ? null : { tsMs: row.tsMs, values: valuesOf(row) }
    },
    missing: (symbol, from, until) => {
      const { rows, ...missing } = absent.get(symbol, from, until) as { rows: number } & Record<string, number>
      return { rows, missing }
    },
    saveState: (symbol, tsMs, text) => {
      saveState.run({ symbol, tsMs, state: text })
    },
    state: (symbol) => state.get({ symbol }) ?? null,
  }
}

function nullIfMissing(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

function valuesOf(row: Record<Column, number | null>): Float64Array {
  return Float64Array.from(COLUMNS, (name) => row[name] ?? Number.NaN)
}
