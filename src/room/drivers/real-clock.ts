import { LOOK_EVERY_MS } from '../../engine/canary/plan.ts'
import type { Stopwatch } from '../../engine/kernel/clock.ts'
import { reasonOf } from '../../engine/kernel/errors.ts'
import { floorTo, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { type ClockReading, jumpText, marketTimeMs } from '../../engine/market/market-clock.ts'
import type { Desk } from '../desk/desk.ts'
import { watchStaleRows } from '../safety/stale-rows.ts'
import { REAL_PAUSES, type Pacing, type Pauses } from './pace.ts'
import { tellStandstill } from './standstill.ts'

const HALF_MINUTE_MS = MINUTE_MS / 2

interface RealClockParts extends Pacing {
  readonly stopwatch: Stopwatch
  readonly pauses?: Pauses
}

/**
 * Runs a real feed's moments: one a minute of the machine's clock, between two of them the alert rules, and while a canary runs
 * its judge. A symbol's market clock goes as far as its bars bear the machine's out, and waits there.
 */
export class RealClock {
  /** The minute that was gone through last. */
  private minuteMs: UnixMs
  private reading: ClockReading

  constructor(private readonly parts: RealClockParts) {
    this.reading = this.readClocks()
    this.minuteMs = floorTo(this.reading.wallMs, MINUTE_MS)
  }

  async run(): Promise<void> {
    const { desks, wall, signal, turns, pauses = REAL_PAUSES } = this.parts
    while (!signal.aborted) {
      const nextMs = this.nextMs()
      await pauses.wait(Math.max(0, nextMs - wall.now()), signal)
      if (signal.aborted) return
      this.minuteMs = floorTo(nextMs, MINUTE_MS)
      try {
        await turns.take(() => this.tick(nextMs))
        desks.troubles.clear('feed')
      } catch (error) {
        desks.troubles.report('feed', `a minute could not be finished: ${reasonOf(error)}`)
      }
    }
  }

  private nextMs(): UnixMs {
    const nowMs = this.parts.wall.now()
    const minuteMs = floorTo(nowMs, MINUTE_MS)
    // A moment that took until after the minute's start: the minute is gone through late rather than left out.
    if (minuteMs > this.minuteMs) return minuteMs
    return floorTo(nowMs, LOOK_EVERY_MS) + LOOK_EVERY_MS
  }

  private async tick(wallMs: UnixMs): Promise<void> {
    const { desks, timeline, wall } = this.parts
    this.noticeJump()
    for (const desk of desks.all()) {
      await this.moment(desk, wallMs)
      tellStandstill(desk, wall.now())
      watchStaleRows(desks.evidence, desk, desks.options.config, wall.now())
    }
    timeline.writeOut()
  }

  private async moment(desk: Desk, wallMs: UnixMs): Promise<void> {
    const { newestBar, feed } = desk.tape
    const atMs = marketTimeMs(newestBar, wallMs)
    if (atMs % HALF_MINUTE_MS !== 0 && !desk.canary.running) return
    // Before the first bar there is nothing to look at; a clock that stands still, or was set back, has been here.
    if (newestBar === null || atMs <= feed.clockMs) return
    const { timeline } = this.parts
    if (atMs % MINUTE_MS === 0) await timeline.live(desk, [], atMs)
    else await timeline.between(desk, atMs)
  }

  private noticeJump(): void {
    const before = this.reading
    this.reading = this.readClocks()
    const text = jumpText(before, this.reading)
    if (text === null) return
    for (const desk of this.parts.desks.all()) desk.transaction(() => desk.events.log('feed', 'warning', text))
  }

  private readClocks(): ClockReading {
    return { wallMs: this.parts.wall.now(), monotonicMs: this.parts.stopwatch() }
  }
}
