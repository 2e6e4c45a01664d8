import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../kernel/units.ts'
import type { Catalogue } from './catalogue.ts'
import type { FeatureRow } from './row.ts'

/** The day that is asked about, and the hour that runs. */
const KEPT_MS = DAY_MS + HOUR_MS

interface Hour {
  n: number
  /** By place in the catalogue. */
  readonly missing: Uint32Array
}

/** How many rows of each UTC hour lack each feature, as they arrive; a day of hours is kept. */
export class MissingCounts {
  private readonly hours = new Map<UnixMs, Hour>()
  private newestMs: UnixMs = Number.NEGATIVE_INFINITY

  constructor(private readonly catalogue: Catalogue) {}

  /** Counts a row; one older than what is kept is left out. The caller sees to it that no row comes twice. */
  add({ tsMs, values }: FeatureRow): void {
    const hourMs = floorTo(tsMs, HOUR_MS)
    if (hourMs < this.newestMs - KEPT_MS) return
    let hour = this.hours.get(hourMs)
    if (hour === undefined) {
      hour = { n: 0, missing: new Uint32Array(this.catalogue.names.length) }
      this.hours.set(hourMs, hour)
      this.newestMs = Math.max(this.newestMs, hourMs)
      for (const ms of this.hours.keys()) if (ms < this.newestMs - KEPT_MS) this.hours.delete(ms)
    }
    hour.n++
    for (let i = 0; i < hour.missing.length; i++)
      if (Number.isNaN(values[i] ?? Number.NaN)) hour.missing[i] = (hour.missing[i] ?? 0) + 1
  }

  /**
   * Of these features the one that most rows of [fromMs, untilMs) lack, the earlier of equals, with their share, 0 to 1; null
   * without rows or features. Both ends are the starts of hours.
   */
  most(features: Iterable<string>, fromMs: UnixMs, untilMs: UnixMs): { feature: string; share: number } | null {
    const hours = [...this.hours].filter(([ms]) => ms >= fromMs && ms < untilMs).map(([, hour]) => hour)
    const n = hours.reduce((sum, hour) => sum + hour.n, 0)
    if (n === 0) return null
    let worst: { feature: string; share: number } | null = null
    for (const feature of features) {
      const place = this.catalogue.place(feature)
      const share = hours.reduce((sum, hour) => sum + (hour.missing[place] ?? 0), 0) / n
      if (worst === null || share > worst.share) worst = { feature, share }
    }
    return worst
  }
}
