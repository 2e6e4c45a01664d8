import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { Ping } from '../notify/ping.ts'
import type { Timers } from '../notify/timers.ts'

/** A real feed has a moment every minute; one that is so late means that the room stands still. */
const LATEST_MOMENT_MS = 3 * MINUTE_MS

export interface Vitals {
  readonly open: boolean
  readonly clock: 'replay' | 'real'
  /** The oldest of the symbols' newest finished moments, market time; null before the first. */
  readonly momentMs: UnixMs | null
  readonly wallMs: UnixMs
  /** Whether moments are finished: a recording whose moments cannot be stored stands still too. */
  readonly feedTrouble: boolean
}

/** Why the room may not be called alive; null when it may. A recording that a person has paused is alive. */
export function ailment({ open, clock, momentMs, wallMs, feedTrouble }: Vitals): string | null {
  if (!open) return 'the room is not open'
  if (feedTrouble) return 'the feed stands still'
  if (clock === 'real' && momentMs !== null && wallMs - momentMs > LATEST_MOMENT_MS)
    return `the last minute was finished ${Math.round((wallMs - momentMs) / 1_000)} s ago`
  return null
}

export interface DeadManParts {
  readonly ping: Ping
  readonly everyMs: number
  readonly timers: Timers
  readonly signal: AbortSignal
  readonly vitals: () => Vitals
  readonly onTrouble: (text: string) => void
  readonly onPinged: () => void
}

/**
 * Pings for as long as the room is well; whoever is pinged raises the alarm when the pings stop. A ping that fails is not
 * tried again before the next is due.
 */
export class DeadMan {
  private underWay: Promise<void> | null = null
  private callOff: () => void = () => undefined

  constructor(private readonly parts: DeadManParts) {
    parts.signal.addEventListener('abort', () => this.callOff(), { once: true })
  }

  start(): void {
    const { timers, everyMs, signal, vitals, onTrouble } = this.parts
    if (signal.aborted) return
    const ails = ailment(vitals())
    // Once it is well again it must be heard in time, however rarely it pings.
    const nextMs = ails === null ? everyMs : Math.min(everyMs, MINUTE_MS)
    this.callOff = timers.after(nextMs, () => this.start())
    if (ails !== null) onTrouble(`no ping is sent: ${ails}`)
    else if (this.underWay === null)
      this.underWay = this.beat().finally(() => {
        this.underWay = null
      })
  }

  /** Resolves when no ping is under way. */
  async settled(): Promise<void> {
    await this.underWay
  }

  private async beat(): Promise<void> {
    const { ping, signal, onTrouble, onPinged } = this.parts
    const delivered = await ping(signal)
    if (signal.aborted) return
    if (delivered.ok) onPinged()
    else onTrouble(delivered.why)
  }
}
