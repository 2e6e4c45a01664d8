import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { ApiParts } from './route.ts'

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Who asks. @throws OperatorError 401 when a token is needed and none fits */
export function identify(parts: ApiParts, request: FastifyRequest, needed: boolean): string | null {
  const who = parts.access.nameOf(request.headers.authorization)
  if (who === null && (needed || !LOOPBACK.has(request.ip))) {
    throw new OperatorError(
      'a token is needed',
      'this changes something, or comes from another machine',
      'send Authorization: Bearer with the token of the data directory',
      'token',
      401,
    )
  }
  return who
}

/** The body as its schema has it. @throws OperatorError 422 naming each field that does not fit */
export function parseBody<B>(schema: z.ZodType<B>, body: unknown): B {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.slice(0, 10).map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  throw new OperatorError('the body does not fit', fields.join('; '), 'see /openapi.json', 'body', 422)
}
