import type { Clock } from '../../engine/kernel/clock.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'

/** An offset beyond this is a trouble: bars come late by it, or look stale. */
const OFF_MS = 3_000
/** After the turn of a minute an exchange may still write its candle. */
const SETTLE_MS = 2_000

interface ClockReading {
  /** The exchange's clock less this machine's; above 0 when the machine is behind. */
  readonly offsetMs: number
  readonly roundTripMs: number
}

/** The exchange's clock beside the machine's. A candle counts as closed when it is so by both. */
export class ExchangeClock {
  reading: ClockReading | null = null

  constructor(private readonly wall: Clock) {}

  /** Takes the exchange's time as that of the middle between asking and answer. */
  async measure(serverTimeMs: () => Promise<UnixMs | null>): Promise<void> {
    const askedMs = this.wall.now()
    const serverMs = await serverTimeMs()
    const answeredMs = this.wall.now()
    this.reading =
      serverMs === null ? null : { offsetMs: serverMs - (askedMs + answeredMs) / 2, roundTripMs: answeredMs - askedMs }
  }

  /** The earlier of the two clocks. */
  nowMs(): UnixMs {
    return this.wall.now() + Math.min(0, this.reading?.offsetMs ?? 0)
  }

  /** How long until the next minute is closed by both clocks and its candle written. */
  untilNextCloseMs(): number {
    const nowMs = this.nowMs()
    return MINUTE_MS - (nowMs % MINUTE_MS) + SETTLE_MS
  }

  /** What is wrong with the machine's clock, or null. Half a round trip may be the way's and not the clock's. */
  problem(exchange: string): string | null {
    if (this.reading === null) return null
    const { offsetMs, roundTripMs } = this.reading
    if (Math.abs(offsetMs) - roundTripMs / 2 <= OFF_MS) return null
    const seconds = (Math.abs(offsetMs) / 1_000).toFixed(1)
    return `this machine's clock is ${seconds} s ${offsetMs > 0 ? 'behind' : 'ahead of'} ${exchange}'s; minutes are cut by this clock: correct it (NTP)`
  }

  say(): string {
    if (this.reading === null) return "it does not report a time, so this machine's clock is used unchecked"
    const { offsetMs, roundTripMs } = this.reading
    return `its clock is ${offsetMs < 0 ? '-' : '+'}${(Math.abs(offsetMs) / 1_000).toFixed(2)} s off this machine's, round trip ${Math.round(roundTripMs)} ms`
  }
}
