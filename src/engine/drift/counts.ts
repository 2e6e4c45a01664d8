import { columnOf, type FeatureTable } from '../features/row.ts'
import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import { addCounts, binCount, countBins, type Bins } from '../stats/psi.ts'

/** The drift window and a day more: what is older is dropped as newer hours come. */
export const KEPT_MS = 8 * DAY_MS

/** Rows, and for each drift feature how many of them fell in each bin, missing ones last. */
export interface RowCounts {
  readonly n: number
  readonly counts: Readonly<Record<string, readonly number[]>>
}

/** Bins by drift feature, which is a column's name. */
type FeatureBins = Readonly<Record<string, { readonly bins: Bins }>>

/** Sums counts of the same bins. */
export class CountSum {
  n = 0
  readonly counts: Record<string, number[]> = {}

  constructor(features: FeatureBins) {
    for (const [name, { bins }] of Object.entries(features)) {
      this.counts[name] = Array.from({ length: binCount(bins) + 1 }, () => 0)
    }
  }

  /** @throws RangeError when a feature is lacking or of other bins */
  add(part: RowCounts): void {
    this.n += part.n
    for (const [name, into] of Object.entries(this.counts)) addCounts(into, countsOf(part.counts, name))
  }
}

/**
 * Counts the rows of a table that lie in [fromMs, untilMs), whatever its ends are.
 * @param table ascending in time
 * @throws RangeError when the table has no column of a feature
 */
export function countRows(features: FeatureBins, table: FeatureTable, fromMs: UnixMs, untilMs: UnixMs): RowCounts {
  const { from, until } = rowsBetween(table, fromMs, untilMs)
  const counts = Object.entries(features).map(
    ([name, { bins }]) => [name, countBins(bins, columnOf(table, name).subarray(from, until))] as const,
  )
  return { n: until - from, counts: Object.fromEntries(counts) }
}

/** @throws RangeError when the feature has no counts */
export function countsOf(counts: Readonly<Record<string, readonly number[]>>, feature: string): readonly number[] {
  const found = counts[feature]
  if (found === undefined) throw new RangeError(`there are no counts of ${feature}`)
  return found
}

/** Where in a table, ascending in time, the rows of [fromMs, untilMs) lie; the end is not included. */
export function rowsBetween(table: FeatureTable, fromMs: UnixMs, untilMs: UnixMs): { from: number; until: number } {
  const from = firstAtOrAfter(table.tsMs, fromMs)
  return { from, until: Math.max(from, firstAtOrAfter(table.tsMs, untilMs)) }
}

/** The first index whose time is at or after `ms`; the length when none is. */
function firstAtOrAfter(tsMs: Float64Array, ms: UnixMs): number {
  let low = 0
  let high = tsMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tsMs[middle] ?? Infinity) < ms) low = middle + 1
    else high = middle
  }
  return low
}
