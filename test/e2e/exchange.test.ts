import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../../src/engine/kernel/units.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import { command } from '../kit/command.ts'
import { LoopbackExchange } from '../kit/loopback-exchange.ts'
import { reading } from '../kit/contents.ts'
import { Predicted } from '../kit/documents.ts'
import { stage } from '../kit/program.ts'
import { BTC, ETH } from '../kit/samples.ts'
import { until } from '../kit/until.ts'

const shell = stage()
const DAYS_BEFORE_NOW = 20
/** Of the first model: the history that is fetched before it is a day longer. */
const WINDOW_DAYS = 0.5
const FIRST_MS = floorTo(Date.now(), MINUTE_MS) - DAYS_BEFORE_NOW * DAY_MS

/** The sample's minutes, moved in time so that they end some weeks from now. */
function moved(path: string): (tsMs: UnixMs) => Bar | null {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1)
  return (tsMs) => {
    const line = lines[(tsMs - FIRST_MS) / MINUTE_MS]
    if (line === undefined) return null
    const [, open = 0, high = 0, low = 0, close = 0, volume = 0] = line.split(',').map(Number)
    return { tsMs, open, high, low, close, volume }
  }
}

describe('a room on live market data', () => {
  const markets = new Map([
    ['BTCUSDT', moved(BTC)],
    ['ETHUSDT', moved(ETH)],
  ])
  const server = new LoopbackExchange({
    now: () => Date.now(),
    candle: (symbol, tsMs) => markets.get(symbol)?.(tsMs) ?? null,
  })
  let config: string[] = []
  const live = (...symbols: string[]): string[] => [
    '--feed',
    'exchange',
    '--exchange',
    'binance',
    ...symbols.flatMap((symbol) => ['--symbol', symbol]),
  ]
  const barsOf = (dataDir: string): { n: number; filled: number; symbols: number } =>
    reading(dataDir, (db) =>
      db
        .prepare<[], { n: number; filled: number; symbols: number }>(
          'SELECT count(*) AS n, sum(backfilled) AS filled, count(DISTINCT symbol) AS symbols FROM bars',
        )
        .get(),
    ) ?? { n: 0, filled: 0, symbols: 0 }

  beforeAll(async () => {
    const feed = { exchange_url: await server.listen() }
    config = shell.configured({ feed, training: { window_days: WINDOW_DAYS } })
  })
  beforeEach(() => {
    server.mood = () => 'usual'
  })
  afterAll(() => server.close())

  it('trains its first model on the history of a first start, and goes on where it was without being told', async () => {
    const dataDir = shell.fresh()
    const room = await shell.open(dataDir, [...live('BTC/USDT'), ...config])
    expect(await room.health()).toMatchObject({ ok: true, model: 'v1.8-b0' })
    const answer = Predicted.parse((await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })).json)
    expect(answer).toMatchObject({ served_by: 'baseline', model_version: 'v1.8-b0' })
    const { n, filled } = barsOf(dataDir)
    expect(n).toBeGreaterThan(((WINDOW_DAYS + 1) * DAY_MS) / MINUTE_MS - 2)
    expect(filled).toBe(0)
    expect((await room.get('/state')).json).toMatchObject({
      room: { clock: { kind: 'real', speed: 1 }, troubles: [] },
    })
    const pushed = await room.change('/feed/bars', { symbol: 'BTCUSDT', bars: [] })
    expect(pushed.status).toBe(409)
    expect(pushed.text).toContain('this room is fed by binance')
    await room.process.kill('SIGTERM')

    const asked = server.asked.length
    const again = await shell.open(dataDir, config)
    expect(await again.health()).toMatchObject({ ok: true, model: 'v1.8-b0' })
    await until('it to ask for the next minutes', () => server.asked.length > asked)
    expect(barsOf(dataDir).n).toBeGreaterThanOrEqual(n)
    const ended = await again.process.kill('SIGTERM')
    expect(ended.code).toBe(0)
    expect(ended.stderr).toContain('binance BTC/USDT: its clock is')
  })

  it('goes on with a history that it was killed in, for two markets', async () => {
    const dataDir = shell.fresh()
    const live2 = [...live('BTC/USDT', 'ETH/USDT'), ...config]
    const begun = server.asked.length
    let asked = 0
    server.mood = ({ path }) => (path === '/api/v3/klines' && ++asked === 4 ? 'stall' : 'usual')
    const room = await shell.listening(dataDir, live2)
    await until('a part of the history', () => asked >= 4)
    const state = (await room.get('/state')).json
    expect(state).toMatchObject({ room: { phase: 'history' } })
    expect(JSON.stringify(state)).toContain('binance BTCUSDT 2')
    expect((await room.get('/healthz')).status).toBe(503)
    await room.process.kill('SIGKILL')
    const before = barsOf(dataDir).n
    expect(before).toBeGreaterThan(1_000)

    server.mood = () => 'usual'
    const first = server.asked.length
    const again = await shell.open(dataDir, live2)
    expect(barsOf(dataDir)).toMatchObject({ filled: 0, symbols: 2 })
    const startOfBtc = (from: number): number =>
      Number(
        server.asked
          .slice(from)
          .find(({ path, query }) => path === '/api/v3/klines' && query.get('symbol') === 'BTCUSDT')
          ?.query.get('startTime'),
      )
    expect(startOfBtc(first)).toBeGreaterThanOrEqual(startOfBtc(begun) + 1_000 * MINUTE_MS)
    const models = (await again.get('/models?symbol=ETHUSDT')).text
    expect(models).toContain('v1.8-b0')
  })

  it('ends at once when it is told to, whatever the exchange does', async () => {
    server.mood = ({ path }) => (path === '/api/v3/klines' ? 'half' : 'usual')
    const seen = server.asked.length
    const room = await shell.listening(shell.fresh(), [...live('BTC/USDT'), ...config])
    await until('a request', () => server.asked.length > seen)
    const { code } = await room.process.kill('SIGTERM')
    expect(code).toBe(0)
  })

  const atTheExchange: readonly [what: string, args: () => string[], said: RegExp][] = [
    [
      'an exchange that is none',
      () => ['--feed', 'exchange', '--exchange', 'binanse', '--symbol', 'BTC/USDT'],
      /no exchange binanse.*did you mean binance/,
    ],
    ['a market that it has not', () => live('BTC/USDTT'), /binance has no market BTC\/USDTT.*did you mean BTC\/USDT/],
    [
      'an exchange without minutes',
      () => ['--feed', 'exchange', '--exchange', 'zaif', '--symbol', 'BTC/JPY'],
      /zaif has no one-minute candles/,
    ],
  ]
  it.each(atTheExchange)('refuses %s in one line', async (_what, args, said) => {
    const ended = await shell.run(['serve', '--data-dir', shell.fresh(), '--port', '0', ...args(), ...config])
    expect(ended.code).toBe(3)
    expect(ended.stderr).toMatch(said)
    expect(ended.stderr).not.toContain('    at ')
  })

  const onTheCommandLine: readonly [what: string, args: () => string[], said: RegExp][] = [
    ['no exchange', () => ['--feed', 'exchange', '--symbol', 'BTC/USDT'], /no exchange was given/],
    ['no market', () => ['--feed', 'exchange', '--exchange', 'binance'], /no market was (?:named|given)/],
    ['the same market twice', () => live('BTC/USDT', 'BTCUSDT'), /BTCUSDT was named twice/],
    [
      'a recording besides',
      () => [...live('BTC/USDT'), '--recording', BTC],
      /--feed exchange and --recording exclude each other/,
    ],
    [
      'an exchange for another feed',
      () => ['--feed', 'push', '--exchange', 'binance'],
      /--exchange goes with --feed exchange/,
    ],
  ]
  it.each(onTheCommandLine)('refuses %s in one line, before anything is asked for', async (_what, args, said) => {
    const asked = server.asked.length
    const dataDir = shell.fresh()
    const ended = await command(['serve', '--data-dir', dataDir, '--port', '0', ...args()])
    expect(ended).toMatchObject({ code: 3, stdout: '' })
    expect(ended.stderr).toMatch(said)
    expect(ended.stderr).not.toContain('    at ')
    expect(server.asked).toHaveLength(asked)
    expect(existsSync(dataDir)).toBe(false)
  })
})
