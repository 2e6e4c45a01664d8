import type { Clock } from '../../src/engine/kernel/clock.ts'
import type { Timers } from '../../src/notify/timers.ts'

interface Alarm {
  readonly atMs: number
  readonly run: () => void
}

/** A clock and the timers that go by it, both in the test's hands. */
export class Clockwork implements Clock, Timers {
  private alarms: Alarm[] = []

  constructor(private ms: number) {}

  now(): number {
    return this.ms
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { atMs: this.ms + ms, run }
    this.alarms.push(alarm)
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm)
    }
  }

  /** How long until the next alarm; null when none is set. */
  get nextMs(): number | null {
    const [next] = this.ordered()
    return next === undefined ? null : next.atMs - this.ms
  }

  /** Puts the clock on to the next alarm and lets it go off. @throws when none is set */
  ring(): void {
    const [next] = this.ordered()
    if (next === undefined) throw new Error('nothing is to happen later')
    this.ms = Math.max(this.ms, next.atMs)
    this.alarms = this.alarms.filter((alarm) => alarm !== next)
    next.run()
  }

  /** As when a machine's clock is corrected; alarms count on. */
  set(ms: number): void {
    const by = ms - this.ms
    this.alarms = this.alarms.map((alarm) => ({ ...alarm, atMs: alarm.atMs + by }))
    this.ms = ms
  }

  private ordered(): Alarm[] {
    return [...this.alarms].sort((a, b) => a.atMs - b.atMs)
  }
}
