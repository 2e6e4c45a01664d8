import { randomInt, type Random } from '../kernel/random.ts'
import { normalQuantile } from './normal.ts'
import { quantileSorted, sortedFinite } from './quantile.ts'
import { ascendingOrder, assertPaired, auc } from './ranking.ts'

export interface BootstrapOptions {
  /** Consecutive rows that are drawn together, so that their autocorrelation is kept. */
  readonly block: number
  readonly draws: number
  readonly random: Random
  /** 0 to 1; 0.95 unless given. */
  readonly confidence?: number
}

/** Two ends, both within. */
export interface Bounds {
  readonly lo: number
  readonly hi: number
}

/** An estimate with the interval around it; 95 % unless said otherwise. */
export interface Interval extends Bounds {
  readonly value: number
}

/**
 * Wilson's score interval of a share (Wilson 1927), within 0 to 1; the whole of it when n is 0.
 * @throws RangeError unless 0 <= successes <= n
 */
export function wilson(successes: number, n: number, confidence = 0.95): Bounds {
  if (!(successes >= 0 && successes <= n)) throw new RangeError(`${successes} of ${n} is not a share`)
  if (n === 0) return { lo: 0, hi: 1 }
  const z2 = normalQuantile((1 + confidence) / 2) ** 2
  const share = successes / n
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n)
  const half = Math.sqrt(z2 * ((share * (1 - share)) / n + z2 / (4 * n * n))) / (1 + z2 / n)
  return {
    lo: successes === 0 ? 0 : Math.max(0, Math.min(share, centre - half)),
    hi: successes === n ? 1 : Math.min(1, Math.max(share, centre + half)),
  }
}

/**
 * The mean with its percentile interval by moving-block bootstrap (Künsch 1989). A draw costs n / block steps.
 * With no more rows than one block every draw is the sample itself and the interval has no width: judge by n as well.
 * @param values in time order, without NaN
 * @throws RangeError when `values` is empty
 */
export function blockBootstrapMean(values: Float64Array, options: BootstrapOptions): Interval {
  const n = values.length
  if (n === 0) throw new RangeError('a mean needs at least one row')
  const block = blockLength(n, options)
  const starts = n - block + 1
  const until = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) until[i + 1] = (until[i] ?? 0) + (values[i] ?? 0)
  const last = n - block * (Math.ceil(n / block) - 1)
  const whole = sumsOfRuns(until, block, starts)
  const cut = last === block ? whole : sumsOfRuns(until, last, starts)
  const { random } = options
  const draws = new Float64Array(options.draws)
  for (let d = 0; d < draws.length; d++) {
    let sum = 0
    for (let had = 0; had + block < n; had += block) sum += whole[randomInt(random, starts)] ?? 0
    draws[d] = (sum + (cut[randomInt(random, starts)] ?? 0)) / n
  }
  return interval((until[n] ?? 0) / n, draws, options)
}

/** Sums of `length` neighbours from each start on: every block that can be drawn is summed once, not once a draw. */
function sumsOfRuns(until: Float64Array, length: number, starts: number): Float64Array {
  const sums = new Float64Array(starts)
  for (let from = 0; from < starts; from++) sums[from] = (until[from + length] ?? 0) - (until[from] ?? 0)
  return sums
}

/** AUC with its interval; see `blockBootstrapAucDifference`. */
export function blockBootstrapAuc(
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: BootstrapOptions,
): Interval {
  assertPaired(labels, scores)
  const ranked = rank(labels, scores)
  const draws = draw(labels.length, options, (weights) => weightedAuc(ranked, weights))
  return interval(auc(labels, scores), draws, options)
}

/**
 * AUC of `a` minus AUC of `b` on the same rows, with its percentile interval by moving-block bootstrap: both sides are
 * measured on the same blocks of each draw. Rows are ranked once; a draw gives each row a weight and is counted in one
 * pass. Draws that lack a class are left out; the interval is NaN when none is left.
 * @param labels 1 for positive, in time order; @param a @param b scores of the same rows, without NaN
 */
export function blockBootstrapAucDifference(
  labels: ArrayLike<number>,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  options: BootstrapOptions,
): Interval {
  assertPaired(labels, a)
  assertPaired(labels, b)
  const rankedA = rank(labels, a)
  const rankedB = rank(labels, b)
  const draws = draw(labels.length, options, (weights) => weightedAuc(rankedA, weights) - weightedAuc(rankedB, weights))
  return interval(auc(labels, a) - auc(labels, b), draws, options)
}

/** @param statistic of one draw, by how often each row is in it; the array is the next draw's too */
function draw(n: number, options: BootstrapOptions, statistic: (weights: Int32Array) => number): Float64Array {
  const weights = new Int32Array(n + 1)
  return Float64Array.from({ length: options.draws }, () => {
    drawWeights(weights, n, options)
    return statistic(weights)
  })
}

function blockLength(n: number, options: BootstrapOptions): number {
  return Math.max(1, Math.min(n, Math.floor(options.block)))
}

/** How often each row is in a draw: blocks are drawn until n rows are had; the last is cut short. @param weights n + 1 places */
function drawWeights(weights: Int32Array, n: number, options: BootstrapOptions): void {
  const block = blockLength(n, options)
  weights.fill(0)
  for (let had = 0; had < n; had += block) {
    const from = randomInt(options.random, n - block + 1)
    const until = from + Math.min(block, n - had)
    weights[from] = (weights[from] ?? 0) + 1
    weights[until] = (weights[until] ?? 0) - 1
  }
  let drawn = 0
  for (let i = 0; i < n; i++) weights[i] = drawn += weights[i] ?? 0
}

/** Rows in ascending order of score, each as 4 times its number, plus 2 where it is positive, plus 1 where it is the last of its equals. */
type Ranked = Uint32Array

function rank(labels: ArrayLike<number>, scores: ArrayLike<number>): Ranked {
  const order = ascendingOrder(scores)
  return Uint32Array.from(
    order,
    (row, i) => row * 4 + (labels[row] === 1 ? 2 : 0) + (scores[row] === scores[order[i + 1] ?? -1] ? 0 : 1),
  )
}

/** Labels in the order of the scores are as good as random: a branch on each would be mispredicted every other time. */
function weightedAuc(ranked: Ranked, weights: Int32Array): number {
  let below = 0
  let positivesBelow = 0
  let won = 0
  let tied = 0
  let tiedPositives = 0
  for (let i = 0; i < ranked.length; i++) {
    const row = ranked[i] ?? 0
    const weight = weights[row >>> 2] ?? 0
    tied += weight
    tiedPositives += weight & -((row >>> 1) & 1)
    if ((row & 1) === 0) continue
    won += tiedPositives * (below - positivesBelow + (tied - tiedPositives) / 2)
    below += tied
    positivesBelow += tiedPositives
    tied = 0
    tiedPositives = 0
  }
  const negatives = below - positivesBelow
  return positivesBelow === 0 || negatives === 0 ? Number.NaN : won / (positivesBelow * negatives)
}

function interval(value: number, draws: Float64Array, options: BootstrapOptions): Interval {
  const sorted = sortedFinite(draws)
  if (sorted.length === 0) return { value, lo: Number.NaN, hi: Number.NaN }
  const tail = (1 - (options.confidence ?? 0.95)) / 2
  return { value, lo: quantileSorted(sorted, tail), hi: quantileSorted(sorted, 1 - tail) }
}
