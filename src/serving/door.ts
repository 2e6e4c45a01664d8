import type { Stopwatch } from '../engine/kernel/clock.ts'
import type { Recipient } from './contract.ts'

/** A prediction as it is asked for from outside: of which market, and what of it was given. */
interface DoorRequest {
  /** The room's only one where none is named. */
  readonly symbol: string | undefined
  readonly features: Readonly<Record<string, number>> | undefined
  readonly key: string | undefined
  /** When it was accepted, on the door's stopwatch. */
  readonly acceptedMs: number
  /** The smoke run that it belongs to; null for a caller's own. */
  readonly smokeRun: string | null
}

/** Where predictions are asked for. */
export interface ServingDoor {
  readonly stopwatch: Stopwatch
  /**
   * Answers through the recipient, for a promise would let the answers of a whole turn wait for its last one.
   * @throws OperatorError 404 for a market or a smoke run that the room does not have, 503 while it is not open
   */
  ask(request: DoorRequest, recipient: Recipient): void
}
