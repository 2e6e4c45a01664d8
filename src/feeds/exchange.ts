import type { UnixMs } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'

/** Why a request brought nothing, as far as it matters for what is done next. */
export type ExchangeFaultKind =
  /** Too many requests: the next one waits longer. */
  | 'rate_limit'
  /** No answer, or not the whole of it, within the time that a request has. */
  | 'stall'
  /** No connection. */
  | 'unreachable'
  /** The exchange answers with an error. */
  | 'refused'
  /** An answer that cannot be read. */
  | 'unreadable'

/** A request that failed and may be made again. Everything else that an exchange throws is for people, or a bug. */
export class ExchangeFault extends Error {
  override readonly name = 'ExchangeFault'

  constructor(
    readonly kind: ExchangeFaultKind,
    message: string,
    /** How long the exchange asks to wait. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message)
  }
}

/** An exchange's public market data, without keys: what the room asks of it. */
export interface Exchange {
  /** As it is named on the command line: `binance`. */
  readonly name: string
  /**
   * The exchange's own name for a market that a person named, `BTC/USDT` for `BTC/USDT` or `BTCUSDT`.
   * @throws ExchangeFault when its markets cannot be read, OperatorError naming near ones when it has no such market
   */
  resolve(asked: string): Promise<string>
  /** Candles that one request for this market gives at most. */
  pageLimit(market: string): number
  /**
   * Minute candles from `fromMs` on, oldest first as far as the exchange keeps to it: the last may still be open, minutes
   * without trades may be missing, and a candle may be unsound. Empty where it has none.
   * @throws ExchangeFault
   */
  candles(market: string, fromMs: UnixMs, limit: number): Promise<Bar[]>
  /** The time on the exchange's clock; null where it does not report one. @throws ExchangeFault */
  serverTimeMs(market: string): Promise<UnixMs | null>
}
