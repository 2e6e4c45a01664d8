import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DAY_MS, floorTo, MINUTE_MS, type UnixMs } from '../../src/engine/kernel/units.ts'
import { faultOf, type Bar } from '../../src/engine/market/bar.ts'
import { findGaps } from '../../src/engine/market/gaps.ts'
import type { ExchangeFaultKind } from '../../src/feeds/exchange.ts'
import { ExchangeHistory } from '../../src/feeds/exchange-history.ts'
import {
  closedBars,
  historyFromMs,
  liveBars,
  nearNames,
  newestPage,
  pagesOver,
  pauseMs,
  retryAfterMs,
  roomSymbol,
} from '../../src/feeds/exchange-plan.ts'
import { wanderingBar } from '../kit/wandering-bars.ts'

const NOON = Date.parse('2026-01-10T12:00:00Z')
const minutes = (from: UnixMs, ...offsets: number[]): Bar[] => offsets.map((i) => wanderingBar(from + i * MINUTE_MS))

describe('the pause between two tries', () => {
  const kinds: readonly ExchangeFaultKind[] = ['rate_limit', 'stall', 'unreachable', 'refused', 'unreadable']

  it('is never none, never falls while tries fail, and has a longest one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 10_000 }), (kind, tries) => {
        const pause = pauseMs(kind, tries, null)
        expect(pause).toBeGreaterThanOrEqual(1_000)
        expect(pause).toBeLessThanOrEqual(kind === 'rate_limit' ? 900_000 : 60_000)
        expect(pauseMs(kind, tries + 1, null)).toBeGreaterThanOrEqual(pause)
      }),
    )
  })

  it('is longer after a rate limit, and as long as the exchange asks for', () => {
    for (let tries = 1; tries < 20; tries++)
      expect(pauseMs('rate_limit', tries, null)).toBeGreaterThan(pauseMs('refused', tries, null))
    expect(pauseMs('rate_limit', 1, 120_000)).toBe(120_000)
    expect(pauseMs('rate_limit', 1, 0)).toBe(1_000)
    expect(pauseMs('rate_limit', 1, 1e15)).toBe(DAY_MS)
  })

  it.each([
    ['17', null, 17_000],
    ['Sat, 10 Jan 2026 12:01:00 GMT', 'Sat, 10 Jan 2026 12:00:30 GMT', 30_000],
    ['Sat, 10 Jan 2026 12:00:00 GMT', 'Sat, 10 Jan 2026 12:00:30 GMT', 0],
    ['Sat, 10 Jan 2026 12:01:00 GMT', null, null],
    ['soon', null, null],
    [null, null, null],
  ])('reads Retry-After %s with Date %s as %s ms', (header, date, ms) => {
    expect(retryAfterMs(header, date)).toBe(ms)
  })
})

describe('the history of a first start', () => {
  it('reaches the window that ends at the last midnight with a whole day before it, and no midnight more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * DAY_MS }), fc.integer({ min: 1, max: 30 }), (ms, days) => {
        const nowMs = NOON + ms
        const fromMs = historyFromMs(nowMs, days)
        const windowFromMs = floorTo(nowMs, DAY_MS) - days * DAY_MS
        expect(fromMs % MINUTE_MS).toBe(0)
        expect(windowFromMs - fromMs).toBe(DAY_MS - MINUTE_MS)
        // The room trains at the first midnight that has the whole window behind it.
        expect(fromMs).toBeGreaterThan(windowFromMs - DAY_MS)
      }),
    )
  })

  async function readAll(
    candles: readonly Bar[],
    limit: number,
    fromMs: UnixMs,
    nowMs: UnixMs,
    stepMs: number,
  ): Promise<{ bars: Bar[]; asked: number }> {
    let asked = 0
    const history = new ExchangeHistory({
      fromMs,
      limit,
      closedByMs: () => nowMs,
      page: (pageMs, most) => {
        asked++
        return Promise.resolve(candles.filter((bar) => bar.tsMs >= pageMs).slice(0, most))
      },
    })
    const bars: Bar[] = []
    for (let atMs = fromMs; (await history.nextKnownMs()) !== null; atMs += stepMs)
      for (const row of await history.takeKnown(atMs)) if ('bar' in row) bars.push(row.bar)
    return { bars, asked }
  }

  it('gives every closed candle once and in order, whatever the page and the step, and asks little more than it must', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 90 }),
        async (offsets, limit, step) => {
          const sorted = [...offsets].sort((a, b) => a - b)
          const candles = minutes(NOON, ...sorted)
          const nowMs = NOON + 300 * MINUTE_MS + 12_000
          const { bars, asked } = await readAll(candles, limit, NOON, nowMs, step * MINUTE_MS)
          expect(bars).toEqual(candles.filter((bar) => bar.tsMs + MINUTE_MS <= nowMs))
          expect(asked).toBeLessThanOrEqual(bars.length / limit + 300 / limit + 2)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('goes on behind a stretch without candles where the exchange answers by time', async () => {
    const candles = minutes(NOON, 0, 1, 200)
    const history = new ExchangeHistory({
      fromMs: NOON,
      limit: 50,
      closedByMs: () => NOON + 300 * MINUTE_MS,
      page: (fromMs) =>
        Promise.resolve(candles.filter((bar) => bar.tsMs >= fromMs && bar.tsMs < fromMs + 50 * MINUTE_MS)),
    })
    expect(await history.takeKnown(NOON + 300 * MINUTE_MS)).toHaveLength(3)
    expect(history.endMs()).toBe(NOON + 201 * MINUTE_MS)
  })

  it('hands unsound candles on to be counted, and ends when the room does', async () => {
    const bad = { ...wanderingBar(NOON + MINUTE_MS), high: 1, low: 2 }
    const { bars } = await readAll([...minutes(NOON, 0), bad, ...minutes(NOON, 2)], 10, NOON, NOON + DAY_MS, MINUTE_MS)
    expect(bars.map(faultOf)).toEqual([null, 'high_below_low', null])
    const ended = new ExchangeHistory({
      fromMs: NOON,
      limit: 9,
      closedByMs: () => NOON,
      page: () => Promise.resolve(null),
    })
    expect(await ended.nextKnownMs()).toBeNull()
  })
})

describe('candles that are bars', () => {
  it('never has an open one, and none twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 59_999 }),
        (offsets, into) => {
          const nowMs = NOON + into
          const bars = closedBars(minutes(NOON, ...offsets), NOON - 10 * MINUTE_MS, nowMs)
          for (const bar of bars) {
            expect(bar.tsMs + MINUTE_MS).toBeLessThanOrEqual(nowMs)
            expect(bar.tsMs).toBeGreaterThanOrEqual(NOON - 10 * MINUTE_MS)
          }
          const times = bars.map((bar) => bar.tsMs)
          expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
        },
      ),
    )
  })

  it('takes what is fresh as live, and of what is old the newest alone', () => {
    const bars = minutes(NOON, -9, -8, -3, -2, -1)
    expect(liveBars(bars, NOON + 2_000, 2 * MINUTE_MS)).toEqual(bars.slice(-2))
    expect(liveBars(bars, NOON + DAY_MS, 2 * MINUTE_MS)).toEqual(bars.slice(-1))
    expect(liveBars([], NOON, 2 * MINUTE_MS)).toEqual([])
    const unsound = { ...wanderingBar(NOON - MINUTE_MS), close: Number.NaN }
    expect(liveBars([...bars.slice(0, 4), unsound], NOON + DAY_MS, 2 * MINUTE_MS)).toEqual([bars[3]])
  })

  it('asks for what has closed since the newest bar, after a long outage for the newest page', () => {
    expect(newestPage(NOON - 2 * MINUTE_MS, NOON + 2_000, 1_000)).toEqual({ fromMs: NOON - 2 * MINUTE_MS, minutes: 3 })
    expect(newestPage(NOON - 3 * DAY_MS, NOON + 2_000, 500)).toEqual({ fromMs: NOON - 499 * MINUTE_MS, minutes: 500 })
    expect(newestPage(NOON + MINUTE_MS, NOON + 2_000, 500)).toEqual({ fromMs: NOON, minutes: 1 })
  })
})

describe('the requests that fill gaps', () => {
  it('cover every missing minute, never overlap, and start at a missing one', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 2, maxLength: 80 }),
        fc.integer({ min: 1, max: 100 }),
        (offsets, limit) => {
          const gaps = findGaps([...offsets].sort((a, b) => a - b).map((i) => NOON + i * MINUTE_MS))
          const missing = gaps.flatMap((gap) =>
            Array.from({ length: gap.minutes }, (_, i) => gap.fromMs + i * MINUTE_MS),
          )
          const pages = pagesOver(gaps, limit)
          const covered = pages.flatMap((page) =>
            Array.from({ length: page.minutes }, (_, i) => page.fromMs + i * MINUTE_MS),
          )
          const once = new Set(covered)
          expect(once.size).toBe(covered.length)
          expect(missing.filter((tsMs) => !once.has(tsMs))).toEqual([])
          const starts = new Set(missing)
          expect(pages.filter((page) => !starts.has(page.fromMs))).toEqual([])
        },
      ),
    )
  })
})

describe('names', () => {
  it.each([
    ['BTC/USDT', 'BTCUSDT'],
    ['BTC/USDT:USDT', 'BTCUSDT:USDT'],
    ['BTCUSDT', 'BTCUSDT'],
  ])('%s is %s in the room', (market, symbol) => expect(roomSymbol(market)).toBe(symbol))

  it('come nearest first, and none when nothing is near', () => {
    const known = ['BTC/USDT', 'BTC/USDC', 'BTC/EUR', 'ETH/USDT', 'BTC/USDT:USDT']
    expect(nearNames('btc-usdt', known)[0]).toBe('BTC/USDT')
    expect(nearNames('BTC/USTD', known)).toContain('BTC/USDT')
    expect(nearNames('BTC', known)).toContain('BTC/EUR')
    expect(nearNames('DOGE/JPY', known)).toEqual([])
  })
})
