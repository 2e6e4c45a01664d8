import { messageOf } from '../engine/kernel/errors.ts'
import { floorTo, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { PlayerParts } from './player.ts'

const HALF_MINUTE_MS = MINUTE_MS / 2

/** Runs a real feed's moments: one a minute of the machine's clock, and between two of them the alert rules alone. */
export class RealClock {
  /** The minute that was gone through last. */
  private minuteMs: UnixMs

  constructor(private readonly parts: Pick<PlayerParts, 'core' | 'wall' | 'exclusive' | 'signal'>) {
    this.minuteMs = floorTo(parts.wall.now(), MINUTE_MS)
  }

  async run(): Promise<void> {
    const { core, wall, signal } = this.parts
    while (!signal.aborted) {
      const nextMs = this.nextMs()
      await untilWall(nextMs - wall.now(), signal)
      if (signal.aborted) return
      this.minuteMs = floorTo(nextMs, MINUTE_MS)
      try {
        await this.parts.exclusive(() => this.moment(nextMs))
        core.clearTrouble('feed')
      } catch (error) {
        core.trouble('feed', `a minute could not be finished: ${messageOf(error)}`)
        for (const symbol of core.symbols) core.reopenDesk(symbol)
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
    const { core } = this.parts
    for (const station of core.stations.values()) {
      if (atMs % MINUTE_MS !== 0) core.timeline.watchAlerts(station, atMs)
      else if (station.desk.feed.clockMs < atMs) await core.timeline.live(station, [], atMs)
    }
    core.writeLogs()
    core.drainOutbox()
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
