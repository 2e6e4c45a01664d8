/** Commands and queries as routes: what a request asks is given to the room, and its answer goes back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { Answers, Caller, CommandKind } from '../control/commands.ts'
import type { Findings, QueryKind } from '../control/queries.ts'
import { invalid } from '../engine/kernel/errors.ts'
import type { CommandRoute } from './command-route.ts'
import { COMMAND_ROUTES } from './command-routes.ts'
import { bearerOf, guarded, parseRequest, readerOf } from './door.ts'
import { QUERY_ROUTES, type QueryRoute } from './query-routes.ts'
import { textsOf, type ApiParts } from './route.ts'
import { namesIn } from './wire.ts'

const Body = z.record(z.string(), z.unknown())

type Parts = Pick<ApiParts, 'room' | 'door'>

export function queryRoutes(app: FastifyInstance, parts: Parts): void {
  for (const kind of kindsOf(QUERY_ROUTES)) {
    const { paths } = QUERY_ROUTES[kind]
    for (const path of paths) app.get(path, (request, reply) => readOf(parts, kind, request, reply))
  }
}

/** @param largeBody bytes that a body of pushed data may have */
export function commandRoutes(app: FastifyInstance, parts: Parts, largeBody: number): void {
  for (const kinds of commandsByPath()) {
    const { method, path, large, open } = COMMAND_ROUTES[kinds[0]]
    const callerOf = (request: FastifyRequest): Caller =>
      open === true ? (readerOf(parts.door, request) ?? { by: 'caller' }) : bearerOf(parts.door, request)
    app.route({
      method,
      url: path,
      ...(large === undefined ? {} : { bodyLimit: large === true ? largeBody : large }),
      // Before the body is read: somebody without a token makes the room parse nothing.
      onRequest: guarded(callerOf),
      handler: (request, reply) => {
        const caller = callerOf(request)
        const body = parseRequest(Body, request.body === undefined ? {} : request.body, 'body')
        const { kind, rest } = chosen(kinds, body)
        return askOf(parts, kind, caller, { request, reply, body: rest })
      },
    })
  }
}

/** Commands that stand on one path, told apart by a flag of the body. */
export function commandsByPath(): readonly (readonly [CommandKind, ...CommandKind[]])[] {
  const found = new Map<string, [CommandKind, ...CommandKind[]]>()
  for (const kind of kindsOf(COMMAND_ROUTES)) {
    const { method, path } = COMMAND_ROUTES[kind]
    const place = `${method} ${path}`
    const there = found.get(place)
    if (there === undefined) found.set(place, [kind])
    else there.push(kind)
  }
  return [...found.values()]
}

async function readOf<K extends QueryKind>(
  { room, door }: Parts,
  kind: K,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Findings[K]> {
  const { paths, fields, statusOf, token }: QueryRoute<K> = QUERY_ROUTES[kind]
  if (token === true) bearerOf(door, request)
  else readerOf(door, request)
  const named = { ...textsOf(request.query), ...textsOf(request.params) }
  const taken = parseRequest(fields, named, 'query', namesIn(paths[0]))
  const answer = await room.read<K>({ kind, ...taken })
  if (statusOf !== undefined) reply.status(statusOf(answer))
  return answer
}

interface Call {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly body: Readonly<Record<string, unknown>>
}

async function askOf<K extends CommandKind>(
  { room }: Parts,
  kind: K,
  caller: Caller,
  { request, reply, body }: Call,
): Promise<Answers[K]> {
  const { path, fields, status, query = [] }: CommandRoute<K> = COMMAND_ROUTES[kind]
  const inPath = namesIn(path)
  const stray = Object.keys(body).filter((name) => inPath.includes(name) || query.includes(name))
  if (stray.length > 0)
    throw invalid('the body does not fit', `${stray.join(', ')}: stands in the URL`, 'see /openapi.json', 'body')
  const texts = textsOf(request.query)
  const inQuery = Object.fromEntries(query.flatMap((name) => (name in texts ? [[name, texts[name]]] : [])))
  const taken = parseRequest(fields, { ...body, ...inQuery, ...textsOf(request.params) }, 'body', inPath)
  const answer = await room.ask<K>({ kind, by: caller.by, byPerson: caller.byPerson, ...taken })
  reply.status(status ?? 200)
  return answer
}

/** Which of the commands of one path is meant, and the body without the flag that says so. */
function chosen(
  kinds: readonly [CommandKind, ...CommandKind[]],
  body: Readonly<Record<string, unknown>>,
): { readonly kind: CommandKind; readonly rest: Readonly<Record<string, unknown>> } {
  const [first] = kinds
  const { flag } = COMMAND_ROUTES[first]
  if (flag === undefined) return { kind: first, rest: body }
  const { [flag.name]: raised = false, ...rest } = body
  const is = parseRequest(z.object({ [flag.name]: z.boolean() }), { [flag.name]: raised }, 'body')[flag.name]
  return { kind: kinds.find((kind) => COMMAND_ROUTES[kind].flag?.is === is) ?? first, rest }
}

/** The keys of a table, typed as what they are: a table has no others. */
function kindsOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table).filter((name): name is K => name in table)
}
