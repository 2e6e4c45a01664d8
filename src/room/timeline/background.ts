import { OperatorError, reasonOf } from '../../engine/kernel/errors.ts'
import type { Turns } from '../../work/turns.ts'
import type { Troubles } from '../desk/room-state.ts'

/** Long work that moments begin: a recording waits for it, so that every run of it is the same; a real feed goes on meanwhile. */
export class Background {
  /** What is at it still is not begun again. */
  private readonly running = new Set<string>()

  /** @param turns those that a real feed's moments take; null where nothing goes on meanwhile */
  constructor(
    private readonly turns: Turns | null,
    private readonly troubles: Troubles,
  ) {}

  /**
   * @param prepare the long part; what it gives stores the outcome, in a turn of its own
   * @returns when it has ended, or at once where nobody waits
   */
  async begin(id: string, waits: boolean, prepare: () => Promise<() => void>): Promise<void> {
    if (this.running.has(id)) return
    this.running.add(id)
    const { turns } = this
    const mustWait = waits || turns === null
    const ended = prepare()
      .then((store) => (mustWait ? store() : turns.take(store)))
      .finally(() => this.running.delete(id))
    if (mustWait) await ended
    else
      ended.then(
        () => this.troubles.clear(id),
        (error: unknown) => this.failed(id, error),
      )
  }

  /** What was not stored is due still, and is begun again. */
  private failed(id: string, error: unknown): void {
    // By a room that closes: begun again when it opens.
    if (error instanceof OperatorError && error.code === 'cancelled') return
    this.troubles.report(id, `it ended, and its outcome could not be stored: ${reasonOf(error)}`)
  }
}
