/** Hashes over the rows of a day, so that a day whose rows were changed, removed or added to can be told from one that was not. */
import { createHash, type Hash } from 'node:crypto'
import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { idPrefix } from './predictions.ts'
import * as market from './schema-market.ts'
import * as own from './schema-own.ts'
import * as record from './schema-record.ts'

/** What the rows of one table over one span come to. */
export interface RowDigest {
  readonly rows: number
  readonly sha256: string
}

/** A table whose rows are written once and stay as they are. */
export interface DigestedTable {
  readonly name: string
  /** Every column but the machine's times, which no two runs of the same bars share. */
  readonly columns: readonly string[]
  /** Whether retention deletes its rows after a time. */
  readonly raw: boolean
}

export interface RowDigestRepo {
  readonly tables: readonly DigestedTable[]
  /**
   * Of a symbol's rows with `fromMs <= ts_ms < untilMs`, in the order of their keys.
   * @param columns as they were when the digest was made that this one is compared with
   */
  digest(table: string, columns: readonly string[], span: RowSpan): RowDigest
  /** The first row of a symbol in any of the tables at or after a moment; null when there is none. */
  firstFrom(symbol: string, fromMs: UnixMs): UnixMs | null
  /** How many rows a table has in a span. */
  count(table: string, span: RowSpan): number
  /** Whether a table has more than so many rows in a span. */
  exceeds(table: string, span: RowSpan, rows: number): boolean
  /** Every symbol that has a row in a table. */
  symbols(table: string): readonly string[]
}

export interface RowSpan {
  readonly symbol: string
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
}

/** With the column that the rows of a span are found by. An id begins with the time of its row. */
const TABLES: readonly (readonly [table: SQLiteTable, by: 'ts_ms' | 'id', raw?: true])[] = [
  [market.bars, 'ts_ms'],
  [market.featureRows, 'ts_ms'],
  [own.frameRows, 'ts_ms'],
  [own.ownRows, 'ts_ms'],
  [market.predictions, 'id', true],
  [market.comparisons, 'id', true],
  [market.scores, 'ts_ms'],
  [market.outcomes, 'ts_ms'],
  [market.psiSnapshots, 'ts_ms'],
  [market.driftChecks, 'ts_ms', true],
  [market.calibrations, 'ts_ms'],
  [market.ensembleWeights, 'ts_ms'],
  [record.gateLog, 'ts_ms'],
  [record.alertChanges, 'ts_ms'],
  [record.events, 'ts_ms'],
  [record.canaryEvents, 'ts_ms'],
]

interface Place {
  readonly by: 'ts_ms' | 'id'
  readonly where: string
  readonly order: string
}

export function rowDigestRepo({ raw: connection }: Database): RowDigestRepo {
  const places = new Map<string, Place>()
  const tables = TABLES.map(([table, by, raw = false]): DigestedTable => {
    const { name, primaryKeys } = getTableConfig(table)
    const columns = Object.values(getTableColumns(table)).map((column) => column.name)
    const key = primaryKeys.flatMap((found) => found.columns.map((column) => column.name))
    const order = key.length === 0 ? 'id' : key.join(', ')
    places.set(name, { by, where: `symbol = ? AND ${by} >= ? AND ${by} < ?`, order })
    return { name, columns: columns.filter((column) => !column.endsWith('wall_ms')), raw }
  })
  const placeOf = (table: string): Place => {
    const place = places.get(table)
    if (place === undefined) throw new RangeError(`the rows of ${table} are not digested`)
    return place
  }
  const prepared = new Map<string, ReturnType<typeof connection.prepare<unknown[], unknown[]>>>()
  // What is asked for again with each day is prepared once.
  const rowsOf = (sql: string) => {
    let statement = prepared.get(sql)
    if (statement === undefined) {
      statement = connection.prepare<unknown[], unknown[]>(sql).raw(true)
      prepared.set(sql, statement)
    }
    return statement
  }
  const bounds = (table: string, { symbol, fromMs, untilMs }: RowSpan): unknown[] =>
    placeOf(table).by === 'id' ? [symbol, idFrom(fromMs), idFrom(untilMs)] : [symbol, fromMs, untilMs]
  return {
    tables,
    digest: (table, columns, span) => {
      const { where, order } = placeOf(table)
      const list = columns.map((column) => `"${column}"`).join(', ')
      const sql = `SELECT ${list} FROM ${table} WHERE ${where} ORDER BY ${order}`
      const hash = new RowHash(columns.length)
      for (const row of rowsOf(sql).iterate(...bounds(table, span))) hash.add(row)
      return hash.digest()
    },
    firstFrom: (symbol, fromMs) => {
      const firsts = tables.flatMap(({ name }) => {
        const { by } = placeOf(name)
        const sql = `SELECT min(ts_ms) FROM (SELECT ts_ms FROM ${name} WHERE symbol = ? AND ${by} >= ? ORDER BY ${by} LIMIT 1)`
        const [first] = rowsOf(sql).get(symbol, by === 'id' ? idFrom(fromMs) : fromMs) ?? []
        return typeof first === 'number' ? [first] : []
      })
      return firsts.length === 0 ? null : Math.min(...firsts)
    },
    count: (table, span) => {
      const [rows] =
        rowsOf(`SELECT count(*) FROM ${table} WHERE ${placeOf(table).where}`).get(...bounds(table, span)) ?? []
      return Number(rows ?? 0)
    },
    exceeds: (table, span, rows) => {
      const sql = `SELECT 1 FROM ${table} WHERE ${placeOf(table).where} LIMIT 1 OFFSET ?`
      return rowsOf(sql).get(...bounds(table, span), rows) !== undefined
    },
    symbols: (table) => {
      const next = rowsOf(`SELECT min(symbol) FROM ${table} WHERE symbol > ?`)
      const symbols: string[] = []
      // From one to the next: a table of millions of rows is not gone through.
      let [symbol] = rowsOf(`SELECT min(symbol) FROM ${table}`).get() ?? []
      while (typeof symbol === 'string') {
        symbols.push(symbol)
        ;[symbol] = next.get(symbol) ?? []
      }
      return symbols
    },
  }
}

/** The first id that a row of a moment can have. @param ms bounded to what an id can hold */
function idFrom(ms: UnixMs): string {
  if (ms === Number.POSITIVE_INFINITY) return '~'
  return ms <= 0 ? '' : idPrefix(ms)
}

const BLOCK_ROWS = 256

/**
 * Hashes rows in blocks: of each row which of its values are numbers, texts, bytes or null; its numbers, eight bytes each; the
 * lengths of its texts; then all texts of the block. Two lists of rows give the same bytes only when they are the same.
 */
class RowHash {
  private readonly hash: Hash = createHash('sha256')
  private readonly numbers: Float64Array
  private texts = ''
  private length = 0
  private rows = 0

  constructor(columns: number) {
    // At most a shape for every eight columns, and a number for each.
    this.numbers = new Float64Array(BLOCK_ROWS * (columns + Math.ceil(columns / 8)))
  }

  add(row: readonly unknown[]): void {
    const { numbers } = this
    let { length } = this
    for (let start = 0; start < row.length; start += 8) {
      let shape = 0
      const at = length++
      const end = Math.min(start + 8, row.length)
      for (let i = start; i < end; i++) {
        const value = row[i]
        shape *= 4
        if (typeof value === 'number') numbers[length++] = value
        else if (value === null) shape += 1
        else {
          const text = typeof value === 'string' ? value : bytesOf(value)
          shape += typeof value === 'string' ? 2 : 3
          numbers[length++] = text.length
          this.texts += text
        }
      }
      numbers[at] = shape
    }
    this.length = length
    if (++this.rows % BLOCK_ROWS === 0) this.flush()
  }

  digest(): RowDigest {
    this.flush()
    return { rows: this.rows, sha256: this.hash.digest('hex') }
  }

  private flush(): void {
    this.hash.update(new Uint8Array(this.numbers.buffer, 0, this.length * Float64Array.BYTES_PER_ELEMENT))
    this.hash.update(this.texts)
    this.length = 0
    this.texts = ''
  }
}

function bytesOf(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value)
}
