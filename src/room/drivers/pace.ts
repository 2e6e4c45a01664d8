import { setTimeout as timer } from 'node:timers/promises'
import type { Clock } from '../../engine/kernel/clock.ts'
import type { Turns } from '../../work/turns.ts'
import type { Desks } from '../desk/desks.ts'
import type { Timeline } from '../timeline/timeline.ts'

/** What every driver needs to bring moments. */
export interface Pacing {
  readonly desks: Desks
  readonly timeline: Timeline
  readonly wall: Clock
  readonly turns: Turns
  readonly signal: AbortSignal
}

export interface Pauses {
  /** Waits so long, or until the signal ends it; never throws. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

export const REAL_PAUSES: Pauses = {
  wait: async (ms, signal) => {
    // The signal ends the pause early; who called looks at it.
    await timer(ms, undefined, { signal }).catch(() => undefined)
  },
}
