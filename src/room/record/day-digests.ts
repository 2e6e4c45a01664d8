/** The rows of each day as a hash in the chain: what a later look at the same rows is compared with. */
import * as z from 'zod'
import type { DigestedTable, RowDigest } from '../../db/row-digests.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { DAY_MS, floorTo, isoDate, type UnixMs } from '../../engine/kernel/units.ts'
import { canonicalJson } from '../../evidence/canonical.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import type { EvidenceWriter } from './evidence-writer.ts'

/** The kind of an entry about the rows of a day; its subject is `BTCUSDT/2025-05-25`. */
export const DIGEST = 'digest'
/** The kind of the entry that says which columns the digests after it are made of. */
export const DIGEST_COLUMNS = 'digest columns'
const COLUMNS_SUBJECT = 'columns of rows'
/** So many days at once: a room that catches up does the rest a day later. */
const MAX_DAYS = 40

const DigestDetail = z.object({ tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })) })
const ColumnsDetail = z.object({ columns: z.record(z.string(), z.array(z.string())) })

type DayTables = Readonly<Record<string, RowDigest>>
export type TableColumns = Readonly<Record<string, readonly string[]>>

/** The tables of a day's digest that have rows; null where an entry is none. */
export function digestIn({ detail }: Pick<ChainEntry, 'detail'>): DayTables | null {
  const read = DigestDetail.safeParse(tryJson(detail))
  return read.success ? read.data.tables : null
}

/** @returns null where an entry is none */
export function columnsIn({ detail }: Pick<ChainEntry, 'detail'>): TableColumns | null {
  const read = ColumnsDetail.safeParse(tryJson(detail))
  return read.success ? read.data.columns : null
}

/**
 * Records a digest of every day that has none yet, up to the first that is not complete; inside the caller's transaction.
 * @param isComplete whether no further row of a day can come, given its end
 * @returns how many days
 */
export function digestDays(
  evidence: EvidenceWriter,
  symbol: string,
  isComplete: (untilMs: UnixMs) => boolean,
  atMs: UnixMs,
): number {
  const { digests } = evidence.parts.store
  let fromMs = digestedUntil(evidence, symbol) ?? Number.NEGATIVE_INFINITY
  for (let days = 0; ; days++) {
    const rowMs = days === MAX_DAYS ? null : digests.firstFrom(symbol, fromMs)
    const dayMs = rowMs === null ? null : floorTo(rowMs, DAY_MS)
    if (dayMs === null || !isComplete(dayMs + DAY_MS)) return days
    const tables = tablesOf(evidence, symbol, dayMs, digests.tables)
    recordColumns(evidence, atMs)
    evidence.recordFact(DIGEST, `${symbol}/${isoDate(dayMs)}`, atMs, { tables })
    fromMs = dayMs + DAY_MS
  }
}

/** Bars and rows that filled gaps of days whose digests are there already: those are made again, in the same transaction. */
export function digestFilled(evidence: EvidenceWriter, symbol: string, times: Iterable<UnixMs>, atMs: UnixMs): void {
  const { digests } = evidence.parts.store
  const untilMs = digestedUntil(evidence, symbol) ?? Number.NEGATIVE_INFINITY
  const days = new Set([...times].map((tsMs) => floorTo(tsMs, DAY_MS)).filter((dayMs) => dayMs < untilMs))
  const filled = digests.tables.filter(({ name }) => name === 'bars' || name === 'feature_rows')
  for (const dayMs of days) {
    recordColumns(evidence, atMs)
    const tables = tablesOf(evidence, symbol, dayMs, filled)
    evidence.recordFact(DIGEST, `${symbol}/${isoDate(dayMs)}`, atMs, { tables, why: 'bars filled gaps' })
  }
}

/** The end of the newest day that has a digest; null while none has. */
function digestedUntil({ parts }: EvidenceWriter, symbol: string): UnixMs | null {
  const subject = parts.store.journal.lastSubject(DIGEST, `${symbol}/`, `${symbol}/:`)
  return subject === null ? null : Date.parse(subject.slice(symbol.length + 1)) + DAY_MS
}

function tablesOf(
  { parts }: EvidenceWriter,
  symbol: string,
  fromMs: UnixMs,
  tables: readonly DigestedTable[],
): DayTables {
  const span = { symbol, fromMs, untilMs: fromMs + DAY_MS }
  const digests = tables.map(({ name, columns }) => [name, parts.store.digests.digest(name, columns, span)] as const)
  return Object.fromEntries(digests.filter(([, { rows }]) => rows > 0))
}

/** Says what the rows are made of, once and whenever that has changed: a table that gains a column keeps its older digests. */
function recordColumns(evidence: EvidenceWriter, atMs: UnixMs): void {
  const { digests, journal } = evidence.parts.store
  const columns = Object.fromEntries(digests.tables.map((table) => [table.name, table.columns]))
  const known = journal.entryOf(COLUMNS_SUBJECT)
  if (known !== null && canonicalJson(columnsIn(known)) === canonicalJson(columns)) return
  evidence.recordFact(DIGEST_COLUMNS, COLUMNS_SUBJECT, atMs, { columns })
}
