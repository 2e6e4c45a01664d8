import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { courseOf, regimeOf, volatileFrom } from '../../../src/engine/market/regime.ts'

describe('the regime of a minute', () => {
  it.each<[rv: number, efficiency: number, regime: string | null]>([
    [-7, 0.3, 'trending'],
    [-7, 0.299, 'ranging'],
    [-6.999, 0.3, 'volatile'],
    [-6.999, 0, 'volatile'],
    [Number.NaN, 0.3, null],
    [-7, Number.NaN, null],
  ])('of volatility %d and efficiency %d is %s', (rv, efficiency, regime) => {
    expect(regimeOf(rv, efficiency, -7)).toBe(regime)
    expect(regimeOf(rv, efficiency, Number.NaN)).toBeNull()
  })

  it('is volatile above the 80th percentile of a period, missing values left out', () => {
    expect(volatileFrom([5, 1, Number.NaN, 3, 2, 4])).toBeCloseTo(4.2, 12)
    expect(volatileFrom([])).toBeNaN()
  })

  it('has a course that only depends on the way, not on the price', () => {
    const walk = fc.array(fc.double({ min: -0.01, max: 0.01, noNaN: true }), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(walk, fc.double({ min: 0.01, max: 1e5, noNaN: true }), (steps, price) => {
        let log = Math.log(price)
        const closes = [price, ...steps.map((step) => Math.exp((log += step)))]
        const net = Math.abs(steps.reduce((sum, step) => sum + step, 0))
        const path = steps.reduce((sum, step) => sum + Math.abs(step), 0)
        fc.pre(path === 0 || Math.abs(net / path - 0.3) > 1e-6)
        expect(courseOf(closes)).toBe(path > 0 && net / path >= 0.3 ? 'trending' : 'ranging')
      }),
    )
  })
})
