import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { completeness, findGaps } from '../../../src/engine/market/gaps.ts'
import { WilderRsi } from '../../../src/engine/market/rsi.ts'
import { abdiRanaldoBp } from '../../../src/engine/market/spread.ts'

const prices = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 100 })

function at(...minutes: number[]): number[] {
  return minutes.map((minute) => minute * MINUTE_MS)
}

/** RSI after 29 equal changes. */
function rsiAfterSteps(change: number): number {
  const rsi = new WilderRsi()
  return Array.from({ length: 30 }, (_, i) => rsi.push(1000 + i * change)).at(-1) ?? Number.NaN
}

describe('RSI', () => {
  it('lies between 0 and 100, and is missing before the 14th change', () => {
    fc.assert(
      fc.property(prices, (series) => {
        const rsi = new WilderRsi()
        series.forEach((price, i) => {
          const value = rsi.push(price)
          if (i < 14) expect(value).toBeNaN()
          else expect(value >= 0 && value <= 100).toBe(true)
        })
      }),
    )
  })

  it('is 100 when there were only gains, 0 when there were only losses, 50 when there was neither', () => {
    expect(rsiAfterSteps(1)).toBe(100)
    expect(rsiAfterSteps(-1)).toBe(0)
    expect(rsiAfterSteps(0)).toBe(50)
  })

  it('goes on from its state as if it had never stopped', () => {
    fc.assert(
      fc.property(prices, fc.nat(), (series, cutAt) => {
        const cut = cutAt % series.length
        const whole = new WilderRsi()
        const expected = series.map((price) => whole.push(price)).slice(cut)
        const first = new WilderRsi()
        for (const price of series.slice(0, cut)) first.push(price)
        const second = new WilderRsi(JSON.parse(JSON.stringify(first.state())))
        expect(series.slice(cut).map((price) => second.push(price))).toEqual(expected)
      }),
    )
  })
})

describe('the spread estimate', () => {
  it('is never negative, and does not change with the unit of the price', () => {
    const logPrices = fc.record({
      logClose: fc.double({ min: 4, max: 5, noNaN: true }),
      logMidrange: fc.double({ min: 4, max: 5, noNaN: true }),
    })
    fc.assert(
      fc.property(logPrices, logPrices, fc.integer({ min: -8, max: 8 }), (before, now, shift) => {
        const spread = abdiRanaldoBp(before, now)
        const shifted = (p: typeof now): typeof now => ({
          logClose: p.logClose + shift,
          logMidrange: p.logMidrange + shift,
        })
        expect(spread).toBeGreaterThanOrEqual(0)
        expect(abdiRanaldoBp(shifted(before), shifted(now)) - spread).toBeCloseTo(0, 1)
      }),
    )
  })

  it('finds a close at the bid and at the ask of a still market to be the spread', () => {
    const half = 0.0005
    expect(abdiRanaldoBp({ logClose: half, logMidrange: 0 }, { logClose: -half, logMidrange: 0 })).toBeCloseTo(10, 9)
  })
})

describe('gaps', () => {
  it('are runs of one or more missing minutes, up to the minute of the next bar', () => {
    expect(findGaps(at(0, 1, 3, 4, 10))).toEqual([
      { fromMs: 2 * MINUTE_MS, untilMs: 3 * MINUTE_MS, minutes: 1 },
      { fromMs: 5 * MINUTE_MS, untilMs: 10 * MINUTE_MS, minutes: 5 },
    ])
  })

  it('are none in a row without holes, in one bar, and in none', () => {
    expect(findGaps(at(5, 6, 7))).toEqual([])
    expect(findGaps(at(5))).toEqual([])
    expect(findGaps([])).toEqual([])
  })

  it('together with the rows make up every minute from the first row to the last', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (steps) => {
        let minute = 0
        const tsMs = at(...[0, ...steps].map((step) => (minute += step)))
        const missing = findGaps(tsMs).reduce((sum, gap) => sum + gap.minutes, 0)
        const [first = 0, last = 0] = [tsMs[0], tsMs.at(-1)]
        expect(missing + tsMs.length).toBe((last - first) / MINUTE_MS + 1)
        expect(completeness(tsMs.length, first, last)).toBeCloseTo(tsMs.length / (tsMs.length + missing), 12)
      }),
    )
  })

  it('cannot be named in times that do not ascend', () => {
    expect(() => findGaps(at(1, 1))).toThrow(RangeError)
    expect(() => completeness(2, MINUTE_MS, 0)).toThrow(RangeError)
  })
})
