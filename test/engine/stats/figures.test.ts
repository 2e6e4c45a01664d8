import { describe, expect, it } from 'vitest'
import { isotonicApply, isotonicFit, plattFit, rowLogLoss } from '../../../src/engine/stats/calibration.ts'
import { chi2Cdf, chi2Quantile } from '../../../src/engine/stats/chi2.ts'
import { logGamma, regularisedGamma } from '../../../src/engine/stats/gamma.ts'
import { wilson } from '../../../src/engine/stats/intervals.ts'
import { kolmogorovSurvival } from '../../../src/engine/stats/kolmogorov.ts'
import { ksTwoSample } from '../../../src/engine/stats/ks.ts'
import { normalCdf, normalQuantile } from '../../../src/engine/stats/normal.ts'
import { binsTakingPart, psiChance, psiOfCounts } from '../../../src/engine/stats/psi.ts'
import { quantileSorted } from '../../../src/engine/stats/quantile.ts'
import { atTop } from '../../../src/engine/stats/ranking.ts'

/** Figures on both sides of every place where a function goes over to another formula. */
function within(actual: number, expected: number, relative: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected))
}

describe('the gamma function', () => {
  // by mpmath with 40 digits
  it.each([
    [0.1, 2.252712651734206],
    [0.49, 0.592249629335267],
    [0.5, 0.5723649429247001],
    [1.5, -0.12078223763524522],
    [7.25, 7.0521854507385395],
    [100, 359.1342053695754],
    [10_000, 82_099.71749644238],
  ])('has the logarithm at %f of %f', (x, expected) => {
    within(logGamma(x), expected, 1e-13)
  })

  // by mpmath with 40 digits
  it.each([
    [0.5, 0.1, 0.345279153981423],
    [0.5, 1.4999, 0.9167252039625158],
    [0.5, 1.5, 0.9167354833364496],
    [3, 2, 0.32332358381693654],
    [3, 4, 0.7618966944464557],
    [3, 9, 0.9937678048936227],
    [50, 30, 0.0005188914625480343],
    [50, 51, 0.5743948595168596],
    [50, 80, 0.9998692160234086],
    [1, 3, 0.950212931632136],
  ])('has the regularised integral P(%f, %f) = %f', (a, x, expected) => {
    within(regularisedGamma(a, x), expected, 1e-13)
  })

  it('has no integral of nothing, all of it at infinity, and neither for arguments below 0', () => {
    expect([regularisedGamma(2, 0), regularisedGamma(2, Infinity)]).toEqual([0, 1])
    expect(() => regularisedGamma(0, 1)).toThrow(RangeError)
    expect(() => regularisedGamma(1, -1)).toThrow(RangeError)
    expect(() => regularisedGamma(1, Number.NaN)).toThrow(RangeError)
    expect(() => logGamma(0)).toThrow(RangeError)
    expect(() => logGamma(-1.5)).toThrow(RangeError)
  })
})

describe('the normal distribution', () => {
  // by mpmath with 40 digits; erf gives way to erfc at z = 0.6629, and that to its far form at z = 5.657
  it.each([
    [-0.3, 0.3820885778110474],
    [0.662, 0.7460143891548866],
    [0.663, 0.7463347229613835],
    [2.5, 0.993790334674224],
    [-5.6, 1.071759025831093e-8],
    [-5.7, 5.990371401063528e-9],
  ])('has P(Z <= %f) = %f on both sides of where its formula changes', (z, p) => {
    within(normalCdf(z), p, 2e-15)
  })

  // by mpmath with 40 digits
  it.each([
    [1e-10, -6.361340902404056],
    [0.001, -3.0902323061678136],
    [0.3, -0.5244005127080408],
    [0.7, 0.5244005127080407],
    [0.999, 3.090232306167813],
  ])('has the quantile of %f', (p, z) => {
    within(normalQuantile(p), z, 1e-13)
  })

  it('has its ends at infinity, its middle at 0, and no quantile of what is no probability', () => {
    expect([0, 0.5, 1].map(normalQuantile)).toEqual([-Infinity, 0, Infinity])
    for (const p of [-1e-9, 1 + 1e-9, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError)
    expect([-Infinity, Infinity].map(normalCdf)).toEqual([0, 1])
    expect(normalCdf(Number.NaN)).toBeNaN()
  })

  it('does not lose its way where the density underflows', () => {
    expect(normalQuantile(5e-324)).toBeGreaterThan(-39)
    expect(normalQuantile(5e-324)).toBeLessThan(-38)
  })
})

describe('the chi-squared distribution', () => {
  // by scipy.stats.chi2.ppf
  it.each([
    [1e-6, 1, 1.5707963267957187e-12],
    [0.001, 0.5, 1.3499395786230753e-12],
    [0.999, 0.5, 8.752888515773373],
    [0.999, 200, 267.5405278227572],
    [1e-6, 200, 118.87264139624578],
    [0.3, 3, 1.4236522430352798],
  ])('has the quantile of %f with %f degrees far out in its tails', (p, df, x) => {
    within(chi2Quantile(p, df), x, 1e-9)
  })

  it('has its ends at 0 and infinity, and is refused anything else', () => {
    expect([chi2Quantile(0, 4), chi2Quantile(1, 4)]).toEqual([0, Infinity])
    expect([-1, 0].map((x) => chi2Cdf(x, 3))).toEqual([0, 0])
    expect(() => chi2Cdf(1, 0)).toThrow(/degrees of freedom must be above 0/)
    expect(() => chi2Quantile(0.5, 0)).toThrow(/no chi-squared quantile/)
    for (const p of [-0.1, 1.1, Number.NaN]) expect(() => chi2Quantile(p, 2)).toThrow(/no chi-squared quantile/)
  })
})

describe('the distance of Kolmogorov and Smirnov', () => {
  // by scipy.stats.kstwo.sf
  it.each([
    [1, 0.6, 0.8],
    [1, 0.9, 0.2],
    [2, 0.5, 0.5],
    [2, 0.8, 0.08],
    [3, 0.4, 0.5946666666666667],
    [10, 0.49, 0.009763393811568544],
    [10, 0.5, 0.00777741],
    [50, 0.5, 4.392853499119748e-12],
    [100, 0.2, 0.0005551927327888775],
    [140, 0.05, 0.8576480297656114],
    [140, 0.168, 0.0006361623019061495],
    [140, 0.17, 0.0005246108687519814],
    [141, 0.12, 0.03160060527758468],
    [141, 0.1249, 0.02241500523834805],
    [141, 0.125, 0.022254729898737478],
    [1_000, 0.01, 0.9999496745370611],
    [1_000, 0.0125, 0.9971528020597908],
    [1_000, 0.0126, 0.9968143322478163],
    [100_001, 0.0015, 0.9777913497778646],
    [100_001, 0.003, 0.32845050055711633],
    [200_000, 0.001, 0.9881500208855729],
  ])('of %i values is beyond %f with the probability %f', (n, d, p) => {
    within(kolmogorovSurvival(n, d), p, 1e-9)
  })

  it('is certain below half a step, impossible from 1 on, and certain of no values', () => {
    expect([kolmogorovSurvival(60, 0.5 / 60), kolmogorovSurvival(0, 0.7), kolmogorovSurvival(10, 0)]).toEqual([1, 1, 1])
    expect([kolmogorovSurvival(3, 1), kolmogorovSurvival(1_000, 0.62)]).toEqual([0, 0])
  })

  it('of two samples of one odd size has the p-value of a size that is rounded half to even', () => {
    // 9 values and 9: 4.5 of effect, taken as 4, as scipy does; 3 and 3: 1.5, taken as 2
    const nine = Array.from({ length: 9 }, (_, i) => i)
    const shifted = nine.map((x) => x + 3.5)
    within(ksTwoSample(nine, shifted).pValue, kolmogorovSurvival(4, 4 / 9), 1e-12)
    within(ksTwoSample([1, 2, 3], [2.5, 3.5, 4.5]).pValue, kolmogorovSurvival(2, 2 / 3), 1e-12)
    within(ksTwoSample([1, 2, 3, 4], [3.5, 4.5, 5.5]).pValue, kolmogorovSurvival(2, 3 / 4), 1e-12)
    for (const [a, b] of [
      [[], [1]],
      [[1], []],
    ] as const)
      expect(() => ksTwoSample(a, b)).toThrow(/KS needs values on both sides/)
  })
})

describe("Wilson's interval", () => {
  // by Python's statistics.NormalDist
  it.each([
    [3, 40, 0.999, 0.013959515440814835, 0.3171121340291062],
    [20, 20, 0.95, 0.8388748419471808, 1],
    [0, 20, 0.95, 0, 0.1611251580528193],
    [1, 3, 0.5, 0.1828172501586131, 0.5277418231406088],
  ])('of %i of %i at %f', (successes, n, confidence, lo, hi) => {
    const found = wilson(successes, n, confidence)
    expect(found.lo).toBeCloseTo(lo, 12)
    expect(found.hi).toBeCloseTo(hi, 12)
  })

  it('is of a share: less than none and more than all are refused', () => {
    for (const [some, all] of [
      [-1, 3],
      [4, 3],
      [Number.NaN, 3],
    ] as const)
      expect(() => wilson(some, all)).toThrow(RangeError)
  })
})

describe('calibration', () => {
  it("is Platt's on his smoothed targets", () => {
    // by Newton's method in numpy
    const logits = [-2, -1, -0.5, 0, 0.25, 0.75, 1.5, 3]
    const { a, b } = plattFit(logits, [0, 0, 1, 0, 1, 0, 1, 1])
    expect(a).toBeCloseTo(0.5990650819644401, 10)
    expect(b).toBeCloseTo(-0.1330096093378165, 10)
  })

  it('finds its way from a start that overshoots', () => {
    const logits = Array.from({ length: 40 }, (_, i) => (i < 39 ? i / 10 : -400))
    const labels = logits.map((x) => (x > 2 ? 1 : 0))
    const { a, b } = plattFit(logits, labels)
    const positives = labels.filter((label) => label === 1).length
    const p = logits.map((x) => 1 / (1 + Math.exp(-(a * x + b))))
    const expected = (positives * (positives + 1)) / (positives + 2) + (40 - positives) / (40 - positives + 2)
    expect(p.reduce((sum, one) => sum + one, 0)).toBeCloseTo(expected, 6)
  })

  it('keeps the two ends of a level, and one where it has a single score', () => {
    expect(isotonicFit([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1])).toEqual({ x: [0.1, 0.2, 0.3, 0.4], y: [0, 0.5, 0.5, 1] })
    expect(isotonicFit([0.3, 0.3, 0.6], [1, 0, 0])).toEqual({ x: [0.3, 0.6], y: [1 / 3, 1 / 3] })
    expect(isotonicFit([0.1, 0.2, 0.2], [1, 0, 1])).toEqual({ x: [0.1, 0.2], y: [2 / 3, 2 / 3] })
  })

  it('is level at each of its points and beyond its ends', () => {
    const fit = { x: [0.25, 0.5, 0.75], y: [0, 0.5, 1] }
    expect([-1, 0.25, 0.5, 0.625, 0.75, 2].map((p) => isotonicApply(fit, p))).toEqual([0, 0, 0.5, 0.75, 1, 1])
  })

  it('takes anything but 1 for no event', () => {
    expect(rowLogLoss(1, 0.25)).toBe(-Math.log(0.25))
    expect(rowLogLoss(0, 0.25)).toBe(-Math.log1p(-0.25))
  })
})

describe('drift by counts', () => {
  it('has a bin more where either side lacks values', () => {
    expect([binsTakingPart([1, 1, 0], [1, 1, 0]), binsTakingPart([1, 1, 1], [1, 1, 0])]).toEqual([2, 3])
    expect(binsTakingPart([1, 1, 0], [1, 1, 4])).toBe(3)
    expect(() => psiOfCounts([0, 0, 0], [1, 2, 3])).toThrow(RangeError)
    expect(() => psiOfCounts([1, 2, 3], [0, 0, 0])).toThrow(RangeError)
  })

  it('is expected by chance of two bins, and of one not at all', () => {
    expect(psiChance(1, 10, 20)).toEqual({ mean: 0, p95: 0 })
    expect(psiChance(2, 10, 20).mean).toBeCloseTo(0.15, 14)
    expect(psiChance(2, 10, 20).p95).toBeCloseTo(3.841458820694124 * 0.15, 10)
  })
})

describe('order statistics', () => {
  it('interpolate between their neighbours as numpy does', () => {
    const found = [0.1, 0.15, 0.5, 0.62].map((q) => quantileSorted([1, 2, 4, 8, 16], q))
    expect(found).toEqual([1.4, 1.6, 4, 5.92].map((x) => expect.closeTo(x, 12)))
    expect([0, 1].map((q) => quantileSorted([1, 2, 4], q))).toEqual([1, 4])
    for (const q of [-1e-9, 1 + 1e-9]) expect(() => quantileSorted([1, 2], q)).toThrow(RangeError)
  })

  it('have a top of none of their rows to all of them, and no other', () => {
    const top = (share: number) => atTop([1, 0, 1], [0.1, 0.3, 0.2], share)
    expect(top(1)).toEqual({ precision: 2 / 3, recall: 1, k: 3, threshold: 0.1 })
    expect(top(2 / 3)).toEqual({ precision: 0.5, recall: 0.5, k: 2, threshold: 0.2 })
    expect(top(0)).toEqual({ precision: NaN, recall: NaN, k: 0, threshold: NaN })
    for (const share of [-0.1, 1.1, NaN]) expect(() => top(share)).toThrow(RangeError)
  })
})
