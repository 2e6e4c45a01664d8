import type { Catalogue } from '../features/catalogue.ts'
import { columnOf, type FeatureRow, type FeatureTable } from '../features/row.ts'
import { floorTo, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { KsCounts, KsReference } from '../stats/ks-counts.ts'
import { KEPT_MS, rowsBetween } from './counts.ts'

/** By drift feature, the values that a reference holds. */
export type KsReferences = Readonly<Record<string, KsReference>>

/** By drift feature, the two-sample Kolmogorov-Smirnov statistic; a feature that has no value on one side is left out. */
export type KsDistances = Readonly<Record<string, number>>

/** @throws RangeError when the table has no column of a feature */
export function ksReferences(features: readonly string[], table: FeatureTable): KsReferences {
  return Object.fromEntries(features.map((name) => [name, new KsReference(columnOf(table, name))]))
}

/**
 * Distances of the rows of a table that lie in [fromMs, untilMs), whatever its ends are.
 * @param table ascending in time
 * @throws RangeError when the table has no column of a feature
 */
export function ksOfRows(references: KsReferences, table: FeatureTable, fromMs: UnixMs, untilMs: UnixMs): KsDistances {
  const { from, until } = rowsBetween(table, fromMs, untilMs)
  const counted = Object.entries(references).map(([name, reference]) => {
    const counts = new KsCounts(reference)
    for (const value of columnOf(table, name).subarray(from, until)) {
      const place = reference.placeOf(value)
      if (place !== null) counts.add(place)
    }
    return [name, counts] as const
  })
  return distancesOf(counted)
}

interface RankedColumn {
  readonly name: string
  readonly index: number
  readonly reference: KsReference
}

/**
 * Rows of one symbol by their place in one reference's values and by UTC hour, as they arrive. A window of hours moves over them:
 * its distances are exact, and each row is looked up once.
 */
export class KsHours {
  private readonly columns: readonly RankedColumn[]
  /** By hour, and in the order of the columns, the places of its rows. */
  private readonly hours = new Map<UnixMs, number[][]>()
  private keptFromMs: UnixMs = Number.NEGATIVE_INFINITY
  private window: { fromMs: UnixMs; untilMs: UnixMs; readonly counts: readonly KsCounts[] } | null = null

  /** @param catalogue of the rows that will come. @throws RangeError when it lacks a feature */
  constructor(references: KsReferences, catalogue: Catalogue) {
    this.columns = Object.entries(references).map(([name, reference]) => {
      return { name, index: catalogue.place(name), reference }
    })
  }

  /** Takes in a row. The caller sees to it that no row comes twice. */
  add(row: FeatureRow): void {
    const hourMs = floorTo(row.tsMs, HOUR_MS)
    const hour = this.hours.get(hourMs) ?? this.columns.map(() => [])
    this.hours.set(hourMs, hour)
    const { window } = this
    const inside = window !== null && hourMs >= window.fromMs && hourMs < window.untilMs
    this.columns.forEach(({ index, reference }, c) => {
      const place = reference.placeOf(row.values[index] ?? Number.NaN)
      if (place === null) return
      hour[c]?.push(place)
      if (inside) window.counts[c]?.add(place)
    })
  }

  /**
   * Distances of the rows in [fromMs, untilMs), both the starts of hours. Hours that are too old for windows to come are dropped.
   * @throws RangeError when the window reaches back into hours that were dropped
   */
  distances(fromMs: UnixMs, untilMs: UnixMs): KsDistances {
    if (fromMs < this.keptFromMs) throw new RangeError(`hours before ${this.keptFromMs} are no longer kept`)
    const counts = this.moveTo(fromMs, untilMs)
    this.keptFromMs = Math.max(this.keptFromMs, untilMs - KEPT_MS)
    for (const hourMs of this.hours.keys()) if (hourMs < this.keptFromMs) this.hours.delete(hourMs)
    return distancesOf(this.columns.map(({ name }, c) => [name, counts[c]] as const))
  }

  private moveTo(fromMs: UnixMs, untilMs: UnixMs): readonly KsCounts[] {
    const last = this.window
    const slides = last !== null && fromMs >= last.fromMs && fromMs <= last.untilMs && untilMs >= last.untilMs
    const window = slides
      ? last
      : { fromMs, untilMs: fromMs, counts: this.columns.map(({ reference }) => new KsCounts(reference)) }
    for (; window.untilMs < untilMs; window.untilMs += HOUR_MS)
      this.eachPlace(window.untilMs, (c, place) => window.counts[c]?.add(place))
    for (; window.fromMs < fromMs; window.fromMs += HOUR_MS)
      this.eachPlace(window.fromMs, (c, place) => window.counts[c]?.remove(place))
    this.window = window
    return window.counts
  }

  private eachPlace(hourMs: UnixMs, take: (column: number, place: number) => void): void {
    this.hours.get(hourMs)?.forEach((places, c) => {
      for (const place of places) take(c, place)
    })
  }
}

function distancesOf(counts: readonly (readonly [feature: string, counts: KsCounts | undefined])[]): KsDistances {
  const known = counts.flatMap(([name, counted]) => {
    const distance = counted?.statistic() ?? null
    return distance === null ? [] : [[name, distance] as const]
  })
  return Object.fromEntries(known)
}
