import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, knownAt, type Bar, type BarFault } from '../engine/market/bar.ts'
import { openBars } from './bars-parquet.ts'
import type { WrittenRow } from './bars-row.ts'
import { barOf, unitOf } from './bars-time.ts'
import type { Survey } from './survey.ts'

/** A row of a recording as the room takes it: a bar, or what is wrong with the line. */
export type RecordedRow =
  | { readonly line: number; readonly bar: Bar }
  | {
      /** The last of them, where several were counted together. */
      readonly line: number
      readonly fault: BarFault
      readonly text: string
      readonly times?: number
    }

/** Rows that a suspicious jump is held against. */
const LOOK_AHEAD = 8
/** Bad rows in a row that keep their lines; further ones are counted together, so that no file fills the memory with them. */
const MAX_NAMED_RUN = 1_000
/** Entries of rows that were counted together are the last ones of a run, one for each fault. */
const FAULT_KINDS = 10
/** Rows that are taken at a time, give or take a run of bad ones: a file may repeat one minute millions of times. */
const MAX_TAKEN = 10_000
/** What is no more than this ahead of the newest bar is never suspicious: rows out of order, a short gap. */
const JUMP_MS = 5 * MINUTE_MS

/**
 * A recording that is read as the market clock goes on. Rows come in the file's order, none before its bar is known. A bar
 * that leaps ahead of most that follow it is a wild one: it counts as from the future and does not move the clock.
 */
export class RecordingFeed {
  private readonly chunks: AsyncGenerator<{ readonly rows: readonly WrittenRow[] }, void, undefined>
  private buffer: RecordedRow[] = []
  private next = 0
  /** How many bad rows in a row the buffer ends with. */
  private badRun = 0
  private finished = false
  private beyond = false
  private lastKnown: UnixMs | null = null

  /**
   * @param skipLines lines that an earlier run has taken in or dropped
   * @param span bars outside `fromMs <= tsMs < untilMs` do not count, and are left for a later run
   * @param previousMs the newest bar that an earlier run has taken from this file, which jumps are measured from; null when
   *   it is read from its beginning
   * @param signal ends a reading that waits, by throwing its reason
   */
  constructor(
    private readonly survey: Survey,
    skipLines: number,
    private readonly span: { readonly fromMs: UnixMs; readonly untilMs: UnixMs },
    private previousMs: UnixMs | null = null,
    signal?: AbortSignal,
  ) {
    this.chunks = openBars(survey.path, { skipLines, signal })
  }

  /** The moment of the first bar that is still to come; null at the end. Reads on where it must. */
  async nextKnownMs(): Promise<UnixMs | null> {
    const head = await this.head(0)
    return head === null ? null : head.knownMs
  }

  /**
   * The rows up to the last whose bar is known by `momentMs`, bad lines among them; some ten thousand at most, so that what is
   * left may be known by then as well. @throws OperatorError as the reader
   */
  async takeKnown(momentMs: UnixMs): Promise<RecordedRow[]> {
    const taken: RecordedRow[] = []
    for (;;) {
      const head = await this.head(0)
      const end = head?.at ?? this.buffer.length
      // Bad lines before the next bar go with what is taken now: they are of no time of their own.
      for (const row of this.buffer.slice(this.next, end)) taken.push(row)
      this.next = end
      if (head === null || head.knownMs > momentMs || taken.length >= MAX_TAKEN) return taken
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

  /** The first sound bar in the span from the head on. Rows before it are bad ones. */
  private async head(from: number): Promise<{ at: number; knownMs: UnixMs } | null> {
    let ahead = from
    for (;;) {
      await this.fill(ahead + 1)
      const at = this.next + ahead
      const row = this.buffer[at]
      if (row === undefined) return null
      if ('bar' in row && faultOf(row.bar) === null) {
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

  private async fill(rows: number): Promise<void> {
    while (!this.finished && this.buffer.length - this.next < rows) {
      const chunk = await this.chunks.next()
      if (chunk.done === true) this.finished = true
      else {
        this.buffer = this.buffer.slice(this.next)
        this.next = 0
        for (const row of chunk.value.rows) this.append(recordedRow(row, this.survey))
      }
    }
  }

  private append(row: RecordedRow): void {
    const fault = 'bar' in row ? faultOf(row.bar) : row.fault
    if (fault !== null) {
      this.badRun++
      if (this.badRun <= MAX_NAMED_RUN) this.buffer.push(row)
      else this.countTogether(row, fault)
    } else if ('bar' in row && row.bar.tsMs >= this.span.fromMs) {
      this.badRun = 0
      this.buffer.push(row)
    }
  }

  /** One entry for all further rows of a fault, moved to the end so that lines ascend. */
  private countTogether({ line }: RecordedRow, fault: BarFault): void {
    const { buffer } = this
    const from = Math.max(this.next, buffer.length - FAULT_KINDS)
    const at = buffer.slice(from).findIndex((row) => 'times' in row && row.fault === fault)
    const [known] = at < 0 ? [] : buffer.splice(from + at, 1)
    const times = known !== undefined && 'times' in known ? (known.times ?? 0) : 0
    buffer.push({ line, fault, text: 'further rows', times: times + 1 })
  }
}

/** A row of the file as the room takes it. */
export function recordedRow(row: WrittenRow, { unit, span }: Survey): RecordedRow {
  if (!('bar' in row)) return row
  const bar = barOf(row.bar, unit)
  const isOfSpan = span === null || (bar.tsMs >= span.firstMs && bar.tsMs <= span.lastMs)
  if (unitOf(row.bar.time) === unit && (isOfSpan || faultOf(bar) !== null)) return { line: row.line, bar }
  return { line: row.line, fault: 'wild_time', text: `${row.bar.time}` }
}
