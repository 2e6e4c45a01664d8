import { asc, eq, max } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { droppedBars, feeds } from './schema-market.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { rowCheck } from './stored.ts'

export type FeedRow = typeof feeds.$inferSelect
type DroppedBarRow = typeof droppedBars.$inferSelect

const MAX_NAMED_DROPS = 1_000

/** Where feeds stand, and which bars were dropped. Reads throw an OperatorError where a row is not one. */
export interface FeedRepo {
  get(symbol: string): FeedRow | null
  all(): FeedRow[]
  /** Inside the caller's transaction. */
  put(row: FeedRow): void
  /** Names a dropped bar; past the first thousand only the counts go on. Inside the caller's transaction. */
  nameDrop(
    symbol: string,
    drop: { tsMs: number | null; line: number | null; fault: string; text: string },
    wallMs: number,
  ): void
  dropped(symbol: string): DroppedBarRow[]
}

const ONE = select((from) => from.select().from(feeds).where(ofSymbol(feeds)))
const ALL = select((from) => from.select().from(feeds).orderBy(asc(feeds.symbol)))
const LAST_DROP = select((from) =>
  from
    .select({ seq: max(droppedBars.seq) })
    .from(droppedBars)
    .where(ofSymbol(droppedBars)),
)

export function feedRepo(db: Database): FeedRepo {
  const { orm } = db
  const one = ONE(db)
  const all = ALL(db)
  const lastDrop = LAST_DROP(db)
  const check = rowCheck(feeds)
  const checkDrop = rowCheck(droppedBars)
  return {
    get: (symbol) => {
      const row = one.get({ symbol })
      return row === undefined ? null : check(row)
    },
    all: () => all.all().map(check),
    put: rowWriter(db, feeds, 'replace'),
    nameDrop: (symbol, drop, wallMs) => {
      db.assertTransaction()
      const last = lastDrop.get({ symbol })?.seq ?? 0
      if (last < MAX_NAMED_DROPS)
        orm
          .insert(droppedBars)
          .values({ symbol, seq: last + 1, ...drop, wallMs })
          .run()
    },
    dropped: (symbol) =>
      orm
        .select()
        .from(droppedBars)
        .where(eq(droppedBars.symbol, symbol))
        .orderBy(asc(droppedBars.seq))
        .all()
        .map(checkDrop),
  }
}
