/** One thing at a time, in the order in which it was asked for: moments of the timeline, and whatever else changes desks. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve()

  /** Resolves with what `work` gives, once everything that was asked for before it has ended. */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.last.then(work)
    // Who asked is given a failure; whoever comes next is not to inherit it.
    this.last = turn.catch(() => undefined)
    return turn
  }

  /** Resolves when everything that was asked for so far has ended. */
  async settled(): Promise<void> {
    await this.last
  }
}
