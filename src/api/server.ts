import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { conflict, messageOf, OperatorError, unavailable } from '../engine/kernel/errors.ts'
import { redact } from '../notify/secret.ts'
import { commandRoutes, queryRoutes } from './dispatch.ts'
import { guarded, readerOf, refuseForeign } from './door.ts'
import { BEAT_MS, EventHub } from './event-hub.ts'
import { eventRoute } from './events.ts'
import { openApi } from './openapi.ts'
import { plainRoutes } from './plain-routes.ts'
import { predictRoutes } from './predict.ts'
import { textsOf, type ApiParts, type PlainRoute } from './route.ts'

interface ServerOptions {
  readonly host: string
  readonly port: number
  readonly bodyLimit: number
  readonly feedBodyLimit: number
  /** Errors that are bugs; the caller gets a plain 500. */
  readonly onBug: (error: unknown) => void
}

/** The HTTP API over a room. @throws OperatorError when the port is taken or not allowed */
export async function startServer(
  parts: ApiParts,
  options: ServerOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const { app } = buildServer(parts, options)
  try {
    await app.listen({ host: options.host, port: options.port })
  } catch (error) {
    throw listenFault(error, options)
  }
  const bound = app.server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : options.port
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return { url: `http://${host}:${port}`, close: () => app.close() }
}

/** The same before it listens, and what gives its events. */
export function buildServer(
  parts: ApiParts,
  options: Pick<ServerOptions, 'bodyLimit' | 'feedBodyLimit' | 'onBug'>,
): { readonly app: FastifyInstance; readonly hub: EventHub } {
  const app = Fastify({
    bodyLimit: options.bodyLimit,
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  })
  app.setErrorHandler((error, _request, reply) => sendError(reply, error, options.onBug))
  app.setNotFoundHandler((request, reply) =>
    fail(
      reply,
      404,
      'not_found',
      `there is no ${request.method} ${request.url.split('?')[0]}`,
      'see /openapi.json for every route',
    ),
  )
  let closing = false
  app.addHook('onRequest', (_request, _reply, done) => done(closing ? roomCloses() : undefined))
  app.addHook(
    'onRequest',
    guarded((request) => refuseForeign(parts.door, request)),
  )
  const hub = new EventHub({ journal: parts.journal, version: parts.version, soon: setImmediate })
  const beat = setInterval(() => hub.beat(), BEAT_MS).unref()
  app.addHook('preClose', (done) => {
    closing = true
    clearInterval(beat)
    hub.close()
    done()
  })
  const plain = [...plainRoutes(parts), eventRoute(hub, parts.room)]
  predictRoutes(app, parts)
  queryRoutes(app, parts)
  commandRoutes(app, parts, options.feedBodyLimit)
  for (const route of plain) addPlain(app, parts, route)
  // Made when it is asked for: few ask, and a room should open at once.
  let document: object | null = null
  app.get('/openapi.json', () => (document ??= openApi(plain, parts.version)))
  return { app, hub }
}

function roomCloses(): OperatorError {
  return unavailable('the room is closing', 'it takes no more requests', 'try again once it runs again', 'closing')
}

function addPlain(app: FastifyInstance, { door }: ApiParts, route: PlainRoute): void {
  app.get(route.url, async (request, reply) => {
    const who = readerOf(door, request)
    const answer = await route.handle({ request, reply, who, query: textsOf(request.query) })
    return reply.sent ? reply : answer
  })
}

function sendError(reply: FastifyReply, error: unknown, onBug: (error: unknown) => void): FastifyReply {
  if (error instanceof OperatorError)
    return fail(reply, error.status, error.code, `${error.what}: ${error.why}`, error.next, error.documents)
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  if (status === 413) return fail(reply, 413, 'too_large', 'the body is too large', 'send less at once')
  if (status >= 400 && status < 500)
    return fail(reply, status, 'bad_request', messageOf(error), 'send a JSON body with content-type application/json')
  onBug(error)
  return fail(
    reply,
    500,
    'bug',
    'something went wrong inside the room',
    'this is a bug: please report it with the log of the room',
  )
}

function fail(
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
  next: string,
  documents: Readonly<Record<string, object>> = {},
): FastifyReply {
  return reply.status(status).send({ error: { code, message: redact(message), next }, ...documents })
}

function listenFault(error: unknown, options: ServerOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return conflict(
      `port ${options.port} is taken`,
      'another program listens there',
      'start with --port, or attach to a room that listens there with: onay attach',
      'port_taken',
    )
  }
  if (code === 'EACCES')
    return conflict(
      `port ${options.port} is not allowed`,
      messageOf(error),
      'choose one above 1023 with --port',
      'port',
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return conflict(
      `${options.host} is not an address of this machine`,
      messageOf(error),
      'choose another with --host',
      'host',
    )
  return error
}
