import type { Turns } from '../../work/turns.ts'
import type { Judging } from '../timeline/assemble.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'

/** What most handlers of a room need. */
export interface RoomParts extends Pick<Judging, 'judge' | 'release'> {
  readonly desks: Desks
  readonly turns: Turns
  /** @throws OperatorError 404 for a symbol that the room does not have, 503 while it is not open */
  readonly openDesk: (symbol: string | undefined) => Desk
}
