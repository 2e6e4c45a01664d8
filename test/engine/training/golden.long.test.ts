import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import type { FeatureTable } from '../../../src/engine/features/row.ts'
import type { LabelSpec, LogisticWeights, Model } from '../../../src/engine/models/contract.ts'
import { heuristicModel } from '../../../src/engine/models/heuristic.ts'
import { logisticModel } from '../../../src/engine/models/logistic.ts'
import { ece, logLoss } from '../../../src/engine/stats/calibration.ts'
import { auc } from '../../../src/engine/stats/ranking.ts'
import { trainingSet } from '../../../src/engine/training/dataset.ts'
import { stackWeights } from '../../../src/engine/training/ensemble-weights.ts'
import { train, type TrainInput } from '../../../src/engine/training/train.ts'
import { differenceFrom, GOLDEN_SYMBOLS } from '../../kit/golden/golden-figures.ts'
import { readLiveGolden } from '../../kit/golden/live-figures.ts'
import { recordedFeatures } from '../../kit/golden/recorded-features.ts'
import { readTrainingFigures, type TrainedFigures } from '../../kit/golden/trained-figures.ts'

const LABEL: LabelSpec = { kind: 'move', horizonMin: 5, thresholdBp: 6 }

const CASES = [
  ['v1.8-b0', 'v1.8-b0'],
  ['v1.8.1', 'v1.8.1'],
  ['v1.8.1_retrained_2025-06-09', 'v1.8.1'],
  ['v1.9_trained_2025-06-09', 'v1.9'],
] as const
type Case = (typeof CASES)[number][0]

function inputFor(table: FeatureTable, features: string, [from, until]: readonly [string, string]): TrainInput {
  return {
    version: features,
    table,
    features: builtInCatalogue.set(features)?.model ?? [],
    window: { fromMs: Date.parse(from), untilMs: Date.parse(until) },
    label: LABEL,
    folds: 5,
    embargoMin: 60,
    seed: 1,
    limits: { auc: 0.62, precisionAt20: 0.58 },
    baseline: null,
  }
}

function trainQuietly(input: TrainInput): ReturnType<typeof train> {
  return train(input, () => {})
}

type Dates = readonly [from: string, until: string]

/** Values of some of a table's rows, as models take them. Several score the same ones: they are put together once. */
function rowsAt(table: FeatureTable, indices: Iterable<number>): Float64Array[] {
  const columns = Object.entries(table.columns).map(([name, column]) => [table.catalogue.place(name), column] as const)
  return Array.from(indices, (i) => {
    const values = new Float64Array(table.catalogue.names.length).fill(Number.NaN)
    for (const [place, column] of columns) values[place] = column[i] ?? Number.NaN
    return values
  })
}

/** Every row of the table between two dates whose label is known. */
function settledRows(table: FeatureTable, [from, until]: Dates) {
  const window = { fromMs: Date.parse(from), untilMs: Date.parse(until) }
  const { y, rows, indices } = trainingSet(table, ['mid'], LABEL, window)
  return { y, rows, values: rowsAt(table, indices) }
}

function scored(model: Model, values: readonly Float64Array[]): Float64Array {
  return Float64Array.from(values, (row) => model.score(row))
}

describe.each(GOLDEN_SYMBOLS)('training on %s', (symbol) => {
  const golden = readTrainingFigures(symbol)
  const table = recordedFeatures(symbol)
  const trained = new Map(
    CASES.map(([name, features]) => [name, trainQuietly(inputFor(table, features, golden[name].window))]),
  )
  const resultOf = (name: Case): ReturnType<typeof train> => {
    const result = trained.get(name)
    if (result === undefined) throw new Error(`${name} was not trained`)
    return result
  }
  const modelOf = (name: Case): Model => logisticModel(resultOf(name).weights, builtInCatalogue)

  it.each(CASES)('has the golden row counts and fold boundaries of %s, exactly', (name) => {
    const { report } = resultOf(name)
    expect(report.rows).toBe(golden[name].rows)
    expect(report.dropped.unknown_label).toBe(LABEL.horizonMin)
    const bare = report.folds.map(({ test_from, test_to, train_rows, test_rows }) => ({
      test_from,
      test_to,
      train_rows,
      test_rows,
      auc: undefined,
    }))
    expect(bare).toEqual(golden[name].folds.map((fold) => ({ ...fold, auc: undefined })))
  })

  it.each(CASES)('has the golden out-of-fold figures of %s', (name) => {
    expectFigures(resultOf(name).report, golden[name])
  })

  it.each(CASES)('has the golden weights, bias, scaler, limits and calibration of %s', (name) => {
    const { weights } = resultOf(name)
    const { final, platt } = golden[name]
    expect(Math.abs(weights.bias - final.bias)).toBeLessThan(1e-5)
    expect(Math.abs(weights.platt.a - platt.a)).toBeLessThan(1e-5)
    expect(Math.abs(weights.platt.b - platt.b)).toBeLessThan(1e-5)
    for (const feature of weights.features) {
      expect(Math.abs((weights.weights[feature] ?? NaN) - (final.weights[feature] ?? NaN))).toBeLessThan(1e-5)
      for (const part of ['mean', 'std', 'lo', 'hi'] as const) {
        expect(differenceFrom(final[part][feature] ?? NaN, weights[part][feature] ?? NaN)).toBeLessThan(1e-9)
      }
    }
  })

  it('has the golden AUC and log loss of the fallback on the rows of v1.9', () => {
    const { fallback } = resultOf('v1.9_trained_2025-06-09').report.against
    const { fallback_auc = NaN, fallback_log_loss = NaN } = golden['v1.9_trained_2025-06-09']
    expect(Math.abs((fallback?.auc ?? NaN) - fallback_auc)).toBeLessThan(1e-6)
    expect(Math.abs((fallback?.log_loss ?? NaN) - fallback_log_loss)).toBeLessThan(1e-6)
  })

  it('scores the days after training as the golden models do', () => {
    const models: Record<string, Model> = {
      'v1.8-b0': modelOf('v1.8-b0'),
      'v1.8.1': modelOf('v1.8.1'),
      'v1.9': modelOf('v1.9_trained_2025-06-09'),
      fallback: heuristicModel(LABEL, builtInCatalogue),
    }
    for (const { days, rows, ...scores } of golden.settled) {
      const settled = settledRows(table, days)
      expect(settled.rows).toBe(rows)
      for (const [name, expected] of Object.entries(scores)) {
        if (expected === undefined) continue
        const model = models[name]
        if (model === undefined) throw new Error(`no model for the golden scores of ${name}`)
        const p = scored(model, settled.values)
        expect(Math.abs(auc(settled.y, p) - expected.auc), `${name} ${days[0]}`).toBeLessThan(1e-6)
        expect(Math.abs(logLoss(settled.y, p) - expected.log_loss), `${name} ${days[0]}`).toBeLessThan(1e-6)
        expect(Math.abs(ece(settled.y, p) - expected.ece_equal_mass_10), `${name} ${days[0]}`).toBeLessThan(2e-4)
      }
    }
  })

  it('has the golden weights of a mix of v1.8.1, v1.9 and the fallback, and what these are worth in the week after', () => {
    const { stacking } = readLiveGolden()[symbol]
    const models = [modelOf('v1.8.1'), modelOf('v1.9_trained_2025-06-09'), heuristicModel(LABEL, builtInCatalogue)]
    const week = (dates: Dates) => {
      const { y, values } = settledRows(table, dates)
      const scores = models.map((model) => scored(model, values))
      const mixed = (weights: readonly number[]) =>
        logLoss(
          y,
          Float64Array.from(y, (_, i) => weights.reduce((sum, w, j) => sum + w * (scores[j]?.[i] ?? 0), 0)),
        )
      return { y, scores, mixed }
    }
    const fitted = week(stacking.fitted_on)
    const weights = stackWeights(fitted.scores, fitted.y)
    // Scipy stops where the loss is flat to within 1e-9 or so; that far the weights are the same.
    weights.forEach((w, i) => expect(Math.abs(w - (stacking.weights[i] ?? 0))).toBeLessThan(2e-3))
    expect(fitted.mixed(weights)).toBeLessThanOrEqual(stacking.log_loss.stacked + 1e-9)
    expect(Math.abs(fitted.mixed(weights) - stacking.log_loss.stacked)).toBeLessThan(1e-6)
    expect(Math.abs(fitted.mixed([1 / 3, 1 / 3, 1 / 3]) - stacking.log_loss.equal)).toBeLessThan(1e-6)
    const next = week([stacking.fitted_on[1], '2025-06-23'])
    expect(Math.abs(next.mixed(weights) - stacking.next_week_log_loss.stacked)).toBeLessThan(2e-5)
    expect(Math.abs(next.mixed([1 / 3, 1 / 3, 1 / 3]) - stacking.next_week_log_loss.equal)).toBeLessThan(1e-6)
  })

  it('has the golden match rate and deltas between v1.8-b0 and v1.8.1', () => {
    const [old, young] = [modelOf('v1.8-b0'), modelOf('v1.8.1')]
    for (const { day, ...expected } of golden.shadow) {
      const from = Date.parse(day)
      const rows = [...table.tsMs.keys()].filter((i) => {
        const ms = table.tsMs[i] ?? NaN
        return ms >= from && ms < from + 86_400_000
      })
      const deltas = rowsAt(table, rows).map((values) => Math.abs(old.score(values) - young.score(values)))
      const matches = deltas.filter((delta) => delta <= 0.05).length
      expect(Math.abs(matches - expected.match_rate * rows.length)).toBeLessThanOrEqual(2)
      expect(Math.abs(deltas.reduce((a, b) => a + b, 0) / rows.length - expected.mean_abs_delta)).toBeLessThan(1e-6)
      expect(Math.abs(Math.max(...deltas) - expected.max_abs_delta)).toBeLessThan(1e-5)
    }
  })

  it('reports nothing that JSON would lose: every number is finite, and no field is undefined', () => {
    const leaves = leavesOf(resultOf('v1.8.1_retrained_2025-06-09').report)
    expect(leaves.length).toBeGreaterThan(30)
    const lost = ([, value]: Leaf): boolean =>
      value === undefined || (typeof value === 'number' && !Number.isFinite(value))
    expect(leaves.filter(lost)).toEqual([])
  })
})

describe('training', () => {
  const table = recordedFeatures('btcusdt')

  it('makes the same weights and the same report twice', () => {
    const input = inputFor(table, 'v1.8.1', ['2025-05-12', '2025-05-16'])
    expect(trainQuietly(input)).toEqual(trainQuietly(input))
  })

  it('compares with what serves on the rows after its training window only, both on the same rows', () => {
    const window = ['2025-05-29', '2025-06-05'] as const
    const former = goldenWeights('v1.8.1', readTrainingFigures('btcusdt')['v1.8.1'])
    const until = Date.parse('2025-06-01')
    const { report } = trainQuietly({
      ...inputFor(table, 'v1.9', window),
      baseline: { version: 'v1.8.1', weights: former, windowUntilMs: until },
    })
    const after = settledRows(table, ['2025-06-01', window[1]])
    const baseline = report.against.baseline
    expect(baseline?.rows).toBe(after.rows)
    const scores = scored(logisticModel(former, builtInCatalogue), after.values)
    expect(baseline?.auc).toBeCloseTo(auc(after.y, scores), 12)
    expect(report.auc_difference?.value).toBeCloseTo((baseline?.candidate_auc ?? NaN) - (baseline?.auc ?? NaN), 12)
    expect(report.beats_baseline).toBe((report.log_loss_difference?.hi ?? NaN) < 0)
    expect(report.plain).toMatch(/^v1\.9 (is|may) .*v1\.8\.1 in charge .*; it .*the fallback/)
  })
})

/** A model as the golden figures have it. Where it cuts off plays no part in what it scores. */
function goldenWeights(version: string, { final, platt }: TrainedFigures): LogisticWeights {
  const features = Object.keys(final.weights)
  return { ...final, version, kind: 'logistic', features, platt, threshold: 0.5, label: LABEL }
}

type Leaf = readonly [path: string, value: unknown]

/** Every value of a document that is not an object itself, by its path. */
function leavesOf(value: unknown, path = ''): Leaf[] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, `${path}.${name}`))
}

function expectFigures(report: ReturnType<typeof train>['report'], expected: TrainedFigures): void {
  expect(Math.abs(report.base_rate - expected.base_rate)).toBeLessThan(1e-12)
  expect(Math.abs(report.auc - expected.auc)).toBeLessThan(1e-6)
  expect(Math.abs(report.log_loss - expected.log_loss)).toBeLessThan(1e-6)
  expect(Math.abs(report.brier - expected.brier)).toBeLessThan(1e-6)
  expect(Math.abs(report.ece - expected.ece_equal_mass_10)).toBeLessThan(2e-4)
  const chosen = Math.floor(expected.rows * 0.2)
  const positives = expected.rows * expected.base_rate
  expect(Math.abs(report.precision_at_20 - expected.precision_at_20) * chosen).toBeLessThan(2.001)
  expect(Math.abs(report.recall_at_20 - expected.recall_at_20) * positives).toBeLessThan(2.001)
  report.folds.forEach((fold, i) => {
    expect(Math.abs(fold.auc - (expected.folds[i]?.auc ?? NaN))).toBeLessThan(1e-6)
  })
}
