/** `GET /events`: server-sent events of everything that happens in the room. */
import type { HealthDocument } from '../control/answers.ts'
import type { ControlRoom } from '../control/control-room.ts'
import { invalid } from '../engine/kernel/errors.ts'
import type { EventHub } from './event-hub.ts'
import type { PlainRoute } from './route.ts'

const LAST_ID_HEADER = 'last-event-id'
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  // A stream that has ended must not keep the server from closing.
  connection: 'close',
}

export function eventRoute(hub: EventHub, room: ControlRoom): PlainRoute {
  return {
    url: '/events',
    summary:
      'Server-sent events: every event of the room from now on; with Last-Event-ID (header or query) those after it, 0 for all',
    query: ['symbol', LAST_ID_HEADER],
    type: 'text/event-stream',
    handle: async ({ request, reply, query }) => {
      const lastId = lastIdOf(request.headers[LAST_ID_HEADER] ?? query[LAST_ID_HEADER])
      const { symbol } = query.symbol === undefined ? { symbol: null } : await health(room, query.symbol)
      hub.refuseMore()
      if (request.method === 'HEAD') return reply.headers(HEADERS).send()
      reply.hijack()
      reply.raw.writeHead(200, HEADERS)
      hub.open(reply.raw, { lastId, symbol })
      return reply
    },
  }
}

/** @throws OperatorError 404 for a symbol that the room does not have */
function health(room: ControlRoom, symbol: string): Promise<HealthDocument> {
  return room.read({ kind: 'health', symbol })
}

/** @throws OperatorError 422 for what is not an id */
function lastIdOf(text: string | string[] | undefined): number | null {
  if (text === undefined || text === '') return null
  const id = Number(text)
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return id
  throw invalid(
    `"${String(text)}" is not an event id`,
    'an id is a whole number',
    'send the id of the last event that you have, or 0 for all',
    'last_event_id',
  )
}
