import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../control/commands.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { MetricsSource } from '../control/figures.ts'
import type { JournalRepo } from '../db/journal.ts'
import type { ServingDoor } from '../serving/door.ts'
import type { Doorkeeper } from './door.ts'
import type { Metrics } from './metrics.ts'

/** What the API is over: a room, by its doors. */
export interface ApiParts {
  readonly room: ControlRoom
  readonly serving: ServingDoor
  readonly figures: MetricsSource
  readonly metrics: Metrics
  readonly door: Doorkeeper
  readonly journal: Pick<JournalRepo, 'eventsAfter' | 'newestEventId' | 'onEvent'>
  readonly version: string
  /** What tells the room from every other. */
  readonly id: string
}

/** A route that is neither a command nor a query: a text, a stream, or about the connection itself. */
export interface PlainRoute {
  readonly url: string
  readonly summary: string
  /** Names that may stand in the query. */
  readonly query: readonly string[]
  /** The type of what it answers with. */
  readonly type: string
  /** @param who whoever sent a token, or null for somebody on this machine */
  handle(call: PlainCall): unknown
}

interface PlainCall {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly query: Readonly<Record<string, string>>
  readonly who: Caller | null
}

/** Names and values that came in the URL, as far as they are text. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => (typeof text === 'string' ? [[name, text]] : [])),
  )
}
