import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import {
  brier,
  calibrationCurve,
  ece,
  isotonicApply,
  isotonicFit,
  logLoss,
  plattFit,
  rowLogLoss,
  sigmoid,
} from '../../../src/engine/stats/calibration.ts'

const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.25, 0.5, 1))
const rows = fc.array(fc.tuple(fc.constantFrom(0, 1), score), { minLength: 1, maxLength: 120 })

function split(pairs: readonly (readonly [number, number])[]): { labels: number[]; p: number[] } {
  return { labels: pairs.map(([label]) => label), p: pairs.map(([, p]) => p) }
}

function mean(xs: readonly number[]): number {
  return xs.reduce((sum, x) => sum + x, 0) / xs.length
}

describe('sigmoid', () => {
  it('neither overflows nor loses its small values', () => {
    expect([-1000, 0, 1000].map(sigmoid)).toEqual([0, 0.5, 1])
    expect(sigmoid(-700)).toBeGreaterThan(0)
  })
})

describe('log loss and Brier score', () => {
  it('are the means of their rows', () => {
    expect(logLoss([1, 0], [0.8, 0.4])).toBeCloseTo((-Math.log(0.8) - Math.log(0.6)) / 2, 14)
    expect(brier([1, 0], [0.8, 0.4])).toBeCloseTo((0.04 + 0.16) / 2, 14)
    expect(logLoss([], [])).toBeNaN()
  })

  it('stay finite for a sure and wrong score, and unknown for a missing one', () => {
    expect(rowLogLoss(1, 0)).toBeCloseTo(-Math.log(1e-15), 10)
    expect(rowLogLoss(0, 1)).toBeCloseTo(-Math.log(1e-15), 1)
    expect(rowLogLoss(0, NaN)).toBeNaN()
  })
})

describe('ECE', () => {
  it('has bins of equal count, the first larger by one where the rows do not divide', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 12 }), (pairs, bins) => {
        const { labels, p } = split(pairs)
        const sizes = calibrationCurve(labels, p, bins).map(({ n }) => n)
        expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(p.length)
        expect(sizes.length).toBe(Math.min(bins, p.length))
        expect(sizes.toSorted((a, b) => b - a)).toEqual(sizes)
        expect((sizes[0] ?? 0) - (sizes.at(-1) ?? 0)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('keeps the order of rows among equal scores', () => {
    const curve = calibrationCurve([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5], 2)
    expect(curve).toEqual([
      { n: 2, mean_score: 0.5, mean_label: 1 },
      { n: 2, mean_score: 0.5, mean_label: 0 },
    ])
    expect(ece([1, 1, 0, 0], [0.5, 0.5, 0.5, 0.5], 2)).toBe(0.5)
  })

  it('lies in 0 to 1, and is 0 when scores are the outcomes', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const { labels, p } = split(pairs)
        expect(ece(labels, p)).toBeGreaterThanOrEqual(0)
        expect(ece(labels, p)).toBeLessThanOrEqual(1)
        expect(ece(labels, labels)).toBe(0)
      }),
    )
    expect(ece([], [])).toBeNaN()
  })
})

describe('isotonic calibration', () => {
  it('never falls, stays within the labels, and keeps their mean', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const { labels, p } = split(pairs)
        const fit = isotonicFit(p, labels)
        expect(fit.y.toSorted((a, b) => a - b)).toEqual(fit.y)
        const applied = p.map((x) => isotonicApply(fit, x))
        expect(mean(applied)).toBeCloseTo(mean(labels), 10)
        for (const y of applied) expect(y >= 0 && y <= 1).toBe(true)
      }),
    )
  })

  it('pools violators, is linear between block ends, and level outside them', () => {
    const fit = isotonicFit([1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1])
    expect(fit).toEqual({ x: [1, 2, 5, 6], y: [0, 0.5, 0.5, 1] })
    expect([0, 1, 1.5, 3, 5.5, 9].map((x) => isotonicApply(fit, x))).toEqual([0, 0, 0.25, 0.5, 0.75, 1])
    expect(isotonicApply(fit, NaN)).toBeNaN()
  })

  it('averages equal scores first, in whatever order they come', () => {
    expect(isotonicFit([0.5, 0.5, 0.2], [1, 0, 0])).toEqual({ x: [0.2, 0.5], y: [0, 0.5] })
    expect(isotonicFit([0.5, 0.2, 0.5], [0, 0, 1])).toEqual({ x: [0.2, 0.5], y: [0, 0.5] })
    expect(() => isotonicFit([], [])).toThrow(RangeError)
  })
})

describe("Platt's scaling", () => {
  it('finds the line that labels were drawn from', () => {
    const random = seededRandom(17)
    const logits = Float64Array.from({ length: 40_000 }, () => 6 * random.next() - 3)
    const labels = logits.map((x) => (random.next() < sigmoid(0.7 * x - 0.4) ? 1 : 0))
    const { a, b } = plattFit(logits, labels)
    expect(a).toBeCloseTo(0.7, 1)
    expect(b).toBeCloseTo(-0.4, 1)
  })

  it('ends where the gradient on the smoothed targets is nought', () => {
    const label = fc.constantFrom(0, 1)
    const logit = fc.integer({ min: -50, max: 50 }).map((x) => x / 10)
    fc.assert(
      fc.property(fc.array(fc.tuple(label, logit), { minLength: 4, maxLength: 60 }), (pairs) => {
        const { labels, p: logits } = split(pairs)
        const { a, b } = plattFit(logits, labels)
        const positives = labels.filter((y) => y === 1).length
        const target = [1 / (labels.length - positives + 2), (positives + 1) / (positives + 2)]
        const errors = logits.map((x, i) => sigmoid(a * x + b) - (target[labels[i] ?? 0] ?? 0))
        expect(Math.abs(errors.reduce((sum, e) => sum + e, 0))).toBeLessThan(1e-6)
        expect(Math.abs(errors.reduce((sum, e, i) => sum + e * (logits[i] ?? 0), 0))).toBeLessThan(1e-6)
      }),
    )
  })

  it('stays finite when the scores part the classes, are all alike, or one class is missing', () => {
    const fits = [
      plattFit([-900, -800, 800, 900], [0, 0, 1, 1]),
      plattFit([2, 2, 2, 2], [0, 1, 0, 1]),
      plattFit([1, 2], [1, 1]),
    ]
    for (const { a, b } of fits) expect([a, b].every(Number.isFinite)).toBe(true)
    const alike = plattFit([2, 2, 2, 2], [0, 1, 0, 1])
    expect(sigmoid(alike.a * 2 + alike.b)).toBeCloseTo(0.5, 9)
    expect(() => plattFit([], [])).toThrow(RangeError)
  })
})
