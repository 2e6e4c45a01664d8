import type { Column } from '../features/catalogue.ts'
import { columnOf, type FeatureTable } from '../features/row.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { countBins, makeBins, psiOfCounts, type Bins } from '../stats/psi.ts'
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'
import { ownDays, type OwnDays } from './own-days.ts'
import type { TimeWindow } from './window.ts'
import { CountSum, countRows, countsOf, type RowCounts } from './counts.ts'

/** What a model's features looked like where it was trained: all that drift needs of it, kept in its artifact. */
export interface DriftReference {
  readonly version: string
  readonly window: TimeWindow
  readonly n: number
  readonly features: Readonly<Record<string, { readonly bins: Bins; readonly counts: readonly number[] }>>
  /** What the reference does to itself; null when it is shorter than 7 days. */
  readonly withinReference: WithinReference | null
  /** What its own days do to it; null where it is shorter than a day, or was made before they were measured. */
  readonly ownDays: OwnDays | null
}

/** 95th percentiles of the PSI of the reference's own 7-day windows against the whole of it. */
interface WithinReference {
  readonly windows: number
  readonly overallP95: number
  readonly features: Readonly<Record<string, number>>
}

const OWN_WINDOW_MS = 7 * DAY_MS
const OWN_SHARE = 0.95

/**
 * Bins and counts of each drift feature over the rows of the training window.
 * @param table the rows of that window, ascending in time
 * @throws RangeError when there are no rows or no features, or the table lacks a column
 */
export function buildReference(
  version: string,
  table: FeatureTable,
  drift: readonly Column[],
  window: TimeWindow,
): DriftReference {
  if (table.tsMs.length === 0) throw new RangeError(`${version} has no rows to make a drift reference of`)
  if (drift.length === 0) throw new RangeError(`${version} has no drift features`)
  const features = Object.fromEntries(
    drift.map((name) => {
      const values = columnOf(table, name)
      const bins = makeBins(values)
      return [name, { bins, counts: countBins(bins, values) }] as const
    }),
  )
  const withinReference = againstItself(table, features)
  return {
    version,
    window: { ...window },
    n: table.tsMs.length,
    features,
    withinReference,
    ownDays: ownDays(features, table),
  }
}

/**
 * A window begins on each hour counted from the first row and ends before the last row's minute does. Rows are counted
 * once by such hours; the windows then slide over the hours. Windows that a gap left without rows are passed over.
 */
function againstItself(table: FeatureTable, features: DriftReference['features']): WithinReference | null {
  const startMs = table.tsMs[0] ?? 0
  const endMs = (table.tsMs.at(-1) ?? 0) + MINUTE_MS
  const hours: RowCounts[] = []
  for (let ms = startMs; ms < endMs; ms += HOUR_MS) hours.push(countRows(features, table, ms, ms + HOUR_MS))

  const perFeature = new Map(Object.keys(features).map((name) => [name, [] as number[]]))
  const overall: number[] = []
  for (let hour = 0; startMs + hour * HOUR_MS + OWN_WINDOW_MS <= endMs; hour++) {
    const sum = new CountSum(features)
    for (const part of hours.slice(hour, hour + OWN_WINDOW_MS / HOUR_MS)) sum.add(part)
    if (sum.n === 0) continue
    let total = 0
    for (const [name, { counts }] of Object.entries(features)) {
      const psi = psiOfCounts(counts, countsOf(sum.counts, name))
      perFeature.get(name)?.push(psi)
      total += psi
    }
    overall.push(total / perFeature.size)
  }
  if (overall.length === 0) return null
  return {
    windows: overall.length,
    overallP95: percentile(overall),
    features: Object.fromEntries([...perFeature].map(([name, values]) => [name, percentile(values)])),
  }
}

function percentile(values: readonly number[]): number {
  return quantileSorted(sortedFinite(values), OWN_SHARE)
}
