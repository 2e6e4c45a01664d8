import type { Database } from './connect.ts'
import { jobs } from './schema-record.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { rowCheck } from './stored.ts'

export type JobRow = typeof jobs.$inferSelect

/** When each job last ran, how that ended, and what is due next. */
export interface JobRepo {
  /** @throws OperatorError where a row is not one */
  list(symbol: string): JobRow[]
  /** Inside the caller's transaction. */
  put(row: JobRow): void
}

const ALL = select((from) => from.select().from(jobs).where(ofSymbol(jobs)))

export function jobRepo(db: Database): JobRepo {
  const check = rowCheck(jobs)
  const all = ALL(db)
  return {
    list: (symbol) => all.all({ symbol }).map(check),
    put: rowWriter(db, jobs, 'replace'),
  }
}
