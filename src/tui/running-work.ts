import type { RoomView, WorkView } from '../control/view.ts'

/** Whether this work is the run through history before the room opens: nobody started it, and nobody can cancel it. */
export function isHistory(work: WorkView, { room }: RoomView): boolean {
  return work.id.startsWith('history') || (room.phase === 'history' && !work.cancellable)
}
