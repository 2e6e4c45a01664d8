import { assert, array, double, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { modelText, probabilityOf, readTreeFile } from '../../../src/engine/models/tree-file.ts'
import { savedByXgboost, savedText } from '../../kit/saved-trees.ts'

interface Change {
  readonly param?: object
  readonly learner?: object
  readonly model?: object
  readonly tree?: object
  readonly version?: unknown
}

/** One split of feature 0 below 0.5; leaves 1 and -1. */
function file({ param, learner, model, tree, version = [2, 1, 0] }: Change = {}): string {
  const stump = {
    left_children: [1, -1, -1],
    right_children: [2, -1, -1],
    split_conditions: [0.5, 1, -1],
    split_indices: [0, 0, 0],
    default_left: [0, 0, 0],
    split_type: [0, 0, 0],
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    ...tree,
  }
  const inner = {
    gbtree_model_param: { num_trees: '1', num_parallel_tree: '1', size_leaf_vector: '1' },
    tree_info: [0],
    trees: [stump],
    ...model,
  }
  return JSON.stringify({
    learner: {
      attributes: {},
      feature_names: ['a', 'b'],
      gradient_booster: { name: 'gbtree', model: inner },
      learner_model_param: { base_score: '5E-1', num_class: '0', num_feature: '2', num_target: '1', ...param },
      objective: { name: 'binary:logistic' },
      ...learner,
    },
    version,
  })
}

const said = (text: string, x: number): number => probabilityOf(readTreeFile(text), Float64Array.of(x, 0))
const logit = (p: number): number => Math.log(p / (1 - p))
const dart = (weight_drop: unknown): object => {
  const { learner } = JSON.parse(file())
  return { gradient_booster: { name: 'dart', gbtree: learner.gradient_booster, weight_drop } }
}

describe('a model of XGBoost', () => {
  it('goes left below a threshold, and not at it, in 32 bits', () => {
    expect(logit(said(file(), 0.5))).toBeCloseTo(-1, 6)
    expect(logit(said(file(), 0.49999))).toBeCloseTo(1, 6)
    // In 32 bits it is one half.
    expect(logit(said(file(), 0.5 - 1e-9))).toBeCloseTo(-1, 6)
  })

  it('compares as 32-bit numbers do, whatever the threshold and the value', () => {
    const single = double({ min: -2, max: 2, noNaN: true }).map(Math.fround)
    assert(
      property(single, single, integer({ min: -2, max: 2 }), (limit, from, steps) => {
        // Also the neighbours of the threshold, where a step is the last bit.
        const near = Float32Array.of(limit)
        const bits = new Int32Array(near.buffer)
        bits[0] = (bits[0] ?? 0) + steps
        for (const x of [from, limit, near[0] ?? 0, -limit]) {
          if (!Number.isFinite(x)) continue
          const isLeft = logit(said(file({ tree: { split_conditions: [limit, 1, -1] } }), x)) > 0
          expect(isLeft, `${x} below ${limit}`).toBe(x < limit)
        }
      }),
    )
  })

  it('sends a missing value by its default direction', () => {
    expect(logit(said(file(), Number.NaN))).toBeCloseTo(-1, 6)
    expect(logit(said(file({ tree: { default_left: [1, 0, 0] } }), Number.NaN))).toBeCloseTo(1, 6)
    expect(logit(said(file({ tree: { default_left: [true, false, false] } }), Number.NaN))).toBeCloseTo(1, 6)
  })

  it.each([
    ['as text', '2.5E-1', 0.25],
    ['as a list of one', '[2.5E-1]', 0.25],
  ])('begins with its base score %s', (_, base_score, p) => {
    const text = file({ param: { base_score }, tree: { split_conditions: [0.5, 0, 0] } })
    expect(said(text, 0)).toBeCloseTo(p, 7)
  })

  it('weighs the trees of dart', () => {
    expect(logit(said(file({ learner: dart([0.25]) }), 0))).toBeCloseTo(0.25, 6)
  })

  it('sends categories of a set right, and missing ones by default', () => {
    const tree = {
      split_type: [1, 0, 0],
      split_conditions: [Number.NaN, 1, -1],
      default_left: [1, 0, 0],
      categories: [1, 40],
      categories_nodes: [0],
      categories_segments: [0],
      categories_sizes: [2],
    }
    const leaves = [0, 1, 2, 40, 41, -1, Number.NaN].map((x) => Math.round(logit(said(file({ tree }), x))))
    expect(leaves).toEqual([1, -1, 1, -1, 1, 1, 1])
  })

  it('has numbers that JSON does not have, and keeps its texts', () => {
    const { text } = savedByXgboost('categories')
    expect(text).toContain('NaN')
    const odd = text.replace('"feature_names":["mid_logret_1m"', String.raw`"feature_names":["NaN \" -Infinity \\"`)
    expect(readTreeFile(odd).names?.[0]).toBe(String.raw`NaN " -Infinity ` + '\\')
  })

  it('predicts with the rounds up to the best one where a class of scikit-learn has saved it, else with all', () => {
    const { text } = savedByXgboost('early_stop')
    const rounds = (json: string): number => readTreeFile(json).forest.roots.length
    expect([rounds(text), rounds(text.replace('"scikit_learn"', '"other"'))]).toEqual([17, 20])
  })

  it.each<[string, string, RegExp]>([
    ['multiclass', file({ param: { num_class: '3' } }), /has 3 classes: multiclass/],
    ['several targets', file({ param: { num_target: '2' } }), /"2" targets/],
    ['another objective', savedText('xgboost_volatility.json'), /objective is reg:squarederror/],
    ['a ranking', file({ learner: { objective: { name: 'rank:pairwise' } } }), /objective is rank:pairwise/],
    ['a linear booster', file({ learner: { gradient_booster: { name: 'gblinear' } } }), /booster is "gblinear"/],
    ['several base scores', file({ param: { base_score: '[5E-1,5E-1]' } }), /base_score has several values/],
    ['a base score of 1', file({ param: { base_score: '1' } }), /base_score must lie between 0 and 1, not "1"/],
    ['no base score', file({ param: { base_score: '' } }), /base_score must lie between 0 and 1/],
    ['a version to come', file({ version: [4, 0, 0] }), /saved by XGBoost 4\.0\.0: 1 to 3/],
    ['no version', file({ version: 'new' }), /version must be a list of numbers/],
    ['vector leaves', file({ model: { gbtree_model_param: { num_trees: '1', size_leaf_vector: '3' } } }), /3 values/],
    ['more trees than it has', file({ model: { gbtree_model_param: { num_trees: '999999999' } } }), /num_trees is/],
    ['no trees', file({ model: { gbtree_model_param: { num_trees: '0' }, trees: [] } }), /has no trees/],
    ['groups of trees', file({ model: { tree_info: [1] } }), /several groups of trees/],
    ['recoded categories', file({ model: { cats: { enc: [{}] } } }), /recodes categories/],
    ['names too many', file({ learner: { feature_names: ['a', 'b', 'c'] } }), /has 3 names, num_feature is 2/],
    ['a name that is none', file({ learner: { feature_names: ['a', 7] } }), /feature_names\[1\] must be text/],
    [
      'too many features',
      file({ param: { num_feature: '99999999' }, learner: { feature_names: [] } }),
      /at most 65536/,
    ],
    ['half a feature', file({ param: { num_feature: '1.5' } }), /num_feature must be a whole number/],
    ['a weight too few', file({ learner: dart([]) }), /weight_drop has 0 weights for 1 trees/],
    ['a weight that is none', file({ learner: dart(['x']) }), /weight_drop\[0\] must be a number/],
    ['lists of other lengths', file({ tree: { split_indices: [0] } }), /lists of tree 0 differ in length/],
    ['a list that is none', file({ tree: { left_children: { length: 3 } } }), /left_children of tree 0 must be a list/],
    ['a tree that goes back', file({ tree: { left_children: [0, -1, -1] } }), /node 0 in two ways/],
    ['a child that there is not', file({ tree: { right_children: [9, -1, -1] } }), /to node 9, and has 3/],
    ['a feature that there is not', file({ tree: { split_indices: [2, 0, 0] } }), /feature 2 of 2/],
    ['a feature below zero', file({ tree: { split_indices: [-2, 0, 0] } }), /splits on feature -2/],
    ['a leaf of no number', file({ tree: { split_conditions: [0.5, null, 1] } }), /a leaf of tree 0 \(node 1\)/],
    ['a leaf beyond 32 bits', file({ tree: { split_conditions: [0.5, 1e300, 1] } }), /a leaf of tree 0 \(node 1\)/],
    ['a threshold of no number', file({ tree: { split_conditions: [null, 1, 1] } }), /a threshold of tree 0/],
    ['categories left out', file({ tree: { split_type: [1, 0, 0] } }), /no categories for node 0/],
    [
      'a huge category',
      file({
        tree: {
          split_type: [1, 0, 0],
          categories: [4e9],
          categories_nodes: [0],
          categories_segments: [0],
          categories_sizes: [1],
        },
      }),
      /category 4000000000/,
    ],
    [
      'a best round that there is not',
      file({ learner: { attributes: { scikit_learn: '{}', best_iteration: '7' } } }),
      /best_iteration is 7, and there are 1 rounds/,
    ],
    [
      'another value for a missing one',
      file({ learner: { attributes: { scikit_learn: '{"missing": -999.0, "gamma": NaN}' } } }),
      /takes -999 for a missing value/,
    ],
    ['no learner', '{"learner": 7}', /learner must be an object/],
  ])('with %s is refused by its name', (_, text, why) => {
    expect(() => readTreeFile(text)).toThrow(why)
  })

  it('is the same however often it is read, and whatever it was asked before', () => {
    const { text, rows } = savedByXgboost('dart')
    const once = readTreeFile(text)
    assert(
      property(array(integer({ min: 0, max: rows.length - 1 }), { maxLength: 20 }), (order) => {
        const again = readTreeFile(text)
        for (const i of order) {
          const row = rows[i] ?? new Float64Array()
          expect(probabilityOf(again, row.slice())).toBe(probabilityOf(once, row.slice()))
        }
      }),
      { numRuns: 20 },
    )
  })
})

describe('what is no model that is supported', () => {
  const bytes = (...head: (number | string)[]): Uint8Array =>
    Buffer.concat(head.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))

  it.each<[string, Uint8Array, RegExp]>([
    ['UBJSON', bytes('{L', 0, 0, 0, 0, 0, 0, 0, 7, 'learner'), /it is UBJSON.*save_model\("m.json"\)/],
    ['a pickle', bytes(0x80, 4, 'learner'), /a pickle of Python/],
    ['gzip', bytes(0x1f, 0x8b, 8), /it is gzip/],
    ['a zip archive', bytes('PK', 3, 4), /a zip archive/],
    ['the old binary form', bytes('binf', 0, 0, 0), /it is binary/],
    ['text in another code', bytes('tree', 0xff), /not text in UTF-8/],
  ])('is named: %s', (_, file, why) => {
    expect(() => modelText(file)).toThrow(why)
  })

  it.each<[string, string, RegExp]>([
    ['nothing', '', /neither JSON nor the text of LightGBM/],
    ['a JSON that was cut short', savedByXgboost('dart').text.slice(0, -9), /cut short/],
    ['other JSON', '{"a": 1}', /neither XGBoost's JSON nor LightGBM's text/],
    ["XGBoost's dump", '[{"nodeid": 0}]', /XGBoost's dump/],
    ["LightGBM's dump", '{"name": "tree", "tree_info": []}', /LightGBM's dump/],
    ['lists within lists', `${'['.repeat(15e6)}${']'.repeat(15e6)}`, /lists within lists/],
    ['objects within objects', `{"learner":${'{"a":'.repeat(1e5)}1${'}'.repeat(1e5)}}`, /lists within lists/],
    ['a number of too many signs', '1'.repeat(33 * 2 ** 20), /larger than 32 MiB/],
  ])('is named: %s', (_, text, why) => {
    expect(() => readTreeFile(text)).toThrow(why)
  })
})
