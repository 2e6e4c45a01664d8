import { z } from 'zod'
import type { Store } from '../../db/store.ts'

/** What a data directory remembers of a market that an exchange feeds. */
const Remembered = z.object({
  exchange: z.string(),
  /** The exchange's own name. */
  market: z.string(),
  /** Whether the history of the first start has been run through. */
  complete: z.boolean(),
})
export type RememberedMarket = z.infer<typeof Remembered>

const keyOf = (symbol: string): string => `exchange:${symbol}`

export function remember(store: Store, symbol: string, market: RememberedMarket): void {
  store.access.setMeta(keyOf(symbol), JSON.stringify(market))
}

/** Null when no exchange ever fed the symbol. */
export function rememberedMarket(store: Store, symbol: string): RememberedMarket | null {
  const text = store.access.getMeta(keyOf(symbol))
  return text === null ? null : Remembered.parse(JSON.parse(text))
}
