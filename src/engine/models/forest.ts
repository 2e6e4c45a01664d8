/** Trees of any library in flat arrays, walked down without allocating. */
import type { LabelSpec } from './contract.ts'

/** What a node does besides comparing: bits of `Forest.rule`. */
export const RULE = {
  /** A missing value goes left. */
  missingLeft: 1,
  /** Zero counts as missing. */
  zeroIsMissing: 2,
  /** The value is the number of a category: its threshold is the number of a set. */
  category: 4,
  /** A category of the set goes left; without it right. */
  setLeft: 8,
} as const

/** What a row holds of each feature: itself with a missing value high or low, and the same with zero counting as missing. */
const VIEWS = 4
const MAX_FEATURES = 65_536
/** Deeper trees are no library's own. */
const MAX_DEPTH = 1_024
/** Of all sets of categories together: 16 MiB of bits. */
const MAX_WORDS = 4_194_304

/**
 * All nodes of all trees. A step goes to the left child, and one further where the feature's value lies above the threshold; a leaf's
 * left child is itself and its threshold infinite, so that walks of several trees take their steps together, without asking who is done.
 */
export interface Forest {
  readonly roots: Int32Array
  /** Where the row has what is compared; of a category split -1 less the same, with `setLeft` in the place of `zeroIsMissing`. */
  readonly place: Int32Array
  readonly threshold: Float64Array
  readonly left: Int32Array
  /** What a leaf adds to the sum; 0 at a split. */
  readonly value: Float64Array
  /** Where the bits of each set begin in `words`, and behind the last where they end. */
  readonly setBounds: Int32Array
  readonly words: Uint32Array
  /** What the sum begins with. */
  readonly base: number
  /** Whether sums are rounded to 32 bits after each tree; else they are doubles. */
  readonly isSingle: boolean
  /** The row that is walked by: `VIEWS` numbers a feature, overwritten each time. */
  readonly views: Float64Array
}

/** Trees as a library has saved them, and what they say. */
export interface TreeFile {
  readonly library: 'XGBoost' | 'LightGBM' | 'onay'
  /** By which version of it, in its own words. */
  readonly saved: string
  /** Its features in their order; null where the file has no names. */
  readonly names: readonly string[] | null
  /** How many features it has. */
  readonly width: number
  readonly forest: Forest
  /** The probability is sigma(slope x sum / divisor). */
  readonly slope: number
  readonly divisor: number
  /** What it predicts; null where the file does not say it. */
  readonly label: LabelSpec | null
  /** Places of the features that were never missing when it was fitted; the others may be. */
  readonly needed: readonly number[]
}

/** One tree as its file has it: nodes by number, the root first. Nodes that cannot be reached are left out. */
interface TreeNodes {
  /** Place of the feature; -1 at a leaf. */
  readonly feature: ArrayLike<number>
  /** At a category split the number of a set that was added before. */
  readonly threshold: ArrayLike<number>
  readonly left: ArrayLike<number>
  readonly right: ArrayLike<number>
  readonly rule: ArrayLike<number>
  /** Of leaves. */
  readonly value: ArrayLike<number>
}

/** Makes a forest tree by tree, checking what would let a walk go astray. What it holds grows with what it is given, never with what a file claims. */
export class ForestBuilder {
  private readonly roots: number[] = []
  private readonly place: number[] = []
  private readonly threshold: number[] = []
  private readonly left: number[] = []
  private readonly value: number[] = []
  private readonly setBounds: number[] = [0]
  private readonly words: number[] = []

  /** @param width how many features a row has. @throws RangeError when they are too many */
  constructor(private readonly width: number) {
    if (width > MAX_FEATURES) throw new RangeError(`it has ${width} features: at most ${MAX_FEATURES} are supported`)
  }

  /** @param words bits, the lowest category first. @returns the number of the set. @throws RangeError when there are too many */
  addSet(words: ArrayLike<number>): number {
    if (this.words.length + words.length > MAX_WORDS)
      throw new RangeError(`its category splits need more than ${MAX_WORDS / 262_144} MiB of bits`)
    for (let i = 0; i < words.length; i++) this.words.push(words[i] ?? 0)
    return this.setBounds.push(this.words.length) - 2
  }

  /**
   * @param name the tree's in messages
   * @throws RangeError when a node names a feature or a node that there is not, is reached twice, or holds no number
   */
  addTree(tree: TreeNodes, name: string): void {
    const nodes = tree.feature.length
    if (nodes === 0) throw new RangeError(`${name} has no nodes`)
    const seen = new Uint8Array(nodes)
    this.roots.push(this.addNode())
    const waiting = [{ node: 0, at: this.place.length - 1, depth: 0 }]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, at, depth } = next
      if (seen[node] === 1) throw new RangeError(`${name} comes to node ${node} in two ways`)
      seen[node] = 1
      if (depth > MAX_DEPTH) throw new RangeError(`${name} is more than ${MAX_DEPTH} splits deep`)
      const feature = tree.feature[node] ?? -1
      if (feature < 0) {
        this.value[at] = numberAt(tree.value, node, `a leaf of ${name}`)
        continue
      }
      if (feature >= this.width) throw new RangeError(`${name} splits on feature ${feature} of ${this.width}`)
      this.place[at] = placeOf(feature, tree.rule[node] ?? 0)
      this.threshold[at] = numberAt(tree.threshold, node, `a threshold of ${name}`)
      const [left, right] = [tree.left[node] ?? -1, tree.right[node] ?? -1]
      for (const child of [left, right])
        if (!(Number.isInteger(child) && child >= 0 && child < nodes))
          throw new RangeError(`${name} goes from node ${node} to node ${child}, and has ${nodes}`)
      this.left[at] = this.addNode()
      const beside = this.addNode()
      waiting.push({ node: right, at: beside, depth: depth + 1 }, { node: left, at: beside - 1, depth: depth + 1 })
    }
  }

  build({ base, isSingle }: Pick<Forest, 'base' | 'isSingle'>): Forest {
    return {
      roots: Int32Array.from(this.roots),
      place: Int32Array.from(this.place),
      threshold: Float64Array.from(this.threshold),
      left: Int32Array.from(this.left),
      value: Float64Array.from(this.value),
      setBounds: Int32Array.from(this.setBounds),
      words: Uint32Array.from(this.words),
      base,
      isSingle,
      views: new Float64Array(VIEWS * Math.max(1, this.width)),
    }
  }

  /** A leaf that adds nothing, until it is said to be more. @returns where it stands */
  private addNode(): number {
    const at = this.place.push(0) - 1
    this.threshold.push(Infinity)
    this.left.push(at)
    this.value.push(0)
    return at
  }
}

function placeOf(feature: number, rule: number): number {
  const view = VIEWS * feature + (rule & RULE.missingLeft)
  if ((rule & RULE.category) === 0) return view + ((rule & RULE.zeroIsMissing) === 0 ? 0 : 2)
  return -1 - view - ((rule & RULE.setLeft) === 0 ? 0 : 2)
}

function numberAt(values: ArrayLike<number>, node: number, what: string): number {
  const value = values[node] ?? Number.NaN
  if (!Number.isFinite(value)) throw new RangeError(`${what} (node ${node}) is not a number`)
  return value
}

/**
 * Base and leaves added up, in the order of the trees. Allocates nothing.
 * @param row one value a feature, NaN where it is missing
 */
export function sumOfForest(forest: Forest, row: Float64Array): number {
  const { roots, value, base, isSingle } = forest
  show(forest, row)
  const together = forest.words.length === 0 ? roots.length - (roots.length % 4) : 0
  let sum = base
  let tree = 0
  while (tree < together) {
    const found = walkFour(forest, tree)
    for (let i = 0; i < 4; i++, tree++) {
      sum += value[found[i] ?? -1] ?? Number.NaN
      if (isSingle) sum = Math.fround(sum)
    }
  }
  for (; tree < roots.length; tree++) {
    sum += value[walk(forest, row, roots[tree] ?? 0)] ?? Number.NaN
    if (isSingle) sum = Math.fround(sum)
  }
  return sum
}

/** A missing value goes right as the highest number, left as the lowest. */
function show({ views }: Forest, row: Float64Array): void {
  for (let j = 0; VIEWS * j < views.length; j++) {
    const x = row[j] ?? Number.NaN
    const isMissing = Number.isNaN(x)
    const isZeroOrMissing = isMissing || x === 0
    views[VIEWS * j] = isMissing ? Infinity : x
    views[VIEWS * j + 1] = isMissing ? -Infinity : x
    views[VIEWS * j + 2] = isZeroOrMissing ? Infinity : x
    views[VIEWS * j + 3] = isZeroOrMissing ? -Infinity : x
  }
}

const four = new Int32Array(4)

/** The leaves of four trees: their steps do not wait for each other. No tree has a category split. */
function walkFour({ roots, place, threshold, left, views }: Forest, tree: number): Int32Array {
  let [a, b, c, d] = [roots[tree] ?? 0, roots[tree + 1] ?? 0, roots[tree + 2] ?? 0, roots[tree + 3] ?? 0]
  for (;;) {
    const a2 = (left[a] ?? 0) + Number((views[place[a] ?? 0] ?? 0) > (threshold[a] ?? 0))
    const b2 = (left[b] ?? 0) + Number((views[place[b] ?? 0] ?? 0) > (threshold[b] ?? 0))
    const c2 = (left[c] ?? 0) + Number((views[place[c] ?? 0] ?? 0) > (threshold[c] ?? 0))
    const d2 = (left[d] ?? 0) + Number((views[place[d] ?? 0] ?? 0) > (threshold[d] ?? 0))
    if (a2 === a && b2 === b && c2 === c && d2 === d) break
    a = a2
    b = b2
    c = c2
    d = d2
  }
  four[0] = a
  four[1] = b
  four[2] = c
  four[3] = d
  return four
}

function walk(forest: Forest, row: Float64Array, root: number): number {
  const { place, threshold, left, views } = forest
  for (let node = root; ; ) {
    const at = place[node] ?? 0
    const limit = threshold[node] ?? 0
    const isRight = at >= 0 ? (views[at] ?? 0) > limit : !isLeftByCategory(forest, row, -1 - at, limit)
    const next = (left[node] ?? 0) + Number(isRight)
    if (next === node) return node
    node = next
  }
}

function isLeftByCategory(forest: Forest, row: Float64Array, view: number, set: number): boolean {
  const x = row[Math.floor(view / VIEWS)] ?? Number.NaN
  if (Number.isNaN(x)) return (view & 1) === 1
  const isSetLeft = (view & 2) !== 0
  // LightGBM cuts the fraction off, so that -0.5 is category 0; for XGBoost anything below 0 is no category.
  const category = x < 0 && !isSetLeft ? -1 : Math.trunc(x)
  return isInSet(forest, set, category) === isSetLeft
}

function isInSet({ setBounds, words }: Forest, set: number, category: number): boolean {
  const from = setBounds[set] ?? 0
  const size = (setBounds[set + 1] ?? from) - from
  if (!(category >= 0 && category < size * 32)) return false
  return (((words[from + Math.floor(category / 32)] ?? 0) >>> (category % 32)) & 1) === 1
}
