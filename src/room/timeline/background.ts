import type { Turns } from '../../work/turns.ts'

/** Long work that moments begin: a recording waits for it, so that every run of it is the same; a real feed goes on meanwhile. */
export class Background {
  /** What is at it still is not begun again. */
  private readonly running = new Set<string>()

  /** @param turns those that a real feed's moments take; null where nothing goes on meanwhile */
  constructor(private readonly turns: Turns | null) {}

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
    // Begun again when a room opens that was closed meanwhile.
    else ended.catch(() => undefined)
  }
}
