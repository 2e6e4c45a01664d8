import { asc } from 'drizzle-orm'
import * as z from 'zod'
import type { FeatureSet } from '../engine/features/catalogue.ts'
import type { OwnColumn } from '../engine/features/own-column.ts'
import type { OwnValues } from '../engine/features/own-columns.ts'
import { bytesOfDoubles } from '../engine/kernel/doubles.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { ownColumns, ownRows, ownSets, ownValues } from './schema-own.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { damagedRow, jsonColumn, rowCheck } from './stored.ts'

const PAGE = 1_000
const DOUBLE = 8
const PAIR = 2 + DOUBLE

/** What became of values that were brought in. */
interface OwnAdded {
  readonly added: number
  /** There already, the same. */
  readonly known: number
  /** There already, otherwise: the first one stays. By place of the column. */
  readonly different: readonly number[]
}

/** Columns and feature sets of a user's own, and the values that came for them. Reads throw an OperatorError where a row is not one. */
export interface OwnRepo {
  /** Those that have columns. */
  symbols(): string[]
  /** In the order in which they were declared. */
  columns(symbol: string): OwnColumn[]
  sets(symbol: string): FeatureSet[]
  /** Inside the caller's transaction. @param place from 0 on, after those that are there */
  declare(symbol: string, place: number, column: OwnColumn, wallMs: number): void
  /** Inside the caller's transaction. */
  declareSet(symbol: string, set: FeatureSet, wallMs: number): void
  /** Keeps what became known at a moment beside what is there; inside the caller's transaction. */
  put(symbol: string, known: OwnValues, wallMs: number): OwnAdded
  /** What became known in [fromMs, untilMs), ascending. @param columns how many the symbol has */
  between(symbol: string, fromMs: UnixMs, untilMs: UnixMs, columns: number): IterableIterator<OwnValues>
  /** The same from the newest back. */
  back(symbol: string, fromMs: UnixMs, untilMs: UnixMs, columns: number): IterableIterator<OwnValues>
  /** How many moments have a value, and the newest; for people. */
  extent(symbol: string): { readonly moments: number; readonly newestMs: UnixMs | null }
  /** In how many rows of [fromMs, untilMs) each column had a value when they were scored, by its place. */
  counts(symbol: string, fromMs: UnixMs, untilMs: UnixMs, columns: number): number[]
  /** What a row was scored with; inside the caller's transaction. */
  seal(symbol: string, row: OwnValues, wallMs: number): void
}

interface StoredValues {
  readonly ts_ms: number
  readonly pairs: unknown
}

const COLUMNS = select((from) =>
  from.select().from(ownColumns).where(ofSymbol(ownColumns)).orderBy(asc(ownColumns.place)),
)
const SETS = select((from) => from.select().from(ownSets).where(ofSymbol(ownSets)).orderBy(asc(ownSets.name)))

export function ownRepo(db: Database): OwnRepo {
  const { orm, raw } = db
  const writeColumn = rowWriter(db, ownColumns, 'fail')
  const writeSet = rowWriter(db, ownSets, 'fail')
  const writeValues = rowWriter(db, ownValues, 'replace')
  const writeRow = rowWriter(db, ownRows, 'fail')
  const checkColumn = rowCheck(ownColumns)
  const checkSet = rowCheck(ownSets)
  const names = z.array(z.string())
  const [model, drift] = [jsonColumn(ownSets, 'model', names), jsonColumn(ownSets, 'drift', names)]
  const columns = COLUMNS(db)
  const sets = SETS(db)
  const at = raw.prepare<[string, number], StoredValues>(
    'SELECT ts_ms, pairs FROM own_values WHERE symbol = ? AND ts_ms = ?',
  )
  const range = 'SELECT ts_ms, pairs FROM own_values WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms'
  const ascending = raw.prepare<[string, number, number, number], StoredValues>(`${range} LIMIT ?`)
  const descending = raw.prepare<[string, number, number, number], StoredValues>(`${range} DESC LIMIT ?`)
  const extent = raw.prepare<[string], { moments: number; newestMs: number | null }>(
    'SELECT count(*) AS moments, max(ts_ms) AS newestMs FROM own_values WHERE symbol = ?',
  )
  const sealed = raw
    .prepare<[string, number, number]>('SELECT columns FROM own_rows WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ?')
    .pluck(true)
  /** Of a moment of which nothing is stored. @returns how many values it had */
  const putFirst = (symbol: string, tsMs: UnixMs, values: Float64Array, wallMs: number): number => {
    const places: number[] = []
    for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i] ?? Number.NaN)) places.push(i)
    if (places.length > 0) writeValues({ symbol, tsMs, pairs: packed(places, values), wallMs })
    return places.length
  }
  const valuesOf = (symbol: string, { ts_ms: tsMs, pairs }: StoredValues, count: number): OwnValues => {
    const values = new Float64Array(count).fill(Number.NaN)
    unpack(bufferOf(pairs, symbol, tsMs), values)
    return { tsMs, values }
  }
  // A page at a time: a statement that is left half way would keep the connection from everything else.
  const between = function* (symbol: string, fromMs: UnixMs, untilMs: UnixMs, count: number) {
    for (let from = fromMs; ; ) {
      const page = ascending.all(symbol, from, untilMs, PAGE)
      for (const row of page) yield valuesOf(symbol, row, count)
      if (page.length < PAGE) return
      from = (page.at(-1)?.ts_ms ?? untilMs) + 1
    }
  }
  const back = function* (symbol: string, fromMs: UnixMs, untilMs: UnixMs, count: number) {
    for (let until = untilMs; ; ) {
      const page = descending.all(symbol, fromMs, until, PAGE)
      for (const row of page) yield valuesOf(symbol, row, count)
      if (page.length < PAGE) return
      until = page.at(-1)?.ts_ms ?? fromMs
    }
  }
  return {
    symbols: () =>
      orm
        .selectDistinct({ symbol: ownColumns.symbol })
        .from(ownColumns)
        .all()
        .map(({ symbol }) => symbol),
    columns: (symbol) =>
      columns.all({ symbol }).map((row) => {
        const { name, maxAgeMs, unit, about } = checkColumn(row)
        return { name, maxAgeMs, unit, about }
      }),
    sets: (symbol) =>
      sets.all({ symbol }).map((row) => {
        checkSet(row)
        return { name: row.name, model: model.value(row), drift: drift.value(row) }
      }),
    declare: (symbol, at_, column, wallMs) => writeColumn({ symbol, place: at_, ...column, wallMs }),
    declareSet: (symbol, set, wallMs) =>
      writeSet({
        symbol,
        name: set.name,
        model: model.text([...set.model]),
        drift: drift.text([...set.drift]),
        wallMs,
      }),
    put: (symbol, { tsMs, values }, wallMs) => {
      db.assertTransaction()
      const row = at.get(symbol, tsMs)
      if (row === undefined) return { added: putFirst(symbol, tsMs, values, wallMs), known: 0, different: [] }
      const stored = bufferOf(row.pairs, symbol, tsMs)
      const there = new Float64Array(values.length).fill(Number.NaN)
      unpack(stored, there)
      const fresh: number[] = []
      const different: number[] = []
      let known = 0
      values.forEach((value, i) => {
        if (Number.isNaN(value)) return
        const before = there[i] ?? Number.NaN
        if (Number.isNaN(before)) fresh.push(i)
        else if (before === value) known++
        else different.push(i)
      })
      if (fresh.length > 0) writeValues({ symbol, tsMs, pairs: Buffer.concat([stored, packed(fresh, values)]), wallMs })
      return { added: fresh.length, known, different }
    },
    between,
    back,
    extent: (symbol) => extent.get(symbol) ?? { moments: 0, newestMs: null },
    counts: (symbol, fromMs, untilMs, count) => {
      const counts = Array.from({ length: count }, () => 0)
      if (count === 0) return counts
      const values = new Float64Array(count)
      for (const row of sealed.iterate(symbol, fromMs, untilMs)) {
        values.fill(Number.NaN)
        sealedInto(values, 0, row, symbol)
        for (let i = 0; i < count; i++) if (!Number.isNaN(values[i] ?? Number.NaN)) counts[i] = (counts[i] ?? 0) + 1
      }
      return counts
    },
    seal: (symbol, { tsMs, values }, wallMs) => writeRow({ symbol, tsMs, columns: bytesOfDoubles(values), wallMs }),
  }
}

function packed(places: readonly number[], values: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(places.length * PAIR)
  places.forEach((place, i) => {
    bytes.writeUInt16LE(place, i * PAIR)
    bytes.writeDoubleLE(values[place] ?? Number.NaN, i * PAIR + 2)
  })
  return bytes
}

function unpack(pairs: Buffer, into: Float64Array): void {
  for (let at = 0; at < pairs.length; at += PAIR) {
    const place = pairs.readUInt16LE(at)
    if (place < into.length) into[place] = pairs.readDoubleLE(at + 2)
  }
}

function bufferOf(pairs: unknown, symbol: string, tsMs: number): Buffer {
  if (Buffer.isBuffer(pairs) && pairs.length % PAIR === 0) return pairs
  throw damagedRow('own_values', `${symbol}/${tsMs}`, `its pairs are not whole numbers of ${PAIR} bytes`)
}

/** Writes what a row was scored with into its values; columns that were declared later are missing in it. */
export function sealedInto(values: Float64Array, first: number, columns: unknown, key: string): void {
  if (columns === null || columns === undefined) return
  if (!Buffer.isBuffer(columns) || columns.length % DOUBLE !== 0)
    throw damagedRow('own_rows', key, 'its columns are not whole numbers of eight bytes')
  const count = Math.min(values.length - first, columns.length / DOUBLE)
  for (let i = 0; i < count; i++) values[first + i] = columns.readDoubleLE(i * DOUBLE)
}
