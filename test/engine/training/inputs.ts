/** What a training is given: the same everywhere but for its market and what a test is about. */
import type { FeatureTable } from '../../../src/engine/features/row.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import type { TrainInput } from '../../../src/engine/training/train.ts'
import { START } from '../../kit/moments.ts'

export function trainInput(table: FeatureTable, change: Partial<TrainInput>): TrainInput {
  return {
    version: 'v2',
    table,
    features: ['mid_logret_1m', 'rsi14_z'],
    window: { fromMs: START, untilMs: START + table.tsMs.length * MINUTE_MS },
    label: { kind: 'move', horizonMin: 5, thresholdBp: 5 },
    folds: 5,
    embargoMin: 60,
    seed: 7,
    limits: { auc: 0.6, precisionAt20: 0.5 },
    baseline: null,
    ...change,
  }
}
