import { randomUUID } from 'node:crypto'
import type { FactRepo } from '../db/facts.ts'
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
  const { journal, facts } = desks.store
  access.ensureOwn()
  const server = await startServer(
    { room, serving, figures: room, metrics, door: access, journal, version, id: idOf(facts) },
    { ...options, bodyLimit: http.body_limit_bytes, feedBodyLimit: http.feed_body_limit_bytes },
  )
  room.state.listensAt(server.url)
  return server
}

/** Made at the first start of a directory. */
function idOf(facts: FactRepo): string {
  const known = facts.get('id')
  if (known !== null) return known
  const made = randomUUID()
  facts.set('id', made)
  return made
}
