import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { ExchangeFault, type Exchange } from '../../src/feeds/exchange.ts'
import { openCcxt } from '../../src/feeds/exchange-ccxt.ts'
import { LoopbackExchange, unthrottled } from '../kit/loopback-exchange.ts'
import { wanderingBar } from '../kit/wandering-bars.ts'

const NOW = Date.parse('2026-01-10T12:00:30Z')
/** A request that is to be answered has all the time that a busy machine needs; one that never is need not be waited for long. */
const PATIENCE_MS = 20_000
const HASTE_MS = 1_000

describe('an exchange by way of ccxt', () => {
  let server: LoopbackExchange
  let url = ''
  let stop: AbortController
  beforeEach(async () => {
    await unthrottled()
    server = new LoopbackExchange({ now: () => NOW, candle: (_symbol, tsMs) => wanderingBar(tsMs) })
    url = await server.listen()
    stop = new AbortController()
  })
  afterEach(async () => {
    stop.abort()
    await server.close()
    vi.restoreAllMocks()
  })
  const open = (name = 'binance', requestTimeoutMs = PATIENCE_MS): Promise<Exchange> =>
    openCcxt({ name, url, signal: stop.signal, requestTimeoutMs })

  const fault = async (request: Promise<unknown>): Promise<unknown> =>
    request.then(() => 'answered').catch((e: unknown) => e)

  it('gives candles from a minute on, the open one last, and the time of its clock', async () => {
    const exchange = await open()
    expect(await exchange.resolve('BTC/USDT')).toBe('BTC/USDT')
    const fromMs = Date.parse('2026-01-10T11:58:00Z')
    const candles = await exchange.candles('BTC/USDT', fromMs, 500)
    expect(candles).toEqual([0, 1, 2].map((i) => wanderingBar(fromMs + i * MINUTE_MS)))
    expect(await exchange.serverTimeMs('BTC/USDT')).toBe(NOW)
    expect(exchange.pageLimit('BTC/USDT')).toBe(1_000)
  })

  it('asks the address that it was given instead of its own, for public market data alone', async () => {
    const exchange = await open()
    await exchange.resolve('BTC/USDT')
    await exchange.candles('BTC/USDT', NOW - MINUTE_MS, 2)
    await exchange.serverTimeMs('BTC/USDT')
    expect([...new Set(server.seen.map(({ path }) => path))]).toEqual([
      '/api/v3/exchangeInfo',
      '/api/v3/klines',
      '/api/v3/time',
    ])
    expect(server.seen.some(({ query }) => query.has('signature') || query.has('timestamp'))).toBe(false)
  })

  it('knows a market by its name with and without the stroke', async () => {
    const exchange = await open()
    expect(await exchange.resolve('BTCUSDT')).toBe('BTC/USDT')
  })

  it('names near markets when it has none of that name', async () => {
    const exchange = await open()
    const refused = await fault(exchange.resolve('BTC/USTD'))
    expect(refused).toBeInstanceOf(OperatorError)
    expect(refused).toMatchObject({ what: 'binance has no market BTC/USTD', next: expect.stringContaining('BTC/USDT') })
    await expect(exchange.resolve('btc/usdt')).rejects.toThrow('did you mean BTC/USDT')
  })

  it('names near exchanges when there is none of that name, and refuses one without minute candles', async () => {
    await expect(open('binanse')).rejects.toThrow(/there is no exchange binanse.*did you mean binance/)
    await expect(open('constructor')).rejects.toThrow('there is no exchange constructor')
    await expect(open('zaif')).rejects.toThrow('zaif has no one-minute candles')
  })

  const faults: readonly [what: string, mood: LoopbackExchange['mood'], kind: string, retryAfterMs: number | null][] = [
    [
      '429 with a time to wait',
      () => ({ status: 429, body: '{}', headers: { 'retry-after': '17' } }),
      'rate_limit',
      17_000,
    ],
    ['418', () => ({ status: 418, body: '{"code":-1003,"msg":"banned"}' }), 'rate_limit', null],
    [
      '418 with a time to wait',
      () => ({ status: 418, body: '{"code":-1003,"msg":"banned"}', headers: { 'retry-after': '120' } }),
      'rate_limit',
      120_000,
    ],
    [
      'its own word for too many',
      () => ({ status: 400, body: '{"code":-1003,"msg":"Too many requests."}' }),
      'rate_limit',
      null,
    ],
    ['500', () => ({ status: 500, body: '<html>oops</html>' }), 'refused', null],
    [
      'an error of its own',
      () => ({ status: 400, body: '{"code":-1100,"msg":"Illegal characters"}' }),
      'refused',
      null,
    ],
    ['a page of HTML', () => ({ status: 200, body: '<html>maintenance</html>' }), 'unreadable', null],
    ['half a document', () => ({ status: 200, body: '[[1768046280000,"1"' }), 'unreadable', null],
    ['nothing at all', () => ({ status: 200 }), 'unreadable', null],
    ['a document of another shape', () => ({ status: 200, body: '{"a":{"b":1}}' }), 'unreadable', null],
    ['a redirection', () => ({ status: 302, headers: { location: 'http://127.0.0.1:9/' } }), 'unreachable', null],
    ['no answer', () => 'stall', 'stall', null],
    ['an answer that never ends', () => 'half', 'stall', null],
  ]
  it.each(faults)('tells %s for what it is', async (_what, mood, kind, retryAfterMs) => {
    const exchange = await open('binance', kind === 'stall' ? HASTE_MS : PATIENCE_MS)
    await exchange.resolve('BTC/USDT')
    server.mood = mood
    const said = await fault(exchange.candles('BTC/USDT', NOW - MINUTE_MS, 2))
    expect(said).toBeInstanceOf(ExchangeFault)
    expect(said).toMatchObject({ kind, retryAfterMs })
    server.mood = () => 'usual'
    expect(await exchange.candles('BTC/USDT', NOW - MINUTE_MS, 2)).toHaveLength(1)
  })

  it('tells that nobody listens there', async () => {
    const exchange = await open()
    await exchange.resolve('BTC/USDT')
    await server.close()
    expect(await fault(exchange.candles('BTC/USDT', NOW - MINUTE_MS, 2))).toMatchObject({ kind: 'unreachable' })
  })

  it('takes the time from the head of an answer where the exchange has no clock to ask', async () => {
    const exchange = await open('bitbank')
    const pair = {
      name: 'btc_jpy',
      base_asset: 'btc',
      quote_asset: 'jpy',
      price_digits: 0,
      amount_digits: 4,
      is_enabled: true,
    }
    const pairs = JSON.stringify({ success: 1, data: { pairs: [pair] } })
    const candles = JSON.stringify({ success: 1, data: { candlestick: [{ type: '1min', ohlcv: [] }] } })
    const headers = { date: 'Sat, 10 Jan 2026 12:00:30 GMT' }
    server.mood = ({ path }) => ({ status: 200, body: path.includes('candlestick') ? candles : pairs, headers })
    expect(await exchange.resolve('BTC/JPY')).toBe('BTC/JPY')
    expect(await exchange.serverTimeMs('BTC/JPY')).toBe(NOW + 500)
  })

  it('gives a candle without a number as it is, to be counted by who takes it', async () => {
    const exchange = await open()
    await exchange.resolve('BTC/USDT')
    const body = JSON.stringify([[NOW - 30_000, '1', null, '1', 'x', '2', 0, '0', 1, '0', '0', '0']])
    server.mood = () => ({ status: 200, body })
    expect(await exchange.candles('BTC/USDT', NOW - MINUTE_MS, 2)).toMatchObject([
      { tsMs: NOW - 30_000, open: 1, high: Number.NaN, close: Number.NaN },
    ])
  })

  it('ends a request when the room ends', async () => {
    const exchange = await open()
    await exchange.resolve('BTC/USDT')
    server.mood = () => {
      stop.abort()
      return 'stall'
    }
    expect(await fault(exchange.candles('BTC/USDT', NOW - MINUTE_MS, 2))).toBeInstanceOf(ExchangeFault)
  })
})
