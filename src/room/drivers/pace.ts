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

/** A pause that whoever knows better ends. */
export class Rest {
  private wake: () => void = () => undefined

  /** @param signal ends each for good */
  constructor(private readonly signal: AbortSignal) {
    signal.addEventListener('abort', () => this.end(), { once: true })
  }

  /** Whether it was ended before so many milliseconds had passed. */
  take(ms: number): Promise<boolean> {
    if (this.signal.aborted) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms)
      this.wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  end(): void {
    this.wake()
  }
}
