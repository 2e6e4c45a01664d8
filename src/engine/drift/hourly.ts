import type { Catalogue } from '../features/catalogue.ts'
import type { FeatureRow } from '../features/row.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { binCount, binOf, type Bins } from '../stats/psi.ts'
import { countsOf, CountSum, type RowCounts } from './counts.ts'
import type { DriftReference } from './reference.ts'

/** The drift window and a day more: what is older is dropped as newer hours come. */
const KEPT_MS = 8 * DAY_MS

interface Hour {
  n: number
  readonly counts: Record<string, number[]>
}

interface SummedWindow {
  fromMs: UnixMs
  untilMs: UnixMs
  readonly sum: CountSum
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
  /** The window that was summed last: the next one is mostly the same hours. */
  private summed: SummedWindow | null = null
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
    if (this.summed !== null && row.tsMs < this.summed.untilMs) this.summed = null
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
    this.summed = null
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
    const { sum } = this.movedTo(fromMs, untilMs)
    return { n: sum.n, counts: structuredCopy(sum.counts) }
  }

  /** Whole numbers: a window that was moved on is exactly the one that is summed anew. */
  private movedTo(fromMs: UnixMs, untilMs: UnixMs): SummedWindow {
    const last = this.summed
    const moves = last !== null && last.fromMs <= fromMs && last.untilMs <= untilMs && last.untilMs > fromMs
    const kept = moves && last.fromMs >= this.keptFromMs
    const window = kept ? last : { fromMs, untilMs: fromMs, sum: new CountSum(this.reference.features) }
    for (; window.fromMs < fromMs; window.fromMs += HOUR_MS) {
      const hour = this.hours.get(window.fromMs)
      if (hour !== undefined) window.sum.remove(hour)
    }
    for (; window.untilMs < untilMs; window.untilMs += HOUR_MS) {
      const hour = this.hours.get(window.untilMs)
      if (hour !== undefined) window.sum.add(hour)
    }
    this.summed = window
    return window
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
