import type { Exchange as CcxtExchange } from 'ccxt'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { tryJson } from '../engine/kernel/json.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'
import { ExchangeFault, type Exchange, type ExchangeFaultKind } from './exchange.ts'
import { nearNames, retryAfterMs, roomSymbol } from './exchange-plan.ts'

const TIMEFRAME = '1m'
const REQUEST_TIMEOUT_MS = 10_000
/** Candles in one request: what every exchange gives where its limit is not known, and more than which is never asked for. */
const USUAL_PAGE = 500
const LARGEST_PAGE = 1_000
/** The `Date` header is cut to whole seconds: half of one is the middle of what it may stand for. */
const DATE_HALF_MS = 500
const TEXT_CHARS = 160

interface CcxtOptions {
  readonly name: string
  /** In place of the exchange's own address, its paths kept: a mirror, a proxy, or a server on loopback. */
  readonly url: string | null
  /** Ends requests that are under way. */
  readonly signal: AbortSignal
  readonly requestTimeoutMs?: number
}

type Ccxt = typeof import('ccxt')

/**
 * An exchange by way of ccxt, which is loaded here and nowhere else: that takes a quarter of a second, and rooms without an
 * exchange should not wait for it. Candles are fetched over REST just after each minute. ccxt's websockets would send the open
 * candle many times a minute, not every exchange has them, and a connection that lives for weeks would have to be watched.
 * No key is ever given.
 * @throws OperatorError when ccxt does not know the exchange, or it has no one-minute candles
 */
export async function openCcxt(options: CcxtOptions): Promise<Exchange> {
  const ccxt = await import('ccxt')
  return new CcxtAdapter(ccxt, build(ccxt, options), options)
}

function build(ccxt: Ccxt, options: CcxtOptions): CcxtExchange {
  const { name, url } = options
  const names = Object.keys(ccxt.exchanges)
  const make: unknown = names.includes(name) ? Reflect.get(ccxt.exchanges, name) : undefined
  const timeout = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  const made: unknown = typeof make === 'function' ? Reflect.construct(make, [{ timeout }]) : undefined
  if (!(made instanceof ccxt.Exchange)) {
    const near = nearNames(name, names)
    throw new OperatorError(
      `there is no exchange ${name}`,
      `ccxt ${ccxt.version} knows ${names.length} others`,
      near.length > 0 ? `did you mean ${near.join(', ')}?` : 'for instance: --exchange binance, kraken or coinbase',
      'exchange',
    )
  }
  if (made.has.fetchOHLCV !== true || !Object.hasOwn(made.timeframes ?? {}, TIMEFRAME)) {
    throw new OperatorError(
      `${name} has no one-minute candles`,
      'a room needs bars of one minute',
      'name another with --exchange',
      'no_minutes',
    )
  }
  if (url !== null) Reflect.set(made.urls, 'api', redirected(made.urls.api, url))
  const parse = made.parseOHLCV.bind(made)
  // ccxt drops rows without a time, so that an answer of another shape would look empty.
  made.parseOHLCV = (row, market) => {
    const candle = parse(row, market)
    if (typeof candle[0] !== 'number') throw new ExchangeFault('unreadable', 'a candle without a time')
    return candle
  }
  made.AbortError = DOMException
  made.FetchError = TypeError
  made.fetchImplementation = (address: string, init: RequestInit) => bounded(address, init, timeout, options.signal)
  return made
}

/** Every address among what ccxt calls `urls.api`, with another origin. */
function redirected(api: unknown, url: string): unknown {
  if (typeof api === 'string') return api.replace(/^https?:\/\/[^/]+/, url.replace(/\/+$/, ''))
  if (typeof api !== 'object' || api === null) return api
  return Object.fromEntries(Object.entries(api).map(([key, value]) => [key, redirected(value, url)]))
}

/**
 * A request with its whole answer inside the time that it has: ccxt's own limit ends with the headers, and a body that never
 * ends would hold it for minutes. An answer that is not JSON is an error here, where ccxt would take it for an empty one.
 */
async function bounded(address: string, init: RequestInit, timeoutMs: number, signal: AbortSignal): Promise<Response> {
  const ends = [signal, AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])]
  const { method, headers, body } = init
  const response = await fetch(address, {
    method: method ?? 'GET',
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    redirect: 'error',
    signal: AbortSignal.any(ends),
  })
  const text = await response.text()
  if (response.status === 429 || response.status === 418) {
    const wait = retryAfterMs(response.headers.get('retry-after'), response.headers.get('date'))
    throw new ExchangeFault('rate_limit', `HTTP ${response.status}`, wait)
  }
  if (response.ok && tryJson(text) === undefined)
    throw new ExchangeFault('unreadable', `not JSON: ${JSON.stringify(text.slice(0, 40))}`)
  return new Response(text === '' ? null : text, {
    status: response.status,
    statusText: response.statusText,
    headers: plainHeaders(response.headers),
  })
}

/** The headers without those about the packed body: the text is unpacked already. */
function plainHeaders(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name)
  return kept
}

class CcxtAdapter implements Exchange {
  readonly name: string

  constructor(
    private readonly ccxt: Ccxt,
    private readonly exchange: CcxtExchange,
    private readonly options: CcxtOptions,
  ) {
    this.name = options.name
  }

  async resolve(asked: string): Promise<string> {
    // Markets of the kind that is asked for: a large exchange's list of everything weighs tens of megabytes.
    if (!asked.includes(':') && this.exchange.has.spot === true && this.exchange.markets === undefined)
      this.exchange.options.fetchMarkets = { types: ['spot'] }
    // Reloaded until it has them once: ccxt keeps a request that failed, and would repeat its failure for ever.
    const markets = await this.answered(() => this.exchange.loadMarkets(this.exchange.markets === undefined))
    const names = Object.keys(markets)
    const found = names.find((name) => name === asked) ?? names.find((name) => roomSymbol(name) === asked)
    if (found !== undefined) return found
    const near = nearNames(asked, names)
    throw new OperatorError(
      `${this.name} has no market ${asked}`,
      `it has ${names.length} others`,
      near.length > 0 ? `did you mean ${near.join(', ')}?` : 'write it like BTC/USDT, or BTC/USDT:USDT for a perpetual',
      'market',
    )
  }

  pageLimit(market: string): number {
    const said: unknown = this.exchange.featureValue(market, 'fetchOHLCV', 'limit', USUAL_PAGE)
    return typeof said === 'number' && said > 0 ? Math.min(said, LARGEST_PAGE) : USUAL_PAGE
  }

  async candles(market: string, fromMs: UnixMs, limit: number): Promise<Bar[]> {
    const rows: unknown = await this.answered(() => this.exchange.fetchOHLCV(market, TIMEFRAME, fromMs, limit))
    if (!Array.isArray(rows)) throw new ExchangeFault('unreadable', 'no list of candles')
    return rows.map(barOf)
  }

  async serverTimeMs(market: string): Promise<UnixMs | null> {
    if (this.exchange.has.fetchTime === true) {
      const said: unknown = await this.answered(() => this.exchange.fetchTime())
      return typeof said === 'number' && Number.isFinite(said) ? said : null
    }
    await this.answered(() => this.exchange.fetchOHLCV(market, TIMEFRAME, undefined, 1))
    const headers: unknown = this.exchange.last_response_headers
    const date = typeof headers === 'object' && headers !== null ? Reflect.get(headers, 'Date') : undefined
    const ms = typeof date === 'string' ? Date.parse(date) + DATE_HALF_MS : Number.NaN
    return Number.isFinite(ms) ? ms : null
  }

  /** @throws ExchangeFault for whatever an exchange or the way to it can do */
  private async answered<T>(request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw this.faultOf(error)
    }
  }

  private faultOf(error: unknown): unknown {
    if (error instanceof ExchangeFault) return error
    const kind = this.kindOf(error)
    return kind === null ? error : new ExchangeFault(kind, plainText(error, this.name))
  }

  private kindOf(error: unknown): ExchangeFaultKind | null {
    const { ccxt } = this
    if (error instanceof DOMException || error instanceof ccxt.RequestTimeout) return 'stall'
    if (error instanceof ccxt.DDoSProtection || error instanceof ccxt.RateLimitExceeded) return 'rate_limit'
    if (error instanceof ccxt.NetworkError && !(error instanceof ccxt.ExchangeNotAvailable)) return 'unreachable'
    if (error instanceof ccxt.BaseError) return 'refused'
    // What ccxt's parsers throw on an answer of another shape than the exchange's.
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof RangeError) return 'unreadable'
    return null
  }
}

/** What ccxt says, without the exchange's name, which is said already, without the query, and without a page of HTML. */
function plainText(error: unknown, name: string): string {
  const text = messageOf(error)
    .replaceAll(/\s+/g, ' ')
    .replace(/(https?:[^ ?]*)\?\S*/, '$1')
  const short = text.startsWith(`${name} `) ? text.slice(name.length + 1) : text
  return short.length > TEXT_CHARS ? `${short.slice(0, TEXT_CHARS)}…` : short
}

function barOf(row: unknown): Bar {
  const cells: readonly unknown[] = Array.isArray(row) ? row : []
  const [tsMs, open, high, low, close, volume] = Array.from({ length: 6 }, (_, i) => {
    const cell = cells[i]
    return typeof cell === 'number' ? cell : Number.NaN
  })
  const none = Number.NaN
  return {
    tsMs: tsMs ?? none,
    open: open ?? none,
    high: high ?? none,
    low: low ?? none,
    close: close ?? none,
    volume: volume ?? none,
  }
}
