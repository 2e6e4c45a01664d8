import { existsSync } from 'node:fs'
import { Metrics } from '../api/metrics.ts'
import { noDatabase } from '../db/connect.ts'
import { databasePath } from '../db/store.ts'
import { lockDirectory } from '../db/lock.ts'
import { monotonicMs, wallClock } from '../engine/kernel/clock.ts'
import type { FeedChoice } from '../room/drivers/room-feeds.ts'
import { LiveRoom } from '../room/live-room.ts'
import { openForReading, type Context } from './context.ts'
import { reportError } from './errors.ts'
import { serveRoom } from './room-server.ts'
import { stopSignal } from './writing.ts'

/**
 * Opens a room on a free port that serves and plays nothing: its market clock stands where it stood, and nobody is told its
 * URL. Closed when the work is done.
 * @throws OperatorError when another process has the directory, or there is no database
 */
export async function inPrivateRoom<T>(
  context: Context,
  what: string,
  work: (room: LiveRoom) => Promise<T>,
): Promise<T> {
  const feed = stillFeed(context)
  const lock = lockDirectory(context.dataDir, what)
  const metrics = new Metrics()
  const signal = stopSignal(context.io)
  try {
    const { dataDir, evidenceDir, config, version } = context
    const room = new LiveRoom({
      dataDir,
      evidenceDir,
      config,
      version,
      feed,
      speed: 1,
      wall: wallClock,
      stopwatch: monotonicMs,
      signal,
      meter: metrics,
    })
    let server: Awaited<ReturnType<typeof serveRoom>> | null = null
    try {
      const { smokes } = room
      const onBug = (error: unknown): void => void reportError(error, context.io)
      server = await serveRoom(room, context, { host: '127.0.0.1', port: 0, metrics, smokes, onBug })
      room.stand()
      return await work(room)
    } finally {
      await server?.close()
      await room.close()
    }
  } finally {
    metrics.close()
    lock.release()
  }
}

/** A feed of the kind that the directory is on, which yields nothing. */
function stillFeed(context: Context): FeedChoice {
  if (!existsSync(databasePath(context.dataDir))) throw noDatabase(context.dataDir)
  const desks = openForReading(context)
  try {
    return desks.clockKind === 'real'
      ? { kind: 'push', symbols: [] }
      : {
          kind: 'recording',
          recordings: [],
          fromMs: Number.NEGATIVE_INFINITY,
          untilMs: Number.POSITIVE_INFINITY,
          firstStopMs: null,
        }
  } finally {
    desks.close()
  }
}
