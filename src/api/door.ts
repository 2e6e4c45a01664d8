import { isIP } from 'node:net'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import * as z from 'zod'
import type { Caller } from '../control/commands.ts'
import { forbidden, notFound, OperatorError, unauthorized } from '../engine/kernel/errors.ts'
import { misfit } from './misfit.ts'

/** Knows people and programs by what they send. */
export interface Doorkeeper {
  /** Whose token this `Authorization` header carries; null when it carries none that is in force. */
  callerOf(authorization: string | undefined): Caller | null
}

type Headed = Pick<FastifyRequest, 'headers' | 'ip'>

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Who reads: whoever sent a token, or null for somebody on this machine. @throws OperatorError 401 for anybody else */
export function readerOf(door: Doorkeeper, request: Headed): Caller | null {
  const who = door.callerOf(request.headers.authorization)
  if (who === null && !LOOPBACK.has(request.ip)) throw tokenNeeded()
  return who
}

/** Who may change things: whoever sent a token. @throws OperatorError 401 where none fits */
export function bearerOf(door: Doorkeeper, request: FastifyRequest): Caller {
  const who = door.callerOf(request.headers.authorization)
  if (who === null) throw tokenNeeded()
  return who
}

/** A look at a request before its body is read; what it throws is the answer. */
export function guarded(look: (request: FastifyRequest) => unknown): onRequestHookHandler {
  return (request, _reply, done) => {
    try {
      look(request)
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
      return
    }
    done()
  }
}

/**
 * Refuses what a web page in somebody's browser sends: under a name that leads to this address (DNS rebinding), or from another
 * origin. An address or `localhost` cannot be rebound, programs send no origin, and no page has a token.
 * @throws OperatorError 403
 */
export function refuseForeign(door: Doorkeeper, { headers }: Pick<FastifyRequest, 'headers'>): void {
  const { host, origin, authorization } = headers
  const bySameOrigin = origin === undefined || (host !== undefined && hostOf(origin) === host)
  if (bySameOrigin && (host === undefined || isOwnHost(host))) return
  if (door.callerOf(authorization) !== null) return
  throw forbidden(
    bySameOrigin ? `this room is not known as ${host}` : `a page of ${origin} may not ask this room`,
    'a web page in a browser on this machine could ask in the same way',
    'ask 127.0.0.1 or localhost, or send Authorization: Bearer with a token',
    bySameOrigin ? 'host' : 'origin',
  )
}

/** The last few that were accepted, so that each request needs one look. */
const ownHosts = new Set<string>()
const MOST_OWN_HOSTS = 64

function isOwnHost(host: string): boolean {
  if (ownHosts.has(host)) return true
  const name = nameIn(`http://${host}`)?.replace(/^\[|\]$/g, '')
  if (name === undefined || (name !== 'localhost' && isIP(name) === 0)) return false
  if (ownHosts.size >= MOST_OWN_HOSTS) ownHosts.clear()
  ownHosts.add(host)
  return true
}

/** Host and port of an origin; undefined where it is none, as `null` of a page without one. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function nameIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

function tokenNeeded(): OperatorError {
  return unauthorized(
    'a valid token is needed',
    'this changes something, or comes from another machine',
    'send Authorization: Bearer with the token of the data directory; where the file token is missing there, start the room again',
    'token',
  )
}

/**
 * What a request holds, as its schema has it. @param inPath the names that its path holds: what they name is there, or is not
 * @throws OperatorError 422 naming each field that does not fit, 404 for one of the path
 */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown, what: string, inPath: readonly string[] = []): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const missed = issues.find(({ path }) => inPath.includes(String(path[0])))
  if (missed !== undefined) {
    const name = String(missed.path[0])
    const named = z.record(z.string(), z.unknown()).parse(value)[name]
    throw notFound(`there is no ${name} ${String(named)}`, missed.message, 'name one of these', name)
  }
  throw misfit(parsed.error, what)
}
