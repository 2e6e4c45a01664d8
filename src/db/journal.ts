import { and, asc, desc, eq, gt, gte, lt, max, or, sql } from 'drizzle-orm'
import type { ChainEntry } from '../evidence/chain.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { chain, events, outbox, reports } from './schema-record.ts'

export type EventRow = typeof events.$inferSelect
export type NewEvent = typeof events.$inferInsert
export type OutboxRow = typeof outbox.$inferSelect
export type ReportRow = typeof reports.$inferSelect

/** Events, the evidence chain, reports, and what is still to be written outside. */
export interface JournalRepo {
  addEvent(event: NewEvent): number
  /** Newest first; the room's own events have an empty symbol and belong to every symbol. */
  events(symbol: string, limit: number): EventRow[]
  /** Of every symbol, ascending by id, above `id`. */
  eventsAfter(id: number, limit: number): EventRow[]
  /** 0 while there is none. */
  newestEventId(): number
  /**
   * Calls back at each event that is added, inside its transaction, which may still be undone: read it after this turn.
   * @returns what ends it
   */
  onEvent(listener: () => void): () => void
  lastEntry(): ChainEntry | null
  appendEntry(entry: ChainEntry): void
  /** The newest entry of a subject, for instance a file's path. */
  entryOf(subject: string): ChainEntry | null
  /** The newest entry of each subject that begins so. */
  entriesUnder(prefix: string): ChainEntry[]
  entries(): ChainEntry[]
  enqueue(kind: string, payload: string, tsMs: UnixMs): void
  pending(): OutboxRow[]
  done(id: number): void
  failed(id: number, error: string): void
  report(symbol: string, period: 'daily' | 'weekly', date: string): ReportRow | null
  /** Ascending by date. */
  reports(symbol: string, period: 'daily' | 'weekly'): ReportRow[]
  putReport(row: ReportRow): void
  countReports(symbol: string): number
  lastReportDate(symbol: string, period: 'daily' | 'weekly'): string | null
}

export function journalRepo(db: Database): JournalRepo {
  const { orm, raw } = db
  const listeners = new Set<() => void>()
  let newest: { readonly entry: ChainEntry | null; readonly undone: number } | null = null
  const place = sql.placeholder
  const entryOf = orm
    .select()
    .from(chain)
    .where(eq(chain.subject, place('subject')))
    .orderBy(desc(chain.seq))
    .limit(1)
    .prepare()
  const pending = orm.select().from(outbox).orderBy(asc(outbox.id)).prepare()
  const lastEntry = orm.select().from(chain).orderBy(desc(chain.seq)).limit(1).prepare()
  const newestEvent = raw.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM events')
  const reportCount = raw.prepare<[string], { n: number }>(
    "SELECT count(*) AS n FROM reports WHERE symbol = ? AND period = 'daily'",
  )
  return {
    addEvent: (event) => {
      const { id } = orm.insert(events).values(event).returning({ id: events.id }).get()
      for (const listener of listeners) listener()
      return id
    },
    events: (symbol, limit) =>
      orm
        .select()
        .from(events)
        .where(or(eq(events.symbol, symbol), eq(events.symbol, '')))
        .orderBy(desc(events.id))
        .limit(limit)
        .all(),
    eventsAfter: (id, limit) =>
      orm.select().from(events).where(gt(events.id, id)).orderBy(asc(events.id)).limit(limit).all(),
    newestEventId: () => newestEvent.get()?.id ?? 0,
    onEvent: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    lastEntry: () => {
      // Asked for at every evaluation of the gates. Others may write only where this process does not.
      if (!db.writable || newest === null || newest.undone !== db.undone()) {
        newest = { entry: lastEntry.get() ?? null, undone: db.undone() }
      }
      return newest.entry
    },
    appendEntry: (entry) => {
      orm.insert(chain).values(entry).run()
      newest = { entry, undone: db.undone() }
    },
    entryOf: (subject) => entryOf.get({ subject }) ?? null,
    entriesUnder: (prefix) => {
      const rows = orm
        .select()
        .from(chain)
        .where(and(gte(chain.subject, prefix), lt(chain.subject, `${prefix}\uffff`)))
        .orderBy(asc(chain.seq))
        .all()
      return [...new Map(rows.map((row) => [row.subject, row])).values()]
    },
    entries: () => orm.select().from(chain).orderBy(asc(chain.seq)).all(),
    enqueue: (kind, payload, tsMs) => {
      orm.insert(outbox).values({ kind, payload, tsMs }).run()
    },
    pending: () => pending.all(),
    done: (id) => {
      orm.delete(outbox).where(eq(outbox.id, id)).run()
    },
    failed: (id, error) => {
      orm
        .update(outbox)
        .set({ tries: sql`${outbox.tries} + 1`, lastError: error })
        .where(eq(outbox.id, id))
        .run()
    },
    report: (symbol, period, date) =>
      orm
        .select()
        .from(reports)
        .where(and(eq(reports.symbol, symbol), eq(reports.period, period), eq(reports.date, date)))
        .get() ?? null,
    reports: (symbol, period) =>
      orm
        .select()
        .from(reports)
        .where(and(eq(reports.symbol, symbol), eq(reports.period, period)))
        .orderBy(asc(reports.date))
        .all(),
    putReport: (row) => {
      orm.insert(reports).values(row).onConflictDoNothing().run()
    },
    countReports: (symbol) => reportCount.get(symbol)?.n ?? 0,
    lastReportDate: (symbol, period) =>
      orm
        .select({ date: max(reports.date) })
        .from(reports)
        .where(and(eq(reports.symbol, symbol), eq(reports.period, period)))
        .get()?.date ?? null,
  }
}
