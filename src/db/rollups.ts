import { and, asc, eq, getTableColumns, gte, lt, sql } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { rollups } from './schema-market.ts'
import { rowCheck } from './stored.ts'

export type RollupRow = typeof rollups.$inferSelect

/** Sums by minute, model, source and canary phase. */
export interface RollupRepo {
  /** Writes the minute's row, over what stood there. Inside the caller's transaction. */
  put(row: RollupRow): void
  /** @throws OperatorError where a row is not one */
  between(symbol: string, fromMs: UnixMs, untilMs: UnixMs): RollupRow[]
}

export function rollupRepo(db: Database): RollupRepo {
  const { orm } = db
  const place = sql.placeholder
  const check = rowCheck(rollups)
  const columns = Object.keys(getTableColumns(rollups))
  const put = orm
    .insert(rollups)
    .values(Object.fromEntries(columns.map((name) => [name, place(name)])) as never)
    .onConflictDoUpdate({
      target: [rollups.symbol, rollups.tsMs, rollups.model, rollups.source, rollups.phase],
      set: Object.fromEntries(
        Object.entries(getTableColumns(rollups)).map(([name, column]) => [name, sql.raw(`excluded.${column.name}`)]),
      ),
    })
    .prepare()
  const between = orm
    .select()
    .from(rollups)
    .where(and(eq(rollups.symbol, place('symbol')), gte(rollups.tsMs, place('from')), lt(rollups.tsMs, place('until'))))
    .orderBy(asc(rollups.tsMs))
    .prepare()
  return {
    put: (row) => {
      db.assertTransaction()
      put.run({ ...row })
    },
    between: (symbol, from, until) => between.all({ symbol, from, until }).map(check),
  }
}
