import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, knownAt, type BarFault } from '../engine/market/bar.ts'
import { openBars } from './bars-parquet.ts'
import type { BarRow } from './bars-row.ts'

/** A row of a recording as the room takes it: a bar, or what is wrong with the line. */
export type RecordedRow = BarRow | { readonly line: number; readonly fault: BarFault; readonly text: string }

/** Rows that a suspicious jump is held against. */
const LOOK_AHEAD = 8
/** What is no more than this ahead of the newest bar is never suspicious: rows out of order, a short gap. */
const JUMP_MS = 5 * MINUTE_MS

/**
 * A recording that is read as the market clock goes on. Rows come in the file's order, none before its bar is known. A bar
 * that leaps ahead of most that follow it is a wild one: it counts as from the future and does not move the clock.
 */
export class RecordingFeed {
  private readonly chunks: AsyncGenerator<{ readonly rows: readonly BarRow[] }, void, undefined>
  private buffer: RecordedRow[] = []
  private next = 0
  private finished = false
  private beyond = false
  private lastKnown: UnixMs | null = null

  /**
   * @param skipLines lines that an earlier run has taken in or dropped
   * @param span bars outside `fromMs <= tsMs < untilMs` do not count, and are left for a later run
   * @param previousMs the newest bar that an earlier run has taken from this file, which jumps are measured from; null when
   *   it is read from its beginning
   */
  constructor(
    readonly path: string,
    skipLines: number,
    private readonly span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
    private previousMs: UnixMs | null = null,
  ) {
    this.chunks = openBars(path, { skipLines })
  }

  /** The moment of the first bar that is still to come; null at the end. Reads on where it must. */
  async nextKnownMs(): Promise<UnixMs | null> {
    const head = await this.head(0)
    return head === null ? null : head.knownMs
  }

  /** The rows up to the last whose bar is known by `momentMs`, bad lines among them. @throws OperatorError as the reader */
  async takeKnown(momentMs: UnixMs): Promise<RecordedRow[]> {
    const taken: RecordedRow[] = []
    for (;;) {
      const head = await this.head(0)
      const end = head === null ? this.buffer.length : head.at
      // Bad lines before the next bar go with what is taken now: they are of no time of their own.
      for (; this.next < end; this.next++) taken.push(...this.counted(this.buffer[this.next]))
      if (head === null || head.knownMs > momentMs) return taken
      const row = this.buffer[this.next++]
      if (row !== undefined && 'bar' in row) {
        taken.push(row)
        this.previousMs = Math.max(this.previousMs ?? 0, row.bar.tsMs)
        this.lastKnown = Math.max(this.lastKnown ?? 0, head.knownMs)
      }
    }
  }

  /** Once nothing is left: the recording's last moment, which is `untilMs` where bars lie beyond it. Null without any bar. */
  endMs(): UnixMs | null {
    return this.beyond ? this.span.untilMs : this.lastKnown
  }

  async close(): Promise<void> {
    await this.chunks.return()
  }

  /** The first sound bar in the span from the head on. Rows before it are bad ones, or lie before the span. */
  private async head(from: number): Promise<{ at: number; knownMs: UnixMs } | null> {
    let ahead = from
    for (;;) {
      await this.fill(ahead + 1)
      const at = this.next + ahead
      const row = this.buffer[at]
      if (row === undefined) return null
      if ('bar' in row && faultOf(row.bar) === null && row.bar.tsMs >= this.span.fromMs) {
        if (await this.isWild(row.bar.tsMs, ahead)) {
          this.buffer[at] = { line: row.line, fault: 'future', text: `${row.bar.tsMs}` }
        } else if (row.bar.tsMs >= this.span.untilMs) {
          this.beyond = true
          this.buffer.length = at
          this.finished = true
          return null
        } else {
          return { at, knownMs: knownAt(row.bar) }
        }
      }
      ahead++
    }
  }

  private async isWild(tsMs: UnixMs, ahead: number): Promise<boolean> {
    if (this.previousMs !== null && tsMs - this.previousMs <= JUMP_MS) return false
    await this.fill(ahead + 1 + LOOK_AHEAD)
    const following = this.buffer
      .slice(this.next + ahead + 1, this.next + ahead + 1 + LOOK_AHEAD)
      .filter((row) => 'bar' in row)
    const behind = following.filter((row) => row.bar.tsMs < tsMs)
    return behind.length * 2 > following.length
  }

  /** Rows that count: bad lines and bars in the span. */
  private counted(row: RecordedRow | undefined): RecordedRow[] {
    if (row === undefined) return []
    const before = 'bar' in row && row.bar.tsMs < this.span.fromMs && faultOf(row.bar) === null
    return before ? [] : [row]
  }

  private async fill(rows: number): Promise<void> {
    while (!this.finished && this.buffer.length - this.next < rows) {
      const chunk = await this.chunks.next()
      if (chunk.done === true) this.finished = true
      else {
        this.buffer = [...this.buffer.slice(this.next), ...chunk.value.rows]
        this.next = 0
      }
    }
  }
}
