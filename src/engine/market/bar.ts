import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'

/** One minute of a market. Prices in quote units, volume in base units. */
export interface Bar {
  /** The minute's start; the bar is known at `tsMs + 60 s`. */
  readonly tsMs: UnixMs
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

/** Why a bar was dropped. */
export const BAR_FAULTS = [
  'unparsable',
  'off_minute',
  'price',
  'high_below_low',
  'negative_volume',
  'late',
  'duplicate',
  'future',
  'wild_time',
] as const
export type BarFault = (typeof BAR_FAULTS)[number]

/** The moment from which a bar may be used. */
export function knownAt(bar: { readonly tsMs: UnixMs }): UnixMs {
  return bar.tsMs + MINUTE_MS
}

/** What is wrong with a bar in itself, whatever came before it; null when nothing is. */
export function faultOf(
  bar: Bar,
): Extract<BarFault, 'unparsable' | 'off_minute' | 'price' | 'high_below_low' | 'negative_volume'> | null {
  const { tsMs, open, high, low, close, volume } = bar
  if (![tsMs, open, high, low, close, volume].every(Number.isFinite)) return 'unparsable'
  if (tsMs < 0 || tsMs % MINUTE_MS !== 0) return 'off_minute'
  if (Math.min(open, high, low, close) <= 0) return 'price'
  if (high < low) return 'high_below_low'
  if (volume < 0) return 'negative_volume'
  return null
}
