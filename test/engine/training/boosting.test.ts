import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { sumOfLeaves } from '../../../src/engine/models/trees.ts'
import { BOOSTING, fitBoosted, type TargetedRows } from '../../../src/engine/training/boosting.ts'

const SQUARED = { ...BOOSTING, loss: 'squared', minChildWeight: 1, l2: 0 } as const

/** Rows of features between 0 and 1 and what is made of them. */
function rowsOf(count: number, features: number, target: (row: readonly number[]) => number, seed = 3): TargetedRows {
  const random = seededRandom(seed)
  const columns = Array.from({ length: features }, () => Float64Array.from({ length: count }, () => random.next()))
  return {
    columns,
    target: Float64Array.from({ length: count }, (_, i) => target(columns.map((column) => column[i] ?? NaN))),
  }
}

function predicted({ columns, target }: TargetedRows, ensemble: Parameters<typeof sumOfLeaves>[0]): number[] {
  return [...target].map((_, i) =>
    sumOfLeaves(
      ensemble,
      columns.map((column) => column[i] ?? Number.NaN),
    ),
  )
}

function squaredError(rows: TargetedRows, ensemble: Parameters<typeof sumOfLeaves>[0]): number {
  const seen = predicted(rows, ensemble)
  return seen.reduce((sum, y, i) => sum + (y - (rows.target[i] ?? NaN)) ** 2, 0) / seen.length
}

describe('boosting', () => {
  it('finds a step with one split, at the middle between the values beside it', () => {
    const x = Float64Array.from({ length: 100 }, (_, i) => i)
    const target = x.map((value) => (value > 41 ? 7 : 2))
    const { ensemble } = fitBoosted({ columns: [x], target }, { ...SQUARED, trees: 1, learningRate: 1, depth: 1 })
    const [tree] = ensemble.trees
    expect(tree?.feature[0]).toBe(0)
    expect(tree?.threshold[0]).toBe(41.5)
    expect(sumOfLeaves(ensemble, [41.4])).toBeCloseTo(2, 12)
    expect(sumOfLeaves(ensemble, [41.6])).toBeCloseTo(7, 12)
  })

  it('gives the mean, or the log odds of the share, where nothing can be split', () => {
    const columns = [new Float64Array(8)]
    const target = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0)
    expect(sumOfLeaves(fitBoosted({ columns, target }, SQUARED).ensemble, [0])).toBeCloseTo(0.25, 12)
    expect(sumOfLeaves(fitBoosted({ columns, target }, BOOSTING).ensemble, [0])).toBeCloseTo(Math.log(1 / 3), 12)
  })

  it('lowers the loss on its rows with every tree', () => {
    const rows = rowsOf(400, 3, ([a = 0, b = 0, c = 0]) => a * b - c)
    const errors = [0, 1, 5, 25, 100].map((trees) =>
      squaredError(rows, fitBoosted(rows, { ...SQUARED, trees }).ensemble),
    )
    expect([...errors].sort((a, b) => b - a)).toEqual(errors)
    expect(errors.at(-1)).toBeLessThan(0.05 * (errors[0] ?? 0))
  })

  it('sends missing values to the side that is better for them', () => {
    const x = Float64Array.from({ length: 200 }, (_, i) => (i % 4 === 0 ? Number.NaN : i))
    for (const missing of [2, 7]) {
      const target = x.map((value) => (Number.isNaN(value) ? missing : value > 100 ? 7 : 2))
      const { ensemble } = fitBoosted({ columns: [x], target }, { ...SQUARED, trees: 1, learningRate: 1, depth: 1 })
      expect(sumOfLeaves(ensemble, [Number.NaN])).toBeCloseTo(missing, 12)
    }
  })

  it('gives the same trees for the same seed, and others for another one where rows and features are drawn', () => {
    const rows = rowsOf(300, 5, ([a = 0, b = 0]) => Number(a + b > 1))
    const options = { ...BOOSTING, trees: 10, rowShare: 0.5, columnShare: 0.4, minChildWeight: 1 }
    const fit = (seed: number): string => JSON.stringify(fitBoosted(rows, { ...options, seed }).ensemble)
    expect(fit(1)).toBe(fit(1))
    expect(fit(2)).not.toBe(fit(1))
  })

  it('never falls, or never rises, where a feature is declared so', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), fc.constantFrom(1, -1), (seed, rising) => {
        const random = seededRandom(seed)
        const rows = rowsOf(150, 2, ([a = 0, b = 0]) => Math.sin(9 * a) + b + random.next(), seed)
        const { ensemble } = fitBoosted(rows, { ...SQUARED, trees: 20, monotone: [rising, 0] })
        for (const b of [0.1, 0.5, 0.9]) {
          const along = Array.from({ length: 50 }, (_, i) => sumOfLeaves(ensemble, [i / 50, b]))
          for (const [i, y] of along.entries())
            if (i > 0) expect(rising * (y - (along[i - 1] ?? NaN))).toBeGreaterThanOrEqual(-1e-12)
        }
      }),
      { numRuns: 15 },
    )
  })

  it('keeps the limits of a tree: its depth, its leaves, and the weight of a leaf', () => {
    const rows = rowsOf(500, 4, ([a = 0, b = 0, c = 0, d = 0]) => a * b + c * d)
    const { ensemble } = fitBoosted(rows, { ...SQUARED, trees: 5, depth: 6, leaves: 9, minChildWeight: 30 })
    for (const tree of ensemble.trees) {
      const leaves = [...tree.feature.keys()].filter((node) => tree.feature[node] === -1)
      expect(leaves.length).toBeLessThanOrEqual(9)
      const reached = new Map<number, number>()
      for (let i = 0; i < 500; i++) {
        let node = 0
        let depth = 0
        while ((tree.feature[node] ?? -1) >= 0) {
          const x = rows.columns[tree.feature[node] ?? 0]?.[i] ?? NaN
          node = (x <= (tree.threshold[node] ?? NaN) ? tree.left[node] : tree.right[node]) ?? 0
          depth++
        }
        expect(depth).toBeLessThanOrEqual(6)
        reached.set(node, (reached.get(node) ?? 0) + 1)
      }
      expect(new Set(reached.keys())).toEqual(new Set(leaves))
      expect(Math.min(...reached.values())).toBeGreaterThanOrEqual(30)
    }
  })

  it('stops when rows kept aside gain nothing more, and keeps the trees up to the best', () => {
    const random = seededRandom(5)
    const target = (): number => Number(random.next() > 0.5)
    const [train, aside] = [rowsOf(300, 3, target, 1), rowsOf(300, 3, target, 2)]
    const { ensemble, asideLoss } = fitBoosted(
      train,
      { ...BOOSTING, trees: 200, patience: 7, minChildWeight: 1 },
      aside,
    )
    expect(asideLoss.length).toBeLessThan(200)
    const best = asideLoss.indexOf(Math.min(...asideLoss))
    expect(asideLoss.length - 1 - best).toBe(7)
    expect(ensemble.trees).toHaveLength(best + 1)
  })

  it('gives a feature that decides nothing no importance', () => {
    const rows = rowsOf(400, 3, ([, b = 0]) => Number(b > 0.3))
    const { importance } = fitBoosted(rows, { ...BOOSTING, trees: 10, minChildWeight: 5 })
    expect(importance[1]).toBeGreaterThan(0.99)
    expect(importance.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  it.each<[string, number[], 'log' | 'squared', RegExp]>([
    ['no rows', [], 'squared', /no rows to fit on/],
    ['a label between 0 and 1', [0, 0.5], 'log', /0\.5 is not a target of log loss/],
    ['a target that is not a number', [1, Number.NaN], 'squared', /NaN is not a target of squared error/],
  ])('refuses %s', (_, target, loss, why) => {
    const columns = [new Float64Array(target.length)]
    expect(() => fitBoosted({ columns, target: Float64Array.from(target) }, { ...BOOSTING, loss })).toThrow(why)
  })
})
