import type { LogisticWeights } from '../../../src/engine/models/contract.ts'

/** A small model for tests; two features. */
export const SMALL_WEIGHTS: LogisticWeights = {
  version: 'v1',
  kind: 'logistic',
  features: ['mid_logret_1m', 'rsi14_z'],
  bias: 0.25,
  weights: { mid_logret_1m: 1.5, rsi14_z: -0.5 },
  mean: { mid_logret_1m: 0.1, rsi14_z: 0 },
  std: { mid_logret_1m: 2, rsi14_z: 0.5 },
  lo: { mid_logret_1m: -3, rsi14_z: -1 },
  hi: { mid_logret_1m: 3, rsi14_z: 1 },
  platt: { a: 0.8, b: -0.1 },
  threshold: 0.6,
  label: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
}
