import { conflict } from '../../engine/kernel/errors.ts'
import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { faultOf, knownAt } from '../../engine/market/bar.ts'
import type { RecordedRow, RecordingFeed } from '../../feeds/recording.ts'
import type { Desk } from '../desk/desk.ts'
import { nextWait } from '../timeline/long-jobs.ts'
import type { MomentRows, Timeline } from '../timeline/timeline.ts'

/** Moments that one transaction takes in at most: some tens of milliseconds, so that the screen goes on. */
const BLOCK_MINUTES = 360

/** What bars are read from in their order: a recording, or an exchange's candles. */
export type BarSource = Pick<RecordingFeed, 'nextKnownMs' | 'takeKnown' | 'endMs'>

/** Checked at each block, though only the first can find one: nothing is asked for while history runs. */
function refuseToOutrun({ symbol, canary, parts }: Desk): void {
  const waits = parts.store.release
    .waiting()
    .some(({ approval }) => approval.symbol === symbol && approval.expiresWallMs > parts.wallNow())
  if (!waits && !canary.running) return
  throw conflict(
    `${symbol} cannot be run on at full speed`,
    waits ? 'a prompt waits for a person' : 'a canary runs',
    'open the room (onay start) and finish that first',
    'restraint',
  )
}

interface HistoryRun {
  readonly timeline: Timeline
  readonly desk: Desk
  readonly feed: BarSource
  readonly untilMs: UnixMs
  readonly onProgress: (atMs: UnixMs) => void
  readonly signal: AbortSignal
}

/**
 * Runs one symbol's bars through at full speed, up to and with `untilMs`, in blocks of one transaction: a kill in the
 * middle resumes at the last block and ends with the same rows. A block ends before a moment that may wait for long work, and where the first row of a day
 * came, so that what follows a block (a training, a rotated log) stands at the same place in every run.
 * @throws OperatorError while a canary runs or a prompt waits: nobody is outrun
 */
export async function runHistory(run: HistoryRun): Promise<void> {
  const { timeline, desk, feed, untilMs, signal } = run
  let rows: RecordedRow[] = []
  let wasFull = false
  while (!signal.aborted) {
    const startMs = await firstMoment(desk, feed, rows)
    if (startMs === null || startMs > untilMs) return
    refuseToOutrun(desk)
    const waitMs = nextWait(startMs)
    let reachMs = Math.min(
      untilMs,
      startMs === waitMs ? waitMs : waitMs - MINUTE_MS,
      startMs + (BLOCK_MINUTES - 1) * MINUTE_MS,
    )
    rows = [...rows, ...(await feed.takeKnown(reachMs))]
    const leftMs = await feed.nextKnownMs()
    if (leftMs !== null && leftMs <= reachMs) {
      wasFull = true
      // More rows than are taken at a time: the block ends with those that are here, and what is left has passed by then.
      const latestMs = latestOf(rows)
      if (latestMs < startMs) {
        timeline.passed(desk, rows.splice(0))
        await othersTurn()
        continue
      }
      reachMs = Math.min(reachMs, latestMs)
    }
    const endMs = await blockEnd(desk, feed, rows, startMs, reachMs)
    if (endMs < startMs) {
      // No moment is left, and what is left of so many rows has passed.
      if (wasFull) timeline.passed(desk, rows)
      return
    }
    if (startMs === waitMs) await timeline.waiting(desk, takeUpTo(rows, waitMs), waitMs)
    else timeline.history(desk, momentsOf(rows, startMs, endMs))
    timeline.writeOut()
    run.onProgress(desk.tape.feed.clockMs)
    await othersTurn()
  }
}

/** The event loop: signals are heard, the screen is drawn. */
function othersTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** The last moment at which one of the rows is known. */
function latestOf(rows: readonly RecordedRow[]): UnixMs {
  let latestMs = Number.NEGATIVE_INFINITY
  for (const row of rows) if ('bar' in row && faultOf(row.bar) === null) latestMs = Math.max(latestMs, knownAt(row.bar))
  return latestMs
}

async function firstMoment(desk: Desk, feed: BarSource, rows: readonly RecordedRow[]): Promise<UnixMs | null> {
  if (desk.tape.feed.clockMs > 0) return desk.tape.feed.clockMs + MINUTE_MS
  const waiting = rows.find((row) => 'bar' in row && faultOf(row.bar) === null)
  return waiting !== undefined && 'bar' in waiting ? knownAt(waiting.bar) : feed.nextKnownMs()
}

/** Where the block ends: at the recording's end if that comes first, or with the first row of a new day. */
async function blockEnd(
  desk: Desk,
  feed: BarSource,
  rows: readonly RecordedRow[],
  startMs: UnixMs,
  reachMs: UnixMs,
): Promise<UnixMs> {
  let endMs = reachMs
  if ((await feed.nextKnownMs()) === null) {
    const lastMs = feed.endMs() ?? (desk.tape.newestBar === null ? 0 : knownAt(desk.tape.newestBar))
    // A recording that a former run has read to its end has no moment left.
    endMs = Math.min(endMs, Math.max(lastMs, desk.tape.newestBar === null ? 0 : knownAt(desk.tape.newestBar)))
  }
  const newestMs = desk.tape.newestBar?.tsMs ?? Number.NEGATIVE_INFINITY
  const first = rows.find((row) => 'bar' in row && faultOf(row.bar) === null && row.bar.tsMs > newestMs)
  if (first !== undefined && 'bar' in first && floorTo(first.bar.tsMs, DAY_MS) > newestMs) {
    endMs = Math.min(endMs, Math.max(startMs, knownAt(first.bar)))
  }
  return endMs
}

function* momentsOf(rows: RecordedRow[], startMs: UnixMs, endMs: UnixMs): Generator<MomentRows> {
  for (let atMs = startMs; atMs <= endMs; atMs += MINUTE_MS) yield { rows: takeUpTo(rows, atMs), atMs }
}

/** Takes the rows known at a moment off the front; bad lines go with whatever comes next. */
function takeUpTo(rows: RecordedRow[], atMs: UnixMs): RecordedRow[] {
  let n = 0
  for (const row of rows) {
    if ('bar' in row && faultOf(row.bar) === null && knownAt(row.bar) > atMs) break
    n++
  }
  return rows.splice(0, n)
}
