import type { UnixMs } from './units.ts'

/** Where the time comes from. The market clock and the wall clock are both of this shape, and never the same value. */
export interface Clock {
  now(): UnixMs
}

/** Which market clock a symbol goes by: the times of a recording that is played, or the machine's. */
export const CLOCK_KINDS = ['replay', 'real'] as const

export type ClockKind = (typeof CLOCK_KINDS)[number]

/** The machine's clock. */
export const wallClock: Clock = { now: () => Date.now() }

/** A clock that stays where it was set: the market clock of a replay, and every clock in a test. */
export class ManualClock implements Clock {
  constructor(private ms: UnixMs) {}

  now(): UnixMs {
    return this.ms
  }

  set(ms: UnixMs): void {
    this.ms = ms
  }
}

/** A span of wall time in milliseconds with sub-millisecond resolution, for latencies. */
export type Stopwatch = () => number

/** Milliseconds since an arbitrary moment, never going back. */
export const monotonicMs: Stopwatch = () => performance.now()
