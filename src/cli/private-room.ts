import { Metrics } from '../api/metrics.ts'
import { explain } from '../db/faults.ts'
import { databasePath } from '../db/store.ts'
import { lockDirectory } from '../db/lock.ts'
import { monotonicMs, wallClock } from '../engine/kernel/clock.ts'
import type { FeedChoice } from '../room/drivers/room-feeds.ts'
import { LiveRoom } from '../room/live-room.ts'
import type { Context } from './context.ts'
import { reportError } from './errors.ts'
import { progressLine } from './progress.ts'
import { rememberedClock } from './remembered-feeds.ts'
import { refuseWithoutDatabase, stopSignal } from './as-writer.ts'

/**
 * Opens a room of this process alone, which plays nothing: its market clock stands where it stood. Closed when the work is done.
 * @param listens whether the work needs it to answer over HTTP: then on a free port, of which nobody is told
 * @throws OperatorError when another process has the directory, or there is no database
 */
export async function inPrivateRoom<T>(
  context: Context,
  what: string,
  work: (room: LiveRoom) => Promise<T>,
  listens = false,
): Promise<T> {
  refuseWithoutDatabase(context)
  // Brings an older database up to date, for which it takes the directory by itself.
  const feed = stillFeed(context.dataDir)
  const lock = lockDirectory(context.dataDir, what)
  const metrics = new Metrics()
  const progress = progressLine(context)
  try {
    const { dataDir, evidenceDir, config, version, io } = context
    const room = new LiveRoom({
      dataDir,
      evidenceDir,
      config,
      version,
      feed,
      speed: 1,
      wall: wallClock,
      stopwatch: monotonicMs,
      signal: stopSignal(io),
      meter: metrics,
      onProgress: ({ step, share }) => progress.say(share === null ? step : `${step}, ${Math.round(share * 100)} %`),
    })
    let server: { close(): Promise<void> } | null = null
    try {
      if (listens) server = await served(room, context, metrics)
      room.stand()
      return await work(room)
    } finally {
      progress.end()
      await server?.close()
      // A room shows its troubles on the screen; here nobody would see them.
      for (const trouble of room.desks.troubles.lines) io.err(`onay: ${trouble}\n`)
      await room.close()
    }
  } catch (error) {
    throw explain(databasePath(context.dataDir), error)
  } finally {
    metrics.close()
    lock.release()
  }
}

async function served(room: LiveRoom, context: Context, metrics: Metrics): Promise<{ close(): Promise<void> }> {
  const { serveRoom } = await import('./room-server.ts')
  const onBug = (error: unknown): void => void reportError(error, context.io)
  return serveRoom(room, context, { host: '127.0.0.1', port: 0, metrics, onBug })
}

/** A feed of the kind that the directory is on, which yields nothing. */
function stillFeed(dataDir: string): FeedChoice {
  if (rememberedClock(dataDir) === 'real') return { kind: 'push', symbols: [] }
  return {
    kind: 'recording',
    recordings: [],
    fromMs: Number.NEGATIVE_INFINITY,
    untilMs: Number.POSITIVE_INFINITY,
    firstStopMs: null,
    features: null,
  }
}
