import { isRecord } from '../engine/kernel/json.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { bearerOf, guarded, parseRequest, readerOf } from './door.ts'
import type { ApiParts } from './route.ts'

/** Features are numbers by name; the service says which of them it knows. */
export const PredictBody = z.strictObject({
  symbol: z.string().max(30).optional(),
  features: z.record(z.string().max(60), z.number()).optional(),
  key: z.string().min(1).max(200).optional(),
})

/** Serialised by a schema: going through zod would cost a quarter of the requests a second. */
export const ANSWER_SCHEMA = {
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

/** Texts up to this length are within the limit of every field. */
const PLAIN_TEXT_LENGTH = 30
const SMOKE_HEADER = 'x-onay-smoke'

/** `POST /ml/predict`, and the name that older callers know. */
export const PREDICT_PATHS = ['/ml/predict', '/predict-with-shadow'] as const

export function predictRoutes(app: FastifyInstance, { serving, door }: Pick<ApiParts, 'serving' | 'door'>): void {
  // Answered by callback: the first answer of a commit is on its way while the last is still being written.
  const handler = (request: FastifyRequest, reply: FastifyReply): void => {
    const acceptedMs = serving.stopwatch() - reply.elapsedTime
    const smoke = request.headers[SMOKE_HEADER]
    const { symbol, features, key } = predictBody(request.body)
    const smokeRun = smoke === undefined ? null : String(smoke)
    serving.ask(
      { symbol, features, key, acceptedMs, smokeRun },
      {
        answered: (answer) => {
          reply.send(answer)
        },
        refused: (error) => {
          reply.send(error)
        },
      },
    )
  }
  const onRequest = guarded((request) => {
    if (request.headers[SMOKE_HEADER] === undefined) readerOf(door, request)
    else bearerOf(door, request)
  })
  for (const url of PREDICT_PATHS) app.post(url, { schema: { response: ANSWER_SCHEMA }, onRequest }, handler)
}

/** A body as callers usually send it needs only a plain look; zod sees the others, and says what is wrong with them. */
function predictBody(body: unknown): z.infer<typeof PredictBody> {
  return isPlain(body) ? body : parseRequest(PredictBody, body === undefined ? {} : body, 'body')
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
