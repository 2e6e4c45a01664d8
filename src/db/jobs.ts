import { eq, sql } from 'drizzle-orm'
import type { Database } from './connect.ts'
import { jobs } from './schema-record.ts'
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
  const { orm } = db
  const place = sql.placeholder
  const check = rowCheck(jobs)
  const put = orm
    .insert(jobs)
    .values({
      symbol: place('symbol'),
      name: place('name'),
      lastMs: place('lastMs'),
      lastOkMs: place('lastOkMs'),
      nextMs: place('nextMs'),
      result: place('result'),
      ok: place('ok'),
      wallMs: place('wallMs'),
    })
    .onConflictDoUpdate({
      target: [jobs.symbol, jobs.name],
      set: {
        lastMs: sql`excluded.last_ms`,
        lastOkMs: sql`excluded.last_ok_ms`,
        nextMs: sql`excluded.next_ms`,
        result: sql`excluded.result`,
        ok: sql`excluded.ok`,
        wallMs: sql`excluded.wall_ms`,
      },
    })
    .prepare()
  return {
    list: (symbol) => orm.select().from(jobs).where(eq(jobs.symbol, symbol)).all().map(check),
    put: (row) => {
      db.assertTransaction()
      put.run({ ...row })
    },
  }
}
