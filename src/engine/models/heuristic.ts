import { COLUMN_INDEX } from '../features/catalogue.ts'
import { normalCdf } from '../stats/normal.ts'
import type { LabelSpec, Model } from './contract.ts'

const EDGE = 1e-6

/**
 * The fallback, which needs no training: how probable the label's event is if log returns are normal without drift and as
 * variable as of late. With s = sqrt(EWMA variance of one-minute returns x horizon) + 1e-12 the score is the tail beyond
 * the label's threshold, both tails 2 (1 - Phi(threshold / s)) for `move`, the upper one alone for `up`, kept within
 * [1e-6, 1 - 1e-6]. A score of one half or more is a signal.
 * @param label what is predicted; threshold in basis points of log return, horizon in minutes
 */
export function heuristicModel(label: LabelSpec): Model {
  const column = COLUMN_INDEX.ewma_var_1m
  const threshold = label.thresholdBp / 1e4
  const tails = label.kind === 'move' ? 2 : 1
  return {
    version: 'fallback',
    kind: 'heuristic',
    features: ['ewma_var_1m'],
    threshold: 0.5,
    score(values) {
      const variance = values[column] ?? Number.NaN
      const deviation = Math.sqrt(variance * label.horizonMin) + 1e-12
      // Phi(-z) and not 1 - Phi(z), which loses its digits far out in the tail. NaN passes through min and max.
      const tail = tails * normalCdf(-threshold / deviation)
      return Math.min(Math.max(tail, EDGE), 1 - EDGE)
    },
  }
}
