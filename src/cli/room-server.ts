import { Access } from '../api/access.ts'
import type { Metrics } from '../api/metrics.ts'
import { startServer } from '../api/server.ts'
import { wallClock } from '../engine/kernel/clock.ts'
import type { LiveRoom } from '../room/live-room.ts'
import type { SmokeRuns } from '../room/validation/smoke-run.ts'
import type { Context } from './context.ts'

export interface RoomServerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  readonly smokes: SmokeRuns
  readonly onBug: (error: unknown) => void
}

/** Lets a room be asked over HTTP; it knows its URL from then on. @throws OperatorError when the port is taken or not allowed */
export async function serveRoom(
  room: LiveRoom,
  context: Context,
  options: RoomServerOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const access = new Access(room.desks.store, context.dataDir, () => wallClock.now())
  access.ensureOwn()
  const { http } = context.config
  const server = await startServer(
    { room, access, metrics: options.metrics, smokes: options.smokes },
    {
      host: options.host,
      port: options.port,
      bodyLimit: http.body_limit_bytes,
      feedBodyLimit: http.feed_body_limit_bytes,
      onBug: options.onBug,
    },
  )
  room.state.listensAt(server.url)
  return server
}
