import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import {
  FLAT,
  nextPaper,
  type PaperRule,
  type PaperTrade,
  type Position,
  type TradedMinute,
} from '../../../src/engine/trading/paper-trade.ts'

const START = Date.parse('2025-05-20T00:00:00Z')
const RULE: PaperRule = { threshold: 0.5, horizonMin: 3, stopBp: null, targetBp: null, feeBp: 5, notional: 1_000 }

/** A minute that decides nothing, at a price of 100 and a spread of 2 bp. */
function minute(
  place: number,
  change: Partial<TradedMinute> & { readonly close?: number; readonly open?: number } = {},
) {
  const { close = 100, open = close, ...rest } = change
  const bar = {
    tsMs: START + place * MINUTE_MS,
    open,
    close,
    high: Math.max(open, close),
    low: Math.min(open, close),
    volume: 1,
  }
  return { bar, spreadBp: 2, momentum: 0.001, rv60mLog: -7, score: null, ...rest }
}

interface Traded {
  readonly trades: readonly PaperTrade[]
  readonly position: Position
}

function traded(minutes: readonly TradedMinute[], rule: PaperRule, times = 1): Traded {
  const trades: PaperTrade[] = []
  let position: Position = FLAT
  for (const [i, one] of minutes.entries())
    for (let again = 0; again < times; again++) {
      const step = nextPaper(position, minutes[i - 1] ?? null, one, { model: 'm', rule })
      position = step.position
      if (step.closed !== null) trades.push(step.closed)
    }
  return { trades, position }
}

const SIGNAL = { score: 0.5 }

describe('a paper trade', () => {
  it('is decided when the minute has ended, filled at the next open, and out at the open after its horizon', () => {
    const minutes = [
      minute(0, SIGNAL),
      minute(1, { open: 101 }),
      minute(2),
      minute(3, { close: 103 }),
      minute(4, { open: 104 }),
    ]
    const [trade] = traded(minutes, RULE).trades
    expect(trade).toMatchObject({
      side: 1,
      rowMs: START,
      openedMs: START + MINUTE_MS,
      closedMs: START + 4 * MINUTE_MS,
      expectedEntry: 100,
      expectedExit: 103,
      exit: 'horizon',
    })
    expect(trade?.filledEntry).toBeCloseTo(101 * 1.0001, 12)
    expect(trade?.filledExit).toBeCloseTo(104 * 0.9999, 12)
  })

  it.each<[string, Partial<TradedMinute>]>([
    ['a score below the threshold', { score: 0.499_999 }],
    ['a score that is not a number', { score: Number.NaN }],
    ['a model that abstains', { score: null }],
    ['a price that has not moved in 5 minutes', { ...SIGNAL, momentum: 0 }],
    ['a momentum that is unknown', { ...SIGNAL, momentum: Number.NaN }],
    ['a spread that is unknown', { ...SIGNAL, spreadBp: Number.NaN }],
  ])('is not opened on %s', (_, change) => {
    expect(traded([minute(0, change), minute(1)], RULE).position).toEqual(FLAT)
  })

  it('is not opened where the next bar is missing; a later row may open one', () => {
    const { trades, position } = traded([minute(0, SIGNAL), minute(2), minute(3, SIGNAL), minute(4)], RULE)
    expect(trades).toEqual([])
    expect(position).toMatchObject({ kind: 'open', entry: { rowMs: START + 3 * MINUTE_MS } })
  })

  it('is out at the first bar after a gap, expected at the last close before it', () => {
    const minutes = [minute(0, SIGNAL), minute(1, { close: 99 }), minute(9, { open: 90 })]
    expect(traded(minutes, RULE).trades).toMatchObject([
      { exit: 'gap', expectedExit: 99, closedMs: START + 9 * MINUTE_MS },
    ])
    const late = [minute(0, SIGNAL), minute(1), minute(2), minute(3), minute(7)]
    expect(traded(late, RULE).trades).toMatchObject([{ exit: 'gap', closedMs: START + 7 * MINUTE_MS }])
  })

  const levels = { ...RULE, stopBp: 50, targetBp: 50 }
  it.each<[string, number, Partial<TradedMinute['bar']>, Partial<PaperTrade>]>([
    ['at its stop', 0.001, { low: 99 }, { exit: 'stop' }],
    ['at its target', 0.001, { high: 102 }, { exit: 'target' }],
    ['at its stop where a bar reached both', 0.001, { low: 99, high: 102 }, { exit: 'stop' }],
    ['at its stop, when short', -0.001, { high: 102 }, { exit: 'stop', side: -1 }],
    ['at its target, when short', -0.001, { low: 99 }, { exit: 'target', side: -1 }],
  ])('is out %s', (_, momentum, reached, wanted) => {
    const second = minute(1)
    const minutes = [minute(0, { ...SIGNAL, momentum }), { ...second, bar: { ...second.bar, ...reached } }, minute(2)]
    expect(traded(minutes, levels).trades).toMatchObject([{ ...wanted, closedMs: START + 2 * MINUTE_MS }])
  })

  it('is of the model and by the rule that it was opened by, whatever the arm trades by when it is closed', () => {
    const minutes = [minute(0, SIGNAL), minute(1, SIGNAL), minute(2, SIGNAL), minute(3, SIGNAL), minute(4, SIGNAL)]
    const later = { model: 'later', rule: { ...RULE, horizonMin: 1, notional: 7 } }
    let position: Position = FLAT
    const closed: (PaperTrade | null)[] = []
    for (const [i, one] of minutes.entries()) {
      const step = nextPaper(position, minutes[i - 1] ?? null, one, i === 0 ? { model: 'first', rule: RULE } : later)
      position = step.position
      closed.push(step.closed)
    }
    expect(closed.filter((trade) => trade !== null)).toMatchObject([
      { model: 'first', notional: RULE.notional, closedMs: START + 4 * MINUTE_MS },
    ])
    expect(position).toMatchObject({ kind: 'ordered', order: { model: 'later' } })
  })

  it('is filled at the open of a bar that opened beyond the stop, which is slippage', () => {
    const second = minute(2, { open: 98, close: 98 })
    const [trade] = traded([minute(0, SIGNAL), minute(1), second], levels).trades
    expect(trade).toMatchObject({ exit: 'stop', filledExit: 98 })
    expect(trade?.slipExitBp).toBeGreaterThan(100)
  })
})

/** Recordings with gaps, wild prices and unknown values. */
const recordings = fc
  .array(
    fc.record({
      skipped: fc.nat({ max: 2 }),
      move: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
      wick: fc.double({ min: 0, max: 0.01, noNaN: true }),
      score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      momentum: fc.constantFrom(-1, 0, 1, Number.NaN),
      spreadBp: fc.constantFrom(0, 3, Number.NaN),
    }),
    { maxLength: 80 },
  )
  .map((steps) => {
    let place = 0
    let price = 100
    return steps.map(({ skipped, move, wick, ...rest }): TradedMinute => {
      // Most minutes follow the one before.
      place += 1 + (skipped === 2 ? 3 : 0)
      const open = price
      price *= 1 + move
      const bar = {
        tsMs: START + place * MINUTE_MS,
        open,
        close: price,
        high: Math.max(open, price) * (1 + wick),
        low: Math.min(open, price) * (1 - wick),
        volume: 1,
      }
      return { bar, rv60mLog: -7, ...rest }
    })
  })
const rules = fc.record({
  threshold: fc.constant(0.5),
  horizonMin: fc.integer({ min: 1, max: 6 }),
  stopBp: fc.option(fc.constant(40)),
  targetBp: fc.option(fc.constant(60)),
  feeBp: fc.constant(5),
  notional: fc.constant(1_000),
})

describe('on any recording', () => {
  it('trades follow each other, each decided before it was opened, and their results add up', () => {
    fc.assert(
      fc.property(recordings, rules, (minutes, rule) => {
        const { trades } = traded(minutes, rule)
        for (const [i, trade] of trades.entries()) {
          expect(trade.openedMs).toBe(trade.rowMs + MINUTE_MS)
          expect(trade.closedMs).toBeGreaterThan(trade.rowMs)
          const previous = trades[i - 1]
          if (previous !== undefined) expect(trade.rowMs).toBeGreaterThanOrEqual(previous.closedMs)
          expect(trade.pnl).toBeCloseTo(trade.side * (trade.filledExit - trade.filledEntry) * trade.qty - trade.fees, 9)
          if (trade.exit === 'horizon') expect(trade.closedMs - trade.openedMs).toBe(rule.horizonMin * MINUTE_MS)
        }
      }),
    )
  })

  it('a decision sees nothing that comes after it: cut short, a recording has the trades that it had closed by then', () => {
    fc.assert(
      fc.property(recordings, rules, fc.nat({ max: 80 }), (minutes, rule, length) => {
        const { trades } = traded(minutes.slice(0, length), rule)
        expect(traded(minutes, rule).trades.slice(0, trades.length)).toEqual(trades)
      }),
    )
  })

  it('minutes that are gone through again, as after a crash, trade nothing twice', () => {
    fc.assert(
      fc.property(recordings, rules, (minutes, rule) => {
        expect(traded(minutes, rule, 3)).toEqual(traded(minutes, rule))
      }),
    )
  })
})
