import type { ImportedTicks } from '../../control/tick-answers.ts'
import type { TickFileRow } from '../../db/ticks.ts'
import { isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { Bar } from '../../engine/market/bar.ts'
import { differingFields, TickBars } from '../../engine/market/tick-bars.ts'
import { AHEAD_MS } from '../../feeds/survey.ts'
import type { TickRows } from '../../feeds/ticks-file.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/** Rows of one transaction: some tens of milliseconds. */
const FLUSH_ROWS = 20_000
const NAMED = 10

interface TickFile {
  readonly sha256: string
  /** From the line behind the one where an earlier import stopped. */
  readonly rows: AsyncIterable<TickRows>
  readonly onRows: (rows: number) => void
}

/** How far a file was taken in; null where it never was. */
export function knownTickFile({ symbol, parts }: Desk, sha256: string): TickFileRow | null {
  return parts.store.ticks.file(symbol, sha256)
}

/**
 * Stores a file's ticks, in transactions of their own that each say how far the file was read: a kill loses none, and the next import
 * goes on there. Minutes are made on the way and compared with the bars that are there; the first and the last, which the file may cut
 * off, are not.
 */
export async function takeTicks(desk: Desk, evidence: EvidenceWriter, file: TickFile): Promise<ImportedTicks> {
  const taking = new TakingTicks(desk, file.sha256)
  for await (const { lines, rows } of file.rows) {
    for (const [i, row] of rows.entries()) {
      const line = lines[i] ?? 0
      if (typeof row === 'string') taking.fault(line, row)
      else taking.take(line, row)
    }
    file.onRows(taking.read)
  }
  return taking.end(evidence)
}

class TakingTicks {
  read = 0
  private added = 0
  private readonly before: number
  private readonly faults: { line: number; why: string }[] = []
  private faulty = 0
  private readonly columns = {
    tsMs: [] as number[],
    seq: [] as number[],
    price: [] as number[],
    qty: [] as number[],
    buyerMaker: [] as (0 | 1 | null)[],
  }
  private lastMs: UnixMs = 0
  private readonly untilMs: UnixMs
  private seq = 0
  /** Of the last row that was taken. */
  private line: number
  private readonly bars = new TickBars()
  private minutes = 0
  private compared = 0
  private lacking = 0
  private differing = 0
  private readonly differences: { minute: string; fields: readonly string[] }[] = []
  private firstMs: UnixMs | null = null

  constructor(
    private readonly desk: Desk,
    private readonly sha256: string,
  ) {
    const known = knownTickFile(desk, sha256)
    this.untilMs = desk.parts.wallNow() + AHEAD_MS
    this.before = known?.rows ?? 0
    this.line = known?.line ?? 0
  }

  fault(line: number, why: string): void {
    this.faulty++
    if (this.faults.length < NAMED) this.faults.push({ line, why })
  }

  take(
    line: number,
    tick: { readonly tsMs: UnixMs; readonly price: number; readonly qty: number; readonly buyerMaker: boolean | null },
  ): void {
    const { tsMs, price, qty, buyerMaker } = tick
    if (tsMs > this.untilMs) return this.fault(line, `its time is in the future: ${isoTime(tsMs)}`)
    if (tsMs < this.lastMs) return this.fault(line, 'it is older than the line before')
    const { columns } = this
    // Ticks of one millisecond are stored together: a number among them is only known in their order.
    if (tsMs > this.lastMs && columns.tsMs.length >= FLUSH_ROWS) this.flush(false)
    this.seq = tsMs === this.lastMs ? this.seq + 1 : 0
    this.lastMs = tsMs
    this.firstMs ??= tsMs
    this.line = line
    columns.tsMs.push(tsMs)
    columns.seq.push(this.seq)
    columns.price.push(price)
    columns.qty.push(qty)
    columns.buyerMaker.push(buyerMaker === null ? null : buyerMaker ? 1 : 0)
    this.read++
    const made = this.bars.push(tsMs, price, qty)
    if (made === null) return
    // The first may be cut off.
    if (this.minutes++ > 0) this.compare(made)
  }

  end(evidence: EvidenceWriter): ImportedTicks {
    const { desk, sha256, read, added, faulty } = this
    const { symbol } = desk
    desk.transaction(() => {
      this.flush(true)
      const span = this.firstMs === null ? null : { from: isoTime(this.firstMs), until: isoTime(this.lastMs) }
      evidence.recordFact('ticks', `${symbol}/${sha256.slice(0, 12)}`, desk.tape.momentMs, {
        sha256,
        rows: read,
        ...span,
      })
      desk.events.log(
        'import',
        'info',
        `${this.added} ticks were brought in${faulty === 0 ? '' : `, ${faulty} bad rows`}`,
      )
    })
    return {
      symbol,
      rows: read,
      added: this.added,
      known: read - this.added,
      from: this.firstMs === null ? null : isoTime(this.firstMs),
      until: this.firstMs === null ? null : isoTime(this.lastMs),
      bad_rows: faulty,
      dropped: this.faults,
      minutes: this.minutes + (added >= 0 && this.bars.last !== null ? 1 : 0),
      compared: this.compared,
      without_bar: this.lacking,
      differing: this.differing,
      differences: this.differences,
    }
  }

  private flush(done: boolean): void {
    const { desk, columns, sha256, line } = this
    const { store, wallNow } = desk.parts
    const rows = this.before + this.read
    desk.transaction(() => {
      this.added += store.ticks.insert(desk.symbol, columns)
      store.ticks.putFile({ symbol: desk.symbol, sha256, line, rows, done: Number(done), wallMs: wallNow() })
    })
    for (const column of Object.values(columns)) column.length = 0
  }

  private compare(made: Bar): void {
    const [known] = this.desk.parts.store.bars.between(this.desk.symbol, made.tsMs, made.tsMs + MINUTE_MS)
    if (known === undefined) {
      this.lacking++
      return
    }
    this.compared++
    const fields = differingFields(made, known)
    if (fields.length === 0) return
    this.differing++
    if (this.differences.length < NAMED) this.differences.push({ minute: isoTime(made.tsMs), fields })
  }
}
