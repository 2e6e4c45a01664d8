/** What the page of a release says, as plain data. */
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { ChainHead } from '../audit.ts'
import type { GivenDocument } from '../documents/release-documents.ts'
import type { RecordedOffline, RecordedRun } from '../recorded-files.ts'

export interface RecordedGate {
  readonly gate: number
  readonly name: string
  readonly verdict: string
  readonly value: unknown
  readonly threshold: unknown
  readonly reason: string
}

export interface RecordedGates {
  /** `as \`promote-1a2b3c4d\` showed them`, `as each last changed`. */
  readonly when: string
  readonly atMs: UnixMs
  readonly rows: readonly RecordedGate[]
}

/** What the settled minutes said, beside what is in charge and beside the fallback. */
export interface RecordedOutcome {
  readonly when: string
  readonly verdict: string
  readonly n: number
  readonly logLoss: {
    readonly candidate: number | null
    readonly baseline: number | null
    readonly fallback: number | null
  }
  readonly text: string | null
}

/** A prompt about the version, and what became of it. */
export interface RecordedApproval {
  readonly id: string
  readonly action: string
  readonly sentence: string
  readonly state: string
  readonly why: string | null
  readonly askedBy: string
  readonly askedMs: UnixMs
  /** Null where the chain of an earlier version does not say. */
  readonly needs: number | null
  /** What was shown with it; null where the chain of an earlier version has its hash alone. */
  readonly figures: Readonly<Record<string, unknown>> | null
  readonly against: readonly string[]
  readonly given: readonly GivenDocument[]
}

export interface ReleaseRecord {
  readonly symbol: string
  readonly version: string
  readonly kind: string
  readonly sha256: string
  readonly profile: string
  readonly slot: string | null
  readonly clock: string
  readonly atMs: UnixMs
  readonly features: readonly string[]
  readonly window: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  readonly offline: RecordedOffline
  /** Of its newest promotion, with the approval that it rested on; null when it was never promoted. */
  readonly promotion: { readonly atMs: UnixMs; readonly approval: RecordedApproval | null } | null
  /** What became of it, oldest first. */
  readonly course: readonly { readonly atMs: UnixMs; readonly text: string }[]
  /** Null while none was ever judged. */
  readonly gates: RecordedGates | null
  readonly runs: readonly RecordedRun[]
  readonly approvals: readonly RecordedApproval[]
  readonly outcome: RecordedOutcome | null
  readonly reports: readonly { readonly date: string; readonly status: string }[]
  /** Evidence about it that there was once, and why it is not here. */
  readonly gone: readonly string[]
  readonly head: ChainHead
  /** The bundle's file name, for the commands that check it. */
  readonly bundle: string
  /** The version of the program that made the page: another may word it otherwise. */
  readonly madeBy: string
}
