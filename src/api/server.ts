import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { redact } from '../notify/secret.ts'
import { identify, parseBody } from './door.ts'
import { BEAT_MS, EventHub } from './event-hub.ts'
import { eventRoutes } from './events.ts'
import { openApi } from './openapi.ts'
import { predictRoutes } from './predict.ts'
import type { ApiParts, Route } from './route.ts'
import { readRoutes } from './routes-read.ts'
import { releaseRoutes } from './routes-release.ts'
import { screenRoutes } from './routes-screen.ts'
import { changeRoutes } from './routes-change.ts'
import { modelRoutes } from './routes-models.ts'
import { notifyRoutes } from './routes-notify.ts'

export interface ServerOptions {
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
  const app = Fastify({ bodyLimit: options.bodyLimit, logger: false, forceCloseConnections: 'idle' })
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
  const { desks } = parts.room
  const hub = new EventHub({ journal: desks.store.journal, version: desks.options.version, soon: setImmediate })
  const beat = setInterval(() => hub.beat(), BEAT_MS).unref()
  app.addHook('preClose', (done) => {
    clearInterval(beat)
    hub.close()
    done()
  })
  const routes = [
    ...readRoutes(),
    ...screenRoutes(),
    ...eventRoutes(hub),
    ...changeRoutes(options),
    ...modelRoutes(),
    ...releaseRoutes(),
    ...notifyRoutes(),
  ]
  predictRoutes(app, parts)
  for (const route of routes) addRoute(app, parts, route)
  const document = openApi(routes, parts.room.options.version)
  app.get('/openapi.json', () => document)
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

function addRoute(app: FastifyInstance, parts: ApiParts, route: Route): void {
  app.route({
    method: route.method,
    url: route.url,
    ...(route.bodyLimit === undefined ? {} : { bodyLimit: route.bodyLimit }),
    handler: async (request, reply) => {
      const who = identify(parts, request, route.token)
      const body = route.body === undefined ? undefined : parseBody(route.body, request.body ?? {})
      const query = textRecord(request.query)
      const answer = await route.handle(parts, { request, reply, body, query, params: textRecord(request.params), who })
      return reply.sent ? reply : answer
    },
  })
}

/** Names and values that came in the URL. */
function textRecord(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  )
}

export function sendError(reply: FastifyReply, error: unknown, onBug: (error: unknown) => void): FastifyReply {
  if (error instanceof OperatorError)
    return fail(reply, error.status, error.code, `${error.what}: ${error.why}`, error.next)
  const status =
    error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500
  if (status === 413) return fail(reply, 413, 'too_large', 'the body is too large', 'send less at once')
  if (status >= 400 && status < 500)
    return fail(reply, status, 'bad_request', messageOf(error), 'send a JSON body with content-type application/json')
  onBug(error)
  return fail(reply, 500, 'bug', 'something went wrong inside the room', 'look at its log; this is a bug')
}

function fail(reply: FastifyReply, status: number, code: string, message: string, next: string): FastifyReply {
  return reply.status(status).send({ error: { code, message: redact(message), next } })
}

function listenFault(error: unknown, options: ServerOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE') {
    return new OperatorError(
      `port ${options.port} is taken`,
      'another program listens there',
      'start with --port, or attach to a room that listens there with: onay attach',
      'port_taken',
      409,
    )
  }
  if (code === 'EACCES')
    return new OperatorError(
      `port ${options.port} is not allowed`,
      messageOf(error),
      'name one above 1023 with --port',
      'port',
      409,
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new OperatorError(
      `${options.host} is no address of this machine`,
      messageOf(error),
      'name another with --host',
      'host',
      409,
    )
  return error
}
