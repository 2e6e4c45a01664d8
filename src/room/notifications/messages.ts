import type { ClockKind } from '../../engine/kernel/clock.ts'
import type { Severity } from '../../engine/alerts/rule.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { Message } from '../../notify/channel.ts'
import { redact } from '../../notify/secret.ts'
import type { EventKind, EventWeight, RoomEvent } from '../record/event-log.ts'

const RANK: Readonly<Record<EventWeight, number>> = { info: 0, warning: 1, critical: 2, always: 3 }
/** Gates, jobs and imports show on the screen, and as alerts when they matter. */
const KINDS: ReadonlySet<EventKind> = new Set<EventKind>([
  'alert',
  'approval',
  'breaker',
  'calibration',
  'canary',
  'kill',
  'promotion',
  'report',
  'rollback',
])

/** Whether people elsewhere are notified of an event. */
export function isWorthAMessage(kind: EventKind, weight: EventWeight, least: Severity): boolean {
  return KINDS.has(kind) && RANK[weight] >= RANK[least]
}

type RoomEventText = Omit<RoomEvent, 'kind'> & { readonly kind: string }

/** What a message says beside the event itself. */
export interface Setting {
  readonly clock: ClockKind
  readonly chainHead: string | null
  readonly wallMs: UnixMs
  readonly version: string
}

export function messageOf(event: RoomEventText, { clock, chainHead, wallMs, version }: Setting): Message {
  return {
    schema: 'notification/1',
    kind: event.kind,
    severity: event.severity,
    symbol: event.symbol,
    text: redact(event.text),
    market_time: isoTime(event.tsMs),
    wall_time: isoTime(wallMs),
    clock,
    chain_head: chainHead,
    onay_version: version,
  }
}

/** Says that it is a test, so that it alarms nobody. */
export function testMessage(setting: Setting): Message {
  const text = 'this is a test; the channel works'
  return messageOf({ symbol: '', tsMs: setting.wallMs, kind: 'test', severity: 'info', text }, setting)
}
