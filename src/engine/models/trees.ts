/** An ensemble of regression trees: what boosting makes, and what every tree model is evaluated as. */
import { fieldsOf, numberOf, show } from './fields.ts'
import { type Forest, ForestBuilder, RULE } from './forest.ts'

/**
 * Nodes of one tree by number, the root first. At an inner node a value goes left when it is at most the threshold; a missing one
 * (NaN) goes where `missingLeft` says. A leaf has feature -1.
 */
export interface Tree {
  /** Place of the feature in a row of the model's features; -1 at a leaf. */
  readonly feature: Int32Array
  readonly threshold: Float64Array
  readonly missingLeft: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  /** What a leaf adds to the score, the learning rate applied; 0 at an inner node. */
  readonly value: Float64Array
}

export interface TreeEnsemble {
  /** Added to the sum of the leaves. */
  readonly base: number
  readonly trees: readonly Tree[]
}

/**
 * Base and leaves added up: log odds after a fit by log loss, the target's own unit after one by squared error.
 * @param row one value a feature, NaN where it is missing
 */
export function sumOfLeaves({ base, trees }: TreeEnsemble, row: ArrayLike<number>): number {
  let sum = base
  for (const tree of trees) sum += tree.value[leafOf(tree, row)] ?? Number.NaN
  return sum
}

/** The same ensemble as it is served: the sum of a row has the same bits. @param features how many a row has */
export function forestOf({ base, trees }: TreeEnsemble, features: number): Forest {
  const builder = new ForestBuilder(features)
  trees.forEach((tree, i) => {
    const rule = tree.missingLeft.map((left) => (left === 1 ? RULE.missingLeft : 0))
    builder.addTree({ ...tree, rule }, `tree ${i}`)
  })
  return builder.build({ base, isSingle: false })
}

function leafOf({ feature, threshold, missingLeft, left, right }: Tree, row: ArrayLike<number>): number {
  let node = 0
  for (;;) {
    const at = feature[node] ?? -1
    if (at < 0) return node
    const x = row[at] ?? Number.NaN
    const goesLeft = Number.isNaN(x) ? missingLeft[node] === 1 : x <= (threshold[node] ?? Number.NaN)
    node = (goesLeft ? left[node] : right[node]) ?? 0
  }
}

/** An ensemble as it stands in a file: plain lists, in the order of the nodes. */
export interface WrittenEnsemble {
  readonly base: number
  readonly trees: readonly WrittenTree[]
}

interface WrittenTree {
  readonly feature: readonly number[]
  readonly threshold: readonly number[]
  readonly missing_left: readonly number[]
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly value: readonly number[]
}

export function writtenEnsemble({ base, trees }: TreeEnsemble): WrittenEnsemble {
  return {
    base,
    trees: trees.map(({ feature, threshold, missingLeft, left, right, value }) => ({
      feature: [...feature],
      threshold: [...threshold],
      missing_left: [...missingLeft],
      left: [...left],
      right: [...right],
      value: [...value],
    })),
  }
}

/**
 * Reads an ensemble from parsed JSON.
 * @param features how many a row has
 * @param field its name in messages
 * @throws TypeError when a list is missing or of another type, RangeError when a node names a feature or a node that there is not,
 *   or one that does not lie behind it, so that walking down a tree always ends
 */
export function parseEnsemble(value: unknown, features: number, field: string): TreeEnsemble {
  const { base, trees } = fieldsOf(value, field)
  if (!Array.isArray(trees)) throw new TypeError(`${field}.trees must be a list, not ${show(trees)}`)
  return {
    base: numberOf(base, `${field}.base`),
    trees: trees.map((tree: unknown, i) => treeOf(tree, features, `${field}.trees[${i}]`)),
  }
}

function treeOf(value: unknown, features: number, field: string): Tree {
  const lists = fieldsOf(value, field)
  const numbers = (name: keyof WrittenTree): Float64Array => {
    const list = lists[name]
    if (!Array.isArray(list)) throw new TypeError(`${field}.${name} must be a list, not ${show(list)}`)
    return Float64Array.from(list, (one: unknown, i) => numberOf(one, `${field}.${name}[${i}]`))
  }
  const tree: Tree = {
    feature: Int32Array.from(numbers('feature')),
    threshold: numbers('threshold'),
    missingLeft: Uint8Array.from(numbers('missing_left')),
    left: Int32Array.from(numbers('left')),
    right: Int32Array.from(numbers('right')),
    value: numbers('value'),
  }
  const nodes = tree.feature.length
  if (nodes === 0) throw new RangeError(`${field} has no nodes`)
  for (const list of Object.values<ArrayLike<number>>({ ...tree }))
    if (list.length !== nodes) throw new RangeError(`the lists of ${field} differ in length`)
  for (let node = 0; node < nodes; node++) {
    const feature = tree.feature[node] ?? -1
    if (feature < 0) continue
    if (feature >= features) throw new RangeError(`${field} splits on feature ${feature} of ${features}`)
    for (const child of [tree.left[node] ?? 0, tree.right[node] ?? 0])
      if (child <= node || child >= nodes) throw new RangeError(`${field} goes from node ${node} to node ${child}`)
  }
  return tree
}
