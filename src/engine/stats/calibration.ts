import { ascendingOrder, assertPaired } from './ranking.ts'

const CLIP = 1e-15

/** 1 / (1 + exp(-x)), without overflow on either side. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/** Log loss of one row in nats; p is clipped to 1e-15 from 0 and 1. NaN for a NaN score. */
export function rowLogLoss(label: number, p: number): number {
  const clipped = Math.min(1 - CLIP, Math.max(CLIP, p))
  return label === 1 ? -Math.log(clipped) : -Math.log1p(-clipped)
}

/** Mean log loss in nats; NaN without rows. */
export function logLoss(labels: ArrayLike<number>, p: ArrayLike<number>): number {
  return meanOver(labels, p, rowLogLoss)
}

/** Brier score: mean squared distance of score and label, 0 to 1; NaN without rows. */
export function brier(labels: ArrayLike<number>, p: ArrayLike<number>): number {
  return meanOver(labels, p, (label, score) => (score - label) ** 2)
}

function meanOver(labels: ArrayLike<number>, p: ArrayLike<number>, of: (label: number, p: number) => number): number {
  assertPaired(labels, p)
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += of(labels[i] ?? Number.NaN, p[i] ?? Number.NaN)
  return sum / p.length
}

export interface CalibrationBin {
  readonly n: number
  readonly mean_score: number
  readonly mean_label: number
}

/**
 * Score and outcome by bins of equal count, in ascending order of score; equal scores keep the order of the rows, and the
 * first bins have one row more when the count does not divide (numpy's `array_split`). Bins without rows are left out.
 */
export function calibrationCurve(labels: ArrayLike<number>, p: ArrayLike<number>, bins = 10): CalibrationBin[] {
  assertPaired(labels, p)
  const order = ascendingOrder(p)
  const least = Math.floor(order.length / bins)
  const larger = order.length % bins
  const curve: CalibrationBin[] = []
  let from = 0
  for (let bin = 0; bin < bins; bin++) {
    const rows = order.subarray(from, from + least + (bin < larger ? 1 : 0))
    from += rows.length
    if (rows.length > 0) curve.push({ n: rows.length, mean_score: meanAt(p, rows), mean_label: meanAt(labels, rows) })
  }
  return curve
}

function meanAt(values: ArrayLike<number>, rows: Uint32Array): number {
  return rows.reduce((sum, row) => sum + (values[row] ?? Number.NaN), 0) / rows.length
}

/**
 * Expected calibration error over bins of equal count: the mean distance of score and outcome, 0 to 1, weighted by rows.
 * Mostly noise below 1,000 rows. NaN without rows.
 */
export function ece(labels: ArrayLike<number>, p: ArrayLike<number>, bins = 10): number {
  if (p.length === 0) return Number.NaN
  const curve = calibrationCurve(labels, p, bins)
  return curve.reduce(
    (sum, { n, mean_score, mean_label }) => sum + (n / p.length) * Math.abs(mean_score - mean_label),
    0,
  )
}

interface IsotonicFit {
  /** Ascending scores where the fitted line bends, and the probability at each. */
  readonly x: readonly number[]
  readonly y: readonly number[]
}

/**
 * Isotonic regression of labels on scores by pooling adjacent violators; equal scores are averaged first and only the
 * ends of each level are kept, as scikit-learn does. Source: Zadrozny and Elkan 2002.
 * @throws RangeError when there are no rows
 */
export function isotonicFit(p: ArrayLike<number>, labels: ArrayLike<number>): { x: number[]; y: number[] } {
  assertPaired(labels, p)
  if (p.length === 0) throw new RangeError('an isotonic fit needs at least one row')
  const blocks: { first: number; last: number; sum: number; n: number }[] = []
  for (const row of ascendingOrder(p)) {
    const score = p[row] ?? Number.NaN
    const tied = blocks.at(-1)
    if (tied !== undefined && tied.last === score && tied.first === score) {
      tied.sum += labels[row] ?? Number.NaN
      tied.n += 1
    } else {
      pool(blocks)
      blocks.push({ first: score, last: score, sum: labels[row] ?? Number.NaN, n: 1 })
    }
  }
  pool(blocks)
  const fit: { x: number[]; y: number[] } = { x: [], y: [] }
  for (const { first, last, sum, n } of blocks) {
    for (const end of first === last ? [first] : [first, last]) {
      fit.x.push(end)
      fit.y.push(sum / n)
    }
  }
  return fit
}

/** Joins the last blocks until their means ascend. */
function pool(blocks: { first: number; last: number; sum: number; n: number }[]): void {
  for (;;) {
    const last = blocks.at(-1)
    const before = blocks.at(-2)
    if (last === undefined || before === undefined || before.sum / before.n < last.sum / last.n) return
    blocks.pop()
    before.last = last.last
    before.sum += last.sum
    before.n += last.n
  }
}

/** The calibrated probability of a score: linear between the fit's points, level outside them. NaN for NaN. */
export function isotonicApply(fit: IsotonicFit, p: number): number {
  if (Number.isNaN(p)) return Number.NaN
  let low = 0
  let high = fit.x.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((fit.x[middle] ?? Infinity) <= p) low = middle + 1
    else high = middle
  }
  const right = fit.x[low]
  const left = fit.x[low - 1]
  const yRight = fit.y[low] ?? Number.NaN
  const yLeft = fit.y[low - 1] ?? Number.NaN
  if (left === undefined) return yRight
  if (right === undefined) return yLeft
  // the share of the way first: a slope between scores that all but agree would overflow
  return yLeft + (yRight - yLeft) * ((p - left) / (right - left))
}

const MAX_NEWTON_STEPS = 100
const MAX_HALVINGS = 40
/** Keeps the Hessian invertible when all logits are alike. */
const RIDGE = 1e-12

/**
 * Platt's scaling p = sigmoid(a logit + b) by maximum likelihood on his smoothed targets: Newton's method until no
 * parameter moves by 1e-12, a step being halved while it would raise the loss.
 * @throws RangeError when there are no rows
 * Source: Platt 1999; Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs for support vector machines".
 */
export function plattFit(logits: ArrayLike<number>, labels: ArrayLike<number>): { a: number; b: number } {
  assertPaired(labels, logits)
  if (logits.length === 0) throw new RangeError('a calibration needs at least one row')
  let positives = 0
  for (let i = 0; i < labels.length; i++) if (labels[i] === 1) positives++
  const negatives = labels.length - positives
  const target = { positive: (positives + 1) / (positives + 2), negative: 1 / (negatives + 2) }
  const problem: PlattProblem = {
    logits,
    targets: Float64Array.from(labels, (label) => (label === 1 ? target.positive : target.negative)),
  }
  let at = { a: 0, b: Math.log((positives + 1) / (negatives + 1)) }
  for (let step = 0; step < MAX_NEWTON_STEPS; step++) {
    const move = newtonStep(problem, at)
    const shrink = safeShare(problem, at, move)
    at = { a: at.a - shrink * move.a, b: at.b - shrink * move.b }
    if (Math.max(Math.abs(move.a), Math.abs(move.b)) * shrink < 1e-12) break
  }
  return at
}

interface PlattProblem {
  readonly logits: ArrayLike<number>
  readonly targets: Float64Array
}

interface PlattPoint {
  readonly a: number
  readonly b: number
}

function newtonStep({ logits, targets }: PlattProblem, { a, b }: PlattPoint): PlattPoint {
  let [gradA, gradB, haa, hab, hbb] = [0, 0, RIDGE, 0, RIDGE]
  for (let i = 0; i < targets.length; i++) {
    const x = logits[i] ?? Number.NaN
    const p = sigmoid(a * x + b)
    const error = p - (targets[i] ?? 0)
    const curve = p * (1 - p)
    gradA += error * x
    gradB += error
    haa += curve * x * x
    hab += curve * x
    hbb += curve
  }
  const determinant = haa * hbb - hab * hab
  return { a: (hbb * gradA - hab * gradB) / determinant, b: (haa * gradB - hab * gradA) / determinant }
}

/** The largest of 1, 1/2, 1/4 ... of a step that does not raise the loss beyond rounding; 0 when none does. */
function safeShare(problem: PlattProblem, from: PlattPoint, move: PlattPoint): number {
  const before = plattLoss(problem, from)
  let share = 1
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const after = plattLoss(problem, { a: from.a - share * move.a, b: from.b - share * move.b })
    if (after <= before + 1e-12 * Math.abs(before)) return share
    share /= 2
  }
  return 0
}

function plattLoss({ logits, targets }: PlattProblem, { a, b }: PlattPoint): number {
  let sum = 0
  for (let i = 0; i < targets.length; i++) {
    const z = a * (logits[i] ?? Number.NaN) + b
    sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - (targets[i] ?? 0) * z
  }
  return sum
}
