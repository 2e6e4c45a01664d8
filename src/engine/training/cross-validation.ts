import type { OnProgress } from '../kernel/progress.ts'
import { auc } from '../stats/ranking.ts'
import { pick, type TrainingSet } from './dataset.ts'
import { type Fold, type FoldSpec, forwardFolds, purgedFolds } from './folds.ts'
import { fitLogistic, logitsOf } from './logistic-fit.ts'
import { hasBothClasses } from './scores.ts'

export interface OutOfFold {
  /** A logit a row of the training set, by the one fit that has not seen its block. */
  readonly logits: Float64Array
  readonly folds: readonly Fold[]
}

/**
 * Scores every row by a model fitted without its block, its label's window and the embargo.
 * @param progress share of the whole work at the beginning and at the end
 * @throws RangeError when a fold is empty or lacks a class
 */
export function outOfFold(
  set: TrainingSet,
  spec: FoldSpec,
  onProgress: OnProgress,
  progress: readonly [number, number],
): OutOfFold {
  const folds = purgedFolds(set.tsMs, spec)
  folds.forEach((fold, i) => requireBothClasses(set, fold, i, folds.length))
  const logits = new Float64Array(set.rows).fill(Number.NaN)
  folds.forEach((fold, i) => {
    const [from, until] = progress
    onProgress(from + ((until - from) * i) / folds.length, `fold ${i + 1} of ${folds.length}`)
    scoreFold(set, fold, logits)
  })
  return { logits, folds }
}

/**
 * AUC of logits that come only from what lies before each row's block, over all blocks together; blocks whose past or
 * whose own rows lack a class are left out. Null when no block is left.
 */
export function forwardFigure(
  set: TrainingSet,
  spec: FoldSpec,
  onProgress: OnProgress,
  progress: readonly [number, number],
): { rows: number; auc: number } | null {
  const folds = forwardFolds(set.tsMs, spec).filter(
    ({ train, test }) => hasBothClasses(pick(set.y, train)) && hasBothClasses(pick(set.y, test)),
  )
  if (folds.length === 0) return null
  const logits = new Float64Array(set.rows).fill(Number.NaN)
  folds.forEach((fold, i) => {
    const [from, until] = progress
    onProgress(from + ((until - from) * i) / folds.length, `forward block ${i + 1} of ${folds.length}`)
    scoreFold(set, fold, logits)
  })
  const rows = folds.flatMap((fold) => [...fold.test])
  return { rows: rows.length, auc: auc(pick(set.y, rows), pick(logits, rows)) }
}

/** Fits on the fold's training rows and writes the logits of its test rows. */
function scoreFold({ x, y, d }: TrainingSet, { train, test }: Fold, logits: Float64Array): void {
  const scored = logitsOf(fitLogistic(x, y, d, train), x, d, test)
  test.forEach((row, i) => {
    logits[row] = scored[i] ?? Number.NaN
  })
}

function requireBothClasses(set: TrainingSet, fold: Fold, i: number, of: number): void {
  for (const [part, rows] of [
    ['training', fold.train],
    ['test', fold.test],
  ] as const) {
    if (hasBothClasses(pick(set.y, rows))) continue
    const only = set.y[rows[0] ?? 0] === 1 ? 'every' : 'no'
    throw new RangeError(
      `fold ${i + 1} of ${of}: ${only} ${part} row is an event, and a model needs both; a longer window, another horizon or another threshold is needed`,
    )
  }
}
