/** Columns and feature sets of a user's own, and the values that came for them. */
export interface OwnFeatures {
  readonly columns: readonly {
    readonly name: string
    readonly max_age_s: number
    readonly unit: string
    readonly about: string
  }[]
  readonly sets: readonly {
    readonly name: string
    readonly model: readonly string[]
    readonly drift: readonly string[]
  }[]
  /** At how many moments something became known. */
  readonly moments: number
  readonly newest: string | null
  /** Where the user brings what came of each minute: how many of the last 24 hours whose horizon has ended lack it. */
  readonly outcomes: { readonly name: string; readonly overdue: number } | null
}
