import type { ClockKind } from '../../engine/kernel/clock.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { Ping } from '../../notify/ping.ts'
import type { Timers } from '../../notify/timers.ts'
import type { ChannelHealth } from './delivery.ts'

/** A real feed has a moment every minute; one this late means that the room has stalled. */
const LATEST_MOMENT_MS = 3 * MINUTE_MS
/** As which its troubles are shown. */
const CHANNEL = 'dead_man'

export interface Vitals {
  readonly open: boolean
  readonly clock: ClockKind
  /** The oldest of the symbols' newest finished moments, market time; null before the first. */
  readonly momentMs: UnixMs | null
  readonly wallMs: UnixMs
  /** Whether moments fail to be stored: a recording can stall too. */
  readonly feedTrouble: boolean
}

/** What the dead man's ping looks at before it says that the room is alive. */
export interface VitalSigns {
  read(): Vitals
}

/** Why the room may not be called alive; null when it may. A recording that a person has paused is alive. */
export function ailment({ open, clock, momentMs, wallMs, feedTrouble }: Vitals): string | null {
  if (!open) return 'the room is not open'
  if (feedTrouble) return 'the feed has stalled'
  if (clock === 'real' && momentMs !== null && wallMs - momentMs > LATEST_MOMENT_MS)
    return `the last minute was finished ${Math.round((wallMs - momentMs) / 1_000)} s ago`
  if (clock === 'real' && momentMs !== null && momentMs - wallMs > LATEST_MOMENT_MS)
    return `this machine's clock is ${Math.round((momentMs - wallMs) / 1_000)} s behind the newest minute`
  return null
}

interface DeadManParts {
  readonly ping: Ping
  readonly everyMs: number
  readonly timers: Timers
  readonly signal: AbortSignal
  readonly vitals: VitalSigns
  readonly health: ChannelHealth
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
    const { timers, everyMs, signal, vitals, health } = this.parts
    if (signal.aborted) return
    const ails = ailment(vitals.read())
    // Once it is well again it must be heard in time, however rarely it pings.
    const nextMs = ails === null ? everyMs : Math.min(everyMs, MINUTE_MS)
    this.callOff = timers.after(nextMs, () => this.start())
    if (ails !== null) health.failed(CHANNEL, `no ping is sent: ${ails}`)
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
    const { ping, signal, health } = this.parts
    const delivered = await ping(signal)
    if (signal.aborted) return
    if (delivered.ok) health.works(CHANNEL)
    else health.failed(CHANNEL, delivered.why)
  }
}
