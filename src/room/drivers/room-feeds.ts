import { DAY_MS, floorTo, MINUTE_MS, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import type { Desks } from '../desk/desks.ts'
import { ExchangeFeed, type ExchangeChoice } from './exchange-feed.ts'
import { runHistory } from './history-run.ts'
import { importValues } from './own-values.ts'
import { Recordings, type RecordingFeedChoice } from './recordings.ts'
import type { RoomLog } from '../desk/room-state.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { unreachable } from '../../engine/kernel/unreachable.ts'
import type { WorkBoard } from '../../work/board.ts'

/** Where bars come from. */
export type FeedChoice =
  | RecordingFeedChoice
  | { readonly kind: 'push'; readonly symbols: readonly string[] }
  | ExchangeChoice

export type OpenedFeeds =
  | { readonly kind: 'recording'; readonly recordings: Recordings; readonly waits: { atMs: UnixMs } | null }
  | { readonly kind: 'push' }
  | { readonly kind: 'exchange'; readonly feed: ExchangeFeed }

interface FeedParts {
  readonly desks: Desks
  readonly timeline: Timeline
  readonly wall: Clock
  readonly work: WorkBoard
  readonly log: RoomLog
  readonly signal: AbortSignal
}

/** Runs through what is history, and gives what a driver needs to go on from there. */
export async function openRoomFeeds(feed: FeedChoice, parts: FeedParts): Promise<OpenedFeeds> {
  switch (feed.kind) {
    case 'push':
      return { kind: 'push' }
    case 'exchange':
      return { kind: 'exchange', feed: await ExchangeFeed.open({ ...parts, choice: feed }) }
    case 'recording': {
      const { log, signal } = parts
      const recordings = new Recordings(parts.desks, feed, { log, signal })
      if (feed.features !== null) await takeFeatures(feed.features, parts)
      await runToOpening(feed, recordings, parts).catch((error: unknown) => {
        // A file that is being read when the room ends is left there and then.
        if (!signal.aborted) throw error
      })
      return { kind: 'recording', recordings, waits: feed.firstStopMs === null ? null : { atMs: feed.firstStopMs } }
    }
    default:
      return unreachable(feed)
  }
}

async function takeFeatures(path: string, { desks, wall, log, signal }: FeedParts): Promise<void> {
  const desk = desks.of(undefined)
  const { added, known } = await importValues(desk, path, { wallMs: wall.now(), signal })
  log.info(`${desk.symbol}: ${added} values of ${path}, ${known} were there`)
}

async function runToOpening(feed: RecordingFeedChoice, recordings: Recordings, parts: FeedParts): Promise<void> {
  const { desks, timeline, work, signal } = parts
  const openMs = await openingMoment(desks, feed, recordings)
  if (openMs === null) return
  desks.store.facts.set('historyUntilMs', openMs)
  work.begin('history', { symbol: desks.symbols[0] ?? '', what: 'history', cancellable: false }, signal)
  const { symbols } = desks
  for (const [i, symbol] of symbols.entries()) {
    const recording = await recordings.open(symbol)
    const { clockMs } = desks.of(symbol).tape.feed
    const startMs = clockMs > 0 ? clockMs : ((await recording.nextKnownMs()) ?? openMs)
    await runHistory({
      timeline,
      desk: desks.of(symbol),
      feed: recording,
      untilMs: openMs,
      signal,
      onProgress: (atMs) => {
        const mine = openMs > startMs ? (atMs - startMs) / (openMs - startMs) : 1
        work.progress('history', {
          symbol,
          what: 'history',
          step: `${symbol} ${minuteText(atMs)}`,
          share: (i + mine) / symbols.length,
        })
      },
    })
    await recording.close()
  }
  work.end('history')
  if (!signal.aborted) desks.store.facts.set('historyUntilMs', 0)
}

/**
 * Up to when bars are history. A first start runs to the stop that was named, else to so many days after the first model's
 * window; a start that was killed on the way goes on to the same moment; every other start opens where it was.
 */
async function openingMoment(desks: Desks, feed: RecordingFeedChoice, recordings: Recordings): Promise<UnixMs | null> {
  const { config } = desks.options
  if (feed.firstStopMs !== null) return feed.firstStopMs
  const begun = desks.store.facts.get('historyUntilMs') ?? 0
  if (begun > 0) return begun
  const clocks = desks.symbols.map((symbol) => desks.of(symbol).tape.feed.clockMs)
  const furthest = Math.max(0, ...clocks)
  // A symbol that joins a room is run up to where the others stand.
  if (furthest > 0) return clocks.some((clockMs) => clockMs < furthest) ? furthest : null
  let openMs: UnixMs | null = null
  for (const symbol of desks.symbols) {
    const recording = await recordings.open(symbol)
    const firstMs = await recording.nextKnownMs()
    await recording.close()
    if (firstMs === null) continue
    const firstMidnight = floorTo(firstMs - MINUTE_MS + DAY_MS - 1, DAY_MS)
    const mine = firstMidnight + (config.training.window_days + config.history.open_after_days) * DAY_MS
    openMs = openMs === null ? mine : Math.max(openMs, mine)
  }
  return openMs
}
