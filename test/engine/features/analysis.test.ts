import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ANALYSED_SHARES,
  analyseFeatures,
  distribution,
  pearson,
  type FeatureAnalysis,
} from '../../../src/engine/features/analysis.ts'
import { builtInCatalogue, type Column } from '../../../src/engine/features/catalogue.ts'
import { columnOf, emptyTable, type FeatureTable } from '../../../src/engine/features/row.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { psi } from '../../../src/engine/stats/psi.ts'
import { MINUTE, START } from '../../kit/moments.ts'

/** A table of those columns, one row for each minute that is named. */
function tableOf(minutes: readonly number[], columns: Partial<Record<Column, readonly number[]>>): FeatureTable {
  const table = emptyTable(builtInCatalogue, minutes.length)
  minutes.forEach((minute, i) => {
    table.tsMs[i] = START + minute * MINUTE
  })
  for (const name of Object.keys(columns)) columnOf(table, name).set(columns[name] ?? [])
  return table
}

function spanOf(minutes: number): { fromMs: number; untilMs: number } {
  return { fromMs: START, untilMs: START + minutes * MINUTE }
}

function analyseOne(values: readonly number[], minutes = values.map((_, i) => i)): FeatureAnalysis {
  const span = spanOf((minutes.at(-1) ?? 0) + 1)
  const [only] = analyseFeatures(tableOf(minutes, { mid: values }), ['mid'], span).features
  if (only === undefined) throw new Error('nothing was analysed')
  return only
}

function noise(n: number, seed: number): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: n }, () => random.next())
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length
}

/** By the textbook, in two passes. */
function naiveCorrelation(a: readonly number[], b: readonly number[]): number {
  const kept = a.flatMap((x, i) => (Number.isFinite(x) && Number.isFinite(b[i]) ? [[x, b[i] ?? 0] as const] : []))
  const [meanA, meanB] = [mean(kept.map(([x]) => x)), mean(kept.map(([, y]) => y))]
  const sum = (of: (x: number, y: number) => number): number => kept.reduce((total, [x, y]) => total + of(x, y), 0)
  const covariance = sum((x, y) => (x - meanA) * (y - meanB))
  return covariance / Math.sqrt(sum((x) => (x - meanA) ** 2) * sum((_, y) => (y - meanB) ** 2))
}

const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1_000, max: 1_000 }) }, fc.constant(Number.NaN))

describe('a distribution', () => {
  it('is what a naive recomputation says', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 2, maxLength: 60 }), (values) => {
        const known = values.filter((x) => !Number.isNaN(x))
        const seen = distribution(values)
        expect(seen).toMatchObject({ n: known.length, missing: values.length - known.length })
        if (known.length < 2) return
        const deviation = Math.sqrt(known.reduce((sum, x) => sum + (x - mean(known)) ** 2, 0) / (known.length - 1))
        expect(seen.mean).toBeCloseTo(mean(known), 8)
        expect(seen.std).toBeCloseTo(deviation, 8)
        expect(seen.min).toBe(Math.min(...known))
        expect(seen.max).toBe(Math.max(...known))
      }),
    )
  })

  it('has quantiles that ascend and stay between the least and the greatest', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 }), (values) => {
        const { quantiles, min, max } = distribution(values)
        expect(quantiles).toHaveLength(ANALYSED_SHARES.length)
        const course = [min ?? 0, ...(quantiles ?? []), max ?? 0]
        course.slice(1).forEach((x, i) => expect(x).toBeGreaterThanOrEqual((course[i] ?? 0) - 1e-9))
      }),
    )
  })

  it('is unknown, never 0, where there is no value', () => {
    const seen = distribution([Number.NaN, Number.POSITIVE_INFINITY])
    expect(seen).toEqual({ n: 0, missing: 2, mean: null, std: null, min: null, max: null, quantiles: null })
  })

  it('has no deviation of one value', () => {
    expect(distribution([3])).toMatchObject({ n: 1, mean: 3, std: null })
  })
})

describe('a correlation', () => {
  it('is what the textbook says, over the places that both have', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 60 }), (pairs) => {
        const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
        const expected = naiveCorrelation(a, b)
        const seen = pearson(a, b)
        if (seen === null) expect(Number.isFinite(expected)).toBe(false)
        else expect(seen).toBeCloseTo(expected, 8)
      }),
    )
  })

  it('does not change when a side is shifted and stretched, and turns with its sign', () => {
    const [a, b] = [noise(200, 1), noise(200, 2)]
    const plain = pearson(a, b) ?? Number.NaN
    expect(
      pearson(
        a,
        b.map((x) => 1e5 + 0.01 * x),
      ) ?? 0,
    ).toBeCloseTo(plain, 8)
    expect(
      pearson(
        a,
        b.map((x) => -3 * x),
      ) ?? 0,
    ).toBeCloseTo(-plain, 10)
    expect(pearson(a, a)).toBeCloseTo(1, 12)
  })

  it('is unknown of a constant and of fewer than two pairs', () => {
    expect(pearson([1, 1, 1], [1, 2, 3])).toBeNull()
    expect(pearson([1, Number.NaN], [1, 2])).toBeNull()
  })
})

describe('autocorrelation', () => {
  it('pairs each value with that of exactly so many minutes before', () => {
    const values = noise(300, 3)
    const { autocorrelation } = analyseOne(values)
    for (const [i, lag] of [1, 60].entries())
      expect(autocorrelation[i]).toBeCloseTo(naiveCorrelation(values.slice(lag), values.slice(0, -lag)), 8)
  })

  it('pairs nothing over a gap', () => {
    const minutes = [0, 1, 2, 10, 11, 12, 20, 21, 22]
    const values = [1, 2, 4, 9, 7, 8, 3, 3, 5]
    const expected = naiveCorrelation([2, 4, 7, 8, 3, 5], [1, 2, 9, 7, 3, 3])
    expect(analyseOne(values, minutes).autocorrelation[0]).toBeCloseTo(expected, 10)
  })

  it('is unknown where no two minutes lie so far apart', () => {
    expect(analyseOne([1, 2, 4, 3]).autocorrelation[1]).toBeNull()
  })
})

describe('the halves', () => {
  it('are of equal time, not of equal rows', () => {
    const minutes = [...Array.from({ length: 50 }, (_, i) => i), ...Array.from({ length: 10 }, (_, i) => 90 + i)]
    const values = noise(60, 4)
    expect(analyseOne(values, minutes).psi).toBe(psi(values.slice(0, 50), values.slice(50)))
  })

  it('agree where both are of one distribution, and are critical where the second has moved away', () => {
    const values = noise(4_000, 5)
    const moved = values.map((x, i) => (i < 2_000 ? x : x + 2))
    expect(analyseOne(values)).toMatchObject({ level: 'stable' })
    expect(analyseOne(moved)).toMatchObject({ level: 'critical', ks: 1 })
  })

  it('are judged by the worse of PSI and KS', () => {
    // Distances of 0.2 between the distributions: KS warns where PSI may not.
    const values = Array.from({ length: 2_000 }, (_, i) => (i < 1_000 ? i : (i - 1_000) * 0.8 + 200))
    const seen = analyseOne(values)
    const limits = { psi: { warning: 9, critical: 9 }, ks: { warning: 0.15, critical: 0.25 }, correlation: 0.8 }
    const table = tableOf(
      values.map((_, i) => i),
      { mid: values },
    )
    const byKs = analyseFeatures(table, ['mid'], spanOf(values.length), limits).features[0]
    expect(seen.ks).toBeCloseTo(0.2, 2)
    expect(byKs?.level).toBe('warning')
  })

  it('say nothing when one is empty', () => {
    const table = tableOf([0, 1, 2], { mid: [1, 2, 3] })
    const [only] = analyseFeatures(table, ['mid'], spanOf(100)).features
    expect(only).toMatchObject({ psi: null, ks: null, level: null })
  })
})

describe('the matrix', () => {
  const a = noise(500, 6)
  const table = tableOf(
    a.map((_, i) => i),
    { mid: a, spread_bp: a.map((x) => -2 * x), vol1m: noise(500, 7), rsi14: a.map((x, i) => x + (i % 2) / 10) },
  )
  const columns: readonly Column[] = ['mid', 'spread_bp', 'vol1m', 'rsi14']
  const { matrix, pairs } = analyseFeatures(table, columns, spanOf(500))

  it('is symmetric, with 1 on its diagonal', () => {
    columns.forEach((_, i) => {
      expect(matrix[i]?.[i]).toBeCloseTo(1, 12)
      columns.forEach((_other, j) => expect(matrix[i]?.[j]).toBe(matrix[j]?.[i]))
    })
  })

  it('names the pairs beyond the limit either way, the closest first', () => {
    expect(pairs.map(({ a: x, b: y }) => `${x} ${y}`)[0]).toBe('mid spread_bp')
    expect(pairs[0]?.correlation).toBeCloseTo(-1, 12)
    expect(pairs.map(({ a: x, b: y }) => [x, y].join(' ')).sort()).toEqual([
      'mid rsi14',
      'mid spread_bp',
      'spread_bp rsi14',
    ])
  })
})
