import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeLive, type LiveFigures, type LiveSide } from '../../../src/engine/canary/live.ts'

const NO_OWN = { ownTrades: 0, ownMeanBp: null }
const SIDE: LiveSide = { trades: 40, sharpe: 1, maxDrawdown: 10, netPnl: 5, logLoss: 0.6, ece: 0.02, ...NO_OWN }
/** Better in every respect. */
const BETTER: LiveFigures = {
  days: 7,
  neededDays: 7,
  minutes: 2_000,
  canary: { ...SIDE, sharpe: 1.2, maxDrawdown: 9 },
  inCharge: SIDE,
  difference: { value: 0.002, lo: 0.0001, hi: 0.004 },
  logLossDifference: null,
  ownDifferenceBp: null,
  criticalDrift: 0,
}
const canary = (change: Partial<LiveSide>): Partial<LiveFigures> => ({ canary: { ...BETTER.canary, ...change } })
const worse = { canary: { ...SIDE, sharpe: 0.69, trades: 30 }, difference: { value: -0.002, lo: -0.004, hi: -0.0001 } }

describe('a canary of days', () => {
  it('is to be promoted where it is better in every respect', () => {
    expect(judgeLive(BETTER)).toEqual({
      kind: 'promote',
      reason:
        'after 7 days: Sharpe ratio 1.20 against 1.00, daily return +0.200 % (95 % +0.010 % to +0.400 %), drawdown 9.00 against 10.00',
    })
  })

  it.each<[what: string, change: Partial<LiveFigures>, missing: RegExp]>([
    ['a day is missing', { days: 6 }, /^6 of 7 days$/],
    ['its Sharpe ratio is hardly better', canary({ sharpe: 1.19 }), /^a Sharpe ratio of 1.20, it is 1.19$/],
    ['its Sharpe ratio is unknown', canary({ sharpe: null }), /^a Sharpe ratio of each side$/],
    ['the other has none', { inCharge: { ...SIDE, sharpe: null } }, /^a Sharpe ratio of each side$/],
    ['it may earn no more', { difference: { value: 0.1, lo: 0, hi: 0.2 } }, /^certainty of a higher daily return/],
    ['nobody knows what it earns a day', { difference: null }, /^certainty of a higher daily return, it is unknown$/],
    ['its drawdown is nearly as large', canary({ maxDrawdown: 9.01 }), /^a drawdown of at most 9.00, it is 9.01$/],
    ['it is badly calibrated', canary({ ece: 0.051 }), /^a calibration error of at most 0.05, it is 0.051$/],
    ['too few minutes are settled', { minutes: 999 }, /^1 more settled minutes/],
    ['no calibration is known', canary({ ece: null }), /^1 more settled minutes/],
    ['its features drifted once', { criticalDrift: 1 }, /, there was 1 such check$/],
    ['its features drifted', { criticalDrift: 2 }, /^days without critical drift, there were 2 such checks$/],
  ])('goes on where %s', (_, change, missing) => {
    const verdict = judgeLive({ ...BETTER, ...change })
    expect(verdict.kind).toBe('extend')
    expect(verdict.kind === 'extend' ? verdict.missing : []).toEqual([expect.stringMatching(missing)])
  })

  it('says everything that is missing', () => {
    const nothing: LiveSide = {
      trades: 0,
      sharpe: null,
      maxDrawdown: 0,
      netPnl: 0,
      logLoss: null,
      ece: null,
      ...NO_OWN,
    }
    const begun = { ...BETTER, days: 0, minutes: 0, canary: nothing, inCharge: nothing, difference: null }
    expect(judgeLive(begun).reason).toBe(
      '0 of 7 days; a Sharpe ratio of each side; certainty of a higher daily return, it is unknown; 1000 more settled minutes for the calibration error',
    )
  })

  it('is stopped at any time where it is certainly worse', () => {
    const verdict = judgeLive({ ...BETTER, ...worse, days: 2 })
    expect(verdict.kind).toBe('stop')
    expect(verdict.reason).toMatch(/^Sharpe ratio 0.69 against 1.00 after 30 trades, and the daily return is lower/)
  })

  it.each<[what: string, change: Partial<LiveFigures>]>([
    ['29 trades', { canary: { ...worse.canary, trades: 29 } }],
    ['a Sharpe ratio that is nearly as good', { canary: { ...worse.canary, sharpe: 0.7 } }],
    ['an interval that reaches 0', { difference: { value: -1, lo: -2, hi: 0 } }],
    ['no interval yet', { difference: null }],
  ])('is not stopped for what it earned with %s', (_, change) => {
    expect(judgeLive({ ...BETTER, ...worse, ...change }).kind).toBe('extend')
  })

  it("is stopped where callers' own trades that followed it are certainly worse, however it does on paper", () => {
    const own = {
      canary: { ...BETTER.canary, ownTrades: 30, ownMeanBp: -4 },
      inCharge: { ...SIDE, ownTrades: 210, ownMeanBp: 1.5 },
      ownDifferenceBp: { value: -5.6, lo: -9, hi: -0.1 },
    }
    expect(judgeLive({ ...BETTER, ...own })).toEqual({
      kind: 'stop',
      reason:
        "callers' own trades: -4.0 bp on 30 against +1.5 bp on 210 (95 % of the daily difference -9.0 to -0.1 bp), lower with certainty",
    })
    // Too few to stop it, and enough to hold it back.
    const few = judgeLive({ ...BETTER, ...own, canary: { ...own.canary, ownTrades: 29 } })
    expect(few).toMatchObject({
      kind: 'extend',
      missing: [expect.stringMatching(/^own trades of callers that are not/)],
    })
    const open = { ...own, ownDifferenceBp: { value: -5.6, lo: -9, hi: 0 } }
    expect(judgeLive({ ...BETTER, ...open }).kind).toBe('promote')
  })

  it("is not promoted for callers' own trades, nor for its log loss", () => {
    const better = {
      ownDifferenceBp: { value: 9, lo: 8, hi: 10 },
      logLossDifference: { value: -0.1, lo: -0.2, hi: -0.05 },
    }
    expect(judgeLive({ ...BETTER, ...better, difference: null }).kind).toBe('extend')
  })

  it('is never promoted and stopped by the same figures with the sides changed over', () => {
    const side = fc.record({
      trades: fc.nat(200),
      sharpe: fc.option(fc.double({ min: -5, max: 5, noNaN: true })),
      maxDrawdown: fc.double({ min: 0, max: 100, noNaN: true }),
      netPnl: fc.constant(0),
      logLoss: fc.constant(0.6),
      ece: fc.option(fc.double({ min: 0, max: 0.2, noNaN: true })),
      ownTrades: fc.nat(60),
      ownMeanBp: fc.option(fc.double({ min: -9, max: 9, noNaN: true })),
    })
    const number = fc.double({ min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(side, side, number, number, (a, b, value, own) => {
        const between = (x: number) => ({ value: x, lo: x - 0.1, hi: x + 0.1 })
        const one = judgeLive({
          ...BETTER,
          canary: a,
          inCharge: b,
          difference: between(value),
          ownDifferenceBp: between(own),
        })
        const other = judgeLive({
          ...BETTER,
          canary: b,
          inCharge: a,
          difference: between(-value),
          ownDifferenceBp: between(-own),
        })
        expect([one.kind, other.kind]).not.toEqual(['promote', 'promote'])
        expect([one.kind, other.kind]).not.toEqual(['stop', 'stop'])
      }),
    )
  })
})
