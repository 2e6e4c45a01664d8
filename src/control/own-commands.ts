/** What a user brings of their own: columns, feature sets, values and labels. */
import type { OwnColumn } from '../engine/features/own-column.ts'
import type { UnixMs } from '../engine/kernel/units.ts'

export interface DeclareFeatures {
  readonly symbol: string
  readonly columns: readonly OwnColumn[]
}

/** What became known at one moment, by column; null where nothing did. */
export interface PushedValues {
  readonly tsMs: UnixMs
  readonly values: Readonly<Record<string, number | null>>
}

export interface PushFeatures {
  readonly symbol: string
  readonly rows: readonly PushedValues[]
}

/** What came of a minute: 1 where it happened. */
export interface SaidOutcome {
  readonly tsMs: UnixMs
  readonly label: 0 | 1
}

/** The same of the prediction that a caller has asked for under a key of its own. */
export interface KeyedOutcome {
  readonly key: string
  readonly label: 0 | 1
}

export interface PushOutcomes {
  readonly symbol: string
  readonly outcomes: readonly (SaidOutcome | KeyedOutcome)[]
  /** Says what would be added, and why it cannot be; takes nothing. */
  readonly dryRun?: boolean | undefined
}
