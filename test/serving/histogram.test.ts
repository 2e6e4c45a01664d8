import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from '../../src/db/latency-histogram.ts'
import { shape } from '../kit/desk.ts'

describe('a latency histogram', () => {
  const ms = fc.double({ min: 0.001, max: 119_000, noNaN: true })

  it('gives quantiles within 0.1 % of the exact ones, and half a microsecond', () => {
    const quantile = fc.constantFrom(0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1)
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 300 }), quantile, (values, q) => {
        const histogram = LatencyHistogram.empty()
        for (const value of values) histogram.record(value)
        const exact = values.sort((a, b) => a - b)[Math.max(1, Math.ceil(q * values.length - 1e-9)) - 1] ?? 0
        expect(Math.abs((histogram.quantileMs(q) ?? 0) - exact)).toBeLessThanOrEqual(exact / 1_000 + 0.000_5)
      }),
    )
  })

  it('is the same in any order of adding up, stored between or not, and less what is taken away again', () => {
    fc.assert(
      fc.property(fc.array(ms, { maxLength: 60 }), fc.array(ms, { maxLength: 60 }), (a, b) => {
        const of = (values: readonly number[]): LatencyHistogram => {
          const histogram = LatencyHistogram.empty()
          for (const value of values) histogram.record(value)
          return histogram
        }
        const sum = of(a)
        sum.add(LatencyHistogram.decode(of(b).encode()))
        expect(shape(sum)).toEqual(shape(of([...b, ...a])))
        sum.subtract(LatencyHistogram.decode(of(b).encode()))
        expect(shape(sum)).toEqual(shape(of(a)))
      }),
      { numRuns: 60 },
    )
  })

  it('goes on after it was stored with any latency, and with any other added, as if it had not been', () => {
    fc.assert(
      fc.property(fc.array(ms, { maxLength: 20 }), fc.array(ms, { maxLength: 20 }), ms, (a, b, added) => {
        const whole = LatencyHistogram.empty()
        for (const value of [...a, ...b, added]) whole.record(value)
        const first = LatencyHistogram.empty()
        for (const value of a) first.record(value)
        const back = LatencyHistogram.decode(first.encode())
        for (const value of b) back.record(value)
        const other = LatencyHistogram.empty()
        other.record(added)
        back.add(LatencyHistogram.decode(other.encode()))
        expect(shape(back)).toEqual(shape(whole))
      }),
      { numRuns: 60 },
    )
  })

  it('has no quantile without any latency, and holds those beyond two minutes as two minutes', () => {
    const histogram = LatencyHistogram.empty()
    expect(histogram.quantileMs(0.95)).toBeNull()
    histogram.record(10_000_000)
    expect(histogram.quantileMs(1)).toBeCloseTo(120_000, -3)
  })
})
