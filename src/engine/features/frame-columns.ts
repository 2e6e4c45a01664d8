/** Columns of longer frames as minutes come in, and joined to rows of minutes that are stored. */
import { DAY_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import { knownAt, type Bar } from '../market/bar.ts'
import { FrameBars, type FrameMin, FRAMES_MIN } from '../market/frame-bars.ts'
import { BarColumns, type ColumnsState } from './bar-columns.ts'
import { BUILT_IN } from './built-in.ts'
import type { Catalogue, Column } from './catalogue.ts'
import type { FeatureRow, FeatureTable } from './row.ts'

/** A value is carried on for two bars of its own frame after its bar has ended; a gap in the data then shows as a missing value. */
const CARRIED_BARS = 2
/** What look-backs need: 60 returns, and the bar before them. */
const LOOK_BACK_BARS = 66
const IN_ORDER = Int32Array.from(BUILT_IN, (_, i) => i)

/** One bar of a longer time frame with its columns. */
export interface FrameRow {
  readonly frameMin: FrameMin
  readonly bar: Bar
  /** In the order of `BUILT_IN`; NaN is missing. */
  readonly values: Float64Array
}

/** From where on bars of a frame are needed to go on after the one that began at `lastMs`. */
export function lookBackFromMs(frameMin: FrameMin, lastMs: UnixMs): UnixMs {
  return lastMs - Math.max(DAY_MS, LOOK_BACK_BARS * frameMin * MINUTE_MS)
}

/** One longer frame as minutes come in. */
export class FrameStream {
  private readonly bars: FrameBars
  private columns: BarColumns
  private newest: FrameRow | null = null

  constructor(readonly frameMin: FrameMin) {
    this.bars = new FrameBars(frameMin)
    this.columns = new BarColumns(frameMin * MINUTE_MS)
  }

  /** Takes a minute. @returns the row of the bar that ends with it; null while none does */
  push(minute: Bar): FrameRow | null {
    const bar = this.bars.push(minute)
    if (bar === null) return null
    const values = new Float64Array(BUILT_IN.length)
    this.columns.push(bar, values, IN_ORDER)
    this.newest = { frameMin: this.frameMin, bar, values }
    return this.newest
  }

  /** The newest row that is known at the end of a minute and not too old by then. */
  at(minuteMs: UnixMs): FrameRow | null {
    return this.newest !== null && isCarried(this.newest, minuteMs) ? this.newest : null
  }

  state(): ColumnsState {
    return this.columns.state()
  }

  /**
   * @param state null where none was kept: the frame then begins anew
   * @param rows the newest, from `lookBackFromMs` on, ascending. @param minutes the last hour's, ascending
   * @throws RangeError when the newest row is not the one that the state was taken after
   */
  static resume(
    frameMin: FrameMin,
    state: ColumnsState | null,
    rows: readonly FrameRow[],
    minutes: readonly Bar[],
  ): FrameStream {
    const stream = new FrameStream(frameMin)
    for (const minute of minutes) stream.bars.push(minute)
    if (state === null) return stream
    stream.columns = BarColumns.resume(
      frameMin * MINUTE_MS,
      state,
      rows.map(({ bar }) => bar),
    )
    stream.newest = rows.at(-1) ?? null
    return stream
  }
}

function isCarried({ frameMin, bar }: FrameRow, minuteMs: UnixMs): boolean {
  const frameMs = frameMin * MINUTE_MS
  const ageMs = knownAt({ tsMs: minuteMs }) - (bar.tsMs + frameMs)
  return ageMs >= 0 && ageMs <= CARRIED_BARS * frameMs
}

interface JoinedColumn {
  readonly builtIn: number
  readonly name: Column
  readonly place: number
}

interface JoinedFrame {
  readonly frameMin: FrameMin
  readonly columns: readonly JoinedColumn[]
  rows: readonly FrameRow[]
  next: number
}

/** Gives stored rows of minutes the frame columns that are wanted, as they had them when they came in. */
export class FrameColumns {
  private readonly joined: readonly JoinedFrame[]

  /** @param wanted columns of which those of a longer frame are joined */
  constructor(catalogue: Catalogue, wanted: Iterable<Column>) {
    const columns = [...new Set(wanted)].flatMap((name) => {
      const source = catalogue.frames.get(name)
      return source === undefined ? [] : [{ ...source, name, place: catalogue.place(name) }]
    })
    this.joined = FRAMES_MIN.flatMap((frameMin) => {
      const own = columns.filter((column) => column.frameMin === frameMin)
      return own.length === 0 ? [] : [{ frameMin, columns: own, rows: [], next: 0 }]
    })
  }

  /** Gives it the rows of frames to join. @param read those of a frame whose bars began in [fromMs, untilMs), ascending */
  load(
    read: (frameMin: FrameMin, fromMs: UnixMs, untilMs: UnixMs) => readonly FrameRow[],
    fromMs: UnixMs,
    untilMs: UnixMs,
  ): void {
    for (const frame of this.joined) {
      const backMs = (CARRIED_BARS + 1) * frame.frameMin * MINUTE_MS
      frame.rows = read(frame.frameMin, fromMs - backMs, untilMs)
      frame.next = 0
    }
  }

  /** Writes into a row's values; rows ascend in time. */
  complete({ tsMs, values }: FeatureRow): void {
    for (const frame of this.joined) {
      const row = rowAt(frame, tsMs)
      for (const { place, builtIn } of frame.columns) values[place] = row?.values[builtIn] ?? Number.NaN
    }
  }

  /** Writes into the columns of a table. */
  completeTable({ tsMs, columns }: FeatureTable): void {
    for (let i = 0; i < tsMs.length; i++) {
      for (const frame of this.joined) {
        const row = rowAt(frame, tsMs[i] ?? Number.NaN)
        for (const { name, builtIn } of frame.columns) {
          const column = columns[name]
          if (column !== undefined) column[i] = row?.values[builtIn] ?? Number.NaN
        }
      }
    }
  }
}

/** The newest row of a frame that a minute knew; the search goes on where the last one ended. */
function rowAt(frame: JoinedFrame, minuteMs: UnixMs): FrameRow | undefined {
  const knownMs = knownAt({ tsMs: minuteMs }) - frame.frameMin * MINUTE_MS
  while ((frame.rows[frame.next]?.bar.tsMs ?? Number.POSITIVE_INFINITY) <= knownMs) frame.next++
  const row = frame.rows[frame.next - 1]
  return row !== undefined && isCarried(row, minuteMs) ? row : undefined
}
