import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bar } from '../../../src/engine/market/bar.ts'
import { differingFields, TickBars } from '../../../src/engine/market/tick-bars.ts'
import { MINUTE, START } from '../../kit/moments.ts'

const tick = fc.record({
  afterMs: fc.integer({ min: 0, max: 2 * MINUTE }),
  price: fc.double({ min: 1, max: 9, noNaN: true }),
  qty: fc.double({ min: 0, max: 5, noNaN: true }),
})

describe('bars made of ticks', () => {
  it('have the first, highest, lowest and last price of their minute, and all of its volume', () => {
    fc.assert(
      fc.property(fc.array(tick, { minLength: 1, maxLength: 60 }), (steps) => {
        let tsMs = START
        const ticks = steps.map(({ afterMs, ...rest }) => ({ tsMs: (tsMs += afterMs), ...rest }))
        const made = new TickBars()
        const bars = ticks.flatMap((one) => made.push(one.tsMs, one.price, one.qty) ?? [])
        const all = made.last === null ? bars : [...bars, made.last]
        const minutes = [...new Set(ticks.map((one) => Math.floor(one.tsMs / MINUTE) * MINUTE))]
        expect(all.map((bar) => bar.tsMs)).toEqual(minutes)
        for (const bar of all) {
          const own = ticks.filter((one) => Math.floor(one.tsMs / MINUTE) * MINUTE === bar.tsMs)
          const prices = own.map(({ price }) => price)
          expect([bar.open, bar.high, bar.low, bar.close]).toEqual([
            prices[0],
            Math.max(...prices),
            Math.min(...prices),
            prices.at(-1),
          ])
          expect(bar.volume).toBeCloseTo(
            own.reduce((sum, { qty }) => sum + qty, 0),
            9,
          )
        }
      }),
    )
  })

  it('differ from known ones by any price, and by a volume beyond rounding', () => {
    const bar: Bar = { tsMs: START, open: 1, high: 3, low: 0.5, close: 2, volume: 1_000 }
    expect(differingFields(bar, bar)).toEqual([])
    expect(differingFields(bar, { ...bar, volume: 1_000.000_9 })).toEqual([])
    expect(differingFields(bar, { ...bar, volume: 1_000.002 })).toEqual(['volume'])
    expect(differingFields(bar, { ...bar, high: 3.000_000_1, close: 1.9 })).toEqual(['high', 'close'])
  })
})
