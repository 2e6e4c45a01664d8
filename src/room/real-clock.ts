import { messageOf } from '../engine/kernel/errors.ts'
import { floorTo, MINUTE_MS } from '../engine/kernel/units.ts'
import type { PlayerParts } from './player.ts'

/** Runs a real feed's moments: one a minute of the machine's clock. */
export class RealClock {
  constructor(private readonly parts: PlayerParts) {}

  async run(): Promise<void> {
    const { core, wall, exclusive, signal } = this.parts
    while (!signal.aborted) {
      const nextMs = floorTo(wall.now(), MINUTE_MS) + MINUTE_MS
      await untilWall(nextMs - wall.now(), signal)
      if (signal.aborted) return
      try {
        await exclusive(async () => {
          for (const station of core.stations.values()) {
            if (station.desk.feed.clockMs < nextMs) await core.timeline.live(station, [], nextMs)
          }
          core.writeLogs()
          core.drainOutbox()
        })
        core.clearTrouble('feed')
      } catch (error) {
        core.trouble('feed', `a minute could not be finished: ${messageOf(error)}`)
        for (const symbol of core.symbols) core.reopenDesk(symbol)
      }
    }
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
