import { columnOf, type FeatureTable } from '../features/row.ts'
import type { UnixMs } from '../kernel/units.ts'
import { KsCounts } from '../stats/ks-counts.ts'
import { binCount, binOf, psiOfCounts, type Bins } from '../stats/psi.ts'
import { rowsBetween } from './counts.ts'
import type { KsReferences } from './ks-hours.ts'
import type { TimeWindow } from './window.ts'

/** What a reference says of each feature: its bins, and how many of its rows fell in each, missing ones last. */
export type BinnedFeatures = Readonly<Record<string, { readonly bins: Bins; readonly counts: readonly number[] }>>

/** How far rows are from a reference. */
export interface DriftFigures {
  /** Rows that were compared. */
  readonly n: number
  /** Mean of the PSI of all features; null without rows. */
  readonly overallPsi: number | null
  readonly psi: Readonly<Record<string, number>>
  /** Two-sample Kolmogorov-Smirnov statistic, 0 to 1; left out where one side has no value. */
  readonly ks: Readonly<Record<string, number>>
}

interface CountedFeature {
  readonly name: string
  readonly bins: Bins
  readonly expected: readonly number[]
  readonly counts: number[]
  readonly ks: KsCounts | null
  readonly placeOf: (value: number) => number | null
}

interface CountedRow {
  readonly tsMs: UnixMs
  /** By feature, its bin. */
  readonly bins: Uint8Array
  /** By feature, its place among the reference's values; -1 for a missing one. */
  readonly places: Int32Array
}

/** Figures of the rows of a table that lie in [fromMs, untilMs). @throws RangeError when it lacks a column */
export function figuresOf(
  features: BinnedFeatures,
  references: KsReferences,
  table: FeatureTable,
  { fromMs, untilMs }: TimeWindow,
): DriftFigures {
  const day = new DriftDay(features, references)
  const { from, until } = rowsBetween(table, fromMs, untilMs)
  day.addRows(table, from, until)
  return day.figures()
}

/**
 * Rows that come and go at the two ends of a window, by bin and by place in one reference: PSI and KS of the window at any moment,
 * exact, each row looked up once.
 */
export class DriftDay {
  private readonly features: readonly CountedFeature[]
  private readonly rows: CountedRow[] = []
  /** How many of the first rows have been taken out again. */
  private gone = 0

  /** @param references of the same features */
  constructor(features: BinnedFeatures, references: KsReferences) {
    this.features = Object.entries(features).map(([name, { bins, counts }]) => {
      const reference = references[name]
      return {
        name,
        bins,
        expected: counts,
        counts: Array.from({ length: binCount(bins) + 1 }, () => 0),
        ks: reference === undefined ? null : new KsCounts(reference),
        placeOf: (value) => reference?.placeOf(value) ?? null,
      }
    })
  }

  /** @param values by feature, in their order; NaN is missing. The caller sees to it that no row comes twice */
  add(tsMs: UnixMs, values: ArrayLike<number>): void {
    const { features } = this
    const row = { tsMs, bins: new Uint8Array(features.length), places: new Int32Array(features.length) }
    features.forEach(({ bins, placeOf }, f) => {
      const value = values[f] ?? Number.NaN
      row.bins[f] = binOf(bins, value)
      row.places[f] = placeOf(value) ?? -1
    })
    const place = this.placeFor(tsMs)
    if (place === this.rows.length) this.rows.push(row)
    else this.rows.splice(place, 0, row)
    this.change(row, 1)
  }

  /** Takes in the rows of a table from one index up to another. @throws RangeError when it lacks a column */
  addRows(table: FeatureTable, from: number, until: number): void {
    const columns = this.features.map(({ name }) => columnOf(table, name))
    for (let row = from; row < until; row++)
      this.add(
        table.tsMs[row] ?? 0,
        columns.map((column) => column[row] ?? Number.NaN),
      )
  }

  /** Takes out the rows before a moment. */
  dropBefore(fromMs: UnixMs): void {
    for (let row = this.rows[this.gone]; row !== undefined && row.tsMs < fromMs; row = this.rows[this.gone]) {
      this.change(row, -1)
      this.gone++
    }
    // Now and then, so that a row costs no copy of all that follow it.
    if (this.gone < this.rows.length / 2) return
    this.rows.splice(0, this.gone)
    this.gone = 0
  }

  figures(): DriftFigures {
    const n = this.rows.length - this.gone
    if (n === 0) return { n, overallPsi: null, psi: {}, ks: {} }
    const psi = this.features.map(({ name, expected, counts }) => [name, psiOfCounts(expected, counts)] as const)
    const ks = this.features.flatMap(({ name, ks: counted }) => {
      const distance = counted?.statistic() ?? null
      return distance === null ? [] : [[name, distance] as const]
    })
    const overallPsi = psi.reduce((sum, [, figure]) => sum + figure, 0) / psi.length
    return { n, overallPsi, psi: Object.fromEntries(psi), ks: Object.fromEntries(ks) }
  }

  /** Rows nearly always come in order; one that is late belongs before those after it. */
  private placeFor(tsMs: UnixMs): number {
    let place = this.rows.length
    while (place > this.gone && (this.rows[place - 1]?.tsMs ?? 0) > tsMs) place--
    return place
  }

  private change(row: CountedRow, by: 1 | -1): void {
    this.features.forEach(({ counts, ks }, f) => {
      const bin = row.bins[f] ?? 0
      counts[bin] = (counts[bin] ?? 0) + by
      const place = row.places[f] ?? -1
      if (place < 0 || ks === null) return
      if (by === 1) ks.add(place)
      else ks.remove(place)
    })
  }
}
