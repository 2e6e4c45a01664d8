import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ownTrade, type WrittenTrade } from '../../../src/engine/trading/own-trade.ts'

const WRITTEN: WrittenTrade = {
  id: '1',
  side: 1,
  openedMs: 1_000,
  closedMs: 61_000,
  qty: 2,
  filledEntry: 100,
  filledExit: 101,
  expectedEntry: null,
  expectedExit: null,
  notional: null,
  fees: null,
  pnl: null,
  exit: null,
  predictionId: null,
  key: null,
}

describe("a closed trade of a bot's own", () => {
  it('follows from its prices and its amount where nothing else was written', () => {
    expect(ownTrade(WRITTEN)).toMatchObject({
      notional: 200,
      fees: 0,
      pnlGross: 2,
      pnl: 2,
      pnlPct: 1,
      slipEntryBp: null,
      slipExitBp: null,
      exit: 'unknown',
    })
    expect(ownTrade({ ...WRITTEN, side: -1, fees: 0.5 })).toMatchObject({ pnlGross: -2, pnl: -2.5 })
  })

  it('counts as the bot counted it, with what else it has paid', () => {
    const trade = ownTrade({ ...WRITTEN, pnl: 1.2, fees: 0.4, notional: 150, exit: 'roi' })
    expect(trade).toMatchObject({ pnl: 1.2, fees: 0.4, notional: 150, exit: 'roi' })
    expect(trade).toHaveProperty('pnlGross', 1.6)
    expect(trade).toHaveProperty('pnlPct', 0.8)
  })

  it.each<[1 | -1, number, number]>([
    [1, 10, 20],
    [-1, -10, -20],
  ])('of side %i has slipped against its owner by what was filled worse than expected', (side, entry, exit) => {
    const trade = ownTrade({ ...WRITTEN, side, expectedEntry: 100 / 1.001, expectedExit: 101 / 0.998 })
    expect(trade).toMatchObject({
      slipEntryBp: expect.closeTo(entry, 9) as number,
      slipExitBp: expect.closeTo(exit, 9) as number,
    })
  })

  it.each<[string, Partial<WrittenTrade>]>([
    ['it has no id', { id: '' }],
    ['it was closed before it was opened', { closedMs: 999 }],
    ['a time is not one', { openedMs: Number.NaN }],
    ['a price is not above 0', { filledExit: 0 }],
    ['a price is not above 0', { filledEntry: Number.NaN }],
    ['its amount is not above 0', { qty: -1 }],
    ['an expected price or its value is not above 0', { expectedEntry: 0 }],
    ['its fees or its result is not a number', { pnl: Number.NaN }],
  ])('is refused: %s', (why, change) => {
    expect(ownTrade({ ...WRITTEN, ...change })).toBe(why)
  })

  it('has a result that is its gross result less its fees, whatever was written', () => {
    const amount = fc.double({ min: 0.01, max: 1e6, noNaN: true })
    const written = fc.record({ qty: amount, filledEntry: amount, filledExit: amount, fees: fc.option(amount) })
    fc.assert(
      fc.property(written, fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true })), (some, pnl) => {
        const trade = ownTrade({ ...WRITTEN, ...some, pnl })
        if (typeof trade === 'string') throw new Error(trade)
        expect(trade.pnlGross - trade.fees).toBeCloseTo(trade.pnl, 6)
      }),
    )
  })
})
