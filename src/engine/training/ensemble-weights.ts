/** Weights of a mix of models: at least 0, summing to 1. */
import { choleskySolve } from './cholesky.ts'

/** Nothing is certain: a member that says 0 or 1 is taken at this distance from it. */
const EDGE = 1e-6
const RIDGE = 1e-12
const MAX_STEPS = 200
const MAX_HALVINGS = 50
/** So far above the least loss, in nats, a mix may stay. */
const GAP = 1e-12
/** Exchanges between two weights in the search for one step; a few dozen do unless members are alike. */
const MAX_EXCHANGES = 2_000
const DONE = 1e-13

/**
 * The mix of probabilities with the least log loss. The loss is convex in the weights: each step is Newton's, towards the least
 * of its second-order expansion among all mixes. Members that are alike share what they deserve together, in any way.
 * @param scores of each member, all of the same rows
 * @param labels 0 or 1, of each row
 * @throws RangeError without members or rows
 */
export function stackWeights(scores: readonly ArrayLike<number>[], labels: ArrayLike<number>): readonly number[] {
  const k = scores.length
  if (k === 0 || labels.length === 0) throw new RangeError('a mix needs at least one member and one row')
  // What each member gave to that which happened.
  const given = scores.map((said) =>
    Float64Array.from(labels, (label, i) => {
      const p = Math.min(1 - EDGE, Math.max(EDGE, said[i] ?? Number.NaN))
      return label === 1 ? p : 1 - p
    }),
  )
  let weights: readonly number[] = equalWeights(k)
  for (let step = 0; step < MAX_STEPS; step++) {
    const expansion = expansionAt(given, weights)
    // The loss is convex and its slopes, weighted, sum to -1: no mix is better by more than this.
    if (-1 - Math.min(...expansion.slope) <= GAP) break
    const next = safeStep(given, weights, leastOf(expansion, weights))
    if (next === null) break
    weights = next
  }
  return weights
}

export function equalWeights(k: number): number[] {
  return Array.from({ length: k }, () => 1 / k)
}

/** Mean log loss of a mix, in nats. @param given what each member gave to that which happened */
function mixedLoss(given: readonly Float64Array[], weights: readonly number[]): number {
  const n = given[0]?.length ?? 0
  let sum = 0
  for (let i = 0; i < n; i++) {
    let mixed = 0
    for (let j = 0; j < weights.length; j++) mixed += (weights[j] ?? 0) * (given[j]?.[i] ?? 0)
    sum -= Math.log(mixed)
  }
  return sum / n
}

/** Slope and curvature of the loss in the weights. */
interface Expansion {
  readonly slope: Float64Array
  /** k by k. */
  readonly bend: Float64Array
}

function expansionAt(given: readonly Float64Array[], weights: readonly number[]): Expansion {
  const k = weights.length
  const n = given[0]?.length ?? 0
  const slope = new Float64Array(k)
  const bend = new Float64Array(k * k)
  const share = new Float64Array(k)
  for (let i = 0; i < n; i++) {
    let mixed = 0
    for (let j = 0; j < k; j++) mixed += (weights[j] ?? 0) * (given[j]?.[i] ?? 0)
    for (let j = 0; j < k; j++) share[j] = (given[j]?.[i] ?? 0) / mixed
    for (let a = 0; a < k; a++) {
      slope[a] = (slope[a] ?? 0) - (share[a] ?? 0) / n
      for (let b = 0; b < k; b++) bend[a * k + b] = (bend[a * k + b] ?? 0) + ((share[a] ?? 0) * (share[b] ?? 0)) / n
    }
  }
  return { slope, bend }
}

/**
 * The mix at which the expansion around `weights` is least. What most wants less gives to what most wants more, as much as is
 * best or as it has, until they agree: this needs no inverse, which members that are alike do not have.
 */
function leastOf({ slope, bend }: Expansion, weights: readonly number[]): readonly number[] {
  const k = weights.length
  const at = [...weights]
  const pull = Float64Array.from(slope)
  for (let exchange = 0; exchange < MAX_EXCHANGES; exchange++) {
    let to = 0
    for (let j = 1; j < k; j++) if ((pull[j] ?? 0) < (pull[to] ?? 0)) to = j
    let from = to
    for (let j = 0; j < k; j++) if ((at[j] ?? 0) > 0 && (pull[j] ?? 0) > (pull[from] ?? 0)) from = j
    const gain = (pull[from] ?? 0) - (pull[to] ?? 0)
    if (gain <= GAP) break
    const curvature = (bend[to * k + to] ?? 0) + (bend[from * k + from] ?? 0) - 2 * (bend[to * k + from] ?? 0)
    const moved = Math.min(at[from] ?? 0, curvature > 0 ? gain / curvature : Number.POSITIVE_INFINITY)
    at[from] = (at[from] ?? 0) - moved
    at[to] = (at[to] ?? 0) + moved
    for (let j = 0; j < k; j++) pull[j] = (pull[j] ?? 0) + moved * ((bend[j * k + to] ?? 0) - (bend[j * k + from] ?? 0))
  }
  return at
}

/** As far towards a mix as the loss does not rise; null where any step would raise it. */
function safeStep(
  given: readonly Float64Array[],
  weights: readonly number[],
  target: readonly number[],
): readonly number[] | null {
  const before = mixedLoss(given, weights)
  let share = 1
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const next = weights.map((w, j) => w + share * ((target[j] ?? 0) - w))
    const total = next.reduce((sum, w) => sum + w, 0)
    const whole = next.map((w) => w / total)
    if (mixedLoss(given, whole) < before) return whole
    share /= 2
  }
  return null
}

/**
 * The mix of returns with the greatest mean over deviation; equal weights where no mean is positive.
 * @param returns of each member, all of the same periods
 * @param shrink how far the covariance is drawn to its diagonal, 0 to 1
 * @throws RangeError without members or periods
 */
export function maxSharpeWeights(returns: readonly ArrayLike<number>[], shrink = 0.2): readonly number[] {
  const k = returns.length
  const n = returns[0]?.length ?? 0
  if (k === 0 || n === 0) throw new RangeError('a mix needs at least one member and one period')
  const mean = returns.map((of) => sumOf(n, (i) => of[i] ?? 0) / n)
  if (mean.every((value) => value <= 0)) return equalWeights(k)
  const covariance = returns.map((a, p) =>
    returns.map((b, q) => {
      const own = sumOf(n, (i) => ((a[i] ?? 0) - (mean[p] ?? 0)) * ((b[i] ?? 0) - (mean[q] ?? 0))) / n
      return p === q ? own + RIDGE : (1 - shrink) * own
    }),
  )
  // The greatest ratio lies along S^-1 mu of those members that belong in it; the right ones are those for which nobody else would help.
  for (let chosen = 1; chosen < 2 ** k; chosen++) {
    const members = mean.flatMap((_, j) => ((chosen >> j) & 1 ? [j] : []))
    const along = alongOf(members, covariance, mean)
    if (along.some((value) => !(value > 0))) continue
    const helps = mean.some((value, j) => {
      if (members.includes(j)) return false
      const pulled = members.reduce((sum, of, i) => sum + (covariance[j]?.[of] ?? 0) * (along[i] ?? 0), 0)
      return value > pulled + DONE
    })
    if (helps) continue
    const total = along.reduce((sum, value) => sum + value, 0)
    const weights = Array.from({ length: k }, () => 0)
    members.forEach((j, i) => {
      weights[j] = (along[i] ?? 0) / total
    })
    return weights
  }
  return equalWeights(k)
}

function alongOf(
  members: readonly number[],
  covariance: readonly (readonly number[])[],
  mean: readonly number[],
): Float64Array {
  const matrix = Float64Array.from(members.flatMap((a) => members.map((b) => covariance[a]?.[b] ?? 0)))
  return choleskySolve(
    matrix,
    Float64Array.from(members, (j) => mean[j] ?? 0),
  )
}

function sumOf(n: number, of: (i: number) => number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += of(i)
  return sum
}

const SMOOTHING = 0.3
const LARGEST_MOVE = 0.1

/** Half way to equal weights: a week says little of the next one. */
export function shrunk(weights: readonly number[]): readonly number[] {
  return weights.map((w) => (w + 1 / weights.length) / 2)
}

/** A step from the weights of now towards others: 0.3 of the way, and no weight by more than 0.1. */
export function stepTowards(now: readonly number[], target: readonly number[]): readonly number[] {
  const move = now.map((w, i) => SMOOTHING * ((target[i] ?? 0) - w))
  const largest = Math.max(...move.map(Math.abs))
  const share = largest > LARGEST_MOVE ? LARGEST_MOVE / largest : 1
  return now.map((w, i) => w + share * (move[i] ?? 0))
}
