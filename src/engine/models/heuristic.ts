import type { Catalogue } from '../features/catalogue.ts'
import { normalCdf } from '../stats/normal.ts'
import type { LabelSpec, Model } from './contract.ts'

const EDGE = 1e-6
const VARIANCE = 'ewma_var_1m'

/**
 * How probable the label's event is if log returns are normal without drift and as variable as of late. With
 * s = sqrt(variance x horizon) + 1e-12 it is the tail beyond the label's threshold, both tails 2 (1 - Phi(threshold / s)) for
 * `move`, the upper one alone for `up`, kept within [1e-6, 1 - 1e-6].
 * For `pushed` it is one half.
 * @param variance EWMA variance of one-minute log returns; NaN gives NaN
 * @param label what is predicted; threshold in basis points of log return, horizon in minutes
 */
export function heuristicScore(variance: number, label: LabelSpec): number {
  // Of an event that only its user knows, volatility says nothing.
  if (label.kind === 'pushed') return Number.isNaN(variance) ? Number.NaN : 0.5
  const deviation = Math.sqrt(variance * label.horizonMin) + 1e-12
  const tails = label.kind === 'move' ? 2 : 1
  // Phi(-z) and not 1 - Phi(z), which loses its digits far out in the tail. NaN passes through min and max.
  const tail = tails * normalCdf(-(label.thresholdBp / 1e4) / deviation)
  return Math.min(Math.max(tail, EDGE), 1 - EDGE)
}

/** The fallback, which needs no training: the heuristic as a model. A score of one half or more is a signal. */
export function heuristicModel(label: LabelSpec, catalogue: Catalogue): Model {
  const place = catalogue.place(VARIANCE)
  return {
    version: 'fallback',
    kind: 'heuristic',
    features: [VARIANCE],
    places: Int32Array.of(place),
    threshold: 0.5,
    score: (values) => heuristicScore(values[place] ?? Number.NaN, label),
  }
}
