/** What a comparison of two scores of the same row says. */
export interface Comparison {
  /** |baseline - candidate|, 0 to 1. */
  readonly delta: number
  readonly matched: boolean
}

export const MATCH_TOLERANCE = 0.05

/** @param tolerance the largest difference that still counts as a match, inclusive. */
export function compareScores(baseline: number, candidate: number, tolerance: number): Comparison {
  const delta = Math.abs(baseline - candidate)
  return { delta, matched: delta <= tolerance }
}

/** Why a model gave no score; the last three are those of a model that is asked over HTTP. */
export type ModelFault = 'timeout' | 'nan' | 'range' | 'throw' | 'unreachable' | 'status' | 'garbage'

/** A score outside [0, 1] or NaN is a model's error; null when the score is one. */
export function faultOfScore(score: number): 'nan' | 'range' | null {
  if (Number.isNaN(score)) return 'nan'
  return score < 0 || score > 1 ? 'range' : null
}
