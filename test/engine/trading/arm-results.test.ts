import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { armFigures } from '../../../src/engine/trading/arm-figures.ts'
import { ArmResults, type ArmResult } from '../../../src/engine/trading/arm-results.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'

const CAPITAL = 1_000

function kept(results: readonly ArmResult[]): ArmResults {
  const all = new ArmResults(CAPITAL)
  for (const result of results) all.add('f60', result)
  return all
}

const trade = (closedMs: number, pnl: number, slippagePct: number | null = 0.01): ArmResult => ({
  closedMs,
  pnl,
  notional: CAPITAL,
  slippagePct,
})

describe('what arms have earned lately', () => {
  it('is what their figures say of the same trades', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { minLength: 2, maxLength: 200 }), (cents) => {
        // Two that differ, or there is no spread to divide by.
        const pnls = [12.5, -12.5, ...cents.map((cent) => cent / 100)]
        const results = pnls.map((pnl, i) => trade(START + i * HOUR, pnl))
        const figures = kept(results).figures('f60', START + pnls.length * HOUR)
        const span = ((pnls.length - 1) * HOUR) / DAY
        const trades = results.map((one) => ({ ...one, openedMs: one.closedMs - MINUTE, pnlGross: one.pnl, fees: 0 }))
        const whole = armFigures(trades, CAPITAL, Math.max(1, span))
        expect(figures?.trades).toBe(whole.trades)
        expect(figures?.expectancyBp).toBeCloseTo(whole.expectancyBp ?? Number.NaN, 6)
        expect(figures?.drawdown).toBeCloseTo(whole.maxDrawdown / CAPITAL, 9)
        expect(figures?.sharpe).toBeCloseTo(whole.sharpe ?? Number.NaN, 6)
      }),
      { numRuns: 50 },
    )
  })

  it('is of the last fourteen days, as of the hour, and the count is of all', () => {
    const results = Array.from({ length: 30 }, (_, day) => trade(START + day * DAY, 1))
    const all = kept(results)
    expect(all.figures('f60', START + 29 * DAY)).toMatchObject({ trades: 14 })
    expect(all.total('f60')).toBe(30)
    expect(all.figures('f60', START + 29 * DAY + 59 * MINUTE)?.trades).toBe(14)
    expect(all.figures('f60', START + 60 * DAY)?.trades).toBe(0)
  })

  it('says what fills cost at least once thirty are known, and not before', () => {
    const fills = (n: number) => Array.from({ length: n }, (_, i) => trade(START + i, 0, i % 2 === 0 ? 0.04 : 0.06))
    expect(kept(fills(29)).figures('f60', START + HOUR)).toMatchObject({ slippagePct: null, slippageLowPct: null })
    const figures = kept(fills(30)).figures('f60', START + HOUR)
    expect(figures?.slippagePct).toBeCloseTo(0.05, 12)
    // 3.0902 standard errors of 0.01 x sqrt(30 / 29) / sqrt(30).
    expect(figures?.slippageLowPct).toBeCloseTo(0.05 - (3.090232 * 0.01) / Math.sqrt(29), 7)
    expect(kept([trade(START, 1, null)]).figures('f60', START + HOUR)?.slippagePct).toBeNull()
  })

  it('has its course, the result at the end of each step', () => {
    const all = kept([trade(START, 1), trade(START + HOUR, -3), trade(START + 3 * HOUR, 5)])
    expect(all.course('f60', START, START + 4 * HOUR, 4)).toEqual([1, -2, -2, 3])
    expect(all.course('f60', START + HOUR, START + 2 * HOUR, 2)).toEqual([-3, -3])
    expect(all.course('other', START, START + HOUR, 2)).toEqual([0, 0])
  })

  it('is nothing for an arm without a trade', () => {
    expect(kept([]).figures('f60', START)).toBeNull()
    expect(kept([]).total('f60')).toBe(0)
  })
})
