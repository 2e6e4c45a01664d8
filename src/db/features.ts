import { asc } from 'drizzle-orm'
import { BUILT_IN } from '../engine/features/built-in.ts'
import type { Catalogue, Column } from '../engine/features/catalogue.ts'
import { DayScores } from '../engine/features/day-scores.ts'
import { FrameColumns } from '../engine/features/frame-columns.ts'
import { OwnBackfill, type OwnValues } from '../engine/features/own-columns.ts'
import { columnOf, emptyTable, type FeatureRow, type FeatureTable, rowsFrom } from '../engine/features/row.ts'
import type { StreamState } from '../engine/features/stream.ts'
import type { LabelSpec } from '../engine/models/contract.ts'
import { DAY_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import type { FrameRepo } from './frame-rows.ts'
import type { OwnLabelRepo } from './own-labels.ts'
import { type OwnRepo, sealedInto } from './own-columns.ts'
import { featureRows, streamStates } from './schema-market.ts'
import { StreamShape } from './shapes-room.ts'
import { select } from './select.ts'
import { inSpan, ofSymbol, rowWriter } from './statements.ts'
import { damagedRow, jsonColumn, rowCheck } from './stored.ts'

/** Columns of the table, in its order. */
const STORED = BUILT_IN.map(([name]) => name)
type StoredColumn = (typeof STORED)[number]

function isStored(name: Column): name is StoredColumn {
  return STORED.some((stored) => stored === name)
}

/** Rows of features, and what their stream knows. Reads throw an OperatorError where a row is not one. */
export interface FeatureRepo {
  /** What rows of a symbol hold. */
  catalogueOf(symbol: string): Catalogue
  /** Inside the caller's transaction. */
  insert(symbol: string, row: FeatureRow, wallMs: number): void
  /**
   * Ascending, by column, `fromMs <= tsMs < untilMs`.
   * @param wanted columns of which those that are not stored are worked out
   */
  table(symbol: string, fromMs: UnixMs, untilMs: UnixMs, wanted?: readonly Column[]): FeatureTable
  /** The same, with what the user says came of each row where that is what is predicted. */
  labelled(symbol: string, fromMs: UnixMs, untilMs: UnixMs, wanted: readonly Column[], label: LabelSpec): FeatureTable
  /** The same rows one by one, without holding them all. */
  each(symbol: string, fromMs: UnixMs, untilMs: UnixMs, wanted?: readonly Column[]): IterableIterator<FeatureRow>
  /** The same rows with these columns alone, all others missing: for a long span read beside callers that wait. */
  eachOf(symbol: string, fromMs: UnixMs, untilMs: UnixMs, columns: readonly Column[]): IterableIterator<FeatureRow>
  /** The values of one column, ascending in time; NaN where it is missing. */
  values(symbol: string, name: Column, fromMs: UnixMs, untilMs: UnixMs): Float64Array
  times(symbol: string, fromMs: UnixMs, untilMs: UnixMs): Float64Array
  /** One column by minute; NaN where it is missing. */
  column(symbol: string, name: StoredColumn, fromMs: UnixMs, untilMs: UnixMs): ReadonlyMap<UnixMs, number>
  newest(symbol: string): FeatureRow | null
  /** Missing values by column and the number of rows. */
  missing(symbol: string, fromMs: UnixMs, untilMs: UnixMs): { rows: number; missing: Record<string, number> }
  /** Inside the caller's transaction. */
  saveState(symbol: string, tsMs: UnixMs, state: StreamState): void
  state(symbol: string): StreamState | null
}

/** What lies beside the rows. */
interface RowsBeside {
  readonly frames: Pick<FrameRepo, 'between'>
  readonly own: Pick<OwnRepo, 'between' | 'seal' | 'counts'>
  readonly labels: Pick<OwnLabelRepo, 'between'>
}

const TIMES = select((from) =>
  from.select({ tsMs: featureRows.tsMs }).from(featureRows).where(inSpan(featureRows)).orderBy(asc(featureRows.tsMs)),
)
const STATE = select((from) => from.select().from(streamStates).where(ofSymbol(streamStates)))

export function featureRepo(
  db: Database,
  catalogueOf: (symbol: string) => Catalogue,
  { frames, own, labels }: RowsBeside,
): FeatureRepo {
  const { raw } = db
  const checkState = rowCheck(streamStates)
  const stored = jsonColumn(streamStates, 'state', StreamShape)
  const insert = raw.prepare<[(string | number | null)[]]>(
    `INSERT INTO feature_rows (symbol, ts_ms, wall_ms, ${STORED.join(', ')}) VALUES (?, ?, ?${', ?'.repeat(STORED.length)})`,
  )
  const times = TIMES(db)
  // Rows are read as plain arrays: objects of twenty thousand cost four times as much.
  const range = 'WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ?'
  const scan = raw
    .prepare<[string, number, number], StoredRow>(
      `SELECT ts_ms, ${STORED.join(', ')} FROM feature_rows ${range} ORDER BY ts_ms`,
    )
    .raw(true)
  // Columns of a user's own lie beside the row, for those symbols that have any.
  const beside = `SELECT feature_rows.ts_ms, ${STORED.join(', ')}, own_rows.columns FROM feature_rows
    LEFT JOIN own_rows ON own_rows.symbol = feature_rows.symbol AND own_rows.ts_ms = feature_rows.ts_ms`
  const scanOwn = raw
    .prepare<[string, number, number], StoredRow>(
      `${beside} WHERE feature_rows.symbol = ? AND feature_rows.ts_ms >= ? AND feature_rows.ts_ms < ?
       ORDER BY feature_rows.ts_ms`,
    )
    .raw(true)
  const scanOf = (symbol: string): typeof scan => (catalogueOf(symbol).own.length === 0 ? scan : scanOwn)
  const columnScan = (names: readonly StoredColumn[]) =>
    raw
      .prepare<[string, number, number], StoredRow>(
        `SELECT ts_ms, ${names.join(', ')} FROM feature_rows ${range} ORDER BY ts_ms`,
      )
      .raw(true)
  const valueScan = (name: StoredColumn) =>
    raw.prepare<[string, number, number]>(`SELECT ${name} FROM feature_rows ${range} ORDER BY ts_ms`).pluck()
  // Whole at once, so that one statement of a column serves whoever asks; one that is gone through row by row is its reader's own.
  const ofColumn = new Map<StoredColumn, ReturnType<typeof columnScan>>()
  const readColumn = (name: StoredColumn, symbol: string, from: UnixMs, until: UnixMs): StoredRow[] => {
    const prepared = ofColumn.get(name) ?? columnScan([name])
    ofColumn.set(name, prepared)
    return prepared.all(symbol, from, until)
  }
  // Values alone are read in a quarter of the time of rows, and each start reads two weeks of every column.
  const ofValues = new Map<StoredColumn, ReturnType<typeof valueScan>>()
  const readValues = (name: StoredColumn, symbol: string, from: UnixMs, until: UnixMs): Float64Array => {
    const prepared = ofValues.get(name) ?? valueScan(name)
    ofValues.set(name, prepared)
    const stored = prepared.all(symbol, from, until)
    const values = new Float64Array(stored.length)
    for (let i = 0; i < stored.length; i++) {
      const value = stored[i]
      if (typeof value === 'number') values[i] = value
      else if (value === null) values[i] = Number.NaN
      // The row that cannot be used is named by reading it whole.
      else return Float64Array.from(readColumn(name, symbol, from, until), (row) => valueAt(row, 1, symbol, name))
    }
    return values
  }
  const newest = raw
    .prepare<[string], StoredRow>(`${beside} WHERE feature_rows.symbol = ? ORDER BY feature_rows.ts_ms DESC LIMIT 1`)
    .raw(true)
  const absent = raw.prepare<[string, number, number], { rows: number } & Record<string, number>>(
    `SELECT count(*) AS rows, ${STORED.map((name) => `count(*) - count(${name}) AS ${name}`).join(', ')} FROM feature_rows ${range}`,
  )
  const saveState = rowWriter(db, streamStates, 'replace')
  const state = STATE(db)

  const framesOf = (symbol: string, from: UnixMs, until: UnixMs, wanted: readonly Column[]): FrameColumns => {
    const joined = new FrameColumns(catalogueOf(symbol), wanted)
    joined.load((frameMin, fromMs, untilMs) => frames.between(symbol, frameMin, fromMs, untilMs), from, until)
    return joined
  }
  const backfillOf = (symbol: string, fromMs: UnixMs, untilMs: UnixMs, wanted: readonly Column[]): OwnBackfill => {
    const catalogue = catalogueOf(symbol)
    const read = (from: UnixMs, until: UnixMs): Iterator<OwnValues> =>
      own.between(symbol, from, until, catalogue.own.length)
    return new OwnBackfill(catalogue, wanted, read, { fromMs, untilMs })
  }
  const each = function* (
    symbol: string,
    from: UnixMs,
    until: UnixMs,
    wanted: readonly Column[] = [],
  ): IterableIterator<FeatureRow> {
    const scores = new DayScores(catalogueOf(symbol), wanted)
    const joined = framesOf(symbol, from, until, wanted)
    const backfill = backfillOf(symbol, from, until, wanted)
    const toRow = rowReader(symbol, catalogueOf(symbol))
    for (const stored of scanOf(symbol).iterate(symbol, scores.empty ? from : from - DAY_MS, until)) {
      const row = toRow(stored)
      if (row.tsMs < from) scores.remember(row)
      else {
        scores.complete(row)
        joined.complete(row)
        backfill.fill(row)
        yield row
      }
    }
  }
  const table: FeatureRepo['table'] = (symbol, from, until, wanted = []) => {
    const catalogue = catalogueOf(symbol)
    const scores = new DayScores(catalogue, wanted)
    const [times, stored] = columnsIn(
      scanOf(symbol).iterate(symbol, scores.empty ? from : from - DAY_MS, until),
      symbol,
      catalogue,
    )
    const names = catalogue.names.filter((name) => !catalogue.isDerived(name) || wanted.includes(name))
    const read = emptyTable(catalogue, times.length, names)
    read.tsMs.set(times)
    for (const [name, values] of stored) columnOf(read, name).set(values)
    scores.completeTable(read, from)
    const table = scores.empty ? read : rowsFrom(read, from)
    framesOf(symbol, from, until, wanted).completeTable(table)
    backfillOf(symbol, from, until, wanted).fillTable(table)
    return table
  }

  return {
    catalogueOf,
    insert: (symbol, row, wallMs) => {
      db.assertTransaction()
      const catalogue = catalogueOf(symbol)
      const values: (string | number | null)[] = [symbol, row.tsMs, wallMs]
      for (const name of STORED) values.push(nullIfMissing(row.values[catalogue.place(name)]))
      insert.run(values)
      const sealed = row.values.subarray(catalogue.firstOwn)
      if (sealed.some((value) => !Number.isNaN(value))) own.seal(symbol, { tsMs: row.tsMs, values: sealed }, wallMs)
    },
    table,
    labelled: (symbol, from, until, wanted, { kind, name = '' }) => {
      const read = table(symbol, from, until, wanted)
      if (kind !== 'pushed') return read
      const said = labels.between(symbol, name, from, until)
      return { ...read, outcomes: read.tsMs.map((tsMs) => said.get(tsMs) ?? Number.NaN) }
    },
    each,
    eachOf: function* (symbol, from, until, columns) {
      const names = columns.filter(isStored)
      // What is worked out needs columns that are not asked for.
      if (names.length < columns.length) return yield* each(symbol, from, until, columns)
      const catalogue = catalogueOf(symbol)
      const places = catalogue.places(names)
      for (const row of columnScan(names).iterate(symbol, from, until)) {
        const values = new Float64Array(catalogue.names.length).fill(Number.NaN)
        names.forEach((name, c) => {
          values[places[c] ?? 0] = valueAt(row, c + 1, symbol, name)
        })
        yield { tsMs: valueAt(row, 0, symbol), values }
      }
    },
    values: (symbol, name, from, until) =>
      isStored(name) ? readValues(name, symbol, from, until) : columnOf(table(symbol, from, until, [name]), name),
    times: (symbol, from, until) => Float64Array.from(times.all({ symbol, from, until }), (row) => row.tsMs),
    column: (symbol, name, from, until) => {
      const rows = readColumn(name, symbol, from, until)
      return new Map(rows.map((row) => [valueAt(row, 0, symbol), valueAt(row, 1, symbol, name)]))
    },
    newest: (symbol) => {
      const row = newest.get(symbol)
      return row === undefined ? null : rowReader(symbol, catalogueOf(symbol))(row)
    },
    missing: (symbol, from, until) => {
      const { rows = 0, ...missing } = absent.get(symbol, from, until) ?? {}
      const there = own.counts(symbol, from, until, catalogueOf(symbol).own.length)
      const ownMissing = catalogueOf(symbol).own.map(({ name }, i) => [name, rows - (there[i] ?? 0)] as const)
      return { rows, missing: { ...missing, ...Object.fromEntries(ownMissing) } }
    },
    saveState: (symbol, tsMs, streamed) => saveState({ symbol, tsMs, state: stored.text(streamed) }),
    state: (symbol) => {
      const row = state.get({ symbol })
      return row === undefined ? null : stored.value(checkState(row))
    },
  }
}

/** Its time, then the values of its columns, and where there are any what it had in a user's own, as SQLite gives them. */
type StoredRow = readonly unknown[]

/** The times of rows, and their values by column. One row is forgotten before the next: all at once, as arrays, cost twice as much. */
function columnsIn(rows: Iterable<StoredRow>, symbol: string, { own }: Catalogue): [number[], [Column, number[]][]] {
  const times: number[] = []
  const builtIn = STORED.map((name): [Column, number[]] => [name, []])
  const owned = own.map(({ name }): [Column, number[]] => [name, []])
  const sealed = new Float64Array(own.length)
  for (const row of rows) {
    const tsMs = valueAt(row, 0, symbol)
    times.push(tsMs)
    let place = 1
    for (const [, values] of builtIn) values.push(valueAt(row, place++, symbol))
    if (owned.length === 0) continue
    sealed.fill(Number.NaN)
    sealedInto(sealed, 0, row[place], `${symbol}/${tsMs}`)
    owned.forEach(([, values], i) => values.push(sealed[i] ?? Number.NaN))
  }
  return [times, [...builtIn, ...owned]]
}

function nullIfMissing(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}

/** Makes rows of a catalogue of what the table holds: columns that it lacks are missing. */
function rowReader(symbol: string, catalogue: Catalogue): (row: StoredRow) => FeatureRow {
  const places = catalogue.places(STORED)
  return (row) => {
    const values = new Float64Array(catalogue.names.length).fill(Number.NaN)
    for (let c = 0; c < places.length; c++) values[places[c] ?? 0] = valueAt(row, c + 1, symbol)
    const tsMs = valueAt(row, 0, symbol)
    sealedInto(values, catalogue.firstOwn, row[STORED.length + 1], `${symbol}/${tsMs}`)
    return { tsMs, values }
  }
}

/** A value of a row that is read by place: the time first, then the columns. Null is a missing value. */
function valueAt(row: StoredRow, place: number, symbol: string, name = STORED[place - 1] ?? 'ts_ms'): number {
  const value = row[place]
  if (typeof value === 'number') return value
  if (value === null && place > 0) return Number.NaN
  throw damagedRow('feature_rows', `${symbol}/${String(row[0])}`, `its ${name} is not a number: ${String(value)}`)
}
