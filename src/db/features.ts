import { and, asc, desc, eq, gte, lt, sql } from 'drizzle-orm'
import { COLUMNS, type Column } from '../engine/features/catalogue.ts'
import { emptyTable, type FeatureRow, type FeatureTable } from '../engine/features/row.ts'
import type { StreamState } from '../engine/features/stream.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { featureRows, streamStates } from './schema-market.ts'
import { StreamShape } from './shapes-room.ts'
import { damagedRow, jsonColumn, rowCheck } from './stored.ts'

/** Rows of features, and what their stream knows. Reads throw an OperatorError where a row is not one. */
export interface FeatureRepo {
  /** Inside the caller's transaction. */
  insert(symbol: string, row: FeatureRow, wallMs: number): void
  /** Ascending, by column, `fromMs <= tsMs < untilMs`. */
  table(symbol: string, fromMs: UnixMs, untilMs: UnixMs): FeatureTable
  /** The same rows one by one, without holding them all. */
  each(symbol: string, fromMs: UnixMs, untilMs: UnixMs): IterableIterator<FeatureRow>
  times(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Float64Array
  newest(symbol: string): FeatureRow | null
  /** Missing values by column and the number of rows. */
  missing(symbol: string, fromMs: UnixMs, untilMs: UnixMs): { rows: number; missing: Record<string, number> }
  /** Inside the caller's transaction. */
  saveState(symbol: string, tsMs: UnixMs, state: StreamState): void
  state(symbol: string): StreamState | null
}

export function featureRepo(db: Database): FeatureRepo {
  const { orm, raw } = db
  const place = sql.placeholder
  const check = rowCheck(featureRows)
  const checkState = rowCheck(streamStates)
  const stored = jsonColumn(streamStates, 'state', StreamShape)
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
    .prepare<[string, number, number], readonly unknown[]>(
      `SELECT ts_ms, ${COLUMNS.join(', ')} FROM feature_rows ${range} ORDER BY ts_ms`,
    )
    .raw(true)
  const absent = raw.prepare<[string, number, number], { rows: number } & Record<string, number>>(
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
      db.assertTransaction()
      const values: Record<string, unknown> = { symbol, tsMs: row.tsMs, wallMs }
      COLUMNS.forEach((name, i) => {
        values[name] = nullIfMissing(row.values[i])
      })
      insert.run(values)
    },
    table: (symbol, from, until) => {
      const rows = scan.all(symbol, from, until)
      const table = emptyTable(rows.length)
      rows.forEach((row, i) => {
        table.tsMs[i] = valueAt(row, 0, symbol)
        COLUMNS.forEach((name, c) => {
          table.columns[name][i] = valueAt(row, c + 1, symbol)
        })
      })
      return table
    },
    each: function* (symbol, from, until) {
      for (const row of scan.iterate(symbol, from, until)) {
        const values = Float64Array.from(COLUMNS, (_, c) => valueAt(row, c + 1, symbol))
        yield { tsMs: valueAt(row, 0, symbol), values }
      }
    },
    times: (symbol, from, until) => Float64Array.from(times.all({ symbol, from, until }), (row) => row.tsMs),
    newest: (symbol) => {
      const row = newest.get({ symbol })
      return row === undefined ? null : { tsMs: check(row).tsMs, values: valuesOf(row) }
    },
    missing: (symbol, from, until) => {
      const { rows = 0, ...missing } = absent.get(symbol, from, until) ?? {}
      return { rows, missing }
    },
    saveState: (symbol, tsMs, streamed) => {
      db.assertTransaction()
      saveState.run({ symbol, tsMs, state: stored.text(streamed) })
    },
    state: (symbol) => {
      const row = state.get({ symbol })
      return row === undefined ? null : stored.value(checkState(row))
    },
  }
}

function nullIfMissing(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

/** A value of a row that is read by place: the time first, then the columns. Null is a missing value. */
function valueAt(row: readonly unknown[], place: number, symbol: string): number {
  const value = row[place]
  if (typeof value === 'number') return value
  if (value === null && place > 0) return Number.NaN
  const column = COLUMNS[place - 1] ?? 'ts_ms'
  throw damagedRow('feature_rows', `${symbol}/${String(row[0])}`, `its ${column} is not a number: ${String(value)}`)
}

function valuesOf(row: Record<Column, number | null>): Float64Array {
  return Float64Array.from(COLUMNS, (name) => row[name] ?? Number.NaN)
}
