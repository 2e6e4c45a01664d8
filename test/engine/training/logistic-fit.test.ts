import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { choleskySolve } from '../../../src/engine/training/cholesky.ts'
import {
  columnsOf,
  fitLogistic,
  logitsOf,
  minimise,
  reached,
  slopeOf,
} from '../../../src/engine/training/logistic-fit.ts'
import { measure, standardise } from '../../../src/engine/training/preparation.ts'

interface Problem {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly rows: Int32Array
}

/** Rows of d features on scales of their own, with a label that leans on the first. */
function problem(n: number, d: number, seed: number, lean = 2): Problem {
  const random = seededRandom(seed)
  const x = Float64Array.from({ length: n * d }, (_, i) => (random.next() - 0.5) * 10 ** (i % d))
  const y = Float64Array.from({ length: n }, (_, i) => ((x[i * d] ?? 0) * lean + random.next() > 0.5 ? 1 : 0))
  y[0] = 0
  y[1] = 1
  return { x, y, rows: Int32Array.from({ length: n }, (_, i) => i) }
}

function steepest(x: Float64Array, y: Float64Array, d: number): number {
  const columns = columnsOf(x, d)
  const { gradient } = slopeOf(reached(minimise(x, y, d), columns, y), columns, y)
  return Math.max(...gradient.map(Math.abs))
}

describe('the logistic fit', () => {
  it('ends where the gradient is nothing but rounding, on any data', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 300 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (n, d, seed) => {
        const { x, y, rows } = problem(n, d, seed)
        const z = standardise(x, d, rows, measure(x, d, rows))
        expect(steepest(z, y, d)).toBeLessThan(1e-10 * n)
      }),
    )
  })

  it('ends there too when the classes can be told apart without an error', () => {
    const { x, rows } = problem(400, 2, 3)
    const y = Float64Array.from(rows, (row) => ((x[row * 2] ?? 0) > 0 ? 1 : 0))
    const z = standardise(x, 2, rows, measure(x, 2, rows))
    expect(steepest(z, y, 2)).toBeLessThan(1e-8)
  })

  it('ends there too with a rare event and values far out', () => {
    const { x, rows } = problem(2000, 3, 4)
    const y = Float64Array.from(rows, (row) => (row % 400 === 0 ? 1 : 0))
    expect(
      steepest(
        x.map((value) => value * 10),
        y,
        3,
      ),
    ).toBeLessThan(1e-6)
  })

  it('shares the weight evenly between two features that are the same', () => {
    const { x, y, rows } = problem(500, 1, 5)
    const twice = Float64Array.from({ length: 1000 }, (_, i) => x[i >> 1] ?? 0)
    const fit = fitLogistic(twice, y, 2, rows)
    expect(fit.weights[0]).toBeCloseTo(fit.weights[1] ?? NaN, 10)
    expect(logitsOf(fit, twice, 2, rows).every(Number.isFinite)).toBe(true)
  })

  it('gives a feature that never changes a deviation of 1 and no weight', () => {
    const { x, y, rows } = problem(500, 2, 6)
    const flat = x.map((value, i) => (i % 2 === 1 ? 0.1 : value))
    const fit = fitLogistic(flat, y, 2, rows)
    expect(fit.std[1]).toBe(1)
    expect(fit.mean[1]).toBe(0.1)
    expect(Math.abs(fit.weights[1] ?? NaN)).toBeLessThan(1e-12)
  })

  it('learns nothing from rows that it was not given', () => {
    const { x, y, rows } = problem(300, 2, 7)
    const half = rows.filter((row) => row % 2 === 0)
    const others = x.map((value, i) => (Math.floor(i / 2) % 2 === 0 ? value : value * 1000))
    expect(fitLogistic(others, y, 2, half)).toEqual(fitLogistic(x, y, 2, half))
  })

  it('does not change when a feature is measured in another unit', () => {
    const { x, y, rows } = problem(300, 2, 8)
    const scaled = x.map((value, i) => (i % 2 === 0 ? value * 1024 + 4096 : value))
    const [plain, other] = [fitLogistic(x, y, 2, rows), fitLogistic(scaled, y, 2, rows)]
    const [a, b] = [logitsOf(plain, x, 2, rows), logitsOf(other, scaled, 2, rows)]
    a.forEach((logit, i) => expect(b[i]).toBeCloseTo(logit, 9))
  })

  it('is refused on rows of one class', () => {
    const { x, rows } = problem(20, 1, 9)
    expect(() => fitLogistic(x, new Float64Array(20), 1, rows)).toThrow(RangeError)
    expect(() => fitLogistic(x, new Float64Array(20).fill(1), 1, rows)).toThrow(RangeError)
  })
})

describe('the Cholesky solver', () => {
  it('solves any positive definite system', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), (n, seed) => {
        const random = seededRandom(seed)
        const root = Float64Array.from({ length: n * n }, () => random.next() - 0.5)
        const matrix = Float64Array.from({ length: n * n }, (_, at) => {
          const [i, j] = [Math.floor(at / n), at % n]
          let sum = i === j ? 1 : 0
          for (let k = 0; k < n; k++) sum += (root[i * n + k] ?? 0) * (root[j * n + k] ?? 0)
          return sum
        })
        const b = Float64Array.from({ length: n }, () => random.next())
        const x = choleskySolve(matrix, b)
        for (let i = 0; i < n; i++) {
          const product = x.reduce((sum, value, j) => sum + (matrix[i * n + j] ?? 0) * value, 0)
          expect(product).toBeCloseTo(b[i] ?? NaN, 10)
        }
      }),
    )
  })

  it('refuses a matrix that is not positive definite', () => {
    expect(() => choleskySolve(Float64Array.of(1, 0, 0, -1), Float64Array.of(1, 1))).toThrow(RangeError)
  })
})
