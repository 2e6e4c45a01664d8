import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import { notFound, OperatorError, unauthorized } from '../engine/kernel/errors.ts'
import { misfit } from './misfit.ts'

/** Knows people and programs by what they send. */
export interface Doorkeeper {
  /** Whose token this `Authorization` header carries; null when it carries none that is in force. */
  nameOf(authorization: string | undefined): string | null
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Who reads: the name of a token, or null for somebody on this machine. @throws OperatorError 401 for anybody else */
export function readerOf(door: Doorkeeper, request: FastifyRequest): string | null {
  const who = door.nameOf(request.headers.authorization)
  if (who === null && !LOOPBACK.has(request.ip)) throw tokenNeeded()
  return who
}

/** Who may change things: the name of a token. @throws OperatorError 401 where none fits */
export function bearerOf(door: Doorkeeper, request: FastifyRequest): string {
  const who = door.nameOf(request.headers.authorization)
  if (who === null) throw tokenNeeded()
  return who
}

function tokenNeeded(): OperatorError {
  return unauthorized(
    'a token is needed',
    'this changes something, or comes from another machine',
    'send Authorization: Bearer with the token of the data directory',
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
