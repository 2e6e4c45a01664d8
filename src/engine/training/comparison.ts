import { signed } from '../kernel/figures.ts'
import { type Random, seededRandom } from '../kernel/random.ts'
import { rowLogLoss } from '../stats/calibration.ts'
import { type BootstrapOptions, blockBootstrapAucDifference, blockBootstrapMean } from '../stats/intervals.ts'
import { auc } from '../stats/ranking.ts'
import { pick } from './dataset.ts'
import type { OfflineComparison } from './report.ts'
import { hasBothClasses, scoresOf } from './scores.ts'

/** Rows of one block: longer than the overlap of five-minute labels, about as long as volatility clusters. */
const BLOCK_ROWS = 60
const DRAWS = 500
/** With fewer than ten blocks a block bootstrap's interval is too narrow to say anything, and with one it has no width. */
export const MIN_COMPARED_ROWS = 10 * BLOCK_ROWS

/** Every interval draws anew from the same seed, so that none depends on which others were asked for. */
export function bootstrapOptions(seed: number): BootstrapOptions {
  const random: Random = seededRandom(seed)
  return { block: BLOCK_ROWS, draws: DRAWS, random }
}

/**
 * The candidate beside another model on the rows that both can score. Better means a lower log loss with the whole 95 %
 * interval of the difference below 0: log loss judges the probabilities that are served, ranking and calibration alike,
 * where AUC would not see a model that ranks well and promises wrongly.
 * @param y labels in time order; @param candidate its out-of-fold scores; @param other NaN where it has none
 */
export function compare(
  y: Float64Array,
  candidate: Float64Array,
  other: Float64Array,
  seed: number,
): OfflineComparison {
  const rows = Int32Array.from(y.keys()).filter((i) => !Number.isNaN(other[i]) && !Number.isNaN(candidate[i]))
  const [labels, ours, theirs] = [pick(y, rows), pick(candidate, rows), pick(other, rows)]
  const none = { auc_difference: null, log_loss_difference: null, beats: null }
  if (!hasBothClasses(labels)) return { figures: null, ...none }
  const figures = { ...scoresOf(labels, theirs), candidate_auc: auc(labels, ours) }
  if (rows.length < MIN_COMPARED_ROWS) return { figures, ...none }
  const losses = labels.map(
    (label, i) => rowLogLoss(label, ours[i] ?? Number.NaN) - rowLogLoss(label, theirs[i] ?? Number.NaN),
  )
  const difference = blockBootstrapMean(losses, bootstrapOptions(seed))
  return {
    figures,
    auc_difference: blockBootstrapAucDifference(labels, ours, theirs, bootstrapOptions(seed)),
    log_loss_difference: difference,
    beats: difference.hi < 0,
  }
}

/**
 * What a comparison says, to stand after the candidate's name: "is better than v1.8.1 (log loss ...)".
 * @param where which rows count, when not all do: " after its own training window"
 */
export function sayComparison(
  other: string,
  { figures, log_loss_difference: difference }: OfflineComparison,
  where = '',
): string {
  if (figures === null) return `could not be compared with ${other}: no rows${where} hold both outcomes`
  if (difference === null) {
    return `could not be compared with ${other}: ${figures.rows} rows${where}, and ${MIN_COMPARED_ROWS} are needed`
  }
  const { value, lo, hi } = difference
  const by = `(log loss ${signed(value)}, 95 % interval ${signed(lo)} to ${signed(hi)}, n ${figures.rows})`
  if (hi < 0) return `is better than ${other} ${by}`
  if (lo > 0) return `is worse than ${other} ${by}`
  if (value >= 0) return `is no better than ${other} ${by}`
  return `may or may not be better than ${other}: undecided ${by}`
}
