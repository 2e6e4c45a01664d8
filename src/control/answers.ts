/**
 * The answers of a room that are no evidence: short documents that commands print and routes answer. Other programs rely on
 * them: fields may be added, none is renamed or dropped.
 */
import type { Interval } from '../engine/stats/intervals.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { DocumentHeader, OfflineReport } from '../evidence/documents/documents.ts'
import type { ApprovalDocument } from '../evidence/documents/release-documents.ts'
import type { Speed } from './view.ts'

export interface Items<T> {
  readonly items: readonly T[]
}

/** What was done, or has begun, in one sentence for people. */
export interface Said {
  readonly said: string
}

export interface SpeedDocument extends Said {
  readonly speed: Speed | 'pause'
  readonly market_time: string
  /** Where the recording stops, ISO; null when it plays on. */
  readonly until: string | null
}

/** A candidate that leaves the shadow, and what was counted of it there. */
export interface LeavingModel {
  readonly version: string
  /** Since when it has been in the shadow, ISO. */
  readonly since: string
  readonly comparisons: number
}

export interface ChallengerDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly version: string
  readonly role: 'challenger'
  readonly since: string
  /** How many there are now, this one among them. */
  readonly challengers: number
}

/** What a model is worth since it has its role, of the last seven days at most; intervals of 95 %, null without rows. */
export interface ScoredModel {
  readonly version: string
  readonly role: 'in charge' | 'candidate' | 'former' | 'challenger' | 'fallback'
  readonly since: string
  /** Settled minutes. */
  readonly n: number
  readonly log_loss: Interval | null
  readonly auc: Interval | null
  /** Closed on paper. */
  readonly trades: number
  /** Net, of the notional. */
  readonly expectancy_bp: Interval | null
}

export interface ScoreboardDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly items: readonly ScoredModel[]
}

export interface RetirementDocument extends LeavingModel {
  readonly symbol: string
  readonly slot: 'retired'
  readonly at: string
  readonly reason: string
}

export interface RetrainDocument {
  readonly version: string
  /** Null after a dry run. */
  readonly slot: string | null
  /** The candidate whose place it took; null where there was none. */
  readonly replaced: LeavingModel | null
  readonly offline: OfflineReport
  readonly seconds: number
}

/** What a retrain of each feature set would be called, for the form. */
export interface RetrainChoice {
  readonly features: string
  readonly version: string
  /** Why it cannot start now; null when it can. */
  readonly refused: string | null
  /** What it would put an end to, for people: `v1.8.3: 148 h in the shadow and 8940 comparisons end`; null where nothing. */
  readonly replaces: string | null
}

export interface PushDocument {
  readonly accepted: number
  readonly duplicates: number
  readonly late: number
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

export interface FillDocument {
  readonly symbol: string
  /** Bars that were missing and are there now. */
  readonly filled: number
  readonly known: number
  /** Newer than the newest bar: not taken. */
  readonly newer: number
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

export interface ExportDocument {
  readonly symbol: string
  readonly files: readonly string[]
  readonly entries: number
  readonly head: string | null
}

/** What the client of a smoke run measured. */
export interface SmokeFigures {
  readonly requests: number
  readonly success: number
  readonly seconds: number
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}

/** What came of a test message on one channel. */
export interface TestedChannel {
  readonly channel: string
  readonly ok: boolean
  readonly said: string
}

export interface TokenView {
  readonly name: string
  /** Whose it is. */
  readonly person: string
  readonly created_wall_ms: UnixMs
  readonly revoked: boolean
}

/** A token is shown this once. */
export interface NewToken {
  readonly name: string
  readonly person: string
  readonly token: string
}

export interface HealthDocument {
  readonly ok: boolean
  /** Who answers: a version, or `fallback`. */
  readonly model: string
  readonly candidate: string | null
  readonly service: 'onay'
  readonly version: string
  readonly symbol: string | null
  readonly phase: 'history' | 'open' | 'closing'
  readonly feature_staleness_sec: number | null
  readonly kill_switch: boolean
  readonly market_time: string | null
  readonly troubles: readonly string[]
}

/** What the shadow came to in the last 15 minutes. */
export interface ShadowDocument {
  readonly symbol: string
  readonly candidate: string | null
  readonly comparisons: number
  readonly match_rate: number | null
  readonly match_interval: { readonly lo: number; readonly hi: number } | null
  readonly mean_delta: number | null
  readonly tried: number
  readonly errors: number
  readonly p95_ms: number | null
  readonly breaker: 'closed' | 'open' | 'no candidate'
  readonly window_min: number
}

export interface ChainDocument {
  readonly entries: number
  readonly head: string | null
  readonly at: string | null
}

/** The hourly snapshots of a span, oldest first. */
export interface PsiTrend extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly model: string
  readonly items: readonly {
    readonly at: string
    readonly overall_psi: number | null
    readonly verdict: string
    readonly features: Readonly<Record<string, number>>
  }[]
}

/** Where the kill switch of one market stands, and why. */
export interface KillDocument {
  readonly symbol: string
  readonly enabled: boolean
  /** Market time, or the machine's before the first bar; null where it was never touched. */
  readonly since: string | null
  readonly by: string
  readonly reason: string
  /** Whether it would be found so after a restart. */
  readonly stored: boolean
}

/** Of every market that was named. Switching off opens a prompt for each that is on. */
export interface KillSwitchesDocument {
  readonly items: readonly KillDocument[]
  /** Prompts that wait for ONAY. */
  readonly approvals: readonly ApprovalDocument[]
}
