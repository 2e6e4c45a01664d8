import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { columnOf, emptyTable, type FeatureTable } from '../../../src/engine/features/row.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { logisticModel } from '../../../src/engine/models/logistic.ts'
import { treesModel } from '../../../src/engine/models/tree-file.ts'
import { atTop, auc } from '../../../src/engine/stats/ranking.ts'
import { compare, MIN_COMPARED_ROWS, sayComparison } from '../../../src/engine/training/comparison.ts'
import { forwardFigure, outOfFold } from '../../../src/engine/training/cross-validation.ts'
import { type TrainingSet, trainingSet } from '../../../src/engine/training/dataset.ts'
import { holdOut } from '../../../src/engine/training/hold-out.ts'
import { train, type TrainInput } from '../../../src/engine/training/train.ts'
import { moveWeights } from '../../kit/saved-trees.ts'
import { valuesAt } from '../../kit/tables.ts'
import { START } from '../../kit/moments.ts'
import { trainInput } from './inputs.ts'

const ROWS = 700
const SPEC = { folds: 3, horizonMin: 1, embargoMin: 5 }
const quietly = (): void => {}

/** A market that rises in the next minute where `rsi14_z` is high, more often than not. */
function market(): FeatureTable {
  const random = seededRandom(5)
  const made = emptyTable(builtInCatalogue, ROWS)
  let mid = 100
  for (let i = 0; i < ROWS; i++) {
    const lean = random.next() - 0.5
    made.tsMs[i] = START + i * MINUTE_MS
    columnOf(made, 'mid')[i] = mid
    columnOf(made, 'rsi14_z')[i] = lean
    columnOf(made, 'mid_logret_1m')[i] = random.next()
    columnOf(made, 'ewma_var_1m')[i] = 4e-8
    mid *= Math.exp((lean + random.next() - 0.5) * 1e-3)
  }
  return made
}

const TABLE = market()

function inputOf(change: Partial<TrainInput> = {}): TrainInput {
  const label = { kind: 'up', horizonMin: 1, thresholdBp: 2 } as const
  return trainInput(TABLE, { features: ['rsi14_z', 'mid_logret_1m'], label, folds: 3, embargoMin: 5, ...change })
}

const SET = trainingSet(TABLE, inputOf().features, inputOf().label, inputOf().window)
const TRAINED = train(inputOf(), quietly)

/** The set with other labels in some of its rows. */
const relabelled = (label: (row: number) => number): TrainingSet => ({ ...SET, y: SET.y.map((_, row) => label(row)) })

describe('a small training', () => {
  it('tells each of its steps with how far it is', () => {
    const told: [number, string][] = []
    train(inputOf(), (share, step) => told.push([Math.round(share * 1_000) / 1_000, step]))
    expect(told).toEqual([
      [0, 'rows and labels'],
      [0.05, 'fold 1 of 3'],
      [0.15, 'fold 2 of 3'],
      [0.25, 'fold 3 of 3'],
      [0.35, 'forward block 1 of 2'],
      [0.425, 'forward block 2 of 2'],
      [0.5, 'fit on the whole window'],
      [0.55, 'interval of the AUC'],
      [0.65, 'beside the fallback'],
      [0.85, 'beside the baseline'],
      [1, 'done'],
    ])
  })

  it('passes its limits where it reaches both, and not where it misses either', () => {
    const { auc: area, precision_at_20: precision } = TRAINED.report
    const passes = (auc_: number, precisionAt20: number) =>
      train(inputOf({ limits: { auc: auc_, precisionAt20 } }), quietly).report.slo_check.pass
    expect(passes(area, precision)).toBe(true)
    expect(passes(area + 1e-9, precision)).toBe(false)
    expect(passes(area, precision + 1e-9)).toBe(false)
  })

  it('calibrates: its scores are as often right as they say, and its threshold cuts off a fifth of them', () => {
    const { weights, report } = train(inputOf(), quietly)
    expect(report.base_rate).toBeCloseTo(SET.y.filter((label) => label === 1).length / SET.rows, 14)
    const model = logisticModel(weights, builtInCatalogue)
    const scores = Array.from(SET.indices, (row) => model.score(valuesAt(TABLE, row)))
    expect(scores.reduce((sum, p) => sum + p, 0) / SET.rows).toBeCloseTo(report.base_rate, 2)
    expect(scores.filter((p) => p >= weights.threshold).length / SET.rows).toBeCloseTo(0.2, 1)
    expect(report.calibration.map(({ n }) => n).reduce((sum, n) => sum + n, 0)).toBe(SET.rows)
  })

  it('is compared with trees in charge as with any other model', () => {
    const weights = moveWeights('xgb-9')
    const { report } = train(inputOf({ baseline: { version: 'xgb-9', weights, windowUntilMs: START } }), quietly)
    expect(report.against.baseline).toMatchObject({ version: 'xgb-9', rows: SET.rows })
    const model = treesModel(weights, builtInCatalogue)
    const theirs = Array.from(SET.indices, (row) => model.score(valuesAt(TABLE, row)))
    expect(report.against.baseline?.auc).toBeCloseTo(auc(SET.y, theirs), 14)
  })

  it('is compared with what serves from the end of its training window on, that row included', () => {
    const { weights } = TRAINED
    const windowUntilMs = START + 20 * MINUTE_MS
    const { report } = train(inputOf({ baseline: { version: 'v1', weights, windowUntilMs } }), quietly)
    expect(report.against.baseline).toMatchObject({ version: 'v1', rows: SET.rows - 20 })
    const after = [...SET.tsMs.keys()].filter((row) => (SET.tsMs[row] ?? 0) >= windowUntilMs)
    const model = logisticModel(weights, builtInCatalogue)
    const theirs = after.map((row) => model.score(valuesAt(TABLE, SET.indices[row] ?? -1)))
    const labels = after.map((row) => SET.y[row] ?? NaN)
    expect(report.against.baseline?.auc).toBeCloseTo(auc(labels, theirs), 14)
    expect(report.plain).toMatch(/^v2 .* v1 in charge .*; it .* the fallback/)
    expect(TRAINED.report.plain).toMatch(/^v2 has nothing trained in charge to be compared with; it /)
  })

  it('has no figures of what serves where that was trained on the same rows', () => {
    const baseline = { version: 'v1', weights: TRAINED.weights, windowUntilMs: START + ROWS * MINUTE_MS }
    const { report } = train(inputOf({ baseline }), quietly)
    expect(report.against.baseline).toBeNull()
    expect(report.plain).toContain('could not be compared with v1 in charge: no rows after its own training window')
  })
})

describe('a score out of fold', () => {
  it('is there for every row, and knows nothing of the outcomes of its own block', () => {
    const plain = outOfFold(SET, SPEC, quietly, [0, 1])
    expect(plain.logits).toHaveLength(SET.rows)
    expect(plain.logits.every(Number.isFinite)).toBe(true)
    const first = [...(plain.folds[0]?.test ?? [])]
    const turned = relabelled((row) => (first.includes(row) ? 1 - (SET.y[row] ?? 0) : (SET.y[row] ?? 0)))
    const other = outOfFold(turned, SPEC, quietly, [0, 1]).logits
    expect(first.every((row) => other[row] === plain.logits[row])).toBe(true)
    expect(other.some((logit, row) => logit !== plain.logits[row])).toBe(true)
  })

  it.each([
    ['no test row is an event', (row: number) => (row < 234 ? 0 : row % 2), 1],
    ['every test row is an event', (row: number) => (row < 234 ? 1 : row % 2), 1],
    ['no training row is an event', (row: number) => (row < 234 ? row % 2 : 0), 1],
  ])('is refused where %s', (why, label, fold) => {
    expect(() => outOfFold(relabelled(label), SPEC, quietly, [0, 1])).toThrow(`fold ${fold} of 3: ${why}`)
  })
})

describe('the forward figure', () => {
  it('is of all rows that have a past, scored by it', () => {
    const figure = forwardFigure(SET, SPEC, quietly, [0, 1])
    expect(figure?.rows).toBe(SET.rows - 233)
    expect(figure?.auc).toBeGreaterThan(0.7)
  })

  it('leaves out a block that lacks a class itself or in its past, and is unknown without any block', () => {
    const third = relabelled((row) => (row >= 466 ? 1 : row % 2))
    expect(forwardFigure(third, SPEC, quietly, [0, 1])?.rows).toBe(233)
    const past = relabelled((row) => (row < 233 ? 0 : row % 2))
    expect(forwardFigure(past, SPEC, quietly, [0, 1])?.rows).toBe(SET.rows - 466)
    expect(
      forwardFigure(
        relabelled(() => 0),
        SPEC,
        quietly,
        [0, 1],
      ),
    ).toBeNull()
  })
})

describe('a model that was trained elsewhere', () => {
  const scored = (leave: number | null = null) =>
    new Map([...SET.tsMs].flatMap((tsMs, i) => (i === leave ? [] : [[tsMs, ((i * 37) % 100) / 100] as const])))
  const input = (scores: ReadonlyMap<number, number>) => ({
    ...inputOf(),
    features: ['rsi14_z'] as const,
    scores,
    mayLack: [],
    seen: 'unknown' as const,
  })

  it('has a report of one fold without training rows, and says that only its maker knows more', () => {
    const { threshold, report } = holdOut(input(scored()), quietly)
    const p = [...SET.tsMs.keys()].map((i) => ((i * 37) % 100) / 100)
    expect(report.auc).toBeCloseTo(auc(SET.y, p), 14)
    expect(threshold).toBe(atTop(SET.y, p).threshold)
    expect(report.folds).toMatchObject([
      {
        test_from: START,
        test_to: START + ROWS * MINUTE_MS,
        train_rows: 0,
        test_rows: SET.rows,
        base_rate: expect.closeTo(SET.y.filter((label) => label === 1).length / SET.rows, 14),
      },
    ])
    expect(report.forward).toBeNull()
    expect(report.plain).toMatch(
      / It was trained elsewhere: only its maker knows whether it has seen these 699 rows\.$/,
    )
  })

  it('says up to when it was trained, where its maker says so', () => {
    const { report } = holdOut({ ...input(scored()), seen: { trainedUntilMs: START } }, quietly)
    expect(report.plain).toMatch(
      /trained elsewhere, up to \d{4}-\d\d-\d\d \d\d:\d\d UTC as its maker says: these 699 rows came later\.$/,
    )
  })

  it('is refused where it gave no score for a row, the first one and the last one too', () => {
    for (const row of [0, SET.rows - 1])
      expect(() => holdOut(input(scored(row)), quietly)).toThrow(/^it gave no score for the row of 2025-/)
  })

  it('is refused where the rows hold one outcome only', () => {
    const label = { kind: 'up', horizonMin: 1, thresholdBp: 1_000 } as const
    expect(() => holdOut({ ...input(scored()), label }, quietly)).toThrow(/hold one outcome only/)
  })
})

describe('a comparison in words', () => {
  const y = Float64Array.from({ length: MIN_COMPARED_ROWS }, (_, i) => i % 2)
  const sure = y.map((label) => 0.5 + 0.4 * (label - 0.5))
  const level = y.map(() => 0.5)

  it('needs ten blocks of rows, and both models on each', () => {
    expect(compare(y, sure, level, 1)).toMatchObject({ beats: true, figures: { rows: MIN_COMPARED_ROWS } })
    expect(compare(y, sure, level, 1).log_loss_difference?.value).toBeCloseTo(Math.log(0.5) - Math.log(0.7), 12)
    const lacking = level.with(3, Number.NaN)
    for (const [ours, theirs] of [
      [sure, lacking],
      [lacking, sure],
    ] as const) {
      const few = compare(y, ours, theirs, 1)
      expect(few).toMatchObject({ beats: null, log_loss_difference: null, figures: { rows: MIN_COMPARED_ROWS - 1 } })
      expect(sayComparison('v1', few)).toBe('could not be compared with v1: 599 rows, and 600 are needed')
    }
    const none = compare(new Float64Array(700), sure, level, 1)
    expect(sayComparison('v1', none, ' of June')).toBe(
      'could not be compared with v1: no rows of June hold both outcomes',
    )
  })

  it.each([
    [-0.01, -0.02, -0.005, 'is better than v1 ('],
    [-0.01, -0.02, 0, 'may or may not be better than v1: undecided ('],
    [0, -0.02, 0.02, 'is no better than v1 ('],
    [0.01, 0, 0.02, 'is no better than v1 ('],
    [0.01, 0.005, 0.02, 'is worse than v1 ('],
  ])('by %f between %f and %f: %s', (value, lo, hi, words) => {
    const { figures } = compare(y, sure, level, 1)
    const log_loss_difference = { value, lo, hi }
    const said = sayComparison('v1', { figures, auc_difference: null, log_loss_difference, beats: null })
    expect(said.startsWith(words)).toBe(true)
    expect(said).toContain(', n 600)')
  })
})
