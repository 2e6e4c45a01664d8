import { asc, eq, sql } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { outbox } from './schema-record.ts'
import { type OwedFile, OwedFileShape, type OwedPage, OwedPageShape } from './shapes-room.ts'
import { select } from './select.ts'
import { damagedRow, jsonColumn, rowCheck } from './stored.ts'

type OutboxRow = Pick<typeof outbox.$inferSelect, 'id' | 'kind' | 'payload'>

const FILE = 'file'
const PAGE = 'report_page'

/** What is still to be done, each with the id by which it is settled, oldest first. */
export interface Owed {
  readonly files: readonly (OwedFile & { readonly id: number })[]
  readonly pages: readonly (OwedPage & { readonly id: number })[]
}

/** What was decided and is still to be done outside the database: an entry goes when it is done. */
export interface OutboxRepo {
  /** Inside the transaction of what makes the file necessary. */
  oweFile(file: OwedFile, tsMs: UnixMs): void
  /** Inside the transaction of the report. */
  owePage(page: OwedPage, tsMs: UnixMs): void
  /** @throws OperatorError where an entry is not one */
  pending(): Owed
  /** The rows as they stand, oldest first and unchecked: for whoever audits them. */
  rows(): readonly OutboxRow[]
  done(id: number): void
  failed(id: number, error: string): void
}

// Asked for with every moment.
const PENDING = select((from) => from.select().from(outbox).orderBy(asc(outbox.id)))

export function outboxRepo(db: Database): OutboxRepo {
  const { orm } = db
  const check = rowCheck(outbox)
  const file = jsonColumn(outbox, 'payload', OwedFileShape)
  const page = jsonColumn(outbox, 'payload', OwedPageShape)
  const pending = PENDING(db)
  const done = orm
    .delete(outbox)
    .where(eq(outbox.id, sql.placeholder('id')))
    .prepare()
  const add = (kind: string, payload: string, tsMs: UnixMs): void => {
    db.assertTransaction()
    orm.insert(outbox).values({ kind, payload, tsMs }).run()
  }
  return {
    oweFile: (owed, tsMs) => add(FILE, file.text(owed), tsMs),
    owePage: (owed, tsMs) => add(PAGE, page.text(owed), tsMs),
    pending: () => {
      const files: (OwedFile & { id: number })[] = []
      const pages: (OwedPage & { id: number })[] = []
      for (const row of pending.all()) {
        const { id, kind } = check(row)
        if (kind === FILE) files.push({ ...file.value(row), id })
        else if (kind === PAGE) pages.push({ ...page.value(row), id })
        else throw damagedRow('outbox', String(id), `its kind is neither ${FILE} nor ${PAGE}: ${kind}`)
      }
      return { files, pages }
    },
    rows: () => pending.all(),
    done: (id) => {
      done.run({ id })
    },
    failed: (id, error) => {
      orm
        .update(outbox)
        .set({ tries: sql`${outbox.tries} + 1`, lastError: error })
        .where(eq(outbox.id, id))
        .run()
    },
  }
}
