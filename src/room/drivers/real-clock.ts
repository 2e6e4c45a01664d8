import { messageOf } from '../../engine/kernel/errors.ts'
import { floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { Pacing } from './pace.ts'

const HALF_MINUTE_MS = MINUTE_MS / 2

/** Runs a real feed's moments: one a minute of the machine's clock, and between two of them the alert rules alone. */
export class RealClock {
  /** The minute that was gone through last. */
  private minuteMs: UnixMs

  constructor(private readonly parts: Pacing) {
    this.minuteMs = floorTo(parts.wall.now(), MINUTE_MS)
  }

  async run(): Promise<void> {
    const { desks, wall, signal } = this.parts
    while (!signal.aborted) {
      const nextMs = this.nextMs()
      await untilWall(nextMs - wall.now(), signal)
      if (signal.aborted) return
      this.minuteMs = floorTo(nextMs, MINUTE_MS)
      try {
        await this.parts.turns.take(() => this.moment(nextMs))
        desks.troubles.clear('feed')
      } catch (error) {
        desks.troubles.report('feed', `a minute could not be finished: ${messageOf(error)}`)
      }
    }
  }

  private nextMs(): UnixMs {
    const nowMs = this.parts.wall.now()
    const minuteMs = floorTo(nowMs, MINUTE_MS)
    // A moment that took until after the minute's start: the minute is gone through late rather than left out.
    return minuteMs > this.minuteMs ? minuteMs : floorTo(nowMs, HALF_MINUTE_MS) + HALF_MINUTE_MS
  }

  private async moment(atMs: UnixMs): Promise<void> {
    const { desks, timeline } = this.parts
    for (const desk of desks.all()) {
      if (atMs % MINUTE_MS !== 0) await timeline.between(desk, atMs)
      else if (desk.tape.feed.clockMs < atMs) await timeline.live(desk, [], atMs)
    }
    timeline.writeOut()
  }
}

function untilWall(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.max(0, ms))
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
