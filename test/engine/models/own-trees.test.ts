import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { parseWeights } from '../../../src/engine/models/artifact.ts'
import { probabilityOf, readTreeFile, treesModel } from '../../../src/engine/models/tree-file.ts'
import { moveWeights } from '../../kit/saved-trees.ts'

/** As a room writes the model of one target of a set. */
const tree = {
  feature: [0, -1, -1],
  threshold: [50, 0, 0],
  missing_left: [0, 0, 0],
  left: [1, 0, 0],
  right: [2, 0, 0],
  value: [0, 1, -2],
}
const written = (change: object = {}): string =>
  JSON.stringify({
    version: 'set-1',
    kind: 'set',
    features: ['rsi14', 'mid'],
    horizon_min: 15,
    target: 'direction',
    useful: true,
    base: 0.5,
    trees: [tree, tree],
    ...change,
  })

describe('a model of a set of another room', () => {
  it('says where the price goes, as the set would, of whole rows', () => {
    const file = readTreeFile(written())
    expect(file).toMatchObject({ names: ['rsi14', 'mid'], label: { kind: 'up', horizonMin: 15, thresholdBp: 0 } })
    expect(file.needed).toEqual([0, 1])
    expect(probabilityOf(file, Float64Array.of(50, 1))).toBeCloseTo(1 / (1 + Math.exp(-2.5)), 15)
    expect(probabilityOf(file, Float64Array.of(51, 1))).toBeCloseTo(1 / (1 + Math.exp(3.5)), 15)
  })

  it.each<[string, object, RegExp]>([
    ['another target', { target: 'momentum' }, /it predicts "momentum" of a set/],
    ['no target, as a whole set', { target: undefined }, /it predicts missing of a set/],
    ['features that are no list', { features: 'mid' }, /features must be a list/],
    ['a horizon of no time', { horizon_min: 0 }, /label.horizonMin/],
    ['a tree that goes back', { trees: [{ ...tree, left: [0, 0, 0] }] }, /goes from node 0 to node 0/],
  ])('with %s is refused', (_, change, why) => {
    expect(() => readTreeFile(written(change))).toThrow(why)
  })
})

describe('the weights file of trees', () => {
  const weights = moveWeights('xgb-9')

  it('is read as it was written, whole', () => {
    expect(parseWeights(JSON.parse(JSON.stringify(weights)), builtInCatalogue)).toEqual(weights)
  })

  it.each<[string, object, RegExp]>([
    ['an unknown column', { features: ['moon'] }, /features\[0\] is not a column.*"moon"/],
    ['no file', { file: undefined }, /file must be text, not missing/],
    ['no hash of it', { fileSha256: 7 }, /fileSha256 must be text/],
    ['a threshold above 1', { threshold: 2 }, /threshold must lie between 0 and 1/],
  ])('with %s is refused, and the message names the field', (_, change, why) => {
    expect(() => parseWeights({ ...weights, ...change }, builtInCatalogue)).toThrow(why)
  })

  it('must name as many features as the file has', () => {
    expect(() => treesModel({ ...weights, features: ['mid'] }, builtInCatalogue)).toThrow(/has 8 features, and 1 are/)
  })
})
