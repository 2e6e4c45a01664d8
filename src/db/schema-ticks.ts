/** Single trades of a market. The table is WITHOUT ROWID, which drizzle cannot say and the migration does. */
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

export const ticks = sqliteTable(
  'ticks',
  {
    symbol: text('symbol').notNull(),
    tsMs: integer('ts_ms').notNull(),
    /** Counts the trades of one millisecond, in the order of their file. */
    seq: integer('seq').notNull(),
    price: real('price').notNull(),
    qty: real('qty').notNull(),
    /** 1 where the buyer's order was in the book; null where it is not said. */
    buyerMaker: integer('buyer_maker'),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs, t.seq] })],
)

/** How far each file was taken in. */
export const tickFiles = sqliteTable(
  'tick_files',
  {
    symbol: text('symbol').notNull(),
    sha256: text('sha256').notNull(),
    /** The last line that was taken in. */
    line: integer('line').notNull(),
    rows: integer('rows').notNull(),
    /** 1 once it was read to its end. */
    done: integer('done').notNull(),
    wallMs: integer('wall_ms').notNull(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.sha256] })],
)
