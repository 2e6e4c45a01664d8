import { eq } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { jobs } from './schema-record.ts'
import { rowWriter } from './statements.ts'
import { rowCheck } from './stored.ts'

export type JobRow = typeof jobs.$inferSelect

/** When each job last ran, how that ended, and what is due next. */
export interface JobRepo {
  /** @throws OperatorError where a row is not one */
  list(symbol: string): JobRow[]
  /** Inside the caller's transaction. */
  put(row: JobRow): void
}

export function jobRepo(db: Database): JobRepo {
  const check = rowCheck(jobs)
  return {
    list: (symbol) => db.orm.select().from(jobs).where(eq(jobs.symbol, symbol)).all().map(check),
    put: rowWriter(db, jobs, 'replace'),
  }
}
