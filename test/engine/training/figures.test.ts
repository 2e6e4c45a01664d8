import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { columnOf, emptyTable } from '../../../src/engine/features/row.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import type { LabelSpec } from '../../../src/engine/models/contract.ts'
import { choleskySolve } from '../../../src/engine/training/cholesky.ts'
import { trainingSet } from '../../../src/engine/training/dataset.ts'
import { forwardFolds, purgedFolds } from '../../../src/engine/training/folds.ts'
import { labelsOf } from '../../../src/engine/training/labels.ts'
import {
  columnsOf,
  fitLogistic,
  logitsOf,
  minimise,
  reached,
  slopeOf,
} from '../../../src/engine/training/logistic-fit.ts'
import { measure, standardise } from '../../../src/engine/training/preparation.ts'
import { START } from '../../kit/moments.ts'

/** Eight rows of two features, standardised, and what came of them. */
const Z = Float64Array.of(0.5, -1, 1.5, 0.25, -0.75, 2, 0, 0.5, -1.25, -0.5, 2, 1, -0.5, -1.5, 0.25, 1.25)
const Y = Float64Array.of(0, 1, 1, 0, 0, 1, 0, 1)

const close = (values: readonly number[], digits = 12) => values.map((value) => expect.closeTo(value, digits))

/** A hundred and one values from 0 to 100 in a mixed order, two of them far out. */
const FAR_OUT = Float64Array.from({ length: 101 }, (_, i) => {
  const value = (i * 37) % 101
  return i === 5 ? value + 1_000 : i === 9 ? value - 500 : value
})

describe('the preparation of a feature', () => {
  it('has the limits, mean and deviation that numpy gives for the winsorised rows', () => {
    const rows = Int32Array.from(FAR_OUT.keys())
    const { lo, hi, mean, std } = measure(FAR_OUT, 1, rows)
    expect([lo[0], hi[0], mean[0], std[0]]).toEqual(close([-235, 592, 52.40594059405941, 67.39115584037286]))
  })

  it('is of each feature by itself, and of the training rows alone', () => {
    const both = Float64Array.from({ length: 202 }, (_, i) => (FAR_OUT[i >> 1] ?? 0) * (i % 2 === 0 ? 1 : -2))
    const even = Int32Array.from(FAR_OUT.keys()).filter((row) => row % 2 === 0)
    const alone = measure(
      FAR_OUT.filter((_, i) => i % 2 === 0),
      1,
      Int32Array.from(even.keys()),
    )
    const { lo, hi, mean, std } = measure(both, 2, even)
    expect([lo[0], hi[0], mean[0], std[0]]).toEqual([alone.lo[0], alone.hi[0], alone.mean[0], alone.std[0]])
    expect([lo[1], hi[1], mean[1], std[1]]).toEqual(
      close([-2 * (alone.hi[0] ?? 0), -2 * (alone.lo[0] ?? 0), -2 * (alone.mean[0] ?? 0), 2 * (alone.std[0] ?? 0)], 9),
    )
  })

  it('cuts a value off at its limits and tells it in deviations from the mean', () => {
    const by = {
      lo: Float64Array.of(-1, 10),
      hi: Float64Array.of(3, 20),
      mean: Float64Array.of(1, 12),
      std: Float64Array.of(2, 4),
    }
    const x = Float64Array.of(9, 9, 0, 14, 7, 99, -7, 0)
    expect([...standardise(x, 2, Int32Array.of(1, 2, 3), by)]).toEqual([-0.5, 0.5, 1, 2, -1, -0.5])
  })
})

describe('the logistic regression', () => {
  it('has the weights and the bias that Newton in numpy finds', () => {
    const { weights, bias } = minimise(Z, Y, 2)
    expect([...weights, bias]).toEqual(close([0.6883763700551554, 1.1186013415052787, -0.5196775809468822]))
  })

  it('has the gradient and the Hessian of its loss and its penalty, the bias last and not penalised', () => {
    const columns = columnsOf(Z, 2)
    const at = reached({ weights: Float64Array.of(0.5, -0.25), bias: 0.125 }, columns, Y)
    const { gradient, hessian } = slopeOf(at, columns, Y)
    expect([...gradient]).toEqual(close([-0.6335654923403671, -4.072223085401577, 0.32449316167112136]))
    const lower = [0, 3, 4, 6, 7, 8].map((at) => hessian[at])
    expect(lower).toEqual(
      close([
        2.9433002787819817, 0.4682824824318241, 3.3865284589147606, 0.3223690879099265, 0.41686051954144077,
        1.8528312895791277,
      ]),
    )
  })

  it('gives each row the logit of its own features', () => {
    const fit = fitLogistic(Z, Y, 2, Int32Array.from(Y.keys()))
    const rows = Int32Array.of(6, 1)
    const z = standardise(Z, 2, rows, fit)
    const [a = NaN, b = NaN] = fit.weights
    expect([...logitsOf(fit, Z, 2, rows)]).toEqual(
      close([0, 1].map((i) => fit.bias + a * (z[2 * i] ?? NaN) + b * (z[2 * i + 1] ?? NaN))),
    )
    // Row 1 is an event and row 6 is none, and the two lie far apart.
    const [quiet = NaN, event = NaN] = logitsOf(fit, Z, 2, rows)
    expect(event).toBeGreaterThan(quiet + 2)
  })

  it('halves a step that overshoots, and still ends in the one minimum', () => {
    // One event in a thousand, far out: next to no curvature where the steps begin, so a whole one goes much too far.
    const far = new Float64Array(1_000).with(0, 100)
    const rare = new Float64Array(1_000).with(0, 1)
    const { gradient } = slopeOf(reached(minimise(far, rare, 1), [far], rare), [far], rare)
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-9)
  })

  it('is refused where the rows hold one class only, either one', () => {
    for (const label of [0, 1])
      expect(() => minimise(Z, new Float64Array(8).fill(label), 2)).toThrow(/hold one class only/)
  })
})

describe('the Cholesky solver', () => {
  it('solves a system by its lower triangle alone, and changes neither side', () => {
    const a = Float64Array.of(4, 99, 99, 2, 10, 99, -2, 2, 5)
    const b = Float64Array.of(2, 32, 16)
    const [before, right] = [[...a], [...b]]
    expect([...choleskySolve(a, b)]).toEqual(close([7 / 27, 73 / 27, 60 / 27]))
    expect([[...a], [...b]]).toEqual([before, right])
  })

  it('refuses a matrix that is only just not positive definite', () => {
    expect(() => choleskySolve(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 1))).toThrow(/at row 1/)
    expect(() => choleskySolve(Float64Array.of(0), Float64Array.of(1))).toThrow(/at row 0/)
  })
})

describe('labels', () => {
  const UP: LabelSpec = { kind: 'up', horizonMin: 1, thresholdBp: 0 }
  const at = (...minutes: readonly number[]) => minutes.map((minute) => minute * MINUTE_MS)

  it('are no event where the price stands still, and unknown where either price is missing', () => {
    expect([...labelsOf(at(0, 1, 2, 3, 4), [100, 100, 101, NaN, 100], UP)]).toEqual([0, 1, NaN, NaN, NaN])
  })

  it('stand in the training set with the rows that they are of', () => {
    const table = emptyTable(builtInCatalogue, 6)
    const mids = [100, 101, 100, 102, 101, 103]
    mids.forEach((mid, i) => {
      table.tsMs[i] = START + i * MINUTE_MS
      columnOf(table, 'mid')[i] = mid
      columnOf(table, 'rsi14')[i] = 10 * i
    })
    const set = trainingSet(table, ['rsi14', 'mid'], UP, { fromMs: START + MINUTE_MS, untilMs: START + 6 * MINUTE_MS })
    expect([...set.y]).toEqual([0, 1, 0, 1])
    expect([...set.x]).toEqual([10, 101, 20, 100, 30, 102, 40, 101])
    expect([...set.tsMs]).toEqual([1, 2, 3, 4].map((minute) => START + minute * MINUTE_MS))
    expect(set).toMatchObject({ rows: 4, d: 2, dropped: { missing_features: 0, unknown_label: 1 } })
  })
})

describe('the blocks of a cross-validation', () => {
  const minutes = (count: number) => Float64Array.from({ length: count }, (_, i) => i * MINUTE_MS)
  const spec = { folds: 7, horizonMin: 1, embargoMin: 1 }

  it('begin on whole milliseconds, rounded down', () => {
    const folds = purgedFolds(minutes(100), spec)
    expect(folds.map(({ testFromMs }) => testFromMs)).toEqual(
      [0, 857_142, 1_714_285, 2_571_428, 3_428_571, 4_285_714, 5_142_857].map((ms) => expect.closeTo(ms, 6)),
    )
  })

  it('are two or more, and whole ones, of rows that are there', () => {
    for (const folds of [1, 0, 2.5, NaN]) expect(() => purgedFolds(minutes(100), { ...spec, folds })).toThrow(/2 folds/)
    for (const cut of [purgedFolds, forwardFolds]) expect(() => cut([], spec)).toThrow(/no rows to divide/)
    expect(purgedFolds(minutes(100), { ...spec, folds: 2 })).toHaveLength(2)
  })

  it('are left out forward where they hold no row', () => {
    const gap = Float64Array.of(...minutes(30), ...minutes(30).map((ms) => ms + 70 * MINUTE_MS))
    const folds = forwardFolds(gap, { ...spec, folds: 5 })
    expect(folds.map(({ test }) => test.length)).toEqual([10, 10, 20])
    expect(folds.every(({ train }) => train.length > 0)).toBe(true)
  })
})
