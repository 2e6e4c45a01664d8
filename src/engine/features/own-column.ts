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
/** Fields beside the columns, in files of features, in the log of rows and in the rows that a model is checked with. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'ts_ms',
  'id',
  'key',
  'label',
  'prediction',
  'symbol',
  'date',
  'schema',
  'columns',
  'constructor',
])

export function sameColumn(a: OwnColumn, b: OwnColumn): boolean {
  return a.name === b.name && a.maxAgeMs === b.maxAgeMs && a.unit === b.unit && a.about === b.about
}
