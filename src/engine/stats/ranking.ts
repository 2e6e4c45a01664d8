/** Row numbers in ascending order of their score; equal scores keep the order of the rows. */
export function ascendingOrder(scores: ArrayLike<number>): Uint32Array {
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i)
  return order.sort((i, j) => (scores[i] ?? Number.NaN) - (scores[j] ?? Number.NaN) || i - j)
}

/**
 * Area under the ROC curve by ranks (Mann and Whitney): the chance that a positive row scores above a negative one, ties
 * counting half. NaN when either class is empty or a score is NaN.
 * @param labels 1 for positive, anything else negative
 */
export function auc(labels: ArrayLike<number>, scores: ArrayLike<number>): number {
  assertPaired(labels, scores)
  const order = ascendingOrder(scores)
  const n = order.length
  let positives = 0
  let rankSum = 0
  for (let from = 0; from < n; ) {
    const score = scores[order[from] ?? 0] ?? Number.NaN
    if (Number.isNaN(score)) return Number.NaN
    let until = from
    let tied = 0
    while (until < n && scores[order[until] ?? 0] === score) {
      if (labels[order[until] ?? 0] === 1) tied++
      until++
    }
    rankSum += (tied * (from + until + 1)) / 2
    positives += tied
    from = until
  }
  const negatives = n - positives
  if (positives === 0 || negatives === 0) return Number.NaN
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives)
}

interface TopFigures {
  /** Share of the chosen rows that are positive, and of the positive rows that are chosen. */
  readonly precision: number
  readonly recall: number
  /** How many rows are chosen, and the lowest score among them. */
  readonly k: number
  readonly threshold: number
}

/**
 * Precision and recall among the floor(share n) highest scores, ties by the earlier row. The figures are NaN when that is
 * no row; recall is NaN when there is no positive row.
 * @param share 0 to 1. @throws RangeError outside it
 */
export function atTop(labels: ArrayLike<number>, scores: ArrayLike<number>, share = 0.2): TopFigures {
  assertPaired(labels, scores)
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share must lie in 0 to 1, not ${share}`)
  const order = Uint32Array.from({ length: scores.length }, (_, i) => i)
  order.sort((i, j) => (scores[j] ?? Number.NaN) - (scores[i] ?? Number.NaN) || i - j)
  const k = Math.floor(order.length * share)
  const hits = order.subarray(0, k).filter((row) => labels[row] === 1).length
  const positives = order.filter((row) => labels[row] === 1).length
  return {
    precision: k === 0 ? Number.NaN : hits / k,
    recall: k === 0 || positives === 0 ? Number.NaN : hits / positives,
    k,
    threshold: k === 0 ? Number.NaN : (scores[order[k - 1] ?? 0] ?? Number.NaN),
  }
}

/** @throws RangeError when there is not one label a score */
export function assertPaired(labels: ArrayLike<number>, scores: ArrayLike<number>): void {
  if (labels.length !== scores.length) throw new RangeError(`${labels.length} labels for ${scores.length} scores`)
}
