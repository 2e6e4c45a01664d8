import type { FeedRow } from '../../db/feeds.ts'
import type { Store } from '../../db/store.ts'
import type { Catalogue } from '../../engine/features/catalogue.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import type { FrameRow } from '../../engine/features/frame-columns.ts'
import { FeatureStream } from '../../engine/features/stream.ts'
import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import { knownAt, type Bar, type BarFault } from '../../engine/market/bar.ts'
import type { FrameMin } from '../../engine/market/frame-bars.ts'
import type { Moment } from '../record/event-log.ts'

/** Rows that wait for the feature log at most: the database has them all, and the next start appends what is missing. */
const MAX_UNLOGGED = 10_000

/** Predictions that the room made of a minute by itself. */
const OF_THE_ROOM: ReadonlySet<string> = new Set(['history', 'minute'])

/** A bar of the moment that is being gone through; `scored` when a process that died had done that already. */
interface Arrival {
  readonly bar: Bar
  readonly row: FeatureRow
  readonly scored: boolean
}

/** The bars of one symbol as they come in, the rows made of them, and how far its market clock has come. */
export class Tape implements Moment {
  private feedRow: FeedRow
  private stream: FeatureStream
  private row: FeatureRow | null = null
  private bar: Bar | null = null
  private firstMs: UnixMs | null = null
  private arrivals: Arrival[] = []
  private rowsToLog: FeatureRow[] = []
  private currentMs: UnixMs = 0
  private fills = 0

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly clockKind: FeedRow['clockKind'],
  ) {
    this.feedRow = emptyFeed(symbol, clockKind)
    this.stream = this.newStream()
  }

  /** Where the feed stands: the market clock, what it reads from, and what it has counted. */
  get feed(): Readonly<FeedRow> {
    return this.feedRow
  }

  /** The newest row; null before the first bar. */
  get latest(): FeatureRow | null {
    return this.row
  }

  get newestBar(): Bar | null {
    return this.bar
  }

  /** The time of the first bar; null before it. */
  get begunMs(): UnixMs | null {
    return this.firstMs
  }

  /** How often gaps among earlier bars were filled since the process began: whoever keeps what it has read of them begins anew. */
  get filled(): number {
    return this.fills
  }

  gapsFilled(): void {
    this.fills++
  }

  /** Bars that this moment has taken in. */
  get arrived(): readonly Arrival[] {
    return this.arrivals
  }

  /** Rows that the feature log is still to be given. */
  get unlogged(): readonly FeatureRow[] {
    return this.rowsToLog
  }

  /** The moment that is being gone through, or was last; the stored clock follows when it is finished. */
  get momentMs(): UnixMs {
    return this.currentMs
  }

  /** A machine's clock that was set back leads to no moment before those that are over: their days may have their digests. */
  enterMoment(atMs: UnixMs): void {
    this.currentMs = Math.max(atMs, this.feedRow.clockMs)
  }

  /** The clock of a real feed begins with the minute of its first bar. */
  startClock(atMs: UnixMs): void {
    if (this.feedRow.clockMs === 0) this.feedRow.clockMs = floorTo(atMs, MINUTE_MS)
  }

  finishMoment(atMs: UnixMs): void {
    this.feedRow.clockMs = atMs
  }

  /** Another recording is read from its beginning. */
  readFrom(path: string, sha256: string): void {
    this.feedRow.path = path
    this.feedRow.sha256 = sha256
    this.feedRow.line = 0
  }

  readLine(line: number): void {
    this.feedRow.line = line
  }

  /** Takes a sound bar in, newer than all before it. Returns its row; storing both is for the caller. */
  accept(bar: Bar): FeatureRow {
    const row = this.stream.push(bar)
    this.bar = bar
    this.firstMs ??= bar.tsMs
    this.row = row
    this.rowsToLog.push(row)
    this.arrivals.push({ bar, row, scored: false })
    this.feedRow.bars++
    return row
  }

  /** Rows of longer frames that ended with the newest bar; storing them is for the caller. */
  get closedFrames(): readonly FrameRow[] {
    return this.stream.closedFrames
  }

  /** Counts bars that are not taken in. */
  countDropped(fault: BarFault, times = 1): void {
    switch (fault) {
      case 'duplicate':
        this.feedRow.duplicates += times
        break
      case 'late':
        this.feedRow.late += times
        break
      case 'future':
        this.feedRow.future += times
        break
      case 'unparsable':
      case 'off_minute':
      case 'price':
      case 'high_below_low':
      case 'negative_volume':
      case 'wild_time':
        this.feedRow.badRows += times
        break
      default:
        unreachable(fault)
    }
  }

  /** The bars of this moment are settled: the next one begins with none. */
  clearArrived(): void {
    this.arrivals = []
  }

  /** The feature log has been given the rows that waited. */
  logged(): void {
    this.rowsToLog = []
  }

  /** The feature log cannot be written: the oldest rows that wait for it are left to the next start. */
  boundUnlogged(): void {
    if (this.rowsToLog.length > MAX_UNLOGGED) this.rowsToLog.splice(0, this.rowsToLog.length - MAX_UNLOGGED)
  }

  /** Rows that an earlier process stored and did not log. */
  logAgain(rows: readonly FeatureRow[]): void {
    this.rowsToLog = [...rows]
  }

  /** Back to where the database stands. A bar whose moment was not finished is gone through again. */
  restore(): void {
    const { symbol, store } = this
    this.feedRow = store.feeds.get(symbol) ?? emptyFeed(symbol, this.clockKind)
    this.currentMs = this.feedRow.clockMs
    this.bar = store.bars.newest(symbol)
    this.firstMs = store.bars.firstMs(symbol)
    this.row = store.features.newest(symbol)
    this.stream = this.storedStream()
    if (this.row !== null) this.stream.carryInto(this.row)
    const newestMs = this.bar?.tsMs ?? Number.NEGATIVE_INFINITY
    this.rowsToLog = this.rowsToLog.filter((row) => row.tsMs <= newestMs)
    this.arrivals = this.unfinished()
  }

  /** Writes what changes with every bar; inside the caller's transaction. */
  persist(): void {
    this.store.feeds.put(this.feedRow)
    if (this.bar !== null) this.store.features.saveState(this.symbol, this.bar.tsMs, this.stream.state())
  }

  private get catalogue(): Catalogue {
    return this.store.features.catalogueOf(this.symbol)
  }

  private newStream(): FeatureStream {
    return new FeatureStream(this.catalogue)
  }

  private storedStream(): FeatureStream {
    const state = this.store.features.state(this.symbol)
    if (state === null || this.bar === null) return this.newStream()
    const { symbol, store } = this
    const untilMs = this.bar.tsMs + 1
    const recent = store.bars.observedBetween(symbol, this.bar.tsMs - DAY_MS + 1, untilMs)
    const frameRows = (frameMin: FrameMin, fromMs: UnixMs): FrameRow[] =>
      store.frames.between(symbol, frameMin, fromMs, untilMs)
    return FeatureStream.resume(state, { recent, frameRows }, this.catalogue)
  }

  private unfinished(): Arrival[] {
    const { bar, row } = this
    if (bar === null || row === null || knownAt(bar) <= this.feedRow.clockMs) return []
    // By its prediction and not by its scores: a row that lacks a feature was answered and has none.
    const { predictions } = this.store.predictions.rawSince(this.symbol, bar.tsMs)
    const scored = predictions.some(({ tsMs, source }) => tsMs === bar.tsMs && OF_THE_ROOM.has(source))
    return [{ bar, row, scored }]
  }
}

function emptyFeed(symbol: string, clockKind: FeedRow['clockKind']): FeedRow {
  return {
    symbol,
    clockMs: 0,
    clockKind,
    path: null,
    sha256: null,
    line: 0,
    fromMs: null,
    bars: 0,
    badRows: 0,
    duplicates: 0,
    late: 0,
    future: 0,
  }
}
