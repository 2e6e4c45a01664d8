import type { Severity } from '../engine/alerts/rule.ts'
import { isoTime, type UnixMs } from '../engine/kernel/units.ts'
import type { Message } from '../notify/channel.ts'
import { redact } from '../notify/secret.ts'

/** The severity that an event is measured by, or `always`: what a person has to know whatever its severity. */
export type Weight = Severity | 'always'

/** An event as a desk tells it. `weight` decides whether people elsewhere hear of it. */
export interface Told {
  readonly symbol: string
  readonly tsMs: UnixMs
  readonly kind: string
  readonly severity: Severity
  readonly text: string
  readonly weight: Weight
}

const RANK: Readonly<Record<Weight, number>> = { info: 0, warning: 1, critical: 2, always: 3 }
/** Gates, jobs and imports speak on the screen, and as alerts when they matter. */
const KINDS: ReadonlySet<string> = new Set([
  'alert',
  'approval',
  'breaker',
  'canary',
  'promotion',
  'report',
  'rollback',
])

export function isTold({ kind, weight }: Pick<Told, 'kind' | 'weight'>, least: Severity): boolean {
  return KINDS.has(kind) && RANK[weight] >= RANK[least]
}

/** What a message says beside the event itself. */
export interface Setting {
  readonly clock: 'replay' | 'real'
  readonly chainHead: string | null
  readonly wallMs: UnixMs
  readonly version: string
}

export function messageOf(told: Omit<Told, 'weight'>, { clock, chainHead, wallMs, version }: Setting): Message {
  return {
    schema: 'notification/1',
    kind: told.kind,
    severity: told.severity,
    symbol: told.symbol,
    text: redact(told.text),
    market_time: isoTime(told.tsMs),
    wall_time: isoTime(wallMs),
    clock,
    chain_head: chainHead,
    onay_version: version,
  }
}

/** Says that it is one, so that nobody is frightened by it. */
export function testMessage(setting: Setting): Message {
  const text = 'this is a test; the channel works'
  return messageOf({ symbol: '', tsMs: setting.wallMs, kind: 'test', severity: 'info', text }, setting)
}
