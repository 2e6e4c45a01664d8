import type { Clock } from '../../engine/kernel/clock.ts'
import { ExchangeFault, type ExchangeFaultKind } from '../../feeds/exchange.ts'
import { pauseMs } from '../../feeds/exchange-plan.ts'
import type { RoomLog, Troubles } from '../desk/room-state.ts'
import type { Pauses } from './pace.ts'

interface RequestParts {
  readonly troubles: Troubles
  readonly exchange: string
  readonly wall: Clock
  readonly pauses: Pauses
  readonly log: RoomLog
  readonly signal: AbortSignal
}

/**
 * Makes requests until they are answered. What hinders them stands among the room's troubles and in the log until it is over;
 * a rate limit that one request meets holds all of them.
 */
export class Requests {
  private quiet = { untilMs: 0, spanMs: 0 }

  constructor(private readonly parts: RequestParts) {}

  /**
   * @param about whose request it is, a symbol or empty: its troubles are kept under that name
   * @param request is made anew for each try
   * @param maxTries after so many its fault is thrown; else there is no end but the pauses grow to their limit
   * @returns null when the room ends
   * @throws ExchangeFault after `maxTries`, and at once whatever is none
   */
  async ask<T>(
    about: string,
    request: () => Promise<T>,
    maxTries = Number.POSITIVE_INFINITY,
  ): Promise<{ answer: T } | null> {
    const { troubles, signal, wall, pauses, log, exchange } = this.parts
    const kind = about === '' ? 'exchange' : `exchange ${about}`
    let told: ExchangeFaultKind | null = null
    for (let tries = 1; ; tries++) {
      // Never longer than it was meant: the machine's clock may be set back meanwhile.
      const quietMs = Math.min(this.quiet.untilMs - wall.now(), this.quiet.spanMs)
      if (quietMs > 0) await pauses.wait(quietMs, signal)
      if (signal.aborted) return null
      try {
        const answer = await request()
        troubles.clear(kind)
        if (told !== null) log.info(`${kind}: ${exchange} answers again after ${tries - 1} failed tries`)
        return { answer }
      } catch (error) {
        if (signal.aborted) return null
        if (!(error instanceof ExchangeFault)) throw error
        const waitMs = pauseMs(error.kind, tries, error.retryAfterMs)
        if (error.kind === 'rate_limit') this.quiet = { untilMs: wall.now() + waitMs, spanMs: waitMs }
        if (tries >= maxTries) throw error
        const text = faultText(exchange, error)
        troubles.report(kind, `${text}; asked again after ${Math.ceil(waitMs / 1_000)} s, ${tries} failed`)
        if (told !== error.kind) log.info(`${kind}: ${text}`)
        told = error.kind
        if (error.kind !== 'rate_limit') await pauses.wait(waitMs, signal)
      }
    }
  }
}

export function faultText(exchange: string, fault: ExchangeFault): string {
  return `${exchange} ${SAID[fault.kind]}: ${fault.message}`
}

const SAID: Readonly<Record<ExchangeFaultKind, string>> = {
  rate_limit: 'limits the rate of requests',
  stall: 'does not answer in time',
  unreachable: 'cannot be reached',
  refused: 'answers with an error',
  unreadable: 'sent an answer that cannot be read',
}
