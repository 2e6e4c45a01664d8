import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ClosedTrade } from '../../../src/engine/trading/arm-figures.ts'
import { dailyDifference, meanReturnBp, tradeDifferenceBp } from '../../../src/engine/trading/daily-difference.ts'
import { DAY } from '../../kit/moments.ts'

const FROM = Date.UTC(2025, 4, 7, 13)
const trade = (day: number, pnl: number): ClosedTrade => ({
  openedMs: FROM + day * DAY,
  closedMs: FROM + day * DAY + 1,
  pnl,
  pnlGross: pnl,
  fees: 0,
  notional: 1_000,
})
const span = (days: number) => ({ fromMs: FROM, days, capital: 1_000 })

describe('what one arm earns a day more than another', () => {
  it('is the mean of the daily differences with the interval of a paired t test', () => {
    // scipy.stats.ttest_rel([3, 1, 4, 1, 5], [2, 7, 1, 8, 2]).confidence_interval(), in thousandths of the capital
    const [a, b] = [
      [2, 7, 1, 8, 2],
      [3, 1, 4, 1, 5],
    ].map((results) => results.map((pnl, day) => trade(day, pnl)))
    const found = dailyDifference(a ?? [], b ?? [], span(5))
    expect(found?.value).toBeCloseTo(-0.0012, 12)
    expect(found?.lo).toBeCloseTo(-0.00730817923143, 12)
    expect(found?.hi).toBeCloseTo(0.00490817923143, 12)
  })

  it('is unknown before there are two full days, and of equal arms nothing', () => {
    expect(dailyDifference([trade(0, 1)], [trade(0, 2)], span(1))).toBeNull()
    expect(dailyDifference([], [], span(2))).toEqual({ value: 0, lo: 0, hi: 0 })
  })

  it('counts no trade beyond the full days, and turns round with the arms', () => {
    const results = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: -50, max: 50 })), { maxLength: 40 })
    fc.assert(
      fc.property(results, results, fc.integer({ min: 2, max: 7 }), (ofA, ofB, days) => {
        const [a, b] = [ofA, ofB].map((all) => all.map(([day, pnl]) => trade(day, pnl)))
        const within = (trades: readonly ClosedTrade[] = []) =>
          trades.filter(({ closedMs }) => closedMs < FROM + days * DAY)
        const found = dailyDifference(a ?? [], b ?? [], span(days))
        expect(found).toEqual(dailyDifference(within(a), within(b), span(days)))
        const round = dailyDifference(b ?? [], a ?? [], span(days))
        expect(round?.lo).toBeCloseTo(-(found?.hi ?? Number.NaN), 12)
      }),
    )
  })
})

describe('what a trade of one side earns more than one of the other', () => {
  const of = (day: number, bp: number, notional = 1_000): ClosedTrade => ({
    ...trade(day, (bp * notional) / 1e4),
    notional,
  })

  it('is the mean over days on which both traded, however many and however large the trades were', () => {
    // The paired t test of above, in basis points: days with one trade, with two and with a hundred times the value.
    const a = [of(0, 2), of(1, 6), of(1, 8), of(2, 1, 100_000), of(3, 8), of(4, 2), of(5, 999)]
    const b = [of(0, 3), of(1, 1), of(2, 4), of(3, 1), of(4, 4), of(4, 5), of(4, 6), of(6, 999)]
    const found = tradeDifferenceBp(a, b, { fromMs: FROM, days: 7 })
    expect(found?.value).toBeCloseTo(-1.2, 9)
    expect(found?.lo).toBeCloseTo(-7.30817923143, 9)
    expect(found?.hi).toBeCloseTo(4.90817923143, 9)
  })

  it('is unknown with fewer than two such days, and counts full days alone', () => {
    expect(tradeDifferenceBp([of(0, 1), of(1, 1)], [of(0, 2), of(2, 2)], { fromMs: FROM, days: 7 })).toBeNull()
    expect(tradeDifferenceBp([of(0, 1), of(1, 1)], [of(0, 2), of(1, 2)], { fromMs: FROM, days: 1 })).toBeNull()
    expect(tradeDifferenceBp([of(0, 1), of(1, 1)], [of(0, 2), of(1, 2)], { fromMs: FROM, days: 2 })).toMatchObject({
      value: 1,
    })
    expect(meanReturnBp([])).toBeNull()
    expect(meanReturnBp([of(0, 1), of(0, 4, 9)])).toBeCloseTo(2.5, 12)
  })
})
