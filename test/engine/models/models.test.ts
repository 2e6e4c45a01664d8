import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInCatalogue, type Column } from '../../../src/engine/features/catalogue.ts'
import type { LabelSpec } from '../../../src/engine/models/contract.ts'
import { heuristicModel } from '../../../src/engine/models/heuristic.ts'
import { logisticModel } from '../../../src/engine/models/logistic.ts'
import { SMALL_WEIGHTS } from './weights.ts'

const MOVE: LabelSpec = { kind: 'move', horizonMin: 5, thresholdBp: 6 }

function rowWith(values: Partial<Record<Column, number>>): Float64Array {
  return Float64Array.from(builtInCatalogue.names, (name) => values[name] ?? Number.NaN)
}

describe('the fallback', () => {
  it('is a probability within [1e-6, 1 - 1e-6] for any variance, and rises with it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const model = heuristicModel(MOVE, builtInCatalogue)
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((v) => model.score(rowWith({ ewma_var_1m: v })))
        expect(low).toBeGreaterThanOrEqual(1e-6)
        expect(high).toBeLessThanOrEqual(1 - 1e-6)
        expect(high).toBeGreaterThanOrEqual(low ?? Number.NaN)
      }),
    )
  })

  it('gives both tails of the normal for a move and the upper one for a rise', () => {
    // A deviation over the horizon of exactly the threshold: Phi(-1) = 0.158655...
    const row = rowWith({ ewma_var_1m: 6e-4 ** 2 / 5 })
    expect(heuristicModel(MOVE, builtInCatalogue).score(row)).toBeCloseTo(0.317310507862914, 8)
    expect(heuristicModel({ ...MOVE, kind: 'up' }, builtInCatalogue).score(row)).toBeCloseTo(0.158655253931457, 8)
  })

  it('says nothing without a variance', () => {
    expect(heuristicModel(MOVE, builtInCatalogue).score(rowWith({ mid: 100 }))).toBeNaN()
  })
})

describe('a logistic model', () => {
  const model = logisticModel(SMALL_WEIGHTS, builtInCatalogue)

  it('winsorises, standardises, weighs and calibrates', () => {
    const logit = 0.25 + ((2 - 0.1) / 2) * 1.5 + ((1 - 0) / 0.5) * -0.5
    const score = model.score(rowWith({ mid_logret_1m: 2, rsi14_z: 40 }))
    expect(score).toBeCloseTo(1 / (1 + Math.exp(-(0.8 * logit - 0.1))), 14)
  })

  it('stays a probability whatever finite values a row has', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        const score = model.score(rowWith({ mid_logret_1m: a, rsi14_z: b }))
        expect(score >= 0 && score <= 1).toBe(true)
      }),
    )
  })

  it('gives NaN when any of its features is missing, and needs no other', () => {
    for (const name of SMALL_WEIGHTS.features) {
      const row = Float64Array.from(builtInCatalogue.names, () => 1)
      row[builtInCatalogue.place(name)] = Number.NaN
      expect(model.score(row)).toBeNaN()
    }
    expect(model.score(new Float64Array())).toBeNaN()
  })

  it('is refused when its weights lack a feature', () => {
    expect(() => logisticModel({ ...SMALL_WEIGHTS, std: { rsi14_z: 1 } }, builtInCatalogue)).toThrow(
      /std has no value for mid_logret_1m/,
    )
  })
})
