import type { Store } from '../../db/store.ts'
import { NewestValues, type OwnValues } from '../../engine/features/own-columns.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { knownAt } from '../../engine/market/bar.ts'

/** Gives the rows of one symbol the values of a user's own columns that are known when their minute ends. */
export class OwnColumnBook {
  private newest = new NewestValues([])
  /** The end of the newest row: what is known up to there has been looked at. */
  private untilMs: UnixMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
  ) {}

  /** Writes the values of a new row into it. */
  complete(row: FeatureRow): void {
    const { own, firstOwn } = this.catalogue
    if (own.length === 0) return
    const endMs = knownAt(row)
    // Before the first row there is only what is young enough for it.
    const fromMs = Math.max(this.untilMs + 1, endMs - oldestAge(own))
    for (const known of this.store.own.between(this.symbol, fromMs, endMs + 1, own.length)) this.newest.take(known)
    this.untilMs = endMs
    for (let i = 0; i < own.length; i++) row.values[firstOwn + i] = this.newest.at(i, row.tsMs)
  }

  /** Values were stored. @returns whether they come late: rows that were scored would have had them */
  stored(known: OwnValues): boolean {
    if (known.tsMs > this.untilMs) return false
    this.newest.take(known)
    return true
  }

  /** Back to where the database stands. @param latest the newest row, which is stored */
  restore(latest: FeatureRow | null): void {
    const { own } = this.catalogue
    this.newest = new NewestValues(own)
    this.untilMs = latest === null ? Number.NEGATIVE_INFINITY : knownAt(latest)
    if (own.length === 0 || latest === null) return
    const lacking = new Set(own.keys())
    for (const known of this.store.own.back(this.symbol, this.untilMs - oldestAge(own), this.untilMs + 1, own.length)) {
      this.newest.take(known)
      for (const i of lacking) if (!Number.isNaN(known.values[i] ?? Number.NaN)) lacking.delete(i)
      if (lacking.size === 0) return
    }
  }

  private get catalogue() {
    return this.store.catalogues.of(this.symbol)
  }
}

function oldestAge(own: readonly { readonly maxAgeMs: number }[]): number {
  return Math.max(0, ...own.map(({ maxAgeMs }) => maxAgeMs))
}
