import { describe, expect, it } from 'vitest'
import { builtInCatalogue, Catalogue } from '../../../src/engine/features/catalogue.ts'
import { parseWeights } from '../../../src/engine/models/artifact.ts'
import { hasColumns } from '../../../src/engine/models/columns.ts'
import type { EnsembleWeights, OnnxWeights, TreeWeights } from '../../../src/engine/models/contract.ts'
import { ensembleModel } from '../../../src/engine/models/ensemble.ts'
import { heuristicModel } from '../../../src/engine/models/heuristic.ts'
import { logisticModel } from '../../../src/engine/models/logistic.ts'
import { REGIME_COLUMNS } from '../../../src/engine/models/mix-shares.ts'
import { rowOf } from '../../kit/desk.ts'
import { savedByXgboost } from '../../kit/saved-trees.ts'
import { midWeights } from '../../kit/stored.ts'

const noOnnx = (): never => {
  throw new RangeError('none of its members is ONNX')
}
const one = midWeights('v1')
const LABEL = one.label
const steep = { ...midWeights('v2'), weights: { mid: 3 } }
const mix = (weights: readonly number[] = [0.5, 0.25, 0.25]): EnsembleWeights => ({
  version: 'mix-1',
  kind: 'ensemble',
  features: ['mid', 'ewma_var_1m'],
  members: [
    { version: 'v1', sha256: 'a', weight: weights[0] ?? 0, model: one },
    { version: 'v2', sha256: 'b', weight: weights[1] ?? 0, model: steep },
    { version: 'fallback', sha256: null, weight: weights[2] ?? 0, model: { kind: 'heuristic' } },
  ],
  envelope: 0.1,
  threshold: 0.6,
  label: LABEL,
})
const { values } = rowOf()
values[builtInCatalogue.place('mid')] = 100.5
const scores = [
  logisticModel(one, builtInCatalogue),
  logisticModel(steep, builtInCatalogue),
  heuristicModel(LABEL, builtInCatalogue),
].map((model) => model.score(values))
const [a = 0, b = 0, c = 0] = scores

describe('a mix of models', () => {
  it('says the weighted mean of what its members say, by the approved weights or by others', () => {
    expect(ensembleModel(mix(), builtInCatalogue, noOnnx).score(values)).toBeCloseTo(0.5 * a + 0.25 * b + 0.25 * c, 12)
    expect(ensembleModel(mix(), builtInCatalogue, noOnnx, { common: [0, 1, 0], regimes: null }).score(values)).toBe(b)
    expect(ensembleModel(mix(), builtInCatalogue, noOnnx)).toMatchObject({
      kind: 'ensemble',
      threshold: 0.6,
      version: 'mix-1',
    })
  })

  it('goes on by the others where a member gives no score, as long as these hold half of the weights', () => {
    const blind = Float64Array.from(values)
    blind[builtInCatalogue.place('ewma_var_1m')] = Number.NaN
    expect(ensembleModel(mix(), builtInCatalogue, noOnnx).score(blind)).toBeCloseTo((0.5 * a + 0.25 * b) / 0.75, 12)
    expect(ensembleModel(mix([0.25, 0.25, 0.5]), builtInCatalogue, noOnnx).score(blind)).toBeCloseTo((a + b) / 2, 12)
    expect(ensembleModel(mix([0.2, 0.25, 0.55]), builtInCatalogue, noOnnx).score(blind)).toBeNaN()
  })

  it('takes boosted trees and ONNX as members, and needs of a row what any of them needs', () => {
    const saved = savedByXgboost('move')
    const catalogue = new Catalogue([...saved.features, 'x'], [])
    const label = LABEL
    const trees: TreeWeights = {
      version: 't',
      kind: 'trees',
      features: saved.features,
      file: saved.text,
      fileSha256: 'c',
      threshold: 0.5,
      label,
    }
    const onnx: OnnxWeights = { ...trees, version: 'o', kind: 'onnx', features: ['x'], file: 'AA==' }
    const weights: EnsembleWeights = {
      ...mix(),
      features: [...saved.features, 'x'],
      members: [
        { version: 't', sha256: 'c', weight: 0.25, model: trees },
        { version: 'o', sha256: 'd', weight: 0.75, model: onnx },
      ],
    }
    const model = ensembleModel(weights, catalogue, ({ version, threshold, features }, of) => ({
      version,
      kind: 'onnx',
      threshold,
      features,
      places: of.places(features),
      score: (row) => row[of.place('x')] ?? Number.NaN,
    }))
    const [row = new Float64Array()] = saved.rows
    expect(model.score(Float64Array.from([...row, 0.5]))).toBeCloseTo(0.25 * (saved.predictions[0] ?? 0) + 0.375, 6)
    expect([...(model.needed ?? [])]).toEqual([saved.features.length])
    expect(parseWeights(JSON.parse(JSON.stringify(weights)), catalogue)).toEqual(weights)
  })

  it('counts its members by the market that a row lies in, and by the common weights where that is not known', () => {
    const weights: EnsembleWeights = { ...mix(), regimes: true, features: [...mix().features, ...REGIME_COLUMNS] }
    const of = { trending: [1, 0, 0], ranging: [0, 1, 0], volatile: null }
    const model = ensembleModel(weights, builtInCatalogue, noOnnx, {
      common: [0, 0, 1],
      regimes: { volatileAbove: -7, of },
    })
    const said = (rv: number, efficiency: number): number => {
      const row = Float64Array.from(values)
      row[builtInCatalogue.place('rv_60m_log')] = rv
      row[builtInCatalogue.place('efficiency_60m')] = efficiency
      expect(hasColumns(model, row)).toBe(true)
      return model.score(row)
    }
    expect([said(-8, 0.4), said(-8, 0.2), said(-6, 0.4)]).toEqual([a, b, c])
    expect([said(Number.NaN, 0.4), said(-8, Number.NaN)]).toEqual([c, c])
    expect(parseWeights(JSON.parse(JSON.stringify(weights)), builtInCatalogue)).toEqual(weights)
  })

  it('is read back as it was written, with its members whole', () => {
    expect(parseWeights(JSON.parse(JSON.stringify(mix())), builtInCatalogue)).toEqual(mix())
  })

  it.each<[what: string, change: object, said: RegExp]>([
    ['one member', { members: mix().members.slice(1, 2) }, /a mix has 2 to 8 members, not 1/],
    ['nine members', { members: Array.from({ length: 9 }, (_, i) => ({ version: `v${i}` })) }, /2 to 8 members, not 9/],
    ['a member twice', { members: [...mix().members, mix().members[0]] }, /members lists v1 twice/],
    ['no members', { members: undefined }, /members must be a list, not missing/],
    ['weights that sum to another', { members: mix([0.5, 0.5, 0.5]).members }, /the weights must sum to 1, not 1.5/],
    ['regimes that are no switch', { regimes: 'yes' }, /regimes must be true or false/],
    ['a weight below 0', { members: mix([1.25, -0.25, 0]).members }, /members\[0\].weight must lie between 0 and 1/],
    ['an envelope beyond 1', { envelope: 2 }, /envelope must lie between 0 and 1/],
    [
      'a member that is no model',
      { members: [{ version: 'x', sha256: 'a', weight: 1, model: 7 }, mix().members[0]] },
      /members\[0\].model must be an object/,
    ],
  ])('with %s is refused', (_, change, said) => {
    expect(() => parseWeights({ ...mix(), ...change }, builtInCatalogue)).toThrow(said)
  })
})
