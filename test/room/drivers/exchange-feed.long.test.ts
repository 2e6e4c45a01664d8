import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DAY_MS, floorTo, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { unthrottled } from '../../kit/loopback-exchange.ts'
import { impatientWhile, Market, OPENED, type OpenedRoom } from '../../kit/exchange-room.ts'

const MINUTE = floorTo(OPENED, MINUTE_MS)
const MIDNIGHT = floorTo(OPENED, DAY_MS)

describe('a room that an exchange feeds', () => {
  let market: Market
  let room: OpenedRoom | null = null
  beforeEach(async () => {
    await unthrottled()
    market = new Market()
    // As much as features need to begin: where a model is trained, a test asks for all of it.
    market.sinceMs = MINUTE - 60 * MINUTE_MS
    market.url = await market.server.listen()
  })
  afterEach(async () => {
    await room?.close()
    room = null
    vi.restoreAllMocks()
    await market.close()
  })
  const start = async (options: Parameters<Market['open']>[0] = {}): Promise<OpenedRoom> => {
    room = await market.open(options)
    return room
  }
  /** Closes the room and opens it anew, after so long. */
  const after = async (ms: number): Promise<OpenedRoom> => {
    await room?.close()
    room = null
    market.time.wall.set(market.time.wall.now() + ms)
    return start()
  }
  const candlesOnly = (path: string): boolean => path === '/api/v3/klines'

  it('fetches the history that training needs, and has a model of the last midnight when it opens', async () => {
    market.sinceMs = 0
    const { desks } = await start()
    const bars = market.bars()
    expect(bars[0]?.tsMs).toBe(MIDNIGHT - 2 * DAY_MS + MINUTE_MS)
    expect(bars.at(-1)?.tsMs).toBe(MINUTE - MINUTE_MS)
    expect(bars).toHaveLength((MINUTE - MIDNIGHT + 2 * DAY_MS) / MINUTE_MS - 1)
    expect(bars.filter((bar) => bar.backfilled === 1)).toEqual([])
    const [model] = desks.store.models.list('BTCUSDT')
    expect(model).toMatchObject({ windowUntilMs: MIDNIGHT, windowFromMs: MIDNIGHT - DAY_MS })
    expect(market.scored('history').at(-1)).toBe(MINUTE - MINUTE_MS)
    expect(desks.troubles.lines).toEqual([])
    expect(market.events().at(-1)).toMatch(/^binance BTC\/USDT: its clock is \+0\.00 s off this machine's/)
  })

  it('takes each minute in once it has closed, scored as it came, and never an open one', async () => {
    const opened = await start()
    await opened.minutes(5)
    const bars = market.bars(MINUTE)
    expect(bars.map((bar) => bar.tsMs)).toEqual([0, 1, 2, 3, 4].map((i) => MINUTE + i * MINUTE_MS))
    expect(bars).toMatchObject(bars.map(({ tsMs }) => market.candle('', tsMs) ?? {}))
    expect(market.scored('minute')).toEqual(bars.map((bar) => bar.tsMs))
    expect(opened.troubles).toEqual([])
  })

  it('says of what the exchange is in want while it lasts, and fills the minutes of the outage afterwards', async () => {
    const opened = await start()
    await opened.minutes(1)
    const scored = market.scored('minute').length
    market.server.mood = ({ path }) => (candlesOnly(path) ? { status: 500, body: 'oops' } : 'usual')
    await opened.minutes(12)
    expect(opened.troubles).toEqual([
      expect.stringMatching(/^exchange BTCUSDT: binance answers with an error: .*500.*asked again/),
    ])
    expect(market.bars(MINUTE)).toHaveLength(1)

    market.server.mood = () => 'usual'
    await opened.minutes(3)
    expect(opened.troubles).toEqual([])
    const bars = market.bars(MINUTE)
    expect(bars).toHaveLength(16)
    const filled = bars.filter((bar) => bar.backfilled === 1).map((bar) => bar.tsMs)
    expect(filled.length).toBeGreaterThanOrEqual(9)
    expect(filled[0]).toBe(MINUTE + MINUTE_MS)
    const fresh = market.scored('minute').slice(scored)
    expect(fresh).toEqual(bars.slice(1 + filled.length).map((bar) => bar.tsMs))
    // What was filled has its row, as if it had come in its time.
    expect(market.query(`SELECT ts_ms FROM feature_rows WHERE ts_ms >= ${MINUTE} AND rsi14 IS NOT NULL`)).toHaveLength(
      16,
    )
    expect(market.events().join('\n')).toContain(
      `${filled.length} minutes from 2026-01-10 06:01 UTC filled from binance's history`,
    )
    expect(market.notes.filter((note) => note.startsWith('exchange BTCUSDT'))).toEqual([
      expect.stringContaining('answers with an error'),
      expect.stringMatching(/answers again after \d+ failed tries/),
    ])
  })

  it('never asks more often than its pauses allow, however long nothing answers', async () => {
    const opened = await start()
    await opened.minutes(1)
    const before = market.server.asked.length
    market.server.mood = ({ path }) => (candlesOnly(path) ? { status: 503, body: '{}' } : 'usual')
    await opened.minutes(60)
    expect(market.server.asked.length - before).toBeLessThanOrEqual(60 + 7)
  })

  it('leaves an exchange alone for as long as it asks, and longer than after another error', async () => {
    const opened = await start()
    await opened.minutes(1)
    market.server.mood = () => ({ status: 429, body: '{}', headers: { 'retry-after': '600' } })
    await opened.minutes(1)
    const held = market.server.seen.length
    market.server.mood = () => 'usual'
    await opened.minutes(8)
    expect(market.server.seen.length).toBe(held)
    expect(opened.troubles).toEqual([
      expect.stringContaining('limits the rate of requests: HTTP 429; asked again after 600 s'),
    ])
    await opened.minutes(4)
    expect(opened.troubles).toEqual([])
    expect(market.bars(MINUTE)).toHaveLength(14)
  })

  it.each([
    ['a stall', () => 'stall' as const, 'does not answer in time'],
    ['garbage', () => ({ status: 200, body: '<html>' }), 'sent an answer that cannot be read'],
  ])('ends %s by itself and goes on', async (_what, mood, said) => {
    const opened = await start()
    await opened.minutes(1)
    market.server.mood = mood
    impatientWhile(() => market.server.mood === mood)
    await opened.minutes(1)
    expect(opened.troubles).toEqual([expect.stringContaining(said)])
    market.server.mood = () => 'usual'
    await opened.minutes(2)
    expect(opened.troubles).toEqual([])
    expect(market.bars(MINUTE).map((bar) => bar.backfilled)).toEqual([0, 0, 0, 0])
  })

  it('leaves a minute without trades a gap, asked about once more and then never', async () => {
    const opened = await start()
    const candle = market.candle
    market.candle = (symbol, tsMs) => (tsMs === MINUTE + MINUTE_MS ? null : candle(symbol, tsMs))
    await opened.minutes(6)
    expect(market.bars(MINUTE).map((bar) => (bar.tsMs - MINUTE) / MINUTE_MS)).toEqual([0, 2, 3, 4, 5])
    const missing = market.server.asked.filter(({ query }) => Number(query.get('startTime')) === MINUTE + MINUTE_MS)
    // Four looks while its minute lasted, one when the next had come, one for the gap.
    expect(missing).toHaveLength(6)
    expect(opened.troubles).toEqual([])
  })

  it('counts and names an unsound candle once, and does not take it', async () => {
    const opened = await start()
    const candle = market.candle
    market.candle = (symbol, tsMs) => {
      const bar = candle(symbol, tsMs)
      if (bar === null || tsMs < MINUTE || tsMs > MINUTE + MINUTE_MS) return bar
      return tsMs === MINUTE ? { ...bar, high: bar.low - 1 } : { ...bar, close: Number.NaN }
    }
    await opened.minutes(4)
    await after(20 * MINUTE_MS)
    await room?.minutes(2)
    const dropped = market.query('SELECT ts_ms AS tsMs, fault FROM dropped_bars ORDER BY ts_ms')
    expect(dropped).toEqual([
      { tsMs: MINUTE, fault: 'high_below_low' },
      { tsMs: MINUTE + MINUTE_MS, fault: 'unparsable' },
    ])
    expect(market.bars(MINUTE)[0]?.tsMs).toBe(MINUTE + 2 * MINUTE_MS)
  })

  it.each([
    [90_000, /^clock: this machine's clock is 90\.0 s behind binance's/],
    [-90_000, /^clock: this machine's clock is 90\.0 s ahead of binance's/],
  ])('shows a clock that is %i ms off, and takes no candle that is open on either clock', async (offsetMs, said) => {
    market.offsetMs = offsetMs
    const opened = await start()
    expect(opened.troubles).toEqual([expect.stringMatching(said)])
    await opened.minutes(4)
    const { wall } = market.time
    const newest = market.bars().at(-1)
    expect((newest?.tsMs ?? 0) + MINUTE_MS).toBeLessThanOrEqual(wall.now() + Math.min(0, offsetMs))
    for (const bar of market.bars(MINUTE - 3 * MINUTE_MS)) expect(bar).toMatchObject(market.candle('', bar.tsMs) ?? {})
    expect(market.query('SELECT * FROM dropped_bars')).toEqual([])
    market.offsetMs = 0
    await opened.minutes(11)
    expect(opened.troubles).toEqual([])
  })

  it('fills the time that it was down, marked so, and scores none of it', async () => {
    await start()
    await room?.minutes(2)
    const opened = await after(3 * 3_600_000)
    expect(market.scored('history').every((tsMs) => tsMs < MINUTE)).toBe(true)
    await opened.minutes(1)
    const bars = market.bars(MINUTE)
    expect(bars).toHaveLength((bars.at(-1)?.tsMs ?? 0) / MINUTE_MS - MINUTE / MINUTE_MS + 1)
    const filled = bars.filter((bar) => bar.backfilled === 1)
    expect(filled.length).toBeGreaterThan(170)
    const minutes = new Set(market.scored('minute'))
    expect(filled.filter((bar) => minutes.has(bar.tsMs))).toEqual([])
  })

  it('opens without the exchange once it has its history, says so, and goes on when it is back', async () => {
    await start()
    await room?.minutes(1)
    await room?.close()
    room = null
    const port = Number(new URL(market.url).port)
    await market.server.close()
    market.time.wall.set(market.time.wall.now() + 10 * MINUTE_MS)
    const opened = await start()
    expect(opened.troubles).toEqual([
      expect.stringMatching(/^exchange: binance cannot be reached: .*the room opens with what it has$/),
    ])
    await opened.minutes(3, 1)
    await market.server.listen(port)
    await opened.minutes(2, 1)
    await opened.minutes(2)
    expect(opened.troubles).toEqual([])
    expect(market.bars(MINUTE).length).toBeGreaterThanOrEqual(17)
  })

  it('opens though its market is gone from the exchange, and says so', async () => {
    await start()
    market.server.markets = market.server.markets.filter(([base]) => base !== 'BTC')
    const opened = await after(MINUTE_MS)
    expect(opened.troubles).toEqual([
      expect.stringMatching(/^exchange: binance has no market BTC\/USDT: .*opens with what it has$/),
    ])
    await opened.minutes(3)
    expect(opened.troubles).toContainEqual(expect.stringMatching(/^exchange BTCUSDT: binance has no market BTC\/USDT/))
    expect(market.bars(MINUTE)).toEqual([])
  })

  it('ends at a first start when the exchange cannot be reached, and stores nothing', async () => {
    market.server.mood = () => ({ status: 500, body: '{}' })
    await expect(market.open()).rejects.toThrow(/binance cannot be reached.*start again/)
    expect(market.query('SELECT * FROM feeds')).toEqual([])
  })

  it('goes on with a history that was cut off, through the very errors of the exchange', async () => {
    // Three requests' worth, and no model that would be trained on it.
    market.sinceMs = MINUTE - 2_100 * MINUTE_MS
    let asked = 0
    impatientWhile(() => asked === 3)
    market.server.mood = ({ path }) => {
      if (!candlesOnly(path)) return 'usual'
      asked++
      return asked === 2
        ? { status: 429, body: '{}', headers: { 'retry-after': '30' } }
        : asked === 4
          ? 'half'
          : 'usual'
    }
    await start({ windowDays: 2 })
    expect(market.bars()).toHaveLength((floorTo(market.time.wall.now(), MINUTE_MS) - market.sinceMs) / MINUTE_MS)
    expect(market.notes.filter((note) => note.includes('answers again'))).toHaveLength(2)
  })

  it('says so when the exchange has less history than the first model needs', async () => {
    const opened = await start()
    expect(opened.desks.store.models.list('BTCUSDT')).toEqual([])
    expect(market.events().join('\n')).toContain('the first model is trained once 1 days from a UTC midnight are there')
    await opened.minutes(1)
    expect(market.scored('minute')).toEqual([MINUTE])
  })

  it("does not mix two exchanges' prices in one directory", async () => {
    await start()
    await room?.close()
    room = null
    await expect(market.open({ exchange: 'kraken' })).rejects.toThrow(
      'BTCUSDT comes from binance in this data directory',
    )
  })
})
