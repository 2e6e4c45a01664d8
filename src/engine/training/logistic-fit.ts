import { sigmoid } from '../stats/calibration.ts'
import { choleskySolve } from './cholesky.ts'
import { measure, type Preparation, standardise } from './preparation.ts'

/** A fitted model before calibration; arrays hold a number a feature, in the order of the columns. */
export interface LogisticFit extends Preparation {
  readonly weights: Float64Array
  readonly bias: number
}

const MAX_STEPS = 100
const MAX_HALVINGS = 40
/** Weight of the log loss beside the penalty. */
const C = 1

/**
 * Winsorises and standardises the training rows and fits an L2 logistic regression to them.
 * @param x all rows x d, row after row, no NaN
 * @param y 0 or 1 for every row of `x`
 * @param rows the rows to train on
 * @throws RangeError when they do not hold both classes
 */
export function fitLogistic(x: Float64Array, y: Float64Array, d: number, rows: Int32Array): LogisticFit {
  const prepared = measure(x, d, rows)
  const labels = Float64Array.from(rows, (row) => y[row] ?? Number.NaN)
  return { ...prepared, ...minimise(standardise(x, d, rows, prepared), labels, d) }
}

/** The linear score, before the sigmoid, of those rows. */
export function logitsOf(fit: LogisticFit, x: Float64Array, d: number, rows: Int32Array): Float64Array {
  const z = standardise(x, d, rows, fit)
  const logits = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) logits[i] = linear(fit, z, i * d)
  return logits
}

/**
 * Minimises |w|^2 / 2 + C sum log loss, C = 1, the bias not penalised, by Newton's method with step halving, until the
 * gradient is nothing but rounding. The penalty makes the problem strictly convex, collinear features included.
 * @param z rows x d, standardised, row after row
 * @param y 0 or 1 a row
 * @throws RangeError when a class is missing: the bias would have no optimum
 */
export function minimise(z: Float64Array, y: Float64Array, d: number): { weights: Float64Array; bias: number } {
  const positives = y.reduce((sum, label) => sum + label, 0)
  if (positives === 0 || positives === y.length) throw new RangeError('the training rows hold one class only')
  let at: Point = { weights: new Float64Array(d), bias: Math.log(positives / (y.length - positives)) }
  let loss = lossOf(at, z, y)
  for (let step = 0; step < MAX_STEPS; step++) {
    const { gradient, hessian } = slopeOf(at, z, y)
    const move = choleskySolve(hessian, gradient)
    const decrement = gradient.reduce((sum, slope, k) => sum + slope * (move[k] ?? 0), 0)
    // What half the decrement promises is less than the loss can show: take the step, it is the last but for rounding.
    const last = decrement <= 1e-14 * (1 + loss)
    const lower = last ? stepped(moved(at, move, 1), z, y) : lowerAlong(at, move, loss, z, y)
    if (lower === null) break
    at = lower.at
    if (last && decrement <= 1e-24 * (1 + loss)) break
    loss = lower.loss
  }
  return at
}

interface Point {
  readonly weights: Float64Array
  readonly bias: number
}

function linear({ weights, bias }: Point, z: Float64Array, from: number): number {
  let logit = bias
  for (let j = 0; j < weights.length; j++) logit += (weights[j] ?? 0) * (z[from + j] ?? 0)
  return logit
}

function lossOf(at: Point, z: Float64Array, y: Float64Array): number {
  const d = at.weights.length
  let penalty = 0
  for (const weight of at.weights) penalty += weight * weight
  let sum = 0
  for (let i = 0; i < y.length; i++) {
    const logit = linear(at, z, i * d)
    sum += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - (y[i] ?? 0) * logit
  }
  return penalty / 2 + C * sum
}

/** Gradient and Hessian (lower triangle), the bias in the last place. */
export function slopeOf(
  at: Point,
  z: Float64Array,
  y: Float64Array,
): { gradient: Float64Array; hessian: Float64Array } {
  const d = at.weights.length
  const size = d + 1
  const gradient = new Float64Array(size)
  const hessian = new Float64Array(size * size)
  const row = new Float64Array(size).fill(1)
  for (let i = 0; i < y.length; i++) {
    for (let j = 0; j < d; j++) row[j] = z[i * d + j] ?? 0
    const p = sigmoid(linear(at, z, i * d))
    const error = C * (p - (y[i] ?? 0))
    const curve = C * p * (1 - p)
    for (let j = 0; j < size; j++) {
      const value = row[j] ?? 0
      gradient[j] = (gradient[j] ?? 0) + error * value
      for (let k = 0; k <= j; k++) {
        hessian[j * size + k] = (hessian[j * size + k] ?? 0) + curve * value * (row[k] ?? 0)
      }
    }
  }
  for (let j = 0; j < d; j++) {
    gradient[j] = (gradient[j] ?? 0) + (at.weights[j] ?? 0)
    hessian[j * size + j] = (hessian[j * size + j] ?? 0) + 1
  }
  return { gradient, hessian }
}

/** Where the largest of 1, 1/2, 1/4 ... of a step leads that lowers the loss; null when none does. */
function lowerAlong(at: Point, move: Float64Array, loss: number, z: Float64Array, y: Float64Array): Stepped | null {
  let share = 1
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const lower = stepped(moved(at, move, share), z, y)
    if (lower.loss < loss) return lower
    share /= 2
  }
  return null
}

interface Stepped {
  readonly at: Point
  readonly loss: number
}

function stepped(at: Point, z: Float64Array, y: Float64Array): Stepped {
  return { at, loss: lossOf(at, z, y) }
}

function moved({ weights, bias }: Point, move: Float64Array, share: number): Point {
  return {
    weights: weights.map((weight, j) => weight - share * (move[j] ?? 0)),
    bias: bias - share * (move[weights.length] ?? 0),
  }
}
