import { chi2Quantile } from './chi2.ts'
import { quantileSorted, sortedFinite } from './quantile.ts'

/**
 * How a feature's values are binned, kept from its reference. `edges` ascend, and a value falls right of every edge at or
 * below it. `pivot` has three bins: below, equal to and above the commonest value. Missing values come last in either.
 */
export type Bins =
  | { readonly kind: 'edges'; readonly edges: readonly number[] }
  | { readonly kind: 'pivot'; readonly pivot: number }

const DECILES = 10
/** The least share that a bin is taken to have, so that an empty bin costs much and not infinitely much. */
const SHARE_FLOOR = 1e-4

/**
 * The reference's deciles as bin edges, duplicates dropped; where fewer than two are left, the commonest value (the
 * lowest of equals) is the pivot. NaN is ignored. A reference without any value has one bin, for any value at all.
 */
export function makeBins(reference: ArrayLike<number>): Bins {
  const sorted = sortedFinite(reference)
  if (sorted.length === 0) return { kind: 'edges', edges: [] }
  const edges: number[] = []
  for (let decile = 1; decile < DECILES; decile++) {
    // the product, not decile / 10: numpy's linspace rounds so, and an edge must stand on the same side of a value
    const edge = quantileSorted(sorted, decile * 0.1)
    if (edge !== edges.at(-1)) edges.push(edge)
  }
  return edges.length >= 2 ? { kind: 'edges', edges } : { kind: 'pivot', pivot: commonest(sorted) }
}

function commonest(sorted: Float64Array): number {
  let best = Number.NaN
  let bestRun = 0
  let run = 0
  sorted.forEach((value, i) => {
    run = i > 0 && sorted[i - 1] === value ? run + 1 : 1
    if (run > bestRun) [best, bestRun] = [value, run]
  })
  return best
}

/** How many bins there are, without that of missing values. */
export function binCount(bins: Bins): number {
  return bins.kind === 'edges' ? bins.edges.length + 1 : 3
}

/** The bin that `x` falls in; NaN falls in the last, number `binCount(bins)`. */
export function binOf(bins: Bins, x: number): number {
  if (Number.isNaN(x)) return binCount(bins)
  if (bins.kind === 'pivot') return x < bins.pivot ? 0 : x === bins.pivot ? 1 : 2
  let bin = 0
  for (const edge of bins.edges) {
    if (x < edge) break
    bin++
  }
  return bin
}

/** Rows a bin, missing ones last: `binCount(bins) + 1` numbers. */
export function countBins(bins: Bins, values: ArrayLike<number>): number[] {
  const counts = Array.from({ length: binCount(bins) + 1 }, () => 0)
  for (let i = 0; i < values.length; i++) {
    const bin = binOf(bins, values[i] ?? Number.NaN)
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}

/** Adds `from` to `into` bin by bin. @throws RangeError when they are of different bins */
export function addCounts(into: number[], from: readonly number[]): void {
  assertSameBins(into, from)
  from.forEach((count, bin) => {
    into[bin] = (into[bin] ?? 0) + count
  })
}

/**
 * Population Stability Index from bin counts, in nats: sum of (a - e) ln(a / e) over the bins, >= 0, 0 when the shares
 * agree. Shares are of all rows, floored at 1e-4 and not renormalised. The last bin, of missing values, takes part when
 * either side has any.
 * @throws RangeError when a side has no rows, or when the sides are of different bins
 * Source: Yurdakul 2018, "Statistical Properties of Population Stability Index".
 */
export function psiOfCounts(reference: readonly number[], current: readonly number[]): number {
  assertSameBins(reference, current)
  const n = rowsOf(reference)
  const m = rowsOf(current)
  if (n === 0 || m === 0) throw new RangeError(`PSI needs rows on both sides, not ${n} and ${m}`)
  let sum = 0
  for (let bin = 0; bin < binsTakingPart(reference, current); bin++) {
    const expected = Math.max((reference[bin] ?? 0) / n, SHARE_FLOOR)
    const actual = Math.max((current[bin] ?? 0) / m, SHARE_FLOOR)
    sum += (actual - expected) * Math.log(actual / expected)
  }
  return sum
}

/** How many bins a comparison of these counts has: that of missing values is one when either side has any. */
export function binsTakingPart(reference: readonly number[], current: readonly number[]): number {
  const missing = (reference.at(-1) ?? 0) + (current.at(-1) ?? 0)
  return missing > 0 ? reference.length : reference.length - 1
}

/** All rows of a feature's counts, missing ones included. */
export function rowsOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}

/**
 * PSI of one feature between two samples in any order, NaN for missing; see `psiOfCounts`.
 * @throws RangeError when either is empty
 */
export function psi(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const bins = makeBins(reference)
  return psiOfCounts(countBins(bins, reference), countBins(bins, current))
}

/**
 * The PSI that independent rows of one distribution give by chance: PSI / (1/n + 1/m) is about chi-squared with B - 1
 * degrees (Yurdakul 2018). A floor, since the rows of neighbouring minutes are not independent.
 * @param bins the bins taking part
 * @param n @param m rows of the reference and of the current sample, above 0
 */
export function psiChance(bins: number, n: number, m: number): { mean: number; p95: number } {
  const scale = 1 / n + 1 / m
  if (bins < 2) return { mean: 0, p95: 0 }
  return { mean: (bins - 1) * scale, p95: chi2Quantile(0.95, bins - 1) * scale }
}

function assertSameBins(a: readonly number[], b: readonly number[]): void {
  if (a.length !== b.length) throw new RangeError(`counts of ${a.length} and ${b.length} bins cannot be compared`)
}
