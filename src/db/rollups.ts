import { asc } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { rollups } from './schema-market.ts'
import { inSpan, rowWriter } from './statements.ts'
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
  const check = rowCheck(rollups)
  const between = orm.select().from(rollups).where(inSpan(rollups)).orderBy(asc(rollups.tsMs)).prepare()
  return {
    put: rowWriter(db, rollups, 'replace'),
    between: (symbol, from, until) => between.all({ symbol, from, until }).map(check),
  }
}
