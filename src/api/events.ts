/** `GET /events`: server-sent events of everything that happens in the room. */
import { OperatorError } from '../engine/kernel/errors.ts'
import type { EventHub } from './event-hub.ts'
import { route, type Route } from './route.ts'

const LAST_ID_HEADER = 'last-event-id'
const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
  // Ended streams must not keep the server from closing.
  connection: 'close',
}

export function eventRoutes(hub: EventHub): readonly Route[] {
  return [
    route({
      method: 'GET',
      url: '/events',
      summary:
        'Server-sent events: every event of the room from now on; with Last-Event-ID (header or query) those after it, 0 for all',
      token: false,
      query: ['symbol', LAST_ID_HEADER],
      answer: 'text/event-stream',
      handle: ({ room }, { request, reply, query }) => {
        const symbol = query.symbol === undefined ? null : room.desks.of(query.symbol).symbol
        const lastId = lastIdOf(request.headers[LAST_ID_HEADER] ?? query[LAST_ID_HEADER])
        hub.refuseMore()
        if (request.method === 'HEAD') return reply.headers(HEADERS).send()
        reply.hijack()
        reply.raw.writeHead(200, HEADERS)
        hub.open(reply.raw, { lastId, symbol })
        return reply
      },
    }),
  ]
}

/** @throws OperatorError 422 for what is no id */
function lastIdOf(text: string | string[] | undefined): number | null {
  if (text === undefined || text === '') return null
  const id = Number(text)
  if (typeof text === 'string' && /^\d{1,15}$/.test(text)) return id
  throw new OperatorError(
    `${String(text)} is no event id`,
    'an id is a whole number',
    'send the id of the last event that you have, or 0 for all',
    'last_event_id',
    422,
  )
}
