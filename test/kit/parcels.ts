import type { DeliveryResult, Parcel } from '../../src/notify/channel.ts'

export const HEAD = 'ab'.repeat(32)

export function parcelOf(text: string): Parcel {
  return {
    schema: 'notification/1',
    id: '7',
    kind: 'alert',
    severity: 'critical',
    symbol: 'BTCUSDT',
    text,
    market_time: '2025-05-26T00:03:00.000Z',
    wall_time: '2026-01-02T03:04:05.000Z',
    clock: 'replay',
    chain_head: HEAD,
    onay_version: '0.0.0-test',
  }
}

/** What came of it in a line: ok, or again or never with the reason. */
export function inWords(delivered: DeliveryResult): string {
  if (delivered.ok) return 'ok'
  const after = delivered.afterMs === null ? '' : ` after ${delivered.afterMs} ms`
  return `${delivered.retry ? 'again' : 'never'}${after}: ${delivered.why}`
}
