import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import {
  brier,
  calibrationCurve,
  isotonicFit,
  logLoss,
  plattFit,
  sigmoid,
} from '../../../src/engine/stats/calibration.ts'
import { blockBootstrapAuc, blockBootstrapAucDifference } from '../../../src/engine/stats/intervals.ts'
import { addCounts, binOf, makeBins, rowsOf } from '../../../src/engine/stats/psi.ts'
import { quantileSorted } from '../../../src/engine/stats/quantile.ts'
import { atTop, auc } from '../../../src/engine/stats/ranking.ts'

const options = () => ({ block: 2, draws: 5, random: seededRandom(1) })

describe('labels and scores', () => {
  const [two, three] = [
    [0, 1],
    [0.1, 0.2, 0.3],
  ]
  it.each([
    ['log loss', () => logLoss(two, three)],
    ['the Brier score', () => brier(two, three)],
    ['a calibration curve', () => calibrationCurve(two, three)],
    ['an isotonic fit', () => isotonicFit(three, two)],
    ["Platt's scaling", () => plattFit(three, two)],
    ['the AUC', () => auc(two, three)],
    ['a top', () => atTop(two, three)],
    ['an interval of the AUC', () => blockBootstrapAuc(two, three, options())],
    ['a difference of AUCs', () => blockBootstrapAucDifference(two, three, two, options())],
    ['a difference with another model', () => blockBootstrapAucDifference(two, two, three, options())],
  ])('belong to the same rows: %s is refused otherwise', (_, measure) => {
    expect(measure).toThrow('2 labels for 3 scores')
  })

  it('of one class only have no AUC, of either', () => {
    for (const label of [0, 1]) {
      expect(auc([label, label], [0.1, 0.2])).toBeNaN()
      expect(blockBootstrapAuc([label, label], [0.1, 0.2], options())).toEqual({ value: NaN, lo: NaN, hi: NaN })
    }
  })

  it('have a sigmoid that is alike on both sides of 0', () => {
    for (const x of [0.5, 3, 30]) expect(sigmoid(x) + sigmoid(-x)).toBeCloseTo(1, 15)
    expect([sigmoid(-745) > 0, sigmoid(-800), sigmoid(800)]).toEqual([true, 0, 1])
  })
})

describe('bins', () => {
  it('are edges where two of them are left, and a pivot where one is', () => {
    expect(makeBins([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])).toEqual({ kind: 'edges', edges: [1, 2] })
    const sevens = Array.from({ length: 40 }, () => 7)
    expect(makeBins([...sevens, 8, 9, 10, 11])).toEqual({ kind: 'pivot', pivot: 7 })
    expect(makeBins([1, 2, 3, ...sevens])).toEqual({ kind: 'pivot', pivot: 7 })
  })

  it('have a value that is an edge to its right', () => {
    const bins = { kind: 'edges', edges: [1, 2] } as const
    expect([0.9, 1, 1.5, 2, 3, NaN].map((x) => binOf(bins, x))).toEqual([0, 1, 1, 2, 2, 3])
  })

  it('are summed bin by bin, and their rows all together', () => {
    const sum = [1, 2, 3]
    addCounts(sum, [10, 20, 30])
    expect([sum, rowsOf(sum)]).toEqual([[11, 22, 33], 66])
  })
})

describe('a quantile', () => {
  it('is of values that are there', () => {
    expect(() => quantileSorted([], 0.5)).toThrow(/at least one value/)
    expect([0, 0.5, 1].map((q) => quantileSorted([3], q))).toEqual([3, 3, 3])
  })
})
