/** A server on loopback that answers as Binance's public interface does, and misbehaves when it is told to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { vi } from 'vitest'
import { MINUTE_MS, type UnixMs } from '../../src/engine/kernel/units.ts'
import type { Bar } from '../../src/engine/market/bar.ts'

export interface Served {
  readonly path: string
  readonly query: URLSearchParams
}

/** What becomes of one request: the usual, or something else; `stall` never answers, `half` begins to and stops. */
export type Mood =
  | 'usual'
  | 'stall'
  | 'half'
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }

export interface LoopbackParts {
  /** The exchange's clock. */
  readonly now: () => UnixMs
  /** The candle of a minute, the open one included; null where there was no trade. */
  readonly candle: (symbol: string, tsMs: UnixMs) => Bar | null
}

/** Markets that it has, by Binance's names. */
const MARKETS: readonly (readonly [base: string, quote: string])[] = [
  ['BTC', 'USDT'],
  ['ETH', 'USDT'],
  ['BTC', 'EUR'],
  ['SOL', 'USDT'],
]

/** ccxt paces its requests by the machine's own clock, as the real exchange asks; this one asks nothing of the kind. */
export async function unthrottled(): Promise<void> {
  const { Exchange } = await import('ccxt')
  vi.spyOn(Exchange.prototype, 'throttle').mockResolvedValue(undefined)
}

export class LoopbackExchange {
  readonly seen: Served[] = []
  markets = MARKETS
  /** Asked of each request in turn. */
  mood: (served: Served) => Mood = () => 'usual'
  private readonly server = createServer((request, response) => this.answer(request, response))

  constructor(private readonly parts: LoopbackParts) {}

  async listen(port = 0): Promise<string> {
    await new Promise<void>((done) => this.server.listen(port, '127.0.0.1', done))
    const address = this.server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }

  async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((done) => this.server.close(done))
  }

  /** Requests for candles so far. */
  get asked(): Served[] {
    return this.seen.filter(({ path }) => path === '/api/v3/klines')
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://loopback')
    const served = { path: url.pathname, query: url.searchParams }
    this.seen.push(served)
    const mood = this.mood(served)
    if (mood === 'stall') return
    if (mood === 'half') {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('[[17')
      return
    }
    if (mood !== 'usual') {
      response.writeHead(mood.status, { 'content-type': 'application/json', ...mood.headers })
      response.end(mood.body ?? '')
      return
    }
    const document = this.document(served)
    response.writeHead(document === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(document ?? { code: -1, msg: 'no such path' }))
  }

  private document({ path, query }: Served): unknown {
    switch (path) {
      case '/api/v3/time':
        return { serverTime: Math.round(this.parts.now()) }
      case '/api/v3/exchangeInfo':
        return { timezone: 'UTC', serverTime: this.parts.now(), rateLimits: [], symbols: this.markets.map(market) }
      case '/api/v3/klines':
        return this.klines(query)
      default:
        return null
    }
  }

  /** As Binance: from the first minute at or after `startTime`, at most `limit`, the open candle last. */
  private klines(query: URLSearchParams): unknown[] {
    const limit = Number(query.get('limit') ?? '500')
    const nowMs = this.parts.now()
    const rows: unknown[] = []
    const startMs = Number(query.get('startTime'))
    for (
      let tsMs = Math.ceil(startMs / MINUTE_MS) * MINUTE_MS;
      tsMs <= nowMs && rows.length < limit;
      tsMs += MINUTE_MS
    ) {
      const bar = this.parts.candle(query.get('symbol') ?? '', tsMs)
      if (bar === null) continue
      const prices = [bar.open, bar.high, bar.low, bar.close, bar.volume].map((x) =>
        Number.isNaN(x) ? null : String(x),
      )
      rows.push([bar.tsMs, ...prices, bar.tsMs + MINUTE_MS - 1, '0', 7, '0', '0', '0'])
    }
    return rows
  }
}

function market([base, quote]: readonly [string, string]): object {
  return {
    symbol: `${base}${quote}`,
    status: 'TRADING',
    baseAsset: base,
    baseAssetPrecision: 8,
    quoteAsset: quote,
    quotePrecision: 8,
    orderTypes: ['LIMIT', 'MARKET'],
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001' },
    ],
    permissions: ['SPOT'],
  }
}
