/**
 * The one door to a room. The room implements it in its own process and `api/remote-room.ts` over HTTP, so that one screen serves
 * both.
 */
import type { Answers, CommandKind, CommandOf } from './commands.ts'
import type { Findings, QueryKind, QueryOf } from './queries.ts'
import type { RoomView } from './view.ts'

export interface ControlRoom {
  /** What a screen shows; of the room's first symbol where none is named. Made to be asked twice a second. */
  view(symbol?: string): Promise<RoomView>
  read<K extends QueryKind>(query: QueryOf<K>): Promise<Findings[K]>
  /** @throws OperatorError with what the room refuses, and why */
  ask<K extends CommandKind>(command: CommandOf<K>): Promise<Answers[K]>
  /** Calls back when there is something new to see; a room without it is looked at twice a second. @returns what ends it */
  onChange?(listener: () => void): () => void
}
