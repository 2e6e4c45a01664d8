/** A column that a user declares: its values come from outside, each known from its own time on. */
export interface OwnColumn {
  readonly name: string
  /** A value older than this at the end of a minute is missing in its row. */
  readonly maxAgeMs: number
  /** For people: `1`, `bp`, `USD`. */
  readonly unit: string
  readonly about: string
}

export const OWN_NAME = /^[a-z][a-z0-9_@]{0,59}$/
export const MAX_OWN_COLUMNS = 256

export function sameColumn(a: OwnColumn, b: OwnColumn): boolean {
  return a.name === b.name && a.maxAgeMs === b.maxAgeMs && a.unit === b.unit && a.about === b.about
}
