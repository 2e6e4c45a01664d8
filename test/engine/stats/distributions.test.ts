import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chi2Cdf, chi2Quantile } from '../../../src/engine/stats/chi2.ts'
import { kolmogorovSurvival } from '../../../src/engine/stats/kolmogorov.ts'
import { ksTwoSample } from '../../../src/engine/stats/ks.ts'
import { normalCdf, normalQuantile } from '../../../src/engine/stats/normal.ts'
import { quantileSorted, sortedFinite, tailQuantiles } from '../../../src/engine/stats/quantile.ts'

function relative(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected)
}

function share(xs: readonly number[], at: number): number {
  return xs.filter((x) => x <= at).length / xs.length
}

describe('quantiles', () => {
  it('interpolate linearly between order statistics, as numpy does', () => {
    expect(quantileSorted([1, 2, 4, 8], 0.5)).toBe(3)
    expect(quantileSorted([1, 2, 4, 8], 0.9)).toBeCloseTo(6.8, 14)
    expect([0, 1].map((q) => quantileSorted([1, 2, 4, 8], q))).toEqual([1, 8])
    expect(quantileSorted([5], 0.3)).toBe(5)
  })

  it('refuse no values and shares outside 0 to 1', () => {
    expect(() => quantileSorted([], 0.5)).toThrow(RangeError)
    for (const q of [-0.1, 1.1, NaN]) expect(() => quantileSorted([1], q)).toThrow(RangeError)
  })

  it('are the same to the last bit where only the tails are put in order', () => {
    const values = fc.array(fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }), fc.constant(NaN)), { maxLength: 60 })
    const share = fc.oneof(fc.double({ min: 0, max: 0.5, noNaN: true }), fc.constantFrom(0, 0.005, 0.5))
    fc.assert(
      fc.property(values, share, (some, q) => {
        const sorted = sortedFinite(some)
        fc.pre(sorted.length > 0)
        const { lo, hi } = tailQuantiles(some, q)
        expect([lo + 0, hi + 0]).toEqual([quantileSorted(sorted, q) + 0, quantileSorted(sorted, 1 - q) + 0])
      }),
      { numRuns: 1_000 },
    )
    expect(() => tailQuantiles([NaN], 0.1)).toThrow(RangeError)
    for (const q of [-0.1, 0.6, NaN]) expect(() => tailQuantiles([1], q)).toThrow(RangeError)
  })

  it('sort what is a number and drop the rest', () => {
    expect([...sortedFinite([3, NaN, -1, Infinity, 2])]).toEqual([-1, 2, 3])
  })
})

describe('the normal distribution', () => {
  // by mpmath with 40 digits
  it.each([
    [-37, 5.725571222524577e-300],
    [-20, 2.7536241186062337e-89],
    [-10, 7.619853024160525e-24],
    [-6.5, 4.0160005838591178e-11],
    [-1, 0.15865525393145705],
    [0.2, 0.579259709439103],
    [1.96, 0.9750021048517795],
  ])('has P(Z <= %d) = %d to the last digits, in the tails too', (z, p) => {
    expect(relative(normalCdf(z), p)).toBeLessThan(1e-15)
  })

  it('sums to one over both sides and never falls', () => {
    fc.assert(
      fc.property(fc.double({ min: -40, max: 40, noNaN: true }), (z) => {
        expect(normalCdf(z) + normalCdf(-z)).toBeCloseTo(1, 15)
        expect(normalCdf(z + 0.01)).toBeGreaterThanOrEqual(normalCdf(z))
      }),
    )
    expect([-Infinity, Infinity].map(normalCdf)).toEqual([0, 1])
  })

  it('has a quantile that is the inverse of it', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 0.5, noNaN: true }), (p) => {
        expect(relative(normalCdf(normalQuantile(p)), p)).toBeLessThan(1e-12)
      }),
    )
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14)
  })
})

describe('the chi-squared distribution', () => {
  // by scipy.stats.chi2
  it.each([
    [0.95, 9, 16.918977604620448],
    [0.95, 1, 3.841458820694124],
    [0.5, 50, 49.33493673397586],
    [0.01, 2, 0.020100671707002873],
  ])('has the quantile of %d with %d degrees', (p, df, x) => {
    expect(relative(chi2Quantile(p, df), x)).toBeLessThan(1e-10)
  })

  it('has a quantile that is the inverse of it', () => {
    const p = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true })
    fc.assert(
      fc.property(p, fc.integer({ min: 1, max: 200 }), (p, df) => {
        expect(chi2Cdf(chi2Quantile(p, df), df)).toBeCloseTo(p, 10)
      }),
    )
  })
})

describe('KS', () => {
  const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 })

  it('is the greatest distance of the two empirical distributions', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const greatest = Math.max(...[...a, ...b].map((x) => Math.abs(share(a, x) - share(b, x))))
        expect(ksTwoSample(a, b).statistic).toBeCloseTo(greatest, 12)
      }),
    )
  })

  it('is 0 between a sample and itself, the same both ways, and its p-value a probability', () => {
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        expect(ksTwoSample(a, a)).toEqual({ statistic: 0, pValue: 1 })
        expect(ksTwoSample(a, b).statistic).toBeCloseTo(ksTwoSample(b, a).statistic, 14)
        expect(ksTwoSample(a, b).pValue).toBeGreaterThanOrEqual(0)
        expect(ksTwoSample(a, b).pValue).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('leaves missing values out and refuses a side without any', () => {
    expect(ksTwoSample([1, 2, NaN], [1, 2])).toEqual({ statistic: 0, pValue: 1 })
    expect(() => ksTwoSample([NaN], [1])).toThrow(RangeError)
  })

  // by scipy.stats.kstwo.sf
  it.each([
    [2, 0.3, 0.98],
    [5, 0.45, 0.19399374999999963],
    [10, 0.2, 0.7487190399999999],
    [50, 0.1, 0.6623112704658186],
    [50, 0.2, 0.03143877776953241],
    [140, 0.08, 0.31480749911643063],
    [141, 0.03, 0.9992107601012719],
    [200, 0.02, 0.9999948480179858],
    [200, 0.08, 0.1463961356372503],
    [500, 0.05, 0.15866260223815387],
    [6720, 0.005, 0.995772118689059],
    [6720, 0.01, 0.5091460997818822],
    [6720, 0.03, 1.0920395065422048e-5],
    [100000, 0.003, 0.3284563327726956],
  ])('has the p-value of %d effective rows at a distance of %d', (n, d, p) => {
    expect(relative(kolmogorovSurvival(n, d), p)).toBeLessThan(1e-9)
  })
})
