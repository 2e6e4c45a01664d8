export interface BreakerLimits {
  /** Of how many last tries the error share is taken. */
  readonly window: number
  readonly minTries: number
  /** Above this share it opens. */
  readonly maxErrorShare: number
  /** While open, every n-th prediction is tried. */
  readonly probeEvery: number
  /** So many clean tries in a row close it. */
  readonly cleanToClose: number
}

export const BREAKER_LIMITS: BreakerLimits = {
  window: 200,
  minTries: 50,
  maxErrorShare: 0.02,
  probeEvery: 20,
  cleanToClose: 50,
}

type BreakerChange = 'opened' | 'closed' | null

/**
 * Keeps a failing candidate from being run on every prediction. It counts tries, not time: it behaves alike at every speed
 * of a replay.
 */
export class CircuitBreaker {
  private readonly recent: boolean[] = []
  private failures = 0
  private opened = false
  private skipped = 0
  private clean = 0

  constructor(private readonly limits: BreakerLimits = BREAKER_LIMITS) {}

  get open(): boolean {
    return this.opened
  }

  /** Comes back open after a restart; the clean tries start anew. */
  static resumedOpen(limits: BreakerLimits = BREAKER_LIMITS): CircuitBreaker {
    const breaker = new CircuitBreaker(limits)
    breaker.opened = true
    return breaker
  }

  /** Whether the candidate is to be run on this prediction. */
  admits(): boolean {
    if (!this.opened) return true
    this.skipped++
    return this.skipped % this.limits.probeEvery === 0
  }

  /** Takes in how a try ended. */
  record(ok: boolean): BreakerChange {
    return this.opened ? this.whileOpen(ok) : this.whileClosed(ok)
  }

  private whileOpen(ok: boolean): BreakerChange {
    this.clean = ok ? this.clean + 1 : 0
    if (this.clean < this.limits.cleanToClose) return null
    this.opened = false
    this.recent.length = 0
    this.failures = 0
    return 'closed'
  }

  private whileClosed(ok: boolean): BreakerChange {
    this.recent.push(ok)
    if (!ok) this.failures++
    if (this.recent.length > this.limits.window && this.recent.shift() === false) this.failures--
    const tries = this.recent.length
    if (tries < this.limits.minTries || this.failures / tries <= this.limits.maxErrorShare) return null
    this.opened = true
    this.skipped = 0
    this.clean = 0
    return 'opened'
  }
}
