import { brier, ece, logLoss } from '../stats/calibration.ts'
import { atTop, auc } from '../stats/ranking.ts'
import type { OfflineScores } from './report.ts'

/** The figures of scores against what came of their rows. @param y 0 or 1, both present; @param p probabilities */
export function scoresOf(y: Float64Array, p: Float64Array): OfflineScores {
  const top = atTop(y, p)
  return {
    rows: y.length,
    auc: auc(y, p),
    precision_at_20: top.precision,
    recall_at_20: top.recall,
    log_loss: logLoss(y, p),
    brier: brier(y, p),
    ece: ece(y, p),
  }
}

/** Share of positive rows; NaN without rows. */
export function baseRate(y: Float64Array): number {
  return y.reduce((sum, label) => sum + label, 0) / y.length
}

/** Ranking and fitting need a positive and a negative row. */
export function hasBothClasses(y: Float64Array): boolean {
  return y.includes(0) && y.includes(1)
}
