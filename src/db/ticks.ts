import { and, eq } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { tickFiles, ticks } from './schema-ticks.ts'
import { rowWriter } from './statements.ts'
import { rowCheck } from './stored.ts'

type TickRow = typeof ticks.$inferSelect
export type TickFileRow = typeof tickFiles.$inferSelect

/** Rows of one statement: beyond it little is gained. */
const BULK = 64

/** Ticks side by side, ascending by time and number. */
interface TickColumns {
  readonly tsMs: readonly number[]
  readonly seq: readonly number[]
  readonly price: readonly number[]
  readonly qty: readonly number[]
  readonly buyerMaker: readonly (0 | 1 | null)[]
}

interface StoredTick {
  readonly tsMs: UnixMs
  readonly price: number
  readonly qty: number
  readonly buyerMaker: boolean | null
}

/** Single trades of a market, found by time. */
export interface TickRepo {
  /** Those that are there already stay as they are. Inside the caller's transaction. @returns how many were new */
  insert(symbol: string, columns: TickColumns): number
  /** The first of `fromMs <= tsMs < untilMs`, by a seek; null without one. @throws OperatorError where the row is not one */
  first(symbol: string, fromMs: UnixMs, untilMs: UnixMs): StoredTick | null
  /** The time of the newest; null without one. */
  lastMs(symbol: string): UnixMs | null
  /** Inside the caller's transaction. @returns how many were removed, about `most`: those of one millisecond go together */
  prune(symbol: string, beforeMs: UnixMs, most: number): number
  file(symbol: string, sha256: string): TickFileRow | null
  /** Inside the caller's transaction. */
  putFile(row: TickFileRow): void
}

export function tickRepo(db: Database): TickRepo {
  const { orm, raw } = db
  const insertOf = (rows: number) =>
    raw.prepare(
      `INSERT OR IGNORE INTO ticks (symbol, ts_ms, seq, price, qty, buyer_maker) VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?, ?, ?)').join(', ')}`,
    )
  const [many, one] = [insertOf(BULK), insertOf(1)]
  const check = rowCheck(ticks)
  const first = raw.prepare<[string, number, number], TickRow>(
    'SELECT symbol, ts_ms AS tsMs, seq, price, qty, buyer_maker AS buyerMaker FROM ticks WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms, seq LIMIT 1',
  )
  const last = raw
    .prepare<[string], number>('SELECT ts_ms FROM ticks WHERE symbol = ? ORDER BY ts_ms DESC LIMIT 1')
    .pluck()
  const reached = raw
    .prepare<[string, number, number], number>(
      'SELECT ts_ms FROM ticks WHERE symbol = ? AND ts_ms < ? ORDER BY ts_ms LIMIT 1 OFFSET ?',
    )
    .pluck()
  const prune = raw.prepare<[string, number]>('DELETE FROM ticks WHERE symbol = ? AND ts_ms < ?')
  return {
    insert: (symbol, columns) => {
      db.assertTransaction()
      const count = columns.tsMs.length
      let added = 0
      let at = 0
      const bound = Array.from<unknown>({ length: BULK * 6 })
      const bind = (to: number, row: number): void => {
        bound[to] = symbol
        bound[to + 1] = columns.tsMs[row]
        bound[to + 2] = columns.seq[row]
        bound[to + 3] = columns.price[row]
        bound[to + 4] = columns.qty[row]
        bound[to + 5] = columns.buyerMaker[row]
      }
      for (; at + BULK <= count; at += BULK) {
        for (let i = 0; i < BULK; i++) bind(i * 6, at + i)
        added += many.run(bound).changes
      }
      for (; at < count; at++) {
        bind(0, at)
        added += one.run(bound.slice(0, 6)).changes
      }
      return added
    },
    first: (symbol, fromMs, untilMs) => {
      const row = first.get(symbol, fromMs, untilMs)
      if (row === undefined) return null
      const { tsMs, price, qty, buyerMaker: maker } = check(row)
      return { tsMs, price, qty, buyerMaker: maker === null ? null : maker === 1 }
    },
    lastMs: (symbol) => last.get(symbol) ?? null,
    prune: (symbol, beforeMs, most) => {
      db.assertTransaction()
      return prune.run(symbol, reached.get(symbol, beforeMs, most) ?? beforeMs).changes
    },
    file: (symbol, sha256) => {
      const row = orm
        .select()
        .from(tickFiles)
        .where(and(eq(tickFiles.symbol, symbol), eq(tickFiles.sha256, sha256)))
        .get()
      return row === undefined ? null : rowCheck(tickFiles)(row)
    },
    putFile: rowWriter(db, tickFiles, 'replace'),
  }
}
