import type { Catalogue } from '../features/catalogue.ts'
import type { FeatureRow } from '../features/row.ts'
import { floorTo, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { binCount, binOf, type Bins } from '../stats/psi.ts'
import { countsOf, CountSum, KEPT_MS, type RowCounts } from './counts.ts'
import type { DriftReference } from './reference.ts'

interface Hour {
  n: number
  readonly counts: Record<string, number[]>
}

interface BinnedColumn {
  readonly name: string
  readonly index: number
  readonly bins: Bins
}

/**
 * Rows of one symbol counted into one reference's bins, by UTC hour, as they arrive. The edges are the reference's own, so
 * the sums are exact, not estimates; at most eight days of hours are kept.
 */
export class HourlyCounts {
  private readonly hours = new Map<UnixMs, Hour>()
  private readonly columns: readonly BinnedColumn[]
  /** Hours before it have been dropped, or are refused. */
  private keptFromMs: UnixMs = Number.NEGATIVE_INFINITY

  /** @param catalogue of the rows that will come. @throws RangeError when it lacks a column of the reference */
  constructor(
    private readonly reference: DriftReference,
    catalogue: Catalogue,
  ) {
    this.columns = Object.entries(reference.features).map(([name, { bins }]) => {
      return { name, index: catalogue.place(name), bins }
    })
  }

  /** Counts a row; one older than what is kept is left out. The caller sees to it that no row comes twice. */
  add(row: FeatureRow): void {
    const hour = this.open(floorTo(row.tsMs, HOUR_MS))
    if (hour === null) return
    hour.n += 1
    for (const { name, index, bins } of this.columns) {
      const counts = hour.counts[name]
      const bin = binOf(bins, row.values[index] ?? Number.NaN)
      if (counts !== undefined) counts[bin] = (counts[bin] ?? 0) + 1
    }
  }

  /**
   * Puts back an hour that was stored, in place of what is counted for it.
   * @throws RangeError when `hourMs` is not the start of an hour or the counts are not of this reference's bins
   */
  load(hourMs: UnixMs, n: number, counts: Readonly<Record<string, readonly number[]>>): void {
    assertHour(hourMs)
    const copies = this.columns.map(({ name, bins }) => {
      const copy = [...countsOf(counts, name)]
      if (copy.length !== binCount(bins) + 1) throw new RangeError(`${name} was counted with other bins`)
      return [name, copy] as const
    })
    if (this.open(hourMs) !== null) this.hours.set(hourMs, { n, counts: Object.fromEntries(copies) })
  }

  /** What is counted for the hour that begins at `hourMs`, a copy; null when there is nothing. */
  hour(hourMs: UnixMs): RowCounts | null {
    const found = this.hours.get(hourMs)
    return found === undefined ? null : { n: found.n, counts: structuredCopy(found.counts) }
  }

  /**
   * The counts of [fromMs, untilMs). Both ends must be the starts of hours: a window that begins or ends within one must
   * be counted from its rows, by `countRows`.
   * @throws RangeError when they are not, or when the window reaches back into hours that were dropped
   */
  sum(fromMs: UnixMs, untilMs: UnixMs): { n: number; counts: Record<string, number[]> } {
    assertHour(fromMs)
    assertHour(untilMs)
    if (fromMs < this.keptFromMs) throw new RangeError(`hours before ${this.keptFromMs} are no longer kept`)
    const sum = new CountSum(this.reference.features)
    for (let ms = fromMs; ms < untilMs; ms += HOUR_MS) {
      const hour = this.hours.get(ms)
      if (hour !== undefined) sum.add(hour)
    }
    return { n: sum.n, counts: sum.counts }
  }

  /** Drops the hours that begin before `ms`. */
  dropBefore(ms: UnixMs): void {
    if (ms <= this.keptFromMs) return
    this.keptFromMs = ms
    for (const hourMs of this.hours.keys()) if (hourMs < ms) this.hours.delete(hourMs)
  }

  private open(hourMs: UnixMs): Hour | null {
    if (hourMs < this.keptFromMs) return null
    const known = this.hours.get(hourMs)
    if (known !== undefined) return known
    const counts = new CountSum(this.reference.features).counts
    const hour: Hour = { n: 0, counts }
    this.hours.set(hourMs, hour)
    this.dropBefore(hourMs - KEPT_MS + HOUR_MS)
    return hour
  }
}

function assertHour(ms: UnixMs): void {
  if (floorTo(ms, HOUR_MS) !== ms) throw new RangeError(`${ms} is not the start of an hour`)
}

function structuredCopy(counts: Readonly<Record<string, readonly number[]>>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(counts).map(([name, bins]) => [name, [...bins]]))
}
