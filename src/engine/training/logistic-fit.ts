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
  const columns = columnsOf(z, d)
  let from = reached({ weights: new Float64Array(d), bias: Math.log(positives / (y.length - positives)) }, columns, y)
  for (let step = 0; step < MAX_STEPS; step++) {
    const { at, loss } = from
    const { gradient, hessian } = slopeOf(from, columns, y)
    const move = choleskySolve(hessian, gradient)
    const decrement = dot(gradient, move)
    // What half the decrement promises is less than the loss can show: take the step, it is the last but for rounding.
    const last = decrement <= 1e-14 * (1 + loss)
    const lower = last ? reached(moved(at, move, 1), columns, y) : lowerAlong(from, move, columns, y)
    if (lower === null) break
    from = lower
    if (last && decrement <= 1e-24 * (1 + loss)) break
  }
  return from.at
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

/** A point, the loss there, and the logit of each row, which the slope needs too. */
interface Reached {
  readonly at: Point
  readonly loss: number
  readonly logits: Float64Array
}

/** The columns of rows x d: sums over all rows run along memory, and nothing is written on the way. */
export function columnsOf(z: Float64Array, d: number): readonly Float64Array[] {
  const columns = Array.from({ length: d }, () => new Float64Array(z.length / d))
  columns.forEach((column, j) => {
    for (let i = 0; i < column.length; i++) column[i] = z[i * d + j] ?? Number.NaN
  })
  return columns
}

/** @param y 0 or 1 a row */
export function reached(at: Point, columns: readonly Float64Array[], y: Float64Array): Reached {
  const logits = new Float64Array(y.length).fill(at.bias)
  columns.forEach((column, j) => {
    const weight = at.weights[j] ?? Number.NaN
    for (let i = 0; i < column.length; i++) logits[i] = (logits[i] ?? 0) + weight * (column[i] ?? 0)
  })
  let sum = 0
  for (let i = 0; i < y.length; i++) {
    const logit = logits[i] ?? 0
    sum += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - (y[i] ?? 0) * logit
  }
  return { at, loss: dot(at.weights, at.weights) / 2 + C * sum, logits }
}

/** Gradient and Hessian (lower triangle), the bias in the last place. */
export function slopeOf(
  { at, logits }: Reached,
  columns: readonly Float64Array[],
  y: Float64Array,
): { gradient: Float64Array; hessian: Float64Array } {
  const error = new Float64Array(y.length)
  const curve = new Float64Array(y.length)
  for (let i = 0; i < y.length; i++) {
    const p = sigmoid(logits[i] ?? Number.NaN)
    error[i] = C * (p - (y[i] ?? 0))
    curve[i] = C * p * (1 - p)
  }
  const withBias = [...columns, new Float64Array(y.length).fill(1)]
  const size = withBias.length
  const gradient = new Float64Array(size)
  const hessian = new Float64Array(size * size)
  const curved = new Float64Array(y.length)
  withBias.forEach((column, j) => {
    const weight = at.weights[j]
    gradient[j] = dot(error, column) + (weight ?? 0)
    for (let i = 0; i < curved.length; i++) curved[i] = (curve[i] ?? 0) * (column[i] ?? 0)
    for (const [k, other] of withBias.slice(0, j + 1).entries()) hessian[j * size + k] = dot(curved, other)
    // The penalty's own curve, of which the bias has none.
    if (weight !== undefined) hessian[j * size + j] = (hessian[j * size + j] ?? 0) + 1
  })
  return { gradient, hessian }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

/** Where the largest of 1, 1/2, 1/4 ... of a step leads that lowers the loss; null when none does. */
function lowerAlong(
  { at, loss }: Reached,
  move: Float64Array,
  columns: readonly Float64Array[],
  y: Float64Array,
): Reached | null {
  let share = 1
  for (let halving = 0; halving < MAX_HALVINGS; halving++) {
    const lower = reached(moved(at, move, share), columns, y)
    if (lower.loss < loss) return lower
    share /= 2
  }
  return null
}

function moved({ weights, bias }: Point, move: Float64Array, share: number): Point {
  return {
    weights: weights.map((weight, j) => weight - share * (move[j] ?? 0)),
    bias: bias - share * (move[weights.length] ?? 0),
  }
}
