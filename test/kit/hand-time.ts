/** A clock of the machine in the hands of a test: what waits for it is woken moment by moment. */
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import type { UnixMs } from '../../src/engine/kernel/units.ts'

/** Looks at whether all is quiet, a millisecond apart: far more than any request takes. */
const TURNS = 20_000

/** Time that passes only when it is told to: whoever pauses is woken when its moment is reached. */
export class HandTime {
  readonly wall: ManualClock
  private sleepers: { atMs: UnixMs; wake: () => void }[] = []
  /** While it runs by itself a pause is over at once. */
  byItself = true
  private jumpedMs = 0

  constructor(beginsMs: UnixMs) {
    this.wall = new ManualClock(beginsMs)
  }

  readonly pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const atMs = this.wall.now() + ms
      if (this.byItself) {
        this.wall.set(atMs)
        setImmediate(resolve)
        return
      }
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        this.sleepers = this.sleepers.filter((one) => one.wake !== wake)
        resolve()
      }
      this.sleepers.push({ atMs, wake })
      signal.addEventListener('abort', wake, { once: true })
    })

  /** Sets the machine's clock by so much; whoever pauses, pauses as long as before. */
  jump(ms: number): void {
    this.jumpedMs += ms
    this.wall.set(this.wall.now() + ms)
    this.sleepers = this.sleepers.map((one) => ({ ...one, atMs: one.atMs + ms }))
  }

  /** A clock that cannot be set. */
  readonly stopwatch = (): number => this.wall.now() - this.jumpedMs

  /** Lets everything that is due up to a moment happen, each at its time. @param tasks how many pause when nothing is under way */
  async reach(atMs: UnixMs, tasks: number): Promise<void> {
    for (;;) {
      await this.idle(tasks)
      const next = this.sleepers.sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > atMs) break
      this.wall.set(Math.max(this.wall.now(), next.atMs))
      next.wake()
    }
    this.wall.set(Math.max(this.wall.now(), atMs))
  }

  private async idle(tasks: number): Promise<void> {
    for (let turn = 0; turn < TURNS && this.sleepers.length < tasks; turn++)
      await new Promise((resolve) => setTimeout(resolve, 1))
    if (this.sleepers.length < tasks) throw new Error('the feed never came to rest')
  }
}
