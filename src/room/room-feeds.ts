import { isoTime, DAY_MS, floorTo, type UnixMs } from '../engine/kernel/units.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { Clock } from '../engine/kernel/clock.ts'
import type { RecordingFeed } from '../feeds/recording.ts'
import type { Config } from './config.ts'
import type { Core } from './core.ts'
import { ExchangeFeed, type ExchangeChoice } from './exchange-feed.ts'
import { runHistory } from './history.ts'
import { openRecording } from './recordings.ts'
import type { WorkBoard } from './work-board.ts'

export interface RecordingChoice {
  readonly symbol: string
  readonly path: string
}

/** Where bars come from. */
export type FeedChoice =
  | {
      readonly kind: 'recording'
      readonly recordings: readonly RecordingChoice[]
      readonly fromMs: UnixMs
      readonly untilMs: UnixMs
      /** `--speed max --until T`: history runs to T and the room waits there. */
      readonly firstStopMs: UnixMs | null
    }
  | { readonly kind: 'push'; readonly symbols: readonly string[] }
  | ExchangeChoice

export type OpenedFeeds =
  | {
      readonly kind: 'recording'
      readonly open: (symbol: string) => Promise<RecordingFeed>
      readonly waits: { atMs: UnixMs } | null
    }
  | { readonly kind: 'push' }
  | { readonly kind: 'exchange'; readonly feed: ExchangeFeed }

/** Runs through what is history, and gives what the player needs to go on from there. */
export async function openRoomFeeds(
  core: Core,
  options: {
    readonly feed: FeedChoice
    readonly config: Config
    readonly wall: Clock
    readonly note?: ((text: string) => void) | undefined
  },
  work: WorkBoard,
  signal: AbortSignal,
): Promise<OpenedFeeds> {
  const { feed, config } = options
  if (feed.kind === 'push') return { kind: 'push' }
  if (feed.kind === 'exchange') {
    const note = options.note ?? (() => undefined)
    return {
      kind: 'exchange',
      feed: await ExchangeFeed.open({ core, choice: feed, wall: options.wall, work, signal, note }),
    }
  }
  const span = { fromMs: feed.fromMs, untilMs: feed.untilMs }
  const open = async (symbol: string): Promise<RecordingFeed> => {
    const recording = feed.recordings.find((choice) => choice.symbol === symbol)
    // A symbol that an earlier room had and nobody plays now stands where it was.
    const path = recording?.path ?? core.station(symbol).desk.feed.path
    if (path === null)
      throw new OperatorError(
        `${symbol} has no recording`,
        'none was named',
        `name it with --recording ${symbol}=FILE`,
        'recording',
      )
    return (await openRecording(core, symbol, path, span)).feed
  }
  await runToOpening(core, feed, config, open, work, signal)
  return { kind: 'recording', open, waits: feed.firstStopMs === null ? null : { atMs: feed.firstStopMs } }
}

async function runToOpening(
  core: Core,
  feed: Extract<FeedChoice, { kind: 'recording' }>,
  config: Config,
  open: (symbol: string) => Promise<RecordingFeed>,
  work: WorkBoard,
  signal: AbortSignal,
): Promise<void> {
  const openMs = await openingMoment(core, feed, config, open)
  if (openMs === null) return
  core.store.access.setMeta('history_until', String(openMs))
  work.begin('history', { symbol: core.symbols[0] ?? '', what: 'history', cancellable: false }, signal)
  const { symbols } = core
  for (const [i, symbol] of symbols.entries()) {
    const recording = await open(symbol)
    const { desk } = core.station(symbol)
    const startMs = desk.feed.clockMs > 0 ? desk.feed.clockMs : ((await recording.nextKnownMs()) ?? openMs)
    await runHistory({
      core,
      symbol,
      feed: recording,
      untilMs: openMs,
      signal,
      onProgress: (atMs) => {
        const mine = openMs > startMs ? (atMs - startMs) / (openMs - startMs) : 1
        work.progress('history', {
          symbol,
          what: 'history',
          step: `${symbol} ${isoTime(atMs).slice(0, 16).replace('T', ' ')}`,
          share: (i + mine) / symbols.length,
        })
      },
    })
    await recording.close()
  }
  work.end('history')
  if (!signal.aborted) core.store.access.setMeta('history_until', '0')
}

/**
 * Up to when bars are history. A first start runs to the stop that was named, else to so many days after the first model's
 * window; a start that was killed on the way goes on to the same moment; every other start opens where it was.
 */
async function openingMoment(
  core: Core,
  feed: Extract<FeedChoice, { kind: 'recording' }>,
  config: Config,
  open: (symbol: string) => Promise<RecordingFeed>,
): Promise<UnixMs | null> {
  const { access } = core.store
  if (feed.firstStopMs !== null) return feed.firstStopMs
  const begun = Number(access.getMeta('history_until') ?? '0')
  if (begun > 0) return begun
  const clocks = core.symbols.map((symbol) => core.station(symbol).desk.feed.clockMs)
  const furthest = Math.max(0, ...clocks)
  // A symbol that joins a room is run up to where the others stand.
  if (furthest > 0) return clocks.some((clockMs) => clockMs < furthest) ? furthest : null
  let openMs: UnixMs | null = null
  for (const symbol of core.symbols) {
    const recording = await open(symbol)
    const firstMs = await recording.nextKnownMs()
    await recording.close()
    if (firstMs === null) continue
    const firstMidnight = floorTo(firstMs - 60_000 + DAY_MS - 1, DAY_MS)
    const mine = firstMidnight + (config.training.window_days + config.history.open_after_days) * DAY_MS
    openMs = openMs === null ? mine : Math.max(openMs, mine)
  }
  return openMs
}
