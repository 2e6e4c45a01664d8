/**
 * Gradient boosting on histograms. Everything that is chance is drawn from one seed, and sums are taken in the order of rows, so
 * that the same rows and seed give the same trees on every machine.
 */
import { randomInt, seededRandom, type Random } from '../kernel/random.ts'
import { sumOfLeaves, type TreeEnsemble } from '../models/trees.ts'
import { rowLogLoss, sigmoid } from '../stats/calibration.ts'
import { binColumns, type Binned } from './binning.ts'
import type { GrowthLimits } from './split-search.ts'
import { TreeGrower, type GrownTree } from './tree-growth.ts'

interface BoostingOptions extends GrowthLimits {
  /** `log`: labels 0 and 1, the sum of the leaves is log odds. `squared`: any target. */
  readonly loss: 'log' | 'squared'
  readonly trees: number
  /** Share of the rows that each tree is grown on, above 0 to 1. */
  readonly rowShare: number
  /** Share of the features that may split a tree, above 0 to 1; at least one does. */
  readonly columnShare: number
  /** Trees without a better loss on the rows kept aside, after which it stops; it keeps the trees up to the best. */
  readonly patience: number
  readonly seed: number
}

/** Trees, depth and rate of scikit-learn's gradient boosting; XGBoost's L2 and LightGBM's twenty rows a leaf keep outliers from leaves of their own. */
export const BOOSTING: BoostingOptions = {
  loss: 'log',
  trees: 100,
  learningRate: 0.1,
  depth: 3,
  leaves: 8,
  minChildWeight: 20,
  l2: 1,
  rowShare: 1,
  columnShare: 1,
  patience: 20,
  monotone: [],
  seed: 1,
}

/** Rows by column, with what is to be predicted; NaN is missing, in features alone. */
export interface TargetedRows {
  readonly columns: readonly Float64Array[]
  readonly target: Float64Array
}

export interface BoostedFit {
  readonly ensemble: TreeEnsemble
  /** Share of the whole gain that each feature's splits have, 0 to 1; all 0 where nothing was split. */
  readonly importance: Float64Array
  /** Mean loss on the rows kept aside after each tree; empty without such rows. */
  readonly asideLoss: readonly number[]
}

/**
 * @param aside rows that decide when to stop, and that no tree is grown on; null grows every tree
 * @param binned the columns of `train` as bins, where several targets are fitted on the same
 * @throws RangeError without rows, and for a target that is not finite, or by log loss not 0 or 1
 */
export function fitBoosted(
  train: TargetedRows,
  options: BoostingOptions,
  aside: TargetedRows | null = null,
  binned: Binned = binColumns(train.columns),
): BoostedFit {
  const { target, columns } = train
  check(target, options)
  if (binned.rows !== target.length) throw new RangeError(`${binned.rows} rows and ${target.length} targets`)
  const random = seededRandom(options.seed)
  const grower = new TreeGrower(binned, options)
  const base = baseOf(target, options)
  const scores = new Float64Array(target.length).fill(base)
  const kept = aside === null ? null : new KeptAside(aside, base, options)
  const gains: Float64Array[] = []
  const trees = []
  const gradients = { first: new Float64Array(target.length), second: new Float64Array(target.length).fill(1) }
  for (let i = 0; i < options.trees; i++) {
    derive(options.loss, scores, target, gradients)
    const rows = drawnRows(target.length, options.rowShare, random)
    const grown = grower.grow(gradients, rows, drawnColumns(columns.length, options, random))
    trees.push(grown.tree)
    gains.push(grown.gains)
    const step = { base: 0, trees: [grown.tree] }
    if (rows.length === target.length) addLeaves(grown, rows, scores)
    else addAll(step, columns, scores)
    if (kept !== null && kept.stopsAfter(step)) break
  }
  const count = kept === null ? trees.length : kept.best
  return {
    ensemble: { base, trees: trees.slice(0, count) },
    importance: importanceOf(gains.slice(0, count), columns.length),
    asideLoss: kept?.losses ?? [],
  }
}

/** Adds a tree to the scores of the rows that it was grown on. */
function addLeaves({ tree, leaves }: GrownTree, rows: Int32Array, scores: Float64Array): void {
  for (const { node, from, until } of leaves) {
    const value = tree.value[node] ?? 0
    for (let i = from; i < until; i++) {
      const row = rows[i] ?? 0
      scores[row] = (scores[row] ?? 0) + value
    }
  }
}

function addAll(step: TreeEnsemble, columns: readonly Float64Array[], scores: Float64Array): void {
  const row = new Float64Array(columns.length)
  for (let r = 0; r < scores.length; r++) {
    for (const [c, column] of columns.entries()) row[c] = column[r] ?? Number.NaN
    scores[r] = (scores[r] ?? 0) + sumOfLeaves(step, row)
  }
}

/** The loss on rows that no tree sees, tree by tree. */
class KeptAside {
  readonly losses: number[] = []
  private readonly scores: Float64Array
  /** Row by row, as trees are walked. */
  private readonly matrix: readonly Float64Array[]

  constructor(
    private readonly rows: TargetedRows,
    base: number,
    private readonly options: BoostingOptions,
  ) {
    const { target, columns } = rows
    if (target.length === 0) throw new RangeError('rows are needed to stop by')
    this.scores = new Float64Array(target.length).fill(base)
    this.matrix = Array.from(target, (_, r) => Float64Array.from(columns, (column) => column[r] ?? Number.NaN))
  }

  /** How many trees have the least loss. */
  get best(): number {
    return this.losses.indexOf(Math.min(...this.losses)) + 1
  }

  stopsAfter(step: TreeEnsemble): boolean {
    const { target } = this.rows
    const { loss, patience } = this.options
    let sum = 0
    for (const [r, row] of this.matrix.entries()) {
      const score = (this.scores[r] ?? 0) + sumOfLeaves(step, row)
      this.scores[r] = score
      const wanted = target[r] ?? Number.NaN
      sum += loss === 'log' ? rowLogLoss(wanted, sigmoid(score)) : (wanted - score) ** 2
    }
    this.losses.push(sum / target.length)
    return this.losses.length - this.best >= patience
  }
}

function check(target: Float64Array, { loss }: BoostingOptions): void {
  if (target.length === 0) throw new RangeError('no rows to fit on')
  const fits = loss === 'log' ? (y: number) => y === 0 || y === 1 : Number.isFinite
  const misfit = target.find((y) => !fits(y))
  if (misfit !== undefined)
    throw new RangeError(`${misfit} is not a target of ${loss === 'log' ? 'log loss' : 'squared error'}`)
}

/** The best constant. One label alone has no finite log odds: half a row of the other is added. */
function baseOf(target: Float64Array, { loss }: BoostingOptions): number {
  const sum = target.reduce((total, y) => total + y, 0)
  if (loss === 'squared') return sum / target.length
  const ones = Math.min(target.length - 0.5, Math.max(0.5, sum))
  return Math.log(ones / (target.length - ones))
}

function derive(
  loss: BoostingOptions['loss'],
  scores: Float64Array,
  target: Float64Array,
  { first, second }: { readonly first: Float64Array; readonly second: Float64Array },
): void {
  for (let r = 0; r < target.length; r++) {
    const score = scores[r] ?? 0
    const wanted = target[r] ?? 0
    if (loss === 'squared') first[r] = score - wanted
    else {
      const p = sigmoid(score)
      first[r] = p - wanted
      second[r] = Math.max(1e-16, p * (1 - p))
    }
  }
}

/** Rows that a tree is grown on, ascending. */
function drawnRows(count: number, share: number, random: Random): Int32Array {
  const all = placesOf(count)
  if (share >= 1) return all
  return drawn(all, Math.max(1, Math.round(share * count)), random)
}

function drawnColumns(count: number, { columnShare }: BoostingOptions, random: Random): Int32Array {
  const all = placesOf(count)
  if (columnShare >= 1) return all
  return drawn(all, Math.max(1, Math.round(columnShare * count)), random)
}

function placesOf(count: number): Int32Array {
  const places = new Int32Array(count)
  for (let i = 0; i < count; i++) places[i] = i
  return places
}

function drawn(all: Int32Array, count: number, random: Random): Int32Array {
  for (let i = 0; i < count; i++) {
    const j = i + randomInt(random, all.length - i)
    const other = all[j] ?? 0
    all[j] = all[i] ?? 0
    all[i] = other
  }
  return all.slice(0, count).sort()
}

function importanceOf(gains: readonly Float64Array[], features: number): Float64Array {
  const sums = Float64Array.from({ length: features }, (_, f) => gains.reduce((sum, tree) => sum + (tree[f] ?? 0), 0))
  const whole = sums.reduce((sum, gain) => sum + gain, 0)
  return whole > 0 ? sums.map((gain) => gain / whole) : sums
}
