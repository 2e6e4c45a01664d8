import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'
import { BUILT_IN } from '../engine/features/built-in.ts'
import type { Catalogue } from '../engine/features/catalogue.ts'
import { columnOf, emptyTable, type FeatureRow, type FeatureTable } from '../engine/features/row.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { featureRows, streamStates } from './schema-market.ts'

/** Columns of the table, in its order. */
const STORED = BUILT_IN.map(([name]) => name)

export interface FeatureRepo {
  /** What rows of a symbol hold. */
  catalogueOf(symbol: string): Catalogue
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

export function featureRepo(db: Database, catalogueOf: (symbol: string) => Catalogue): FeatureRepo {
  const { orm, raw } = db
  const place = sql.placeholder
  const columns = Object.fromEntries(STORED.map((name) => [name, place(name)]))
  const insert = orm
    .insert(featureRows)
    .values({ symbol: place('symbol'), tsMs: place('tsMs'), wallMs: place('wallMs'), ...columns })
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
    .prepare<[string, number, number]>(`SELECT ts_ms, ${STORED.join(', ')} FROM feature_rows ${range} ORDER BY ts_ms`)
    .raw(true)
  const newest = raw
    .prepare<[string]>(
      `SELECT ts_ms, ${STORED.join(', ')} FROM feature_rows WHERE symbol = ? ORDER BY ts_ms DESC LIMIT 1`,
    )
    .raw(true)
  const absent = raw.prepare<[string, number, number]>(
    `SELECT count(*) AS rows, ${STORED.map((name) => `count(*) - count(${name}) AS ${name}`).join(', ')} FROM feature_rows ${range}`,
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
    catalogueOf,
    insert: (symbol, row, wallMs) => {
      const catalogue = catalogueOf(symbol)
      const values: Record<string, unknown> = { symbol, tsMs: row.tsMs, wallMs }
      for (const name of STORED) values[name] = nullIfMissing(row.values[catalogue.place(name)])
      insert.run(values)
    },
    table: (symbol, from, until) => {
      const rows = scan.all(symbol, from, until) as StoredRow[]
      const table = emptyTable(catalogueOf(symbol), rows.length)
      rows.forEach((row, i) => {
        table.tsMs[i] = row[0] ?? Number.NaN
      })
      STORED.forEach((name, c) => {
        const values = columnOf(table, name)
        rows.forEach((row, i) => {
          values[i] = row[c + 1] ?? Number.NaN
        })
      })
      return table
    },
    each: function* (symbol, from, until) {
      const toRow = rowReader(catalogueOf(symbol))
      for (const row of scan.iterate(symbol, from, until) as IterableIterator<StoredRow>) yield toRow(row)
    },
    times: (symbol, from, until) => Float64Array.from(times.all({ symbol, from, until }), (row) => row.tsMs),
    newest: (symbol) => {
      const row = newest.get(symbol) as StoredRow | undefined
      return row === undefined ? null : rowReader(catalogueOf(symbol))(row)
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

/** Its time and then the values of its columns, as SQLite gives them. */
type StoredRow = readonly (number | null)[]

function nullIfMissing(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

/** Makes rows of a catalogue of what the table holds: columns that it lacks are missing. */
function rowReader(catalogue: Catalogue): (row: StoredRow) => FeatureRow {
  const places = catalogue.places(STORED)
  return (row) => {
    const values = new Float64Array(catalogue.names.length).fill(Number.NaN)
    for (let c = 0; c < places.length; c++) values[places[c] ?? 0] = row[c + 1] ?? Number.NaN
    return { tsMs: row[0] ?? Number.NaN, values }
  }
}
