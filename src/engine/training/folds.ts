import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'

export interface FoldSpec {
  readonly folds: number
  /** The label's horizon: what is purged before and after a test block. */
  readonly horizonMin: number
  /** Kept out after the purge that follows a test block. */
  readonly embargoMin: number
}

/** One block to test on and the rows that may train for it; row numbers ascend. */
export interface Fold {
  readonly testFromMs: UnixMs
  /** Not included. */
  readonly testUntilMs: UnixMs
  readonly train: Int32Array
  readonly test: Int32Array
}

export const DEFAULT_FOLDS: FoldSpec = { folds: 5, horizonMin: 5, embargoMin: 60 }

/**
 * Purged cross-validation: contiguous blocks of equal time from the first row to a minute after the last. For the block
 * [a, b) a row trains when it lies before a - horizon, or at or after b + horizon + embargo. By time and not by row number,
 * so gaps neither widen nor narrow what is kept apart.
 * @param tsMs rows that train, strictly ascending
 * @throws RangeError when there are fewer than two folds, or a block or its training rows are empty
 * Source: López de Prado 2018, "Advances in Financial Machine Learning", chapter 7.
 */
export function purgedFolds(tsMs: ArrayLike<number>, spec: FoldSpec = DEFAULT_FOLDS): Fold[] {
  const purgeMs = spec.horizonMin * MINUTE_MS
  const resumeMs = purgeMs + spec.embargoMin * MINUTE_MS
  return blocksOf(tsMs, spec).map(([fromMs, untilMs], i) => {
    const fold: Fold = {
      testFromMs: fromMs,
      testUntilMs: untilMs,
      train: rowsWhere(tsMs, (t) => t < fromMs - purgeMs || t >= untilMs + resumeMs),
      test: rowsWhere(tsMs, (t) => t >= fromMs && t < untilMs),
    }
    const empty = fold.test.length === 0 ? 'test' : fold.train.length === 0 ? 'training' : null
    if (empty !== null) {
      throw new RangeError(
        `fold ${i + 1} of ${spec.folds} has no ${empty} rows; a longer window or fewer gaps is needed`,
      )
    }
    return fold
  })
}

/**
 * The same blocks, each with only what came before it to train on, so that nothing is learnt from a later market. Blocks
 * without rows to test or to train on, the first always among them, are left out.
 * @param tsMs rows that train, strictly ascending
 */
export function forwardFolds(tsMs: ArrayLike<number>, spec: FoldSpec = DEFAULT_FOLDS): Fold[] {
  const purgeMs = spec.horizonMin * MINUTE_MS
  return blocksOf(tsMs, spec)
    .map(([testFromMs, testUntilMs]) => ({
      testFromMs,
      testUntilMs,
      train: rowsWhere(tsMs, (t) => t < testFromMs - purgeMs),
      test: rowsWhere(tsMs, (t) => t >= testFromMs && t < testUntilMs),
    }))
    .filter((fold) => fold.train.length > 0 && fold.test.length > 0)
}

/** Block k of n begins `floor(span * k / n)` after the first row. */
function blocksOf(tsMs: ArrayLike<number>, spec: FoldSpec): [UnixMs, UnixMs][] {
  const { folds } = spec
  if (!Number.isInteger(folds) || folds < 2)
    throw new RangeError(`cross-validation takes 2 folds or more, not ${folds}`)
  const firstMs = tsMs[0]
  const lastMs = tsMs[tsMs.length - 1]
  if (firstMs === undefined || lastMs === undefined) throw new RangeError('there are no rows to divide into folds')
  const spanMs = lastMs + MINUTE_MS - firstMs
  const cut = (k: number): UnixMs => firstMs + Math.floor((spanMs * k) / folds)
  return Array.from({ length: folds }, (_, k) => [cut(k), cut(k + 1)])
}

function rowsWhere(tsMs: ArrayLike<number>, holds: (t: UnixMs) => boolean): Int32Array {
  const rows: number[] = []
  for (let i = 0; i < tsMs.length; i++) {
    if (holds(tsMs[i] ?? Number.NaN)) rows.push(i)
  }
  return Int32Array.from(rows)
}
