import type { Column } from '../features/catalogue.ts'
import { sumOfLeaves, type TreeEnsemble } from '../models/trees.ts'
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'

const POINTS = 16
/** Rows that a point is averaged over: more would only smooth what trees give in steps anyway. */
const MAX_ROWS = 200

/** What a model says as one feature moves from low to high. */
export interface Dependence {
  readonly feature: Column
  /** Ascending quantiles of the feature. */
  readonly x: readonly number[]
  /** The model's mean answer with the feature set to that value. */
  readonly y: readonly number[]
}

/**
 * Partial dependence (Friedman 2001, "Greedy Function Approximation"): the mean answer over rows in which the feature alone is set to
 * each of its quantiles, from the 2nd to the 98th percentile.
 * @param columns one a feature, all of one length, at least one row
 */
export function dependenceOf(
  ensemble: TreeEnsemble,
  columns: readonly Float64Array[],
  { feature, place }: { readonly feature: Column; readonly place: number },
  answer: (sum: number) => number,
): Dependence {
  const sorted = sortedFinite(columns[place] ?? [])
  const x = Array.from({ length: POINTS }, (_, i) => quantileSorted(sorted, 0.02 + (0.96 * i) / (POINTS - 1)))
  const length = columns[0]?.length ?? 0
  const stride = Math.max(1, Math.ceil(length / MAX_ROWS))
  const rows = Array.from({ length: Math.ceil(length / stride) }, (_, i) =>
    columns.map((column) => column[i * stride] ?? Number.NaN),
  )
  const y = x.map((value) => {
    const sum = rows.reduce((total, row) => {
      const moved = Float64Array.from(row)
      moved[place] = value
      return total + answer(sumOfLeaves(ensemble, moved))
    }, 0)
    return sum / rows.length
  })
  return { feature, x, y }
}
