/** The rows of each day, against the digests that the chain has of them. */
import * as z from 'zod'
import type { DigestedTable, RowDigestRepo, RowSpan } from '../../db/row-digests.ts'
import { tryJson } from '../../engine/kernel/json.ts'
import { DAY_MS, isoDate, type UnixMs } from '../../engine/kernel/units.ts'
import { type Findings, nameOf } from '../../evidence/audit.ts'
import type { ChainEntry } from '../../evidence/chain.ts'
import type { Coverage } from '../../evidence/coverage.ts'
import { splitSubject } from '../../evidence/slot-replay.ts'
import { columnsIn, DIGEST, DIGEST_COLUMNS, digestIn, type TableColumns } from './day-digests.ts'

const RETENTION = 'retention'
const Retained = z.object({ before: z.iso.datetime() })

/** What the chain says of one table on one day. */
interface DayMark {
  readonly entry: ChainEntry
  readonly columns: readonly string[]
  readonly rows: number
  readonly sha256: string | null
  /** Whether the digest of this table is still being made. */
  readonly isOwed?: boolean
}

/** What it says of one symbol. */
interface Marks {
  /** By table, and by the beginning of the day. */
  readonly days: Map<string, Map<UnixMs, DayMark>>
  untilMs: UnixMs
  /** The newest word of retention: raw rows before it are gone. */
  pruned: { readonly seq: number; readonly beforeMs: UnixMs } | null
}

export class RowAudit {
  private readonly symbols = new Map<string, Marks>()
  private columns: TableColumns = {}

  constructor(
    private readonly findings: Findings,
    private readonly coverage: Coverage,
  ) {}

  take(entry: ChainEntry): void {
    if (entry.kind === DIGEST) this.takeDigest(entry)
    else if (entry.kind === DIGEST_COLUMNS) this.columns = columnsIn(entry) ?? {}
    else if (entry.kind === RETENTION) {
      const retained = Retained.safeParse(tryJson(entry.detail))
      const [symbol] = splitSubject(entry.subject)
      if (retained.success) this.marksOf(symbol).pruned = { seq: entry.seq, beforeMs: Date.parse(retained.data.before) }
    }
  }

  /** Compares with the rows, to be called after the last entry. */
  end(digests: RowDigestRepo, known: readonly string[]): void {
    const symbols = new Set([...known, ...this.symbols.keys()])
    for (const symbol of symbols) {
      const marks = this.symbols.get(symbol)
      if (marks === undefined || marks.days.size === 0) {
        if (digests.firstFrom(symbol, Number.NEGATIVE_INFINITY) !== null) this.coverage.rowsUpTo(symbol, null)
        continue
      }
      for (const table of digests.tables) this.checkTable(digests, table, symbol, marks)
      this.coverage.rowsUpTo(symbol, marks.untilMs)
    }
    for (const { name } of digests.tables)
      for (const symbol of digests.symbols(name))
        if (!symbols.has(symbol))
          this.findings.add(`rows of "${symbol}"`, `table ${name}`, 'no feed of this directory has that symbol')
  }

  private takeDigest(entry: ChainEntry): void {
    const [symbol, date] = splitSubject(entry.subject)
    const digest = digestIn(entry)
    const dayMs = Date.parse(date)
    if (digest === null || Number.isNaN(dayMs)) {
      this.findings.add(nameOf(entry), 'chain', 'its detail is not one of its kind')
      return
    }
    const marks = this.marksOf(symbol)
    marks.untilMs = Math.max(marks.untilMs, dayMs + DAY_MS)
    for (const [name, columns] of Object.entries(this.columns)) {
      let days = marks.days.get(name)
      if (days === undefined) {
        days = new Map()
        marks.days.set(name, days)
      }
      const said = digest.tables[name]
      // A digest that was made again is of some of the tables; one that has no row of a table says so by leaving it out.
      if (said !== undefined) days.set(dayMs, { entry, columns, ...said })
      else if (!days.has(dayMs))
        days.set(dayMs, { entry, columns, rows: 0, sha256: null, isOwed: digest.later.includes(name) })
    }
  }

  private checkTable(digests: RowDigestRepo, table: DigestedTable, symbol: string, marks: Marks): void {
    const days = [...(marks.days.get(table.name) ?? [])].sort(([a], [b]) => a - b)
    if (days.length === 0) return
    let fromMs = Number.NEGATIVE_INFINITY
    for (const [dayMs, mark] of days) {
      this.checkEmpty(digests, table.name, { symbol, fromMs, untilMs: dayMs }, marks)
      this.checkDay(digests, table, { symbol, fromMs: dayMs, untilMs: dayMs + DAY_MS }, mark, marks)
      fromMs = dayMs + DAY_MS
    }
    this.checkEmpty(digests, table.name, { symbol, fromMs, untilMs: marks.untilMs }, marks)
  }

  private checkDay(
    digests: RowDigestRepo,
    table: DigestedTable,
    span: RowSpan,
    mark: DayMark,
    { pruned }: Marks,
  ): void {
    const what = `${span.symbol} on ${isoDate(span.fromMs)}`
    const where = `table ${table.name}`
    // What retention has removed since the digest was made is not there to be compared.
    const gone = table.raw && pruned !== null && pruned.seq > mark.entry.seq && pruned.beforeMs > span.fromMs
    if (gone && pruned.beforeMs < span.untilMs) {
      this.coverage.lacks(`rows of ${table.name} on a day that retention removed in part`)
      return
    }
    if (gone) {
      const left = digests.count(table.name, span)
      if (left > 0)
        this.findings.add(
          what,
          where,
          `entry ${pruned.seq} says that retention removed its rows, and ${left} are there`,
        )
      return
    }
    if (mark.isOwed === true) {
      this.coverage.lacks(`rows of ${table.name} on a day whose digest is still being made`)
      return
    }
    const { rows, sha256 } = digests.digest(table.name, mark.columns, span)
    if (rows !== mark.rows)
      this.findings.add(what, where, `it has ${rows} rows, ${nameOf(mark.entry)} counted ${mark.rows}`)
    else if (rows > 0 && sha256 !== mark.sha256)
      this.findings.add(
        what,
        where,
        `its ${rows} rows do not give the SHA-256 of ${nameOf(mark.entry)}: a row was changed`,
      )
  }

  /** Days without a digest, before the newest one: they had no rows. */
  private checkEmpty(digests: RowDigestRepo, table: string, span: RowSpan, { untilMs }: Marks): void {
    if (span.fromMs >= span.untilMs) return
    const found = digests.count(table, span)
    if (found === 0) return
    const before = Number.isFinite(span.fromMs) ? `between ${isoDate(span.fromMs)} and ` : 'before '
    this.findings.add(
      `${span.symbol} ${before}${isoDate(Math.min(span.untilMs, untilMs))}`,
      `table ${table}`,
      `it has ${found} rows, the chain has a digest of none`,
    )
  }

  private marksOf(symbol: string): Marks {
    let marks = this.symbols.get(symbol)
    if (marks === undefined) {
      marks = { days: new Map(), untilMs: Number.NEGATIVE_INFINITY, pruned: null }
      this.symbols.set(symbol, marks)
    }
    return marks
  }
}
