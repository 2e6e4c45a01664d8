import type { FeatureTable } from '../features/row.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/units.ts'
import { quantileSorted, sortedFinite } from '../stats/quantile.ts'
import { rowsBetween } from './counts.ts'
import { type BinnedFeatures, DriftDay, type DriftFigures } from './drift-day.ts'
import { ksReferences } from './ks-hours.ts'

/** What the reference's own days are like beside the whole of it: 99th percentiles over its 24-hour windows. */
export interface OwnDays {
  readonly windows: number
  readonly overallPsi: number
  readonly psi: Readonly<Record<string, number>>
  /** Left out where a feature has no value. */
  readonly ks: Readonly<Record<string, number>>
}

const SHARE = 0.99
/** Fewer rows give any figure at all, and a check of so few is no verdict either. */
export const MIN_DAY_ROWS = 500

/**
 * A window begins on each hour counted from the first row and ends before the last row's minute does. Those that a gap has left
 * with too few rows are passed over.
 * @param table the rows of the reference, ascending in time
 * @returns null where none has rows enough
 * @throws RangeError when the table lacks a column
 */
export function ownDays(features: BinnedFeatures, table: FeatureTable): OwnDays | null {
  const names = Object.keys(features)
  const day = new DriftDay(features, ksReferences(names, table))
  const figures: DriftFigures[] = []
  const startMs = table.tsMs[0] ?? 0
  const endMs = (table.tsMs.at(-1) ?? 0) + MINUTE_MS
  let taken = 0
  for (let fromMs = startMs; fromMs + DAY_MS <= endMs; fromMs += HOUR_MS) {
    const { until } = rowsBetween(table, startMs, fromMs + DAY_MS)
    day.addRows(table, taken, until)
    taken = until
    day.dropBefore(fromMs)
    const measured = day.figures()
    if (measured.n >= MIN_DAY_ROWS) figures.push(measured)
  }
  if (figures.length === 0) return null
  const of = (pick: (figure: DriftFigures) => number | null | undefined): number | null => {
    const known = sortedFinite(figures.map((figure) => pick(figure) ?? Number.NaN))
    return known.length === 0 ? null : quantileSorted(known, SHARE)
  }
  const byName = (pick: (figure: DriftFigures, name: string) => number | undefined): Record<string, number> =>
    Object.fromEntries(
      names.flatMap((name) => {
        const share = of((figure) => pick(figure, name))
        return share === null ? [] : [[name, share] as const]
      }),
    )
  return {
    windows: figures.length,
    overallPsi: of(({ overallPsi }) => overallPsi) ?? 0,
    psi: byName(({ psi }, name) => psi[name]),
    ks: byName(({ ks }, name) => ks[name]),
  }
}
