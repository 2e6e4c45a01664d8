import type { UnixMs } from '../../engine/kernel/units.ts'
import type { RecordedRow } from '../../feeds/recording.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { Desks } from '../desk/desks.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { LiveCanaries } from '../canary/live-canaries.ts'
import type { Bake } from '../release/bake.ts'
import type { Release } from '../release/release.ts'
import type { ReportPages } from '../reports/report-pages.ts'
import type { ArmComparison } from '../trading/compare-arms.ts'
import type { Bootstrap } from '../training/bootstrap.ts'
import type { SetTraining } from '../training/set-training.ts'
import type { BusyDays } from '../watch/busy-days.ts'
import type { GateJudge } from '../watch/judge-gates.ts'
import type { RuleInputs } from '../watch/rule-inputs.ts'
import type { IntakeResult } from './intake.ts'
import type { Background } from './background.ts'
import type { Scoring } from './scoring.ts'

/**
 * `live`: a moment of a room that is open. `push`: bars that come in between two moments. `between`: within a
 * minute of a real feed, for the alert rules and the judge of a canary. `waiting`: a moment of history that may wait for long work.
 * `history`: any other moment of it, many in one transaction.
 */
export type MomentKind = 'live' | 'push' | 'between' | 'waiting' | 'history'

/** One moment of one symbol, while its steps run. */
export interface Moment {
  readonly kind: MomentKind
  readonly desk: Desk
  /** On the market clock. */
  readonly atMs: UnixMs
  /** Up to which bars may be known: the moment itself, or on a push the machine's clock, a little early. */
  readonly knownMs: UnixMs
  readonly rows: readonly RecordedRow[]
  /** What became of each row. */
  readonly taken: IntakeResult[]
  /** Whether a report was written. */
  reported: boolean
}

/** What the steps of a moment work with. */
export interface TimelineParts {
  readonly desks: Desks
  readonly evidence: EvidenceWriter
  readonly config: Config
  readonly judge: GateJudge
  readonly inputs: RuleInputs
  readonly live: LiveCanaries
  readonly bake: Bake
  readonly release: Release
  readonly bootstrap: Bootstrap
  readonly sets: SetTraining
  readonly arms: ArmComparison
  readonly background: Background
  readonly scoring: Scoring
  /** Null for commands that write no pages. */
  readonly pages: ReportPages | null
  /** Null where no answers wait for each other. */
  readonly busyDays: BusyDays | null
  /** Ends with the room. */
  readonly signal: AbortSignal
}
