/**
 * What a screen, the HTTP API and the command line may see of a room and ask of it. The room implements it in its own
 * process and `api/client` over HTTP, so one screen serves both.
 */
import type { GatesDocument, PsiDocument } from '../evidence/documents.ts'
import type { ApprovalDocument, CanaryDocument } from '../evidence/release-documents.ts'
import type { UnixMs } from '../engine/kernel/units.ts'

export type Speed = 1 | 60 | 600 | 'max'

/** Where the market clock is and what it does. */
export interface ClockView {
  readonly kind: 'replay' | 'real'
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

export interface ModelView {
  readonly version: string
  readonly sha256: string
  readonly auc: number | null
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

/** Everything a screen shows of one symbol at one moment. Plain data: what `GET /state` answers. */
export interface RoomView {
  readonly version: string
  readonly symbols: readonly string[]
  readonly symbol: string
  /** `history` while bars are run through before the room opens. */
  readonly phase: 'history' | 'open' | 'closing'
  readonly clock: ClockView
  readonly url: string | null
  readonly baseline: ModelView | null
  readonly candidate: ModelView | null
  readonly killSwitch: boolean
  readonly bars: number
  readonly gates: GatesDocument | null
  /** State `idle` says that no canary of this candidate has run. */
  readonly canary: CanaryDocument
  /** The shipped plans, then the configuration's own. */
  readonly plans: readonly PlanView[]
  /** Prompts that wait for a person, the oldest first; of every symbol. */
  readonly approvals: readonly ApprovalDocument[]
  /** Whether the candidate may be promoted now, and what is missing in words when not. */
  readonly promotion: { readonly possible: boolean; readonly missing: readonly string[] }
  /** The model in charge first, then the candidate. */
  readonly drift: readonly DriftView[]
  readonly serving: ServingView
  readonly jobs: readonly JobView[]
  readonly alerts: readonly AlertView[]
  /** Newest first, at most 50. */
  readonly events: readonly EventView[]
  readonly work: readonly WorkView[]
  /** What went wrong and stays wrong until somebody acts: a full disk, evidence that cannot be written. */
  readonly troubles: readonly string[]
  /** Left out where nobody is told anything. */
  readonly notifications?: readonly ChannelView[]
  /** Only where the room is elsewhere; the room itself does not know who looks. */
  readonly attached?: AttachedView
}

/** Rows or a series for a panel that is opened large. */
export type DetailView =
  | {
      readonly kind: 'table'
      readonly title: string
      readonly rows: readonly Readonly<Record<string, string>>[]
      readonly note: string
    }
  | {
      readonly kind: 'chart'
      readonly title: string
      readonly series: readonly { readonly name: string; readonly points: readonly (number | null)[] }[]
      readonly fromMs: UnixMs
      readonly untilMs: UnixMs
      readonly limit: number | null
      readonly unit: string
      readonly note: string
    }

export type Panel = 'gates' | 'canary' | 'drift' | 'serving' | 'jobs' | 'alerts' | 'events'

export interface RetrainRequest {
  readonly symbol: string
  readonly version?: string | undefined
  readonly features?: string | undefined
  readonly profile?: 'equivalent' | 'improve' | undefined
  readonly windowMs?: number | undefined
  readonly untilMs?: UnixMs | undefined
  readonly dryRun?: boolean | undefined
}

/** Every command resolves to one sentence for people, or rejects with an OperatorError. */
export interface ControlRoom {
  view(symbol?: string): Promise<RoomView>
  detail(symbol: string, panel: Panel): Promise<DetailView>
  setSpeed(speed: Speed, untilMs?: UnixMs): Promise<string>
  setPaused(paused: boolean): Promise<string>
  playToNext(symbol: string): Promise<string>
  /** Starts it; progress shows in `view().work`, the end as an event. */
  startRetrain(request: RetrainRequest): Promise<string>
  /** Feature sets and the version that a retrain of each would be called, for the form. */
  retrainChoices(
    symbol: string,
  ): Promise<readonly { readonly features: string; readonly version: string; readonly refused: string | null }[]>
  cancelWork(id: string): Promise<string>
  /** Offline validation of a version with its smokes; progress shows in `view().work`. */
  startValidate(request: ValidateRequest): Promise<string>
  /** A dry run ends at once; a live one opens a prompt. */
  startCanary(request: CanaryRequest): Promise<string>
  /** Takes effect before it resolves: the share is 0 for the next request. Needs no approval. */
  abortCanary(symbol: string): Promise<string>
  /** Opens the prompt for the candidate. Rejects with the gates while it is blocked. */
  promote(symbol: string): Promise<string>
  /** The former model answers at once. Needs no approval. */
  rollback(symbol: string): Promise<string>
  answerApproval(id: string, answer: ApprovalAnswer): Promise<string>
  /** Says that somebody has seen a firing alert; it stays firing. */
  acknowledge(symbol: string, rule: string, reason: string): Promise<string>
  /** Calls back when there is something new to see; a room without it is looked at twice a second. @returns what ends it */
  onChange?(listener: () => void): () => void
}

export interface ValidateRequest {
  readonly symbol: string
  readonly version?: string | undefined
  readonly profile?: 'equivalent' | 'improve' | undefined
}

export interface CanaryRequest {
  readonly symbol: string
  /** `full`, `mini`, or one of the configuration's own. */
  readonly plan?: string | undefined
  readonly profile?: 'equivalent' | 'improve' | undefined
  readonly live: boolean
}

/** `phrase` must be ONAY and `reason` not empty to approve; rejecting needs neither. */
export interface ApprovalAnswer {
  readonly decision: 'approve' | 'reject'
  readonly phrase?: string | undefined
  readonly reason?: string | undefined
}
