import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { LiveRoom } from '../room/live-room.ts'
import type { SmokeRuns } from '../room/validation/smoke-run.ts'
import type { Access } from './access.ts'
import type { Metrics } from './metrics.ts'

/** What routes work with. */
export interface ApiParts {
  readonly room: LiveRoom
  readonly access: Access
  readonly metrics: Metrics
  readonly smokes: SmokeRuns
}

export interface Call<B> {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly body: B
  readonly query: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
  /** Who asks: the token's name, or null for one who only reads. */
  readonly who: string | null
}

/** One route: what it is, what it takes, who may use it, what it does. The OpenAPI document is made of these. */
export interface Route<B = unknown> {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly summary: string
  /** Changing something needs a token; predicting and reading on loopback do not. */
  readonly token: boolean
  readonly body?: z.ZodType<B>
  readonly query?: readonly string[]
  readonly bodyLimit?: number
  readonly answer: string
  handle(parts: ApiParts, call: Call<B>): unknown
}

/** Keeps the body's type while routes stand in one list. */
export function route<B>(definition: Route<B>): Route {
  return definition
}
