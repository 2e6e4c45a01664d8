import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { columnOf, emptyTable, type FeatureTable } from '../../../src/engine/features/row.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { parseLogisticWeights } from '../../../src/engine/models/artifact.ts'
import { compare, MIN_COMPARED_ROWS, sayComparison } from '../../../src/engine/training/comparison.ts'
import { train, type TrainInput, type TrainResult } from '../../../src/engine/training/train.ts'
import { START } from '../../kit/moments.ts'
import { trainInput } from './inputs.ts'

/** A market whose moves are larger where `rsi14_z` is high: something that a model can learn. */
function table(rows: number, seed = 1): FeatureTable {
  const random = seededRandom(seed)
  const made = emptyTable(builtInCatalogue, rows)
  let mid = 100
  for (let i = 0; i < rows; i++) {
    const restless = Math.sin(i / 200)
    mid *= Math.exp((random.next() - 0.5) * 6e-4 * (1.3 + restless))
    made.tsMs[i] = START + i * MINUTE_MS
    columnOf(made, 'mid')[i] = mid
    columnOf(made, 'rsi14_z')[i] = restless
    columnOf(made, 'mid_logret_1m')[i] = random.next()
    columnOf(made, 'ewma_var_1m')[i] = 4e-8
  }
  return made
}

function inputOf(rows: number, change: Partial<TrainInput> = {}): TrainInput {
  return trainInput(table(rows), change)
}

function run(input: TrainInput): TrainResult {
  return train(input, () => {})
}

describe('training', () => {
  it('makes weights that a file can hold and a model can read', () => {
    const { weights } = run(inputOf(3000))
    expect(parseLogisticWeights(JSON.parse(JSON.stringify(weights)), builtInCatalogue)).toEqual(weights)
  })

  it('finds what there is to learn, and says in one line that it is better than the fallback', () => {
    const { report } = run(inputOf(6000))
    expect(report.auc).toBeGreaterThan(0.6)
    expect(report.beats_fallback).toBe(true)
    expect(report.plain).toMatch(/^v2 has nothing trained in charge.*; it is better than the fallback \(log loss -/)
    expect(report.auc_interval.lo).toBeLessThan(report.auc)
    expect(report.auc_interval.hi).toBeGreaterThan(report.auc)
    expect(report.slo_check).toEqual({ auc: 0.6, precision_at_20: 0.5, pass: true })
  })

  it('says that a candidate which has learnt nothing is no better than what serves', () => {
    const served = run(inputOf(3000)).weights
    const { report } = run(
      inputOf(6000, {
        features: ['mid_logret_1m'],
        baseline: { version: 'v1', weights: served, windowUntilMs: START + 3000 * MINUTE_MS },
      }),
    )
    expect(report.beats_baseline).toBe(false)
    expect(report.plain).toMatch(/^v2 is (worse|no better) than v1 in charge/)
    expect(report.against.baseline?.version).toBe('v1')
    expect(report.slo_check.pass).toBe(false)
  })

  it('compares with nothing, and says so, when the baseline was trained on the whole window', () => {
    const served = run(inputOf(3000)).weights
    const { report } = run(
      inputOf(3000, { baseline: { version: 'v1', weights: served, windowUntilMs: START + 3000 * MINUTE_MS } }),
    )
    expect(report.against.baseline).toBeNull()
    expect(report.beats_baseline).toBeNull()
    expect(report.auc_difference).toBeNull()
    expect(report.plain).toContain('could not be compared with v1 in charge')
  })

  it('cuts off the top 20 % of the out-of-fold scores at its threshold', () => {
    const { weights, report } = run(inputOf(3000))
    const highest = report.calibration.slice(-2)
    expect(weights.threshold).toBeLessThanOrEqual(highest[1]?.mean_score ?? NaN)
    expect(weights.threshold).toBeGreaterThan(report.calibration[7]?.mean_score ?? NaN)
  })

  it('gives the same bytes for the same input, and other intervals for another seed', () => {
    const [first, second, other] = [run(inputOf(3000)), run(inputOf(3000)), run(inputOf(3000, { seed: 8 }))]
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    expect(JSON.stringify(other.weights)).toBe(JSON.stringify(first.weights))
    expect(other.report.auc_interval).not.toEqual(first.report.auc_interval)
  })

  it('does not let bars after the window change anything', () => {
    const long = inputOf(3000, { table: table(4000) })
    expect(run(long)).toEqual(run(inputOf(3000)))
  })

  it('tells how far it is, from 0 to 1, never going back', () => {
    const seen: { share: number; step: string }[] = []
    train(inputOf(3000), (share, step) => seen.push({ share, step }))
    expect(seen.map(({ share }) => share)).toEqual(seen.map(({ share }) => share).toSorted((a, b) => a - b))
    expect(seen.at(0)?.share).toBe(0)
    expect(seen.at(-1)?.share).toBe(1)
    expect(seen.map(({ step }) => step)).toContain('fold 3 of 5')
  })

  it('is refused when a fold lacks a class, and says which and what to do', () => {
    const still = table(3000)
    columnOf(still, 'mid').fill(100, 580, 1300)
    expect(() => run(inputOf(3000, { table: still }))).toThrow(/fold 2 of 5: no test row is an event/)
    columnOf(still, 'mid').fill(100)
    expect(() => run(inputOf(3000, { table: still }))).toThrow(/fold 1 of 5: no training row is an event/)
  })

  it('is refused when no row is left, as when a feature is missing everywhere', () => {
    expect(() => run(inputOf(3000, { features: ['spread_bp'] }))).toThrow(/no rows/)
  })
})

describe('a comparison', () => {
  const random = seededRandom(3)
  const y = Float64Array.from({ length: 2000 }, () => (random.next() < 0.4 ? 1 : 0))
  const level = y.map(() => 0.4)

  it('of a model with itself is no better, by 0', () => {
    const same = compare(y, level, level, 1)
    expect(same.beats).toBe(false)
    expect(same.log_loss_difference).toEqual({ value: 0, lo: 0, hi: 0 })
    expect(sayComparison('v1', same)).toContain('is no better than v1')
  })

  it('takes only the rows that both can score', () => {
    const half = level.map((p, i) => (i % 2 === 0 ? p : Number.NaN))
    expect(compare(y, level, half, 1).figures?.rows).toBe(1000)
  })

  it('gives no verdict on fewer rows than ten blocks, nor on one outcome alone', () => {
    const few = compare(
      y.slice(0, MIN_COMPARED_ROWS - 1),
      level.slice(0, MIN_COMPARED_ROWS - 1),
      level.slice(0, MIN_COMPARED_ROWS - 1),
      1,
    )
    expect(few.figures?.rows).toBe(MIN_COMPARED_ROWS - 1)
    expect(few.beats).toBeNull()
    expect(sayComparison('v1', few)).toBe(
      `could not be compared with v1: ${MIN_COMPARED_ROWS - 1} rows, and 600 are needed`,
    )
    expect(compare(new Float64Array(700), level.slice(0, 700), level.slice(0, 700), 1).figures).toBeNull()
  })

  it.each([
    [
      { value: -0.01, lo: -0.02, hi: -0.005 },
      'is better than v1 (log loss -0.0100, 95 % interval -0.0200 to -0.0050, n 9)',
    ],
    [{ value: 0.01, lo: 0.005, hi: 0.02 }, 'is worse than v1'],
    [{ value: 0.001, lo: -0.02, hi: 0.03 }, 'is no better than v1'],
    [{ value: -0.001, lo: -0.02, hi: 0.01 }, 'may or may not be better than v1: undecided'],
  ])('is put into words by where the interval of the log loss lies: %j', (interval, words) => {
    const figures = {
      rows: 9,
      auc: 0.6,
      precision_at_20: 0,
      recall_at_20: 0,
      log_loss: 0,
      brier: 0,
      ece: 0,
      candidate_auc: 0.6,
    }
    const said = sayComparison('v1', {
      figures,
      auc_difference: interval,
      log_loss_difference: interval,
      beats: interval.hi < 0,
    })
    expect(said).toContain(words)
  })
})
