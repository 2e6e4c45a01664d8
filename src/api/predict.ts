import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { PredictRequest } from '../serving/contract.ts'
import type { ApiParts } from './route.ts'
import { identify, parseBody } from './door.ts'

/** Features are numbers by name; which of them fit is for the service to say. */
export const PredictBody = z.strictObject({
  symbol: z.string().max(30).optional(),
  features: z.record(z.string().max(60), z.number()).optional(),
  key: z.string().min(1).max(200).optional(),
})

/** Serialised by a schema: going through zod would cost a quarter of the requests a second. */
const ANSWER_SCHEMA = {
  200: {
    type: 'object',
    properties: {
      id: { type: 'string' },
      score: { type: ['number', 'null'] },
      decision: { type: 'string' },
      model_version: { type: 'string' },
      served_by: { type: 'string' },
      reason: { type: 'string' },
      latency_ms: { type: 'number' },
    },
  },
} as const

/** Names and texts that are shorter than the shortest limit of any field. */
const PLAIN_TEXT_LENGTH = 30
const SMOKE_HEADER = 'x-onay-smoke'

/** `POST /ml/predict`, and the name that older callers know. */
export function predictRoutes(app: FastifyInstance, parts: ApiParts): void {
  // Answered by callback: the first answer of a commit is on its way while the last is still being written.
  const handler = (request: FastifyRequest, reply: FastifyReply): void => {
    const acceptedMs = parts.room.options.stopwatch() - reply.elapsedTime
    const smoke = request.headers[SMOKE_HEADER]
    identify(parts, request, smoke !== undefined)
    const body = predictBody(request.body)
    const desk = parts.room.openDesk(body.symbol)
    const asked = requestOf(parts, body, acceptedMs, smoke)
    const answering = typeof smoke === 'string' ? parts.smokes.deskOf(smoke, desk) : desk
    parts.room.service.ask(answering, asked, {
      answered: (answer) => {
        reply.send(answer)
      },
      refused: (error) => {
        reply.send(error)
      },
    })
  }
  for (const url of ['/ml/predict', '/predict-with-shadow'])
    app.post(url, { schema: { response: ANSWER_SCHEMA } }, handler)
}

/** Bodies as callers send them pass by a plain look; zod sees the others, and says what is wrong with them. */
function predictBody(body: unknown): z.infer<typeof PredictBody> {
  return isPlain(body) ? body : parseBody(PredictBody, body ?? {})
}

function isPlain(body: unknown): body is z.infer<typeof PredictBody> {
  if (!isRecord(body)) return false
  for (const name in body) {
    const value = body[name]
    if (name === 'features') {
      if (!isNumbers(value)) return false
    } else {
      if (name !== 'symbol' && name !== 'key') return false
      if (typeof value !== 'string' || value.length === 0 || value.length > PLAIN_TEXT_LENGTH) return false
    }
  }
  return true
}

function isNumbers(value: unknown): boolean {
  if (!isRecord(value)) return false
  for (const name in value) if (name.length > PLAIN_TEXT_LENGTH || !Number.isFinite(value[name])) return false
  return true
}

/** What JSON made of an object; its own names only, since JSON gives it no others. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function requestOf(
  parts: ApiParts,
  body: z.infer<typeof PredictBody>,
  acceptedMs: number,
  smoke: string | string[] | undefined,
): PredictRequest {
  const { features, key } = body
  if (smoke === undefined) return { source: 'caller', features, key, acceptedMs }
  const onShadow = typeof smoke === 'string' ? parts.smokes.listener(smoke) : null
  if (onShadow === null)
    throw new OperatorError(
      'there is no such smoke run',
      'it has ended, or the room was started anew',
      'run it again',
      'no_run',
      404,
    )
  return { source: 'smoke', features, key, acceptedMs, onShadow }
}
