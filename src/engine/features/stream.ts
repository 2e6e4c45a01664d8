import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Bar } from '../market/bar.ts'
import { type FrameMin, FRAMES_MIN } from '../market/frame-bars.ts'
import { BarColumns, type ColumnsState } from './bar-columns.ts'
import { BUILT_IN } from './built-in.ts'
import type { Catalogue } from './catalogue.ts'
import { type FrameRow, FrameStream, lookBackFromMs } from './frame-columns.ts'
import { FRAME_COLUMNS } from './frames.ts'
import type { FeatureRow } from './row.ts'

/** What a stream knows that cannot be worked out of the bars it looks back at: plain JSON of fixed size. */
export interface StreamState extends ColumnsState {
  /** By the longer frame, in minutes; missing in a database of before there were any. */
  readonly frames?: Readonly<Record<FrameMin, ColumnsState>> | undefined
}

/** What `FeatureStream.resume` looks back at. */
export interface StreamPast {
  /** The bars that the former stream was given and whose `tsMs` > newest - 1,440 min, ascending; older ones are ignored. */
  readonly recent: readonly Bar[]
  /** The rows of a longer frame whose bars began at that time or later, ascending. */
  readonly frameRows: (frameMin: FrameMin, fromMs: UnixMs) => readonly FrameRow[]
}

/** Where the values of a frame go. */
interface CarriedFrame {
  readonly stream: FrameStream
  /** By the order of `BUILT_IN`; below 0 for a column that the catalogue lacks. */
  readonly places: Int32Array
}

/**
 * The one feature code: a bar in, a row out, for history, replay and live alike. A row depends on its own bar and earlier
 * ones only. Constant time a bar, memory of at most the last 66 hours.
 */
export class FeatureStream {
  private minutes = new BarColumns(MINUTE_MS)
  private frames: Readonly<Record<FrameMin, CarriedFrame>>
  private closed: readonly FrameRow[] = []
  private readonly places: Int32Array

  /** @param catalogue what a row is to hold: columns that no bar yields are missing in it */
  constructor(private readonly catalogue: Catalogue) {
    this.places = catalogue.places(BUILT_IN.map(([name]) => name))
    this.frames = eachFrame((frameMin) => carried(catalogue, new FrameStream(frameMin)))
  }

  /** Rows of longer frames that ended with the newest minute. */
  get closedFrames(): readonly FrameRow[] {
    return this.closed
  }

  /**
   * @param bar a sound bar (see `faultOf`) later than every one before it; minutes may be missing between them
   * @throws RangeError when it is not later, or not at a whole minute
   */
  push(bar: Bar): FeatureRow {
    const values = new Float64Array(this.catalogue.names.length).fill(Number.NaN)
    this.minutes.push(bar, values, this.places)
    this.closed = FRAMES_MIN.flatMap((frameMin) => this.frames[frameMin].stream.push(bar) ?? [])
    const row = { tsMs: bar.tsMs, values }
    this.carryInto(row)
    return row
  }

  /** Writes what longer frames say at the end of the newest minute into its row. */
  carryInto({ tsMs, values }: FeatureRow): void {
    for (const frameMin of FRAMES_MIN) {
      const { stream, places } = this.frames[frameMin]
      const row = stream.at(tsMs)
      if (row === null) continue
      for (let i = 0; i < places.length; i++) {
        const place = places[i] ?? -1
        if (place >= 0) values[place] = row.values[i] ?? Number.NaN
      }
    }
  }

  /** What `resume` needs beside what it looks back at. */
  state(): StreamState {
    const { 5: five, 15: quarter, 60: hour } = this.frames
    return {
      ...this.minutes.state(),
      frames: { 5: five.stream.state(), 15: quarter.stream.state(), 60: hour.stream.state() },
    }
  }

  /**
   * A stream that continues where `state` was taken, its rows equal to the last bit to those of a stream that never stopped.
   * @throws RangeError when the newest bar is not the one that the state was taken after
   */
  static resume(
    { frames, ...state }: StreamState,
    { recent, frameRows }: StreamPast,
    catalogue: Catalogue,
  ): FeatureStream {
    const newestMs = recent.at(-1)?.tsMs ?? 0
    const stream = new FeatureStream(catalogue)
    stream.minutes = BarColumns.resume(
      MINUTE_MS,
      state,
      recent.filter(({ tsMs }) => tsMs > newestMs - DAY_MS),
    )
    const lastHour = recent.filter(({ tsMs }) => tsMs > newestMs - HOUR_MS)
    stream.frames = eachFrame((frameMin) => {
      const known = frames?.[frameMin] ?? null
      const lastMs = known?.lastMs ?? null
      const rows = lastMs === null ? [] : frameRows(frameMin, lookBackFromMs(frameMin, lastMs))
      return carried(catalogue, FrameStream.resume(frameMin, known, rows, lastHour))
    })
    return stream
  }
}

function eachFrame<T>(make: (frameMin: FrameMin) => T): Record<FrameMin, T> {
  return { 5: make(5), 15: make(15), 60: make(60) }
}

function carried(catalogue: Catalogue, stream: FrameStream): CarriedFrame {
  const places = new Int32Array(BUILT_IN.length).fill(-1)
  for (const [name, { frameMin, builtIn }] of FRAME_COLUMNS)
    if (frameMin === stream.frameMin) places[builtIn] = catalogue.index.get(name) ?? -1
  return { stream, places }
}
