import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import {
  blockBootstrapAuc,
  blockBootstrapAucDifference,
  blockBootstrapMean,
  wilson,
} from '../../../src/engine/stats/intervals.ts'
import { auc } from '../../../src/engine/stats/ranking.ts'

const options = (seed: number): { block: number; draws: number; random: ReturnType<typeof seededRandom> } => ({
  block: 60,
  draws: 200,
  random: seededRandom(seed),
})

function widthOf(values: Float64Array): number {
  const { lo, hi } = blockBootstrapMean(values, options(4))
  return hi - lo
}

/** Labels and two scores of different worth. */
function scored(n: number, seed: number): { labels: Float64Array; good: Float64Array; poor: Float64Array } {
  const random = seededRandom(seed)
  const labels = Float64Array.from({ length: n }, () => (random.next() < 0.4 ? 1 : 0))
  return {
    labels,
    good: labels.map((label) => label + 2 * random.next()),
    poor: labels.map((label) => label * 0.2 + Math.round(20 * random.next()) / 10),
  }
}

describe('the Wilson interval', () => {
  it('contains the share, lies within 0 to 1, and narrows as rows are added', () => {
    const share = fc
      .integer({ min: 1, max: 5000 })
      .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)))
    fc.assert(
      fc.property(share, ([successes, n]) => {
        const { lo, hi } = wilson(successes, n)
        expect(lo).toBeLessThanOrEqual(successes / n)
        expect(hi).toBeGreaterThanOrEqual(successes / n)
        expect(lo).toBeGreaterThanOrEqual(0)
        expect(hi).toBeLessThanOrEqual(1)
        const more = wilson(successes * 4, n * 4)
        expect(more.hi - more.lo).toBeLessThan(hi - lo)
      }),
    )
  })

  it('is that of Wilson 1927, and knows nothing of no rows', () => {
    expect(wilson(8, 10).lo).toBeCloseTo(0.4901624715, 9)
    expect(wilson(8, 10).hi).toBeCloseTo(0.9433178485, 9)
    expect(wilson(0, 0)).toEqual({ lo: 0, hi: 1 })
    expect(wilson(0, 100).lo).toBe(0)
    expect(() => wilson(3, 2)).toThrow(RangeError)
  })
})

describe('the moving-block bootstrap', () => {
  it('gives one seed one interval, and another seed another', () => {
    const { labels, good, poor } = scored(800, 5)
    const runs = [1, 1, 2].map((seed) => blockBootstrapAucDifference(labels, good, poor, options(seed)))
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]).not.toEqual(runs[2])
    expect(blockBootstrapMean(good, options(3))).toEqual(blockBootstrapMean(good, options(3)))
  })

  it('is centred on the mean of all rows, exact for rows that are all alike', () => {
    const { good } = scored(5000, 8)
    const { value, lo, hi } = blockBootstrapMean(good, options(1))
    expect(value).toBeCloseTo(good.reduce((sum, x) => sum + x, 0) / good.length, 12)
    expect(lo).toBeLessThan(value)
    expect(hi).toBeGreaterThan(value)
    expect(blockBootstrapMean(new Float64Array(500), options(1))).toEqual({ value: 0, lo: 0, hi: 0 })
  })

  it('is as wide as sqrt(variance / n) says when rows are independent', () => {
    const random = seededRandom(21)
    const values = Float64Array.from({ length: 6000 }, () => random.next())
    const { lo, hi } = blockBootstrapMean(values, { ...options(4), draws: 2000 })
    const expected = 2 * 1.96 * Math.sqrt(1 / 12 / 6000)
    expect((hi - lo) / expected).toBeGreaterThan(0.8)
    expect((hi - lo) / expected).toBeLessThan(1.2)
  })

  it('is wider when neighbouring rows are alike', () => {
    const random = seededRandom(22)
    const independent = Float64Array.from({ length: 6000 }, () => random.next())
    const alike = Float64Array.from({ length: 6000 }, (_, i) => independent[Math.floor(i / 30)] ?? 0)
    expect(widthOf(alike)).toBeGreaterThan(3 * widthOf(independent))
  })

  it('draws whole samples: each draw has n rows, and one block when there are fewer rows than a block', () => {
    const ones = new Float64Array(157).fill(1)
    expect(blockBootstrapMean(ones, options(1))).toEqual({ value: 1, lo: 1, hi: 1 })
    const few = Float64Array.of(1, 2, 6)
    expect(blockBootstrapMean(few, options(1))).toEqual({ value: 3, lo: 3, hi: 3 })
    expect(() => blockBootstrapMean(new Float64Array(0), options(1))).toThrow(RangeError)
  })

  it('measures the AUC of a draw as if its rows had been written out', () => {
    const { labels, poor } = scored(130, 9)
    const { lo, hi } = blockBootstrapAuc(labels, poor, { block: 60, draws: 1, random: seededRandom(6) })
    const random = seededRandom(6)
    const rows: number[] = []
    while (rows.length < 130) {
      const from = Math.floor(random.next() * (130 - 60 + 1))
      for (let i = 0; i < 60 && rows.length < 130; i++) rows.push(from + i)
    }
    const written = auc(
      rows.map((i) => labels[i] ?? NaN),
      rows.map((i) => poor[i] ?? NaN),
    )
    expect(lo).toBeCloseTo(written, 14)
    expect(hi).toBe(lo)
  })

  it('sees which of two scores ranks better, and no difference between a score and itself', () => {
    const { labels, good, poor } = scored(3000, 7)
    const { value, lo } = blockBootstrapAucDifference(labels, good, poor, options(1))
    expect(value).toBeCloseTo(auc(labels, good) - auc(labels, poor), 14)
    expect(lo).toBeGreaterThan(0)
    expect(blockBootstrapAucDifference(labels, good, good, options(1))).toEqual({ value: 0, lo: 0, hi: 0 })
  })

  it('has no interval when a class is empty', () => {
    expect(blockBootstrapAuc([1, 1, 1], [1, 2, 3], options(1))).toEqual({ value: NaN, lo: NaN, hi: NaN })
  })
})
