import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ascendingOrder, atTop, auc } from '../../../src/engine/stats/ranking.ts'

const rows = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.integer({ min: -8, max: 8 })), { minLength: 1, maxLength: 80 })

function split(pairs: readonly (readonly [number, number])[]): { labels: number[]; scores: number[] } {
  return { labels: pairs.map(([label]) => label), scores: pairs.map(([, score]) => score) }
}

function pairwise({ labels, scores }: { labels: number[]; scores: number[] }): number {
  const of = (label: number): number[] => scores.filter((_, i) => labels[i] === label)
  let won = 0
  for (const p of of(1)) for (const n of of(0)) won += p > n ? 1 : p === n ? 0.5 : 0
  return won / (of(1).length * of(0).length)
}

describe('AUC', () => {
  it('is the share of pairs of a positive and a negative row that are in order, ties half', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const { labels, scores } = split(pairs)
        const expected = pairwise({ labels, scores })
        if (Number.isNaN(expected)) expect(auc(labels, scores)).toBeNaN()
        else expect(auc(labels, scores)).toBeCloseTo(expected, 12)
      }),
    )
  })

  it('does not change under an increasing transform, and turns over under a decreasing one', () => {
    fc.assert(
      fc.property(rows, (pairs) => {
        const { labels, scores } = split(pairs)
        const area = auc(labels, scores)
        expect(
          auc(
            labels,
            scores.map((s) => Math.exp(s) * 3 + 1),
          ),
        ).toEqual(area)
        if (!Number.isNaN(area))
          expect(
            auc(
              labels,
              scores.map((s) => -s),
            ),
          ).toBeCloseTo(1 - area, 12)
      }),
    )
  })

  it('is unknown when a class is empty or a score is missing', () => {
    expect(auc([1, 1], [0.2, 0.3])).toBeNaN()
    expect(auc([], [])).toBeNaN()
    expect(auc([0, 1, 1], [0.2, NaN, 0.4])).toBeNaN()
  })

  it('refuses labels that do not belong to the scores', () => {
    expect(() => auc([1], [1, 2])).toThrow(RangeError)
  })
})

describe('precision and recall at 20 %', () => {
  it('take the floor(0.2 n) highest scores, ties by the earlier row', () => {
    const labels = [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1]
    const scores = [0.5, 0.9, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5]
    expect(atTop(labels, scores)).toEqual({ precision: 0.5, recall: 0.25, k: 2, threshold: 0.5 })
  })

  it('agree with choosing by a full sort', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (pairs, share) => {
        const { labels, scores } = split(pairs)
        const order = scores.map((_, i) => i).sort((i, j) => (scores[j] ?? 0) - (scores[i] ?? 0) || i - j)
        const top = order.slice(0, Math.floor(scores.length * share))
        const { precision, k, threshold } = atTop(labels, scores, share)
        expect(k).toBe(top.length)
        if (k === 0) return
        expect(precision).toBeCloseTo(top.filter((i) => labels[i] === 1).length / k, 14)
        expect(threshold).toBe(scores[top.at(-1) ?? 0])
      }),
    )
  })

  it('are unknown when no row is chosen, and recall when no row is positive', () => {
    expect(atTop([1, 0], [0.1, 0.2])).toEqual({ precision: NaN, recall: NaN, k: 0, threshold: NaN })
    expect(atTop([0, 0, 0, 0, 0], [1, 2, 3, 4, 5])).toMatchObject({ precision: 0, recall: NaN, k: 1 })
  })
})

describe('the order of scores', () => {
  it('keeps the order of rows among equals', () => {
    expect([...ascendingOrder([2, 1, 2, 1, 0])]).toEqual([4, 1, 3, 0, 2])
  })
})
