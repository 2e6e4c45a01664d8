/** The rows of each day as a hash in the chain: what a later look at the same rows is compared with. */
import * as z from 'zod'
import type { DigestedTable, RowDigest, RowSpan } from '../../db/row-digests.ts'
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

const DigestDetail = z.object({
  tables: z.record(z.string(), z.object({ rows: z.number(), sha256: z.string() })),
  /** Tables whose digest of that day is made beside the room's work, and recorded by a later entry. */
  later: z.array(z.string()).optional(),
})
const ColumnsDetail = z.object({ columns: z.record(z.string(), z.array(z.string())) })

type DayTables = Readonly<Record<string, RowDigest>>
export type TableColumns = Readonly<Record<string, readonly string[]>>

/** Tables of a day whose digests are still to be made. */
export interface OwedDigest {
  readonly dayMs: UnixMs
  readonly tables: readonly string[]
}

/** The tables of a day's digest that have rows, and those that are left for later; null where an entry is none. */
export function digestIn({
  detail,
}: Pick<ChainEntry, 'detail'>): { readonly tables: DayTables; readonly later: readonly string[] } | null {
  const read = DigestDetail.safeParse(tryJson(detail))
  return read.success ? { tables: read.data.tables, later: read.data.later ?? [] } : null
}

/** @returns null where an entry is none */
export function columnsIn({ detail }: Pick<ChainEntry, 'detail'>): TableColumns | null {
  const read = ColumnsDetail.safeParse(tryJson(detail))
  return read.success ? read.data.columns : null
}

/**
 * Records a digest of every day that has none yet, up to the first that is not complete; inside the caller's transaction.
 * @param isComplete whether no further row of a day can come, given its end
 * @param leaves whether a table has too many rows in a span to be gone through here
 * @returns how many days
 */
export function digestDays(
  evidence: EvidenceWriter,
  symbol: string,
  { isComplete, leaves }: DayRules,
  atMs: UnixMs,
): number {
  const { digests } = evidence.parts.store
  let fromMs = digestedUntil(evidence, symbol) ?? Number.NEGATIVE_INFINITY
  for (let days = 0; ; days++) {
    const rowMs = days === MAX_DAYS ? null : digests.firstFrom(symbol, fromMs)
    const dayMs = rowMs === null ? null : floorTo(rowMs, DAY_MS)
    if (dayMs === null || !isComplete(dayMs + DAY_MS)) return days
    const span = { symbol, fromMs: dayMs, untilMs: dayMs + DAY_MS }
    const later = digests.tables.filter((table) => table.raw && leaves(table.name, span))
    const now = digests.tables.filter((table) => !later.includes(table))
    record(
      evidence,
      symbol,
      { dayMs, tables: tablesOf(evidence, span, now), later: later.map(({ name }) => name) },
      atMs,
    )
    fromMs = dayMs + DAY_MS
  }
}

/** What comes late into days whose digests are there already, and why. */
const LATE = {
  'bars filled gaps': ['bars', 'feature_rows'],
  'outcomes came late': ['outcomes'],
} as const

/** Rows of days whose digests are there already: those are made again, in the same transaction. */
export function digestLate(
  evidence: EvidenceWriter,
  symbol: string,
  times: Iterable<UnixMs>,
  why: keyof typeof LATE,
  atMs: UnixMs,
): void {
  const { digests } = evidence.parts.store
  const untilMs = digestedUntil(evidence, symbol) ?? Number.NEGATIVE_INFINITY
  const days = new Set([...times].map((tsMs) => floorTo(tsMs, DAY_MS)).filter((dayMs) => dayMs < untilMs))
  const filled = digests.tables.filter(({ name }) => LATE[why].some((late) => late === name))
  for (const dayMs of days) {
    const tables = tablesOf(evidence, { symbol, fromMs: dayMs, untilMs: dayMs + DAY_MS }, filled)
    record(evidence, symbol, { dayMs, tables, later: laterOn(evidence, symbol, dayMs), why }, atMs)
  }
}

/** What was left for later of the newest days. */
export function owedDigests(evidence: EvidenceWriter, symbol: string): readonly OwedDigest[] {
  const untilMs = digestedUntil(evidence, symbol)
  if (untilMs === null) return []
  const days = Array.from({ length: MAX_DAYS }, (_, i) => untilMs - (MAX_DAYS - i) * DAY_MS)
  return days
    .map((dayMs) => ({ dayMs, tables: laterOn(evidence, symbol, dayMs) }))
    .filter(({ tables }) => tables.length > 0)
}

/** Records what was left for later of a day; inside the caller's transaction. */
export function recordRest(
  evidence: EvidenceWriter,
  symbol: string,
  dayMs: UnixMs,
  tables: DayTables,
  atMs: UnixMs,
): void {
  const later = laterOn(evidence, symbol, dayMs).filter((name) => tables[name] === undefined)
  record(evidence, symbol, { dayMs, tables, later, why: 'many rows' }, atMs)
}

interface DayRules {
  readonly isComplete: (untilMs: UnixMs) => boolean
  readonly leaves: (table: string, span: RowSpan) => boolean
}

interface DayDigest {
  readonly dayMs: UnixMs
  readonly tables: DayTables
  readonly later: readonly string[]
  readonly why?: string
}

function record(
  evidence: EvidenceWriter,
  symbol: string,
  { dayMs, tables, later, why }: DayDigest,
  atMs: UnixMs,
): void {
  recordColumns(evidence, atMs)
  const left = later.length === 0 ? undefined : later
  evidence.recordFact(DIGEST, subjectOf(symbol, dayMs), atMs, { tables, later: left, why })
}

function laterOn({ parts }: EvidenceWriter, symbol: string, dayMs: UnixMs): readonly string[] {
  const entry = parts.store.journal.entryOf(subjectOf(symbol, dayMs))
  return entry === null ? [] : (digestIn(entry)?.later ?? [])
}

function subjectOf(symbol: string, dayMs: UnixMs): string {
  return `${symbol}/${isoDate(dayMs)}`
}

/** The end of the newest day that has a digest; null while none has. */
function digestedUntil({ parts }: EvidenceWriter, symbol: string): UnixMs | null {
  const subject = parts.store.journal.lastSubject(DIGEST, `${symbol}/`, `${symbol}/:`)
  return subject === null ? null : Date.parse(subject.slice(symbol.length + 1)) + DAY_MS
}

function tablesOf({ parts }: EvidenceWriter, span: RowSpan, tables: readonly DigestedTable[]): DayTables {
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
