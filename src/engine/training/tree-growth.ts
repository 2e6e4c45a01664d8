/**
 * Grows one tree on gradients, best leaf first (Chen and Guestrin 2016, "XGBoost: A Scalable Tree Boosting System"; histograms as
 * Ke et al. 2017, "LightGBM"): a split is looked for among the bins of each feature, missing values go to the better side, and of
 * two siblings only the smaller one's histogram is summed up, the other is what is left of their parent's.
 */
import type { Tree } from '../models/trees.ts'
import { MISSING, type Binned } from './binning.ts'
import { BINS, type GrowthLimits, type OpenLeaf, type Split, SplitSearch, WIDTH } from './split-search.ts'

// Names of this module, since the loops below read them for every row: those of another one are looked up there each time
// wherever modules are not bundled.
const SUM_WIDTH = WIDTH
const FEATURE_WIDTH = BINS * WIDTH
const NO_VALUE = MISSING

/** First and second derivatives of the loss, a value a row. */
interface Gradients {
  readonly first: Float64Array
  readonly second: Float64Array
}

export interface GrownTree {
  readonly tree: Tree
  /** Its leaves: the rows of each stand from here to there in the rows that it was grown on. */
  readonly leaves: readonly { readonly node: number; readonly from: number; readonly until: number }[]
  /** The gain of each feature's splits, a value a feature. */
  readonly gains: Float64Array
}

interface Leaf extends OpenLeaf {
  readonly node: number
  readonly depth: number
  /** Its rows stand in `rows` from here to there. */
  readonly from: number
  readonly until: number
  readonly split: Split | null
}

/** Sums are taken from a leaf that was split and given to one that is new. */
class SumPool {
  private readonly free: Float64Array[] = []

  constructor(private readonly length: number) {}

  take(): Float64Array {
    return this.free.pop()?.fill(0) ?? new Float64Array(this.length)
  }

  give(sums: Float64Array): void {
    this.free.push(sums)
  }
}

export class TreeGrower {
  private readonly pool: SumPool
  private readonly search: SplitSearch
  private readonly moved: Int32Array

  constructor(
    private readonly binned: Binned,
    private readonly limits: GrowthLimits,
  ) {
    this.pool = new SumPool(binned.features * FEATURE_WIDTH)
    this.search = new SplitSearch(binned, limits)
    this.moved = new Int32Array(binned.rows)
  }

  /**
   * @param rows those that it is grown on, in any order; they are put into the order of the leaves
   * @param columns the features that may split it, ascending
   */
  grow(gradients: Gradients, rows: Int32Array, columns: Int32Array): GrownTree {
    const { learningRate, leaves: mostLeaves } = this.limits
    const growing = new GrowingTree()
    const gains = new Float64Array(this.binned.features)
    const root = this.rootOf(gradients, rows, columns)
    growing.add(root.value * learningRate)
    let leaves: Leaf[] = [root]
    while (leaves.length < mostLeaves) {
      const best = bestOf(leaves)
      if (best === null) break
      const { leaf, split } = best
      gains[split.feature] = (gains[split.feature] ?? 0) + split.gain
      const edge = this.binned.edges[split.feature]?.[split.bin] ?? Number.POSITIVE_INFINITY
      const [left, right] = growing.split(leaf.node, split, edge, learningRate)
      const children = this.childrenOf(leaf, split, [left, right], gradients, rows, columns)
      leaves = leaves.flatMap((one) => (one === leaf ? children : [one]))
    }
    for (const { sums } of leaves) if (sums !== null) this.pool.give(sums)
    return { tree: growing.tree(), leaves, gains }
  }

  private rootOf(gradients: Gradients, rows: Int32Array, columns: Int32Array): Leaf {
    const sums = this.pool.take()
    this.sumUp(sums, gradients, rows, 0, rows.length, columns)
    let first = 0
    let second = 0
    for (const row of rows) {
      first += gradients.first[row] ?? 0
      second += gradients.second[row] ?? 0
    }
    const bounds = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
    const value = this.search.valueOf(first, second, bounds)
    const open = { node: 0, depth: 0, from: 0, until: rows.length, first, second, ...bounds, value, sums }
    return { ...open, split: this.search.best(open, columns) }
  }

  private childrenOf(
    leaf: Leaf,
    split: Split,
    [leftNode, rightNode]: readonly [number, number],
    gradients: Gradients,
    rows: Int32Array,
    columns: Int32Array,
  ): [Leaf, Leaf] {
    const middle = this.divide(leaf, split, rows)
    const isLeftSmaller = middle - leaf.from <= leaf.until - middle
    const [from, until] = isLeftSmaller ? [leaf.from, middle] : [middle, leaf.until]
    const larger = leaf.sums
    const smaller = leaf.depth + 1 < this.limits.depth && larger !== null ? this.pool.take() : null
    if (smaller === null && larger !== null) this.pool.give(larger)
    if (smaller !== null && larger !== null) {
      this.sumUp(smaller, gradients, rows, from, until, columns)
      for (const f of columns) {
        const end = (f + 1) * FEATURE_WIDTH
        for (let i = f * FEATURE_WIDTH; i < end; i++) larger[i] = (larger[i] ?? 0) - (smaller[i] ?? 0)
      }
    }
    const rest = smaller === null ? null : larger
    const { leftFirst, leftSecond, leftValue, rightValue } = split
    const depth = leaf.depth + 1
    // Whatever is split further below, the two sides of a monotone feature stay on their sides of the middle.
    const between = (leftValue + rightValue) / 2
    const rising = this.limits.monotone[split.feature] ?? 0
    const { low, high } = leaf
    const left = {
      node: leftNode,
      depth,
      from: leaf.from,
      until: middle,
      first: leftFirst,
      second: leftSecond,
      low: rising < 0 ? between : low,
      high: rising > 0 ? between : high,
      value: leftValue,
      sums: isLeftSmaller ? smaller : rest,
    }
    const right = {
      node: rightNode,
      depth,
      from: middle,
      until: leaf.until,
      first: leaf.first - leftFirst,
      second: leaf.second - leftSecond,
      low: rising > 0 ? between : low,
      high: rising < 0 ? between : high,
      value: rightValue,
      sums: isLeftSmaller ? rest : smaller,
    }
    return [
      { ...left, split: this.search.best(left, columns) },
      { ...right, split: this.search.best(right, columns) },
    ]
  }

  private sumUp(
    sums: Float64Array,
    { first, second }: Gradients,
    rows: Int32Array,
    from: number,
    until: number,
    columns: Int32Array,
  ): void {
    const { bins, features } = this.binned
    for (let i = from; i < until; i++) {
      const row = rows[i] ?? 0
      const g = first[row] ?? 0
      const h = second[row] ?? 0
      const start = row * features
      for (let c = 0; c < columns.length; c++) {
        const f = columns[c] ?? 0
        const at = f * FEATURE_WIDTH + (bins[start + f] ?? 0) * SUM_WIDTH
        sums[at] = (sums[at] ?? 0) + g
        sums[at + 1] = (sums[at + 1] ?? 0) + h
      }
    }
  }

  /** Rows that go left stand before those that go right, each in their order. @returns where the right ones begin */
  private divide({ from, until }: Leaf, { feature, bin, missingLeft }: Split, rows: Int32Array): number {
    const { bins, features } = this.binned
    let left = from
    let right = 0
    for (let i = from; i < until; i++) {
      const row = rows[i] ?? 0
      const own = bins[row * features + feature] ?? NO_VALUE
      const goesLeft = own === NO_VALUE ? missingLeft : own <= bin
      if (goesLeft) rows[left++] = row
      else this.moved[right++] = row
    }
    rows.set(this.moved.subarray(0, right), left)
    return left
  }
}

/** The leaf whose split gains most, the first of equals. */
function bestOf(leaves: readonly Leaf[]): { readonly leaf: Leaf; readonly split: Split } | null {
  let best: { leaf: Leaf; split: Split } | null = null
  for (const leaf of leaves) {
    const { split } = leaf
    if (split !== null && (best === null || split.gain > best.split.gain)) best = { leaf, split }
  }
  return best
}

/** A tree while nodes are added to it. */
class GrowingTree {
  private readonly feature: number[] = []
  private readonly threshold: number[] = []
  private readonly missingLeft: number[] = []
  private readonly left: number[] = []
  private readonly right: number[] = []
  private readonly value: number[] = []

  /** @returns the number of the new leaf */
  add(value: number): number {
    this.feature.push(-1)
    this.threshold.push(0)
    this.missingLeft.push(0)
    this.left.push(-1)
    this.right.push(-1)
    this.value.push(value)
    return this.feature.length - 1
  }

  /** Makes a leaf an inner node. @returns its two leaves */
  split(
    node: number,
    { feature, missingLeft, leftValue, rightValue }: Split,
    edge: number,
    rate: number,
  ): [number, number] {
    const left = this.add(leftValue * rate)
    const right = this.add(rightValue * rate)
    this.feature[node] = feature
    this.threshold[node] = edge
    this.missingLeft[node] = missingLeft ? 1 : 0
    this.left[node] = left
    this.right[node] = right
    this.value[node] = 0
    return [left, right]
  }

  tree(): Tree {
    return {
      feature: Int32Array.from(this.feature),
      threshold: Float64Array.from(this.threshold),
      missingLeft: Uint8Array.from(this.missingLeft),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      value: Float64Array.from(this.value),
    }
  }
}
