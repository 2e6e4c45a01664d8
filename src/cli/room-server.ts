import type { Metrics } from '../api/metrics.ts'
import { startServer } from '../api/server.ts'
import type { LiveRoom } from '../room/live-room.ts'
import type { Context } from './context.ts'

interface RoomServerOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  readonly onBug: (error: unknown) => void
}

/** Lets a room be asked over HTTP; it knows its URL from then on. @throws OperatorError when the port is taken or not allowed */
export async function serveRoom(
  room: LiveRoom,
  { config: { http }, version }: Context,
  { metrics, ...options }: RoomServerOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const { access, serving, desks } = room
  access.ensureOwn()
  const server = await startServer(
    { room, serving, figures: room, metrics, door: access, journal: desks.store.journal, version },
    { ...options, bodyLimit: http.body_limit_bytes, feedBodyLimit: http.feed_body_limit_bytes },
  )
  room.state.listensAt(server.url)
  return server
}
