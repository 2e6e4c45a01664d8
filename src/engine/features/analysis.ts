import { MINUTE_MS } from '../kernel/units.ts'
import { ksTwoSample } from '../stats/ks.ts'
import { psi } from '../stats/psi.ts'
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'
import type { Column } from './catalogue.ts'
import { columnOf, type FeatureTable } from './row.ts'

/** Shares whose quantiles are shown. */
export const ANALYSED_SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99] as const
/** Lags of the autocorrelation, in minutes. */
export const ANALYSED_LAGS = [1, 60] as const

type AnalysisLevel = 'stable' | 'warning' | 'critical'

/** Levels of one measure: below `warning` stable, up to and including `critical` a warning, above it critical. */
interface AnalysisLimits {
  readonly psi: { readonly warning: number; readonly critical: number }
  readonly ks: { readonly warning: number; readonly critical: number }
  /** Pairs whose correlation is beyond it, either way, are named. */
  readonly correlation: number
}

export const ANALYSIS_LIMITS: AnalysisLimits = {
  psi: { warning: 0.1, critical: 0.2 },
  ks: { warning: 0.15, critical: 0.25 },
  correlation: 0.8,
}

/** What a sample looks like. Null where there is nothing to say it of; the deviation is the sample's (n - 1). */
interface Distribution {
  readonly n: number
  readonly missing: number
  readonly mean: number | null
  readonly std: number | null
  readonly min: number | null
  readonly max: number | null
  /** In the order of `ANALYSED_SHARES`; null without a value. */
  readonly quantiles: readonly number[] | null
}

export interface FeatureAnalysis extends Distribution {
  readonly feature: Column
  /** The second half of the span against the deciles of the first, in nats; null when a half has no rows. */
  readonly psi: number | null
  /** The greatest distance between the halves' distributions, 0 to 1; null when a half has no values. */
  readonly ks: number | null
  /** By lag, in the order of `ANALYSED_LAGS`; null where it cannot be known. */
  readonly autocorrelation: readonly (number | null)[]
  /** The worse of the two measures; null when neither could be taken. */
  readonly level: AnalysisLevel | null
}

interface CorrelatedPair {
  readonly a: Column
  readonly b: Column
  readonly correlation: number
}

interface TableAnalysis {
  readonly features: readonly FeatureAnalysis[]
  /** Pearson, `matrix[i][j]` of features i and j over the rows that have both; null where it cannot be known. */
  readonly matrix: readonly (readonly (number | null)[])[]
  /** Pairs beyond the limit, the closest first. */
  readonly pairs: readonly CorrelatedPair[]
}

/**
 * What each feature looks like over the rows of a table, and which of them move between its halves: what will drift before
 * a model is trained on it. The halves are of equal time, not of equal rows.
 * @param table ascending in time, one row a minute at most
 * @param span its ends in Unix ms, the second not included; its middle parts the halves
 */
export function analyseFeatures(
  table: FeatureTable,
  columns: readonly Column[],
  span: { readonly fromMs: number; readonly untilMs: number },
  limits: AnalysisLimits = ANALYSIS_LIMITS,
): TableAnalysis {
  const middleMs = (span.fromMs + span.untilMs) / 2
  const middle = table.tsMs.findIndex((ms) => ms >= middleMs)
  const split = middle === -1 ? table.tsMs.length : middle
  const features = columns.map((feature) => {
    const values = columnOf(table, feature)
    const [first, second] = [values.subarray(0, split), values.subarray(split)]
    const moved = {
      psi: first.length === 0 || second.length === 0 ? null : psi(first, second),
      ks: hasValue(first) && hasValue(second) ? ksTwoSample(first, second).statistic : null,
    }
    const autocorrelation = ANALYSED_LAGS.map((lag) => lagged(table.tsMs, values, lag))
    return { feature, ...distribution(values), ...moved, autocorrelation, level: levelOf(moved, limits) }
  })
  const matrix = correlations(columns.map((name) => columnOf(table, name)))
  return { features, matrix, pairs: closePairs(columns, matrix, limits.correlation) }
}

/** NaN counts as missing, and so does anything that is not a finite number. */
export function distribution(values: ArrayLike<number>): Distribution {
  const sorted = sortedFinite(values)
  const n = sorted.length
  const missing = values.length - n
  if (n === 0) return { n, missing, mean: null, std: null, min: null, max: null, quantiles: null }
  const mean = sorted.reduce((sum, x) => sum + x, 0) / n
  const squares = sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0)
  return {
    n,
    missing,
    mean,
    std: n < 2 ? null : Math.sqrt(squares / (n - 1)),
    min: sorted[0] ?? null,
    max: sorted[n - 1] ?? null,
    quantiles: ANALYSED_SHARES.map((share) => quantileSorted(sorted, share)),
  }
}

/**
 * Pearson's correlation over the places where both are finite, -1 to 1; null below two such places, or when a side is
 * constant there.
 */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let n = 0
  let [meanA, meanB, squaresA, squaresB, products] = [0, 0, 0, 0, 0]
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const x = a[i] ?? Number.NaN
    const y = b[i] ?? Number.NaN
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue
    n++
    // Welford 1962: prices of 100,000 that move by cents would lose their digits in a sum of squares.
    const fromA = x - meanA
    const fromB = y - meanB
    meanA += fromA / n
    meanB += fromB / n
    squaresA += fromA * (x - meanA)
    squaresB += fromB * (y - meanB)
    products += fromA * (y - meanB)
  }
  const scale = Math.sqrt(squaresA) * Math.sqrt(squaresB)
  if (n < 2 || !(scale > 0)) return null
  return Math.max(-1, Math.min(1, products / scale))
}

/** Correlation of a value with that of exactly so many minutes before: over a gap nothing is paired. */
function lagged(tsMs: Float64Array, values: Float64Array, minutes: number): number | null {
  const before = new Float64Array(values.length).fill(Number.NaN)
  let j = 0
  for (let i = 0; i < values.length; i++) {
    const wanted = (tsMs[i] ?? Number.NaN) - minutes * MINUTE_MS
    while (j < i && (tsMs[j] ?? Infinity) < wanted) j++
    if (tsMs[j] === wanted) before[i] = values[j] ?? Number.NaN
  }
  return pearson(before, values)
}

function correlations(columns: readonly Float64Array[]): (number | null)[][] {
  const matrix = columns.map(() => columns.map((): number | null => null))
  columns.forEach((a, i) => {
    columns.slice(i).forEach((b, k) => {
      const found = pearson(a, b)
      const [row, mirrored] = [matrix[i], matrix[i + k]]
      if (row !== undefined) row[i + k] = found
      if (mirrored !== undefined) mirrored[i] = found
    })
  })
  return matrix
}

function closePairs(
  columns: readonly Column[],
  matrix: readonly (readonly (number | null)[])[],
  limit: number,
): CorrelatedPair[] {
  const pairs = columns.flatMap((a, i) =>
    columns.slice(i + 1).flatMap((b, k) => {
      const correlation = matrix[i]?.[i + 1 + k] ?? null
      return correlation === null || Math.abs(correlation) <= limit ? [] : [{ a, b, correlation }]
    }),
  )
  return pairs.sort((p, q) => Math.abs(q.correlation) - Math.abs(p.correlation))
}

const RANK: Readonly<Record<AnalysisLevel, number>> = { stable: 0, warning: 1, critical: 2 }

function levelOf(moved: { psi: number | null; ks: number | null }, limits: AnalysisLimits): AnalysisLevel | null {
  const levels = [level(moved.psi, limits.psi), level(moved.ks, limits.ks)].filter((found) => found !== null)
  return levels.reduce<AnalysisLevel | null>((a, b) => (a === null || RANK[b] > RANK[a] ? b : a), null)
}

function level(value: number | null, { warning, critical }: AnalysisLimits['psi']): AnalysisLevel | null {
  if (value === null) return null
  if (value < warning) return 'stable'
  return value <= critical ? 'warning' : 'critical'
}

function hasValue(values: Float64Array): boolean {
  return values.some((value) => Number.isFinite(value))
}
