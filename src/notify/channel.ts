import type { Severity } from '../engine/alerts/rule.ts'
import type { ClockKind } from '../engine/kernel/clock.ts'
import { minuteText } from '../engine/kernel/units.ts'
import { redact } from './secret.ts'

/** A notification, the same on every channel and in the database. Times are ISO; the chain's head lets a reader notice a chain cut short. */
export interface Message {
  readonly schema: 'notification/1'
  readonly kind: string
  readonly severity: Severity
  readonly symbol: string
  readonly text: string
  readonly market_time: string
  readonly wall_time: string
  readonly clock: ClockKind
  readonly chain_head: string | null
  readonly onay_version: string
}

/** A message under way. It may come twice, with the same id: delivery is at least once. */
export interface Parcel extends Message {
  readonly id: string
}

/** What came of a try. `retry` is false where another try would only fail in the same way. */
export type DeliveryResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly why: string; readonly retry: boolean; readonly afterMs: number | null }

export type ChannelName = 'webhook' | 'telegram' | 'command'

export interface Channel {
  readonly name: ChannelName
  /** Why it cannot work as it is configured; null when nothing is known to be wrong. */
  readonly broken: string | null
  /** Never rejects. The signal ends it early. */
  send(parcel: Parcel, signal: AbortSignal): Promise<DeliveryResult>
}

export function failed(why: string, afterMs: number | null = null): DeliveryResult {
  return { ok: false, why: redact(why), retry: true, afterMs }
}

export function refused(why: string): DeliveryResult {
  return { ok: false, why: redact(why), retry: false, afterMs: null }
}

/** The message as a few lines for people. */
export function plainText(message: Message): string {
  const { severity, symbol, text, market_time, clock, chain_head } = message
  const minute = `${minuteText(market_time)} UTC${clock === 'replay' ? ', replay' : ''}`
  const first = [severity === 'info' ? '' : severity.toUpperCase(), symbol].filter((word) => word !== '').join(' ')
  return [`onay ${first}: ${text}`, minute, ...(chain_head === null ? [] : [`chain head ${chain_head}`])].join('\n')
}
