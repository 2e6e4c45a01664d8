import type { Core } from './core.ts'
import type { Desk } from './desk.ts'
import type { Release } from './release.ts'

/** What most handlers of a room need. */
export interface RoomParts {
  readonly core: Core
  readonly release: Release
  /** One at a time with the moments of the timeline, in the order in which they were asked for. */
  readonly inTurn: <T>(work: () => T | Promise<T>) => Promise<T>
  /** @throws OperatorError 404 for a symbol that the room does not have, 503 while it is not open */
  readonly openDesk: (symbol: string | undefined) => Desk
}
