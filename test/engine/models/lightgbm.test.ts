import { describe, expect, it } from 'vitest'
import { probabilityOf, readTreeFile } from '../../../src/engine/models/tree-file.ts'
import { savedText } from '../../kit/saved-trees.ts'

const NONE = 0
const ZERO = 4
const NAN = 8
const LEFT = 2

/** One split of feature 0 at the threshold, or by categories; leaves 1 and -1. */
function file(change: Readonly<Record<string, string>> = {}, tree: Readonly<Record<string, string>> = {}): string {
  const head: Record<string, string> = {
    version: 'v4',
    num_class: '1',
    num_tree_per_iteration: '1',
    max_feature_idx: '1',
    objective: 'binary sigmoid:1',
    feature_names: 'a b',
    ...change,
  }
  const first: Record<string, string> = {
    num_leaves: '2',
    num_cat: '0',
    split_feature: '0',
    threshold: '0.5',
    decision_type: '0',
    left_child: '-1',
    right_child: '-2',
    leaf_value: '1 -1',
    is_linear: '0',
    ...tree,
  }
  const lines = (fields: Record<string, string>): string[] =>
    Object.entries(fields).map(([key, text]) => (text === '' ? key : `${key}=${text}`))
  return ['tree', ...lines(head), '', 'Tree=0', ...lines(first), '', 'end of trees', ''].join('\n')
}

/** 1 where a value goes left, -1 where it goes right. */
function leafOf(text: string, x: number): number {
  const p = probabilityOf(readTreeFile(text), Float64Array.of(x, 0))
  return Math.round(Math.log(p / (1 - p)))
}

describe('a split of LightGBM', () => {
  it.each([
    ['none, a missing value is zero', NONE, '0.5', Number.NaN, 1],
    ['none, zero lies above the threshold', NONE | LEFT, '-0.5', Number.NaN, -1],
    ['zero, a missing value by default left', ZERO | LEFT, '-0.5', Number.NaN, 1],
    ['zero, zero by default right', ZERO, '0.5', 0, -1],
    ['zero, what rounds to it too', ZERO, '0.5', 1e-36, -1],
    ['zero, what does not', ZERO, '0.5', 1e-34, 1],
    ['NaN, a missing value by default right', NAN, '0.5', Number.NaN, -1],
    ['NaN, by default left', NAN | LEFT, '-0.5', Number.NaN, 1],
    ['NaN, zero is a value', NAN | LEFT, '-0.5', 0, -1],
  ])('of missing type %s', (_, type, threshold, x, leaf) => {
    expect(leafOf(file({}, { decision_type: String(type), threshold }), x)).toBe(leaf)
  })

  it.each([
    [1, 1],
    [34, 1],
    [0, -1],
    [2, -1],
    [-3, -1],
    [Number.NaN, -1],
    [1e12, -1],
  ])('by categories sends %d to %d', (x, leaf) => {
    const sets = { num_cat: '1', decision_type: '1', threshold: '0', cat_boundaries: '0 2', cat_threshold: '2 4' }
    expect(leafOf(file({}, sets), x)).toBe(leaf)
  })
})

describe('a file of LightGBM', () => {
  it.each(['v2', 'v3', 'v4'])('of version %s is read', (version) => {
    expect(readTreeFile(file({ version }))).toMatchObject({ library: 'LightGBM', saved: version, names: ['a', 'b'] })
  })

  it('has a slope of its own, and the mean of its trees where it is a random forest', () => {
    const p = (text: string): number => probabilityOf(readTreeFile(text), Float64Array.of(0, 0))
    expect(p(file({ objective: 'binary sigmoid:0.5' }))).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 15)
    const two = file({ average_output: '' }).replace(
      'end of trees',
      'Tree=1\nnum_leaves=1\nleaf_value=3\n\nend of trees',
    )
    expect(p(two)).toBeCloseTo(1 / (1 + Math.exp(-2)), 15)
    expect(p(two.replace('average_output\n', ''))).toBeCloseTo(1 / (1 + Math.exp(-4)), 15)
  })

  it('has no names where they only number the features', () => {
    expect(readTreeFile(file({ feature_names: 'Column_0 Column_1' })).names).toBeNull()
  })

  it('says which features were never missing when it was fitted', () => {
    expect(readTreeFile(file()).needed).toEqual([0])
    expect(readTreeFile(file({}, { decision_type: String(NAN) })).needed).toEqual([])
    expect(readTreeFile(savedText('lightgbm_breast_cancer.txt')).needed.length).toBeGreaterThan(5)
  })

  it('may have line ends of Windows, and categories of a data frame that are numbers in their order', () => {
    expect(leafOf(file().replaceAll('\n', '\r\n'), 0)).toBe(1)
    expect(() => readTreeFile(`${file()}\npandas_categorical:[[0, 1, 2], []]\n`)).not.toThrow()
  })

  it.each<[string, string, RegExp]>([
    ['multiclass', file({ num_class: '3', num_tree_per_iteration: '3' }), /num_class is 3: multiclass/],
    ['another objective', file({ objective: 'regression' }), /objective is regression/],
    ['a multiclass objective', file({ objective: 'multiclass num_class:3' }), /objective is multiclass/],
    ['an unknown option', file({ objective: 'binary sigmoid:1 magic:2' }), /magic:2/],
    ['a slope of zero', file({ objective: 'binary sigmoid:0' }), /sigmoid must be above 0/],
    ['no objective', file().replace(/objective.*\n/, ''), /names no objective/],
    ['a version to come', file({ version: 'v5' }), /version is "v5": v2 to v4/],
    ['no version', file().replace(/version.*\n/, ''), /version is "": v2 to v4/],
    ['linear trees', file({}, { is_linear: '1' }), /linear trees are not supported/],
    ['recoded categories', `${file()}pandas_categorical:[["x", "y"]]\n`, /pandas_categorical/],
    ['categories in another order', `${file()}pandas_categorical:[[1, 0]]\n`, /pandas_categorical/],
    ['names too few', file({ feature_names: 'a' }), /feature_names has 1 names/],
    ['no end', file().replace('end of trees', ''), /it was cut short/],
    ['no trees', file().replace(/Tree=0[^]*end/, 'end'), /has no trees/],
    ['trees out of order', file().replace('Tree=0', 'Tree=1'), /"Tree=1" stands where Tree=0/],
    ['fewer trees than it says', file({ tree_sizes: '100 200' }), /tree_sizes has 2 entries/],
    ['a field twice', file().replace('num_cat=0', 'num_cat=0\nnum_cat=0'), /"num_cat" twice/],
    ['a billion leaves', file({}, { num_leaves: '999999999' }), /leaf_value of tree 0 has 2 values, not 999999999/],
    ['leaves that are no number', file({}, { num_leaves: '1e3' }), /num_leaves of tree 0 must be a whole number/],
    ['a billion categories', file({}, { num_cat: '999999999', cat_boundaries: '0' }), /cat_boundaries of tree 0 has 1/],
    ['a million empty lines', file().replace('Tree=0', '\n'.repeat(1_000_001)), /more than 1000000 lines/],
    ['a leaf of no number', file({}, { leaf_value: '1 nan' }), /a leaf of tree 0/],
    ['a feature that there is not', file({}, { split_feature: '2' }), /feature 2 of 2/],
    ['a feature below zero', file({}, { split_feature: '-1' }), /splits on feature -1/],
    ['a tree that goes back', file({}, { left_child: '0' }), /node 0 in two ways/],
    ['a leaf that there is not', file({}, { right_child: '-9' }), /goes from node 0 to node 9/],
    ['an unknown kind of missing value', file({}, { decision_type: '12' }), /decision_type 12 is not known/],
    ['half a decision', file({}, { decision_type: '2.5' }), /decision_type 2.5 is not known/],
    ['a set that there is not', file({}, { decision_type: '1', threshold: '3' }), /names a set of categories/],
    [
      'sets outside of their bits',
      file({}, { num_cat: '1', cat_boundaries: '0 9', cat_threshold: '1' }),
      /cat_boundaries of tree 0 do not lie within/,
    ],
    [
      'bits that are none',
      file({}, { num_cat: '1', cat_boundaries: '0 1', cat_threshold: '4294967296' }),
      /not a list of 32-bit numbers/,
    ],
  ])('with %s is refused by its name', (_, text, why) => {
    expect(() => readTreeFile(text)).toThrow(why)
    expect(() => readTreeFile(text)).toThrow(RangeError)
  })
})
