import { asc, desc, eq, gt, or } from 'drizzle-orm'
import type { ChainEntry } from '../evidence/chain.ts'
import type { Database } from './connect.ts'
import { chain, events } from './schema-record.ts'
import { select } from './select.ts'
import { rowWriter, selected } from './statements.ts'
import { rowCheck } from './stored.ts'

export type EventRow = typeof events.$inferSelect
type NewEvent = typeof events.$inferInsert

/** Events and the evidence chain. Reads throw an OperatorError where a row is not one. */
export interface JournalRepo {
  /** Inside the caller's transaction. */
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
  /** Inside the caller's transaction. */
  appendEntry(entry: ChainEntry): void
  /** The newest entry of a subject, for instance a file's path. */
  entryOf(subject: string): ChainEntry | null
  /** The newest entry of each subject that begins so. */
  entriesUnder(prefix: string): ChainEntry[]
  /** The last subject of a kind, `from <= subject < until` by its bytes; null when there is none. */
  lastSubject(kind: string, from: string, until: string): string | null
  entries(): ChainEntry[]
}

const LAST_ENTRY = select((from) => from.select().from(chain).orderBy(desc(chain.seq)).limit(1))

export function journalRepo(db: Database): JournalRepo {
  const { orm, raw } = db
  const listeners = new Set<() => void>()
  let newest: { readonly entry: ChainEntry | null; readonly undone: number } | null = null
  const checkEvent = rowCheck(events)
  const checkEntry = rowCheck(chain)
  const chained = `SELECT ${selected(chain)} FROM chain`
  const entryOf = raw.prepare<[string], ChainEntry>(`${chained} WHERE subject = ? ORDER BY seq DESC LIMIT 1`)
  const entriesUnder = raw.prepare<[string, string], ChainEntry>(
    `${chained} WHERE subject >= ? AND subject < ? ORDER BY seq`,
  )
  const append = rowWriter(db, chain, 'fail')
  const lastEntry = LAST_ENTRY(db)
  const newestEvent = raw.prepare<[], { id: number | null }>('SELECT max(id) AS id FROM events')
  const lastSubject = raw.prepare<[string, string, string], { subject: string }>(
    'SELECT subject FROM chain WHERE kind = ? AND subject >= ? AND subject < ? ORDER BY subject DESC LIMIT 1',
  )
  return {
    addEvent: (event) => {
      db.assertTransaction()
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
        .all()
        .map(checkEvent),
    eventsAfter: (id, limit) =>
      orm.select().from(events).where(gt(events.id, id)).orderBy(asc(events.id)).limit(limit).all().map(checkEvent),
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
        const row = lastEntry.get()
        newest = { entry: row === undefined ? null : checkEntry(row), undone: db.undone() }
      }
      return newest.entry
    },
    appendEntry: (entry) => {
      db.assertTransaction()
      append(entry)
      newest = { entry, undone: db.undone() }
    },
    entryOf: (subject) => {
      const row = entryOf.get(subject)
      return row === undefined ? null : checkEntry(row)
    },
    entriesUnder: (prefix) => {
      const rows = entriesUnder.all(prefix, `${prefix}\uffff`).map(checkEntry)
      return [...new Map(rows.map((row) => [row.subject, row])).values()]
    },
    lastSubject: (kind, from, until) => lastSubject.get(kind, from, until)?.subject ?? null,
    entries: () => orm.select().from(chain).orderBy(asc(chain.seq)).all().map(checkEntry),
  }
}
