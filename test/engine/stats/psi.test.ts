import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addCounts,
  binCount,
  binOf,
  countBins,
  makeBins,
  psi,
  psiChance,
  psiOfCounts,
} from '../../../src/engine/stats/psi.ts'

/** Multiples of 1/128: doubling them, and what is between them, is exact. */
const value = fc.integer({ min: -1e8, max: 1e8 }).map((x) => x / 128)
const values = fc.array(fc.oneof(value, fc.integer({ min: -2, max: 2 })), { minLength: 1, maxLength: 200 })
const withMissing = fc.array(fc.oneof({ weight: 4, arbitrary: value }, { weight: 1, arbitrary: fc.constant(NaN) }), {
  minLength: 1,
  maxLength: 200,
})

function doubled(xs: readonly number[]): number[] {
  return xs.map((x) => x * 2)
}

describe('PSI', () => {
  it('is never negative, and 0 between a sample and itself', () => {
    fc.assert(
      fc.property(withMissing, withMissing, (reference, current) => {
        expect(psi(reference, current)).toBeGreaterThanOrEqual(0)
        expect(psi(reference, reference)).toBe(0)
      }),
    )
  })

  it('is 0 when the shares agree, whatever the number of rows', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 5 }), (reference, times) => {
        const repeated = Array.from({ length: times }, () => reference).flat()
        expect(psi(reference, repeated)).toBeCloseTo(0, 12)
      }),
    )
  })

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(values, values, (reference, current) => {
        expect(psi(reference.toReversed(), current.toReversed())).toBe(psi(reference, current))
      }),
    )
  })

  it('does not change when both samples go through one increasing transform', () => {
    fc.assert(
      fc.property(values, values, (reference, current) => {
        expect(psi(doubled(reference), doubled(current))).toBe(psi(reference, current))
      }),
    )
  })

  it('refuses an empty side', () => {
    expect(() => psi([1, 2, 3], [])).toThrow(RangeError)
    expect(() => psi([], [1])).toThrow(RangeError)
  })

  it('refuses counts of other bins', () => {
    expect(() => psiOfCounts([1, 2, 0], [1, 2, 3, 0])).toThrow(RangeError)
    expect(() => addCounts([1, 2, 0], [1, 2])).toThrow(RangeError)
  })

  it('floors shares at 1e-4 and does not renormalise them', () => {
    const expected = (1 - 0.5) * Math.log(1 / 0.5) + (1e-4 - 0.5) * Math.log(1e-4 / 0.5)
    expect(psiOfCounts([5, 5, 0], [10, 0, 0])).toBeCloseTo(expected, 14)
  })

  it('counts missing values as a bin of their own when either side has any, and as no bin when none has', () => {
    expect(psiOfCounts([5, 5, 0], [5, 5, 0])).toBe(0)
    expect(psiOfCounts([5, 5, 0], [5, 5, 10])).toBeGreaterThan(0.2)
    expect(psiOfCounts([5, 5, 10], [5, 5, 0])).toBeGreaterThan(0.2)
    expect(psi([1, 2, 3, 4], [NaN, NaN])).toBeGreaterThan(1)
  })
})

describe('bins', () => {
  it('put a value right of every edge at or below it, and every value somewhere', () => {
    fc.assert(
      fc.property(values, value, (reference, x) => {
        const bins = makeBins(reference)
        const bin = binOf(bins, x)
        expect(bin).toBeLessThan(binCount(bins))
        if (bins.kind === 'edges') expect(bin).toBe(bins.edges.filter((edge) => edge <= x).length)
        expect(binOf(bins, NaN)).toBe(binCount(bins))
        expect(countBins(bins, reference).reduce((sum, n) => sum + n, 0)).toBe(reference.length)
      }),
    )
  })

  it("are the reference's deciles as numpy interpolates them", () => {
    const bins = makeBins(Float64Array.from({ length: 11 }, (_, i) => i))
    expect(bins).toEqual({ kind: 'edges', edges: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((k) => expect.closeTo(k, 12)) })
  })

  it('drop duplicate edges', () => {
    expect(makeBins([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5])).toMatchObject({ kind: 'edges' })
    expect(binCount(makeBins([0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]))).toBe(6)
  })

  it('are below, equal to and above the commonest value where fewer than two edges survive', () => {
    const bins = makeBins([...Array.from({ length: 30 }, () => 7), 1, 9])
    expect(bins).toEqual({ kind: 'pivot', pivot: 7 })
    expect([1, 7, 9, NaN].map((x) => binOf(bins, x))).toEqual([0, 1, 2, 3])
    expect(
      psi(
        Array.from({ length: 30 }, () => 7),
        Array.from({ length: 30 }, () => 8),
      ),
    ).toBeGreaterThan(1)
  })

  it('are a single one when the reference has no value at all', () => {
    const bins = makeBins([NaN, NaN])
    expect(binCount(bins)).toBe(1)
    expect(countBins(bins, [NaN, 3])).toEqual([1, 1])
  })

  it('ignore missing values when edges are chosen', () => {
    expect(makeBins([NaN, 1, 2, 3, NaN])).toEqual(makeBins([1, 2, 3]))
  })
})

describe('what chance alone gives', () => {
  it('is (B - 1)(1/n + 1/m) in the mean and chi2(0.95, B - 1)(1/n + 1/m) at the 95th percentile', () => {
    const { mean, p95 } = psiChance(10, 20_160, 10_080)
    expect(mean).toBeCloseTo(9 * (1 / 20_160 + 1 / 10_080), 15)
    expect(p95).toBeCloseTo(16.918977604620448 * (1 / 20_160 + 1 / 10_080), 12)
    expect(psiChance(1, 10, 10)).toEqual({ mean: 0, p95: 0 })
  })
})
