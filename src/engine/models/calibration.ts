/** A calibration puts another probability in the place of a model's score. The artifact stays as it is. */
import { isotonicApply, sigmoid } from '../stats/calibration.ts'

export type CalibrationMap =
  /** p = sigmoid(a logit(score) + b), a above 0. */
  | { readonly kind: 'platt'; readonly a: number; readonly b: number }
  /** Linear between these points, level outside them; both ascending. */
  | { readonly kind: 'isotonic'; readonly x: readonly number[]; readonly y: readonly number[] }

/** What a model answers with beside its artifact. */
export interface Calibration {
  /** Null where its scores are its answers. */
  readonly map: CalibrationMap | null
  /** Added to the threshold of its artifact, 0 to 0.05. */
  readonly raisedBy: number
}

/** Nearer to 0 or 1 a logit says more of rounding than of the model. */
const EDGE = 1e-6

/** The logit of a score, which is kept away from 0 and 1 by 1e-6. */
export function logitOf(score: number): number {
  const p = Math.min(1 - EDGE, Math.max(EDGE, score))
  return Math.log(p / (1 - p))
}

/** The calibrated probability of a score; the score itself without a map. NaN for NaN. */
export function calibrated(map: CalibrationMap | null, score: number): number {
  if (map === null) return score
  return map.kind === 'platt' ? sigmoid(map.a * logitOf(score) + map.b) : isotonicApply(map, score)
}
