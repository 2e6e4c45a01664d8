import type { FeatureSet } from '../engine/features/catalogue.ts'
import type { RowDigest, RowSpan } from '../db/row-digests.ts'
import type { CanaryPlan, CanaryProfile, JudgeLimits } from '../engine/canary/plan.ts'
import type { ProbeLimits } from '../engine/canary/probes.ts'
import type { RehearsedDay, RehearsedFigures, RehearsedLimits } from '../engine/drift/rehearsal.ts'
import type { RehearsedGate } from '../engine/kernel/rehearsed-rules.ts'
import type { TimeWindow } from '../engine/drift/window.ts'
import type { DriftReference } from '../engine/drift/reference.ts'
import type { PsiLimits, PsiSnapshot } from '../engine/drift/snapshot.ts'
import type { Column } from '../engine/features/catalogue.ts'
import type { RehearsedGateLimits } from '../engine/gates/rehearsal.ts'
import type { LabelSpec, ModelWeights } from '../engine/models/contract.ts'
import type { SetWeights } from '../engine/models/tree-set.ts'
import type { SetReport } from '../engine/training/set-report.ts'
import type { Scaler } from '../engine/training/preparation.ts'
import type { ReportInput } from '../engine/training/offline-report.ts'
import type { OfflineReportFigures } from '../engine/training/report.ts'
import type { AbComparison, AbMode } from '../engine/trading/ab.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { PageLimits } from '../evidence/documents/day-figures.ts'
import type { FigureLimits } from './report-figures.ts'
import type { OnnxScores, OnnxTask } from './onnx-words.ts'

/** What a training needs, as plain data: it is sent to a process of its own. */
export interface TrainTask extends Omit<ReportInput, 'table'> {
  readonly kind: 'train'
  readonly dataDir: string
  readonly symbol: string
  readonly featureSet: string
  /** One of the user's own that is not kept yet. */
  readonly ownSet?: FeatureSet | undefined
  readonly scaler: Scaler
  readonly folds: number
  readonly embargoMin: number
  /** A model that is not trained here, or mixed of some that were, is measured by what it said of the window's rows. */
  readonly elsewhere: {
    readonly weights: ModelWeights
    /** Of its features those that a row may lack. */
    readonly mayLack: readonly Column[]
    /** The end of what its maker says it was trained on; null where nothing is said. */
    readonly trainedUntilMs: UnixMs | null
    /** Whether the threshold is the weights' own; otherwise the score that cuts off the top 20 %. */
    readonly ownThreshold: boolean
    readonly tsMs: Float64Array
    readonly scores: Float64Array
  } | null
  /** Rows up to here are counted into the new reference's bins, for drift. */
  readonly countUntilMs: UnixMs
}

export interface TrainOutcome {
  readonly weights: ModelWeights
  readonly reference: DriftReference
  readonly report: OfflineReportFigures
  readonly data: { readonly rows: number; readonly sha256: string }
  readonly hours: readonly { readonly hourMs: UnixMs; readonly n: number; readonly counts: Record<string, number[]> }[]
  readonly seconds: number
}

/** The drift of a model as its validation looks at it. */
export interface DriftTask {
  readonly kind: 'drift'
  readonly dataDir: string
  readonly symbol: string
  readonly atMs: UnixMs
  readonly limits: PsiLimits
  /** Of the model that is validated. */
  readonly reference: DriftReference
  /** Of the model that it follows; null when there is none. */
  readonly former: DriftReference | null
}

/** A reference and what was measured against it. */
export interface MeasuredDrift {
  readonly reference: DriftReference
  readonly snapshot: PsiSnapshot
}

export interface DriftOutcome {
  /** The last days against the model's own reference: what gate 1 sees. */
  readonly own: MeasuredDrift
  /** The first half of the training window against its second; null when a half has no rows. */
  readonly halves: MeasuredDrift | null
  /** The last days against the former reference. */
  readonly former: MeasuredDrift | null
}

/** Requests at a room over HTTP. */
export interface SmokeRequests {
  readonly dataDir: string
  readonly url: string
  /** The run that the room has begun, for the header. */
  readonly run: string
  readonly symbol: string | undefined
  /** Who must give the score: an answer by anything else, the fallback say, has failed. Null accepts any. */
  readonly answeredBy: string | null
  readonly requests: number
  readonly connections: number
  /** A request that takes longer has failed. */
  readonly timeoutMs: number
  /** Which rows the requests carry; null asks for the newest row, each time. */
  readonly rows: {
    readonly fromMs: UnixMs
    readonly untilMs: UnixMs
    /** What each must have: rows that lack one are left out. */
    readonly columns: readonly Column[]
    readonly seed: number
  } | null
}

/**
 * The same from a process of their own: fired from the room's own loop, they would wait for the very work that they measure.
 */
export interface SmokeTask extends SmokeRequests {
  readonly kind: 'smoke'
  /** The version that is to be judged by them. */
  readonly version: string
}

/** What the client saw. Success is status 200 by who was to answer; latencies are from a request sent to its answer read, of failed ones too. */
export interface SmokeOutcome {
  readonly requests: number
  readonly success: number
  readonly seconds: number
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}

/** The page of a day that has its report. */
export interface ReportTask {
  readonly kind: 'report'
  readonly dataDir: string
  readonly symbol: string
  /** The UTC day. */
  readonly date: string
  readonly limits: PageLimits
  readonly figures: FigureLimits
}

export interface ReportOutcome {
  readonly html: string
}

/** The rows of a day that are too many to be hashed by the room itself. */
export interface DigestTask {
  readonly kind: 'digest'
  readonly dataDir: string
  /** The UTC day. */
  readonly date: string
  readonly tables: readonly string[]
  readonly span: RowSpan
}

export interface DigestOutcome {
  readonly tables: Readonly<Record<string, RowDigest>>
}

/** Rules with other limits, held against the weeks of one model. */
export interface RehearseTask {
  readonly kind: 'rehearse'
  readonly dataDir: string
  readonly symbol: string
  readonly version: string
  readonly window: TimeWindow
  readonly reference: DriftReference
  readonly label: LabelSpec
  readonly threshold: number
  /** Log loss of its offline report; null where there is none. */
  readonly promise: number | null
  /** Whose canaries the judge is held against; null without a model in the shadow. */
  readonly candidate: RehearsedCandidate | null
  readonly variants: readonly { readonly name: string; readonly limits: VariantLimits }[]
}

interface RehearsedCandidate {
  readonly version: string
  readonly threshold: number
  readonly promise: number | null
  readonly plan: CanaryPlan
  readonly profile: CanaryProfile
}

export interface VariantLimits extends RehearsedLimits {
  readonly gates: RehearsedGateLimits
  readonly judge: JudgeLimits
  readonly probes: ProbeLimits
}

/** How many canaries of the candidate would have begun, and how they would have ended; one may not be over. */
export interface CanaryCounts {
  readonly begun: number
  readonly succeeded: number
  readonly stopped: number
  readonly inconclusive: number
}

export interface RehearsalOutcome {
  readonly days: readonly RehearsedDay[]
  /** Null without a candidate. */
  readonly candidate: {
    readonly days: readonly RehearsedDay[]
    /** Its recorded minutes, and those of them with a latency: the others count as on time. */
    readonly minutes: number
    readonly timedMinutes: number
  } | null
  /** At how many moments each gate of the model that they judge was judged. */
  readonly gates: readonly { readonly gate: RehearsedGate; readonly judged: number }[]
  readonly variants: readonly {
    readonly name: string
    readonly rules: readonly RehearsedFigures[]
    readonly canaries: CanaryCounts | null
  }[]
}

/** Two arms whose closed trades are compared; of one arm, before and after a moment, where `splitMs` is set. */
export interface AbTask {
  readonly kind: 'ab'
  readonly dataDir: string
  readonly symbol: string
  readonly armA: string
  readonly armB: string
  readonly mode: AbMode
  readonly splitMs: UnixMs | null
  /** Trades that were closed later do not count, nor of arms that trade at the same time those that were opened earlier. */
  readonly untilMs: UnixMs
  readonly fromMs: UnixMs
  readonly capital: number
  readonly look: number
  readonly seed: number
}

/** A set of five that is trained on the rows of a window. */
export interface SetTask {
  readonly kind: 'set'
  readonly dataDir: string
  readonly symbol: string
  readonly version: string
  readonly featureSet: string
  readonly window: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  readonly seed: number
  /** 0 for one less than the machine has cores. */
  readonly threads: number
}

export interface SetOutcome {
  readonly weights: SetWeights
  readonly report: SetReport
  readonly seconds: number
}

/** What comes of each kind of task. */
interface Outcomes {
  readonly rehearse: RehearsalOutcome
  readonly ab: AbComparison
  readonly set: SetOutcome
  readonly train: TrainOutcome
  readonly drift: DriftOutcome
  readonly smoke: SmokeOutcome
  readonly report: ReportOutcome
  readonly digest: DigestOutcome
  readonly onnx: OnnxScores | null
}

export type WorkerTask =
  | TrainTask
  | DriftTask
  | SmokeTask
  | ReportTask
  | DigestTask
  | RehearseTask
  | AbTask
  | SetTask
  | OnnxTask
export type OutcomeOf<Task extends WorkerTask> = Outcomes[Task['kind']]

/** What a worker process says. */
export type FromWorker<Outcome> =
  | { readonly kind: 'progress'; readonly share: number; readonly step: string }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  /** `refused` is for people: the data do not allow it. Anything else is a bug and carries its stack. */
  | { readonly kind: 'failed'; readonly message: string; readonly refused: boolean; readonly stack: string }
