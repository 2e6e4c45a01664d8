import { array, assert, constant, double, infiniteStream, oneof, property, type Arbitrary } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ForestBuilder, RULE, sumOfForest } from '../../../src/engine/models/forest.ts'
import { forestOf, sumOfLeaves, type Tree } from '../../../src/engine/models/trees.ts'

const FEATURES = 3
const finite = double({ min: -3, max: 3, noNaN: true })
const value = oneof(finite, constant(Number.NaN), constant(0), constant(-0), constant(Infinity), constant(-Infinity))
const row = array(value, { minLength: FEATURES, maxLength: FEATURES }).map((values) => Float64Array.from(values))

/** A tree of random shape: each leaf may split once more. */
const tree: Arbitrary<Tree> = infiniteStream(double({ min: 0, max: 0.999, noNaN: true })).map((stream) => {
  const draw = (): number => Number(stream.next().value)
  const nodes = { feature: [-1], threshold: [0], missingLeft: [0], left: [0], right: [0], value: [draw() - 0.5] }
  for (let node = 0; node < nodes.feature.length && nodes.feature.length < 60; node++) {
    if (draw() > 0.75) continue
    nodes.feature[node] = Math.floor(draw() * FEATURES)
    nodes.threshold[node] = draw() < 0.2 ? 0 : 4 * draw() - 2
    nodes.missingLeft[node] = Math.round(draw())
    nodes.left[node] = nodes.feature.length
    nodes.right[node] = nodes.feature.length + 1
    for (let child = 0; child < 2; child++) {
      nodes.feature.push(-1)
      nodes.value.push(draw() - 0.5)
      for (const list of [nodes.threshold, nodes.missingLeft, nodes.left, nodes.right]) list.push(0)
    }
  }
  return {
    feature: Int32Array.from(nodes.feature),
    threshold: Float64Array.from(nodes.threshold),
    missingLeft: Uint8Array.from(nodes.missingLeft),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    value: Float64Array.from(nodes.value),
  }
})

describe('a forest', () => {
  it('adds up what the trees that it was made of do, to the bit, of any row', () => {
    assert(
      property(
        array(tree, { maxLength: 11 }),
        finite,
        array(row, { minLength: 1, maxLength: 20 }),
        (trees, base, rows) => {
          const forest = forestOf({ base, trees }, FEATURES)
          for (const one of rows) expect(sumOfForest(forest, one)).toBe(sumOfLeaves({ base, trees }, one))
        },
      ),
    )
  })

  it('takes the same steps for one tree by itself as for four together', () => {
    assert(
      property(array(tree, { minLength: 4, maxLength: 9 }), row, (trees, one) => {
        const apart = trees.map((alone) => sumOfForest(forestOf({ base: 0, trees: [alone] }, FEATURES), one))
        expect(sumOfForest(forestOf({ base: 0, trees }, FEATURES), one)).toBe(
          apart.reduce((sum, leaf) => sum + leaf, 0),
        )
      }),
    )
  })

  const stump = { feature: [0, -1, -1], threshold: [0, 0, 0], left: [1, -1, -1], right: [2, -1, -1], value: [0, 1, 2] }
  const built = (rule: number, words: readonly number[] = []): ((x: number) => number) => {
    const builder = new ForestBuilder(1)
    const threshold = [words.length > 0 ? builder.addSet(words) : 0, 0, 0]
    builder.addTree({ ...stump, threshold, rule: [rule, 0, 0] }, 'a stump')
    const forest = builder.build({ base: 0, isSingle: false })
    return (x) => sumOfForest(forest, Float64Array.of(x))
  }

  it.each([
    ['a missing value right', 0, Number.NaN, 2],
    ['a missing value left', RULE.missingLeft, Number.NaN, 1],
    ['a value at the threshold left', 0, 0, 1],
    ['a value above it right', RULE.missingLeft, 1e-300, 2],
    ['a zero that counts as missing right', RULE.zeroIsMissing, 0, 2],
    ['a zero that counts as missing left', RULE.zeroIsMissing | RULE.missingLeft, -0, 1],
    ['what is no zero by its value', RULE.zeroIsMissing, -1, 1],
  ])('sends %s', (_, rule, x, leaf) => {
    expect(built(rule)(x)).toBe(leaf)
  })

  // Categories 1, 33 and 63.
  const bits = [2, 2 + 2 ** 31]
  it.each([
    [1, 1],
    [33, 1],
    [63, 1],
    [0, 2],
    [32, 2],
    [64, 2],
    [1e9, 2],
    [Infinity, 2],
    [-1, 2],
    [1.9, 1],
    [Number.NaN, 2],
  ])('sends category %d of LightGBM to leaf %d, where its set goes left', (x, leaf) => {
    expect(built(RULE.category | RULE.setLeft, bits)(x)).toBe(leaf)
  })

  it.each([
    [1, 2],
    [63, 2],
    [0, 1],
    [64, 1],
    [-1, 1],
    [-0.5, 1],
    [1e9, 1],
    [Number.NaN, 2],
  ])('sends category %d of XGBoost to leaf %d, where its set goes right', (x, leaf) => {
    expect(built(RULE.category, bits)(x)).toBe(leaf)
  })

  const chain = (depth: number) => {
    const nodes = Array.from({ length: 2 * depth + 1 }, (_, i) => i)
    return {
      feature: nodes.map((i) => (i % 2 === 0 && i < 2 * depth ? 0 : -1)),
      threshold: nodes.map(() => 0),
      left: nodes.map((i) => i + 1),
      right: nodes.map((i) => i + 2),
      rule: nodes.map(() => 0),
      value: nodes.map(() => 1),
    }
  }

  it.each<[string, RegExp, () => void]>([
    ['a cycle', /node 0 in two ways/, () => add({ ...stump, left: [0, -1, -1] })],
    ['a node with two parents', /node 1 in two ways/, () => add({ ...stump, right: [1, -1, -1] })],
    ['a child that there is not', /from node 0 to node 3, and has 3/, () => add({ ...stump, right: [3, -1, -1] })],
    ['a child before the first', /from node 0 to node -1/, () => add({ ...stump, right: [-1, -1, -1] })],
    ['a child that is no whole number', /from node 0 to node 1.5/, () => add({ ...stump, right: [1.5, -1, -1] })],
    ['a feature that there is not', /feature 1 of 1/, () => add({ ...stump, feature: [1, -1, -1] })],
    ['a leaf that holds no number', /a leaf of a tree \(node 2\)/, () => add({ ...stump, value: [0, 1, Number.NaN] })],
    ['an endless threshold', /a threshold of a tree/, () => add({ ...stump, threshold: [Infinity, 0, 0] })],
    ['no nodes', /has no nodes/, () => add({ ...stump, feature: [] })],
    ['too many splits below each other', /1024 splits deep/, () => add(chain(1_025))],
    ['too many features', /65536 are supported/, () => new ForestBuilder(65_537)],
    ['too many categories', /MiB of bits/, () => new ForestBuilder(1).addSet({ length: 2 ** 23 })],
  ])('refuses %s', (_, why, make) => {
    expect(make).toThrow(RangeError)
    expect(make).toThrow(why)
  })

  it('may be as deep as any library grows it, and leave nodes out that nothing leads to', () => {
    expect(() => add(chain(1_000))).not.toThrow()
    const lost = { ...stump, feature: [0, -1, -1, 7], value: [0, 1, 2, Number.NaN] }
    expect(() => add(lost)).not.toThrow()
  })
})

function add(tree: Omit<Parameters<ForestBuilder['addTree']>[0], 'rule'> & { rule?: ArrayLike<number> }): void {
  new ForestBuilder(1).addTree({ rule: [], ...tree }, 'a tree')
}
