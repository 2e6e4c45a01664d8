/**
 * What a person can see of a room at one moment, in parts: a page of the screen reads the parts that it shows. Plain data, and
 * what `GET /state` answers.
 */
import type { ClockKind } from '../engine/kernel/clock.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { LabelSpec } from '../engine/models/contract.ts'
import type { GatesDocument, PsiDocument } from '../evidence/documents/documents.ts'
import type { ApprovalDocument, CanaryDocument } from '../evidence/documents/release-documents.ts'

export type Speed = 1 | 60 | 600 | 'max'

/** Where the market clock is and what it does. */
export interface ClockView {
  readonly kind: ClockKind
  readonly marketMs: UnixMs
  readonly wallMs: UnixMs
  readonly speed: Speed
  readonly paused: boolean
  /** The recording is at its end; the room stays up. */
  readonly ended: boolean
  /** A stop on the way: by `next` or `max --until`. */
  readonly stop: { readonly atMs: UnixMs; readonly why: string } | null
  /** What `next` would play to now. */
  readonly nextMoment: { readonly atMs: UnixMs; readonly why: string } | null
}

/** Long work or the history run, with an estimate. */
export interface WorkView {
  readonly id: string
  readonly symbol: string
  readonly what: string
  /** 0 to 1; null when it cannot be known. */
  readonly share: number | null
  /** What it is doing now, for people: "fold 3 of 5", "2025-05-14 07:21". */
  readonly step: string
  readonly etaSec: number | null
  readonly cancellable: boolean
}

/** How a model fared on minutes whose outcome is known. */
export interface SettledView {
  /** Null when all minutes came out the same. */
  readonly auc: number | null
  readonly logLoss: number
  /** Minutes; the same ones for every model of the view. */
  readonly n: number
}

export interface ModelView {
  readonly version: string
  readonly sha256: string
  /** What the cross-validation of its training promised. */
  readonly auc: number | null
  readonly trained: { readonly fromMs: UnixMs; readonly untilMs: UnixMs }
  /** Since when it has its role. */
  readonly sinceMs: UnixMs
  readonly settled: SettledView | null
}

/** How the model in the shadow fared against others over time, as sums of differences of log loss: below 0 it is better. */
export interface OutcomeCourse {
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
  /** Oldest first, all lists of one length, at most 96. */
  readonly againstInCharge: readonly number[]
  readonly againstFallback: readonly number[]
  /** 95 % of the sums against the model in charge lie within, as far as an hour says nothing of the next. */
  readonly band: readonly { readonly lo: number; readonly hi: number }[]
}

/** A quarter of an hour of the market. */
export interface MarketSpan {
  /** Null where no bar came in. */
  readonly close: number | null
  /** Signals of the model in charge in it: those that came true, and those that did not. */
  readonly cameTrue: number
  readonly didNot: number
}

/** The market itself, and what the models predict of it. */
export interface MarketPart {
  readonly price: number | null
  /** Against the close a day earlier, as a share: 0.01 is a rise of 1 %. Null without that bar. */
  readonly dayChange: number | null
  /** The last 24 hours, oldest first. */
  readonly course: readonly MarketSpan[]
  readonly predicts: LabelSpec
  /** Scores from here up are signals, of whoever answers. */
  readonly threshold: number
  /** How often it happened in the cross-validation of the model in charge, 0 to 1. */
  readonly baseRate: number | null
}

export interface DriftView {
  readonly model: string
  readonly snapshot: PsiDocument
  /** Per feature and `overall`: hourly PSI of the last 7 days, oldest first; null where there was none. At most 168. */
  readonly course: Readonly<Record<string, readonly (number | null)[]>>
}

export interface ServingView {
  /** Over the last 15 minutes of the market clock: minute + caller. */
  readonly requests: number
  readonly requestsPerMinute: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  /** Share of the answers by who gave them, 0 to 1. */
  readonly answeredBy: Readonly<Record<string, number>>
  readonly abstained: number
  readonly modelErrors: number
  /** Null without comparisons. */
  readonly match: { readonly rate: number; readonly lo: number; readonly hi: number; readonly n: number } | null
  readonly meanDelta: number | null
  readonly shadowTried: number
  readonly shadowErrors: number
  readonly shadowP95Ms: number | null
  readonly breaker: 'closed' | 'open' | 'no candidate'
  readonly deltaLimit: number
  /** Age of the newest row in seconds; negative where it lies ahead of the clock. */
  readonly stalenessSec: number | null
  /** The newest scored minute. */
  readonly last: {
    readonly atMs: UnixMs
    readonly score: number
    readonly by: string
    readonly candidateScore: number | null
  } | null
}

export interface JobView {
  readonly name: string
  readonly lastMs: UnixMs | null
  readonly nextMs: UnixMs | null
  /** Short, for people: "ok", "0.041", "blocked", "CRITICAL", "failed: disk full". */
  readonly result: string
  readonly ok: boolean | null
}

export interface AlertView {
  readonly rule: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly state: 'pending' | 'firing'
  readonly sinceMs: UnixMs
  /** Null while it is pending. */
  readonly firedMs: UnixMs | null
  /** It toggles too often to be taken at its word. */
  readonly flapping: boolean
  /** Who has seen it, and what they said. */
  readonly acknowledged: { readonly by: string; readonly reason: string } | null
  readonly text: string
  /** What to do next. */
  readonly next: string
}

export interface EventView {
  readonly id: number
  readonly symbol: string
  readonly tsMs: UnixMs
  readonly kind: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly text: string
}

/** A plan that a canary can be asked to follow. */
export interface PlanView {
  readonly name: string
  /** `split` is a share of the requests, above 0 to 1. */
  readonly phases: readonly { readonly split: number; readonly durationMin: number }[]
  /** What is wrong with it in words; null where it can run. */
  readonly refused: string | null
}

/** How messages to people elsewhere fare on one channel. */
export interface ChannelView {
  readonly channel: string
  readonly waiting: number
  readonly sent: number
  readonly givenUp: number
  /** Of the newest message that has not come through; null when all have. */
  readonly lastError: string | null
}

/** Of a room that is looked at over HTTP: where it is, and what may be done from here. */
export interface AttachedView {
  readonly url: string
  /** Why nothing can be changed from here; null when it can. */
  readonly readOnly: string | null
  /** What a person should know of the line to the room. */
  readonly notes: readonly string[]
}

/** One market of the room in a line. */
export interface SymbolView {
  readonly symbol: string
  readonly price: number | null
  readonly dayChange: number | null
  /** Versions; null where nobody has the role. */
  readonly inCharge: string | null
  readonly shadow: string | null
  readonly canary: CanaryDocument['state']
  /** Gates that passed when they were last judged; null before. */
  readonly gatesPassed: number | null
  /** Overall PSI of the model in charge. */
  readonly psi: number | null
  /** Firing alerts that nobody has seen, and those of them that are critical. */
  readonly alerts: number
  readonly critical: number
}

/** The room itself: which market, where its clock stands, what it is doing and what it has done. */
export interface RoomPart {
  readonly version: string
  readonly symbols: readonly string[]
  readonly symbol: string
  /** Every market of the room, in the order of `symbols`. */
  readonly overview: readonly SymbolView[]
  /** `history` while bars are run through before the room opens. */
  readonly phase: 'history' | 'open' | 'closing'
  readonly clock: ClockView
  readonly url: string | null
  readonly bars: number
  readonly jobs: readonly JobView[]
  /** Newest first, at most 50. */
  readonly events: readonly EventView[]
  readonly work: readonly WorkView[]
  /** What went wrong and stays wrong until somebody acts: a full disk, evidence that cannot be written. */
  readonly troubles: readonly string[]
  /** Left out where the room sends no notifications. */
  readonly notifications?: readonly ChannelView[] | undefined
}

/** Who answers, who may follow, and what stands between the two. */
export interface ModelsPart {
  /** In charge. */
  readonly baseline: ModelView | null
  /** In the shadow. */
  readonly candidate: ModelView | null
  /** The one that was in charge before, kept ready for a rollback. */
  readonly former: ModelView | null
  readonly fallback: { readonly version: string; readonly settled: SettledView | null }
  /** Minutes of the last 24 hours that lack the outcome which the user brings; null where the room works it out. */
  readonly overdueOutcomes: number | null
  readonly killSwitch: boolean
  readonly gates: GatesDocument | null
  /** Null without settled minutes of a model in the shadow. */
  readonly outcome: OutcomeCourse | null
  /** State `idle` says that no canary of this candidate has run. */
  readonly canary: CanaryDocument
  /** The shipped plans, then the configuration's own. */
  readonly plans: readonly PlanView[]
  /** Prompts that wait for a person, the oldest first; of every symbol. */
  readonly approvals: readonly ApprovalDocument[]
  /** Whether the candidate may be promoted now, and what is missing in words when not. */
  readonly promotion: { readonly possible: boolean; readonly missing: readonly string[] }
}

/** What is measured while the models serve, and what is wrong with it. */
export interface WatchPart {
  /** The model in charge first, then the candidate. */
  readonly drift: readonly DriftView[]
  readonly serving: ServingView
  readonly alerts: readonly AlertView[]
}

/** Everything a screen shows of one symbol at one moment. */
export interface RoomView {
  readonly room: RoomPart
  readonly market: MarketPart
  readonly models: ModelsPart
  readonly watch: WatchPart
  /** Only where the room is elsewhere; the room itself does not know who looks. */
  readonly attached?: AttachedView | undefined
}
