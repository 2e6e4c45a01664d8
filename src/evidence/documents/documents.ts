/**
 * The JSON documents that commands print, routes answer and evidence files hold. Other programs rely on them: fields may be
 * added, none is renamed or dropped. Numbers are null where they are unknown, never 0.
 */
import type { OwnFeatures } from './own-features.ts'
import type { DriftCheckLevel, DriftVerdict } from '../../engine/drift/check.ts'
import type { DriftLevel } from '../../engine/drift/snapshot.ts'
import type { GateResult } from '../../engine/gates/catalogue.ts'
import type { OutcomeVerdict } from '../../engine/gates/outcome.ts'
import type { ClockKind } from '../../engine/kernel/clock.ts'
import type { Verdict } from '../../engine/kernel/verdict.ts'
import type { Profile, SlotName } from '../../engine/models/roles.ts'
import type { Interval } from '../../engine/stats/intervals.ts'
import type { OfflineReportFigures } from '../../engine/training/report.ts'

export interface DocumentHeader {
  readonly schema: string
  /** ISO time on the clock that `clock` names. */
  readonly generated_at: string
  readonly clock: ClockKind
  readonly onay_version: string
}

export interface Span {
  readonly from: string
  readonly until: string
}

interface PsiFeatureDocument {
  readonly psi: number
  readonly level: DriftLevel
  readonly n_reference: number
  readonly n_current: number
  readonly chance_mean: number
  readonly chance_p95: number
  /** What the reference does to itself: 95th percentile over its own windows of the same length. Null when it is shorter. */
  readonly within_reference_p95: number | null
  /** Absent in documents of earlier versions. */
  readonly ks?: number
}

export interface PsiDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly model: string
  readonly at: string
  readonly reference: Span & { readonly n: number }
  readonly current: Span & { readonly n: number }
  readonly overall_psi: number | null
  readonly verdict: Verdict
  readonly level: DriftLevel | null
  readonly worst: { readonly feature: string; readonly psi: number } | null
  readonly features: Readonly<Record<string, PsiFeatureDocument>>
  readonly within_reference_p95: number | null
  readonly reason: string
  /** When seven days will lie after the reference's end, ISO; null once they do. */
  readonly ready_at: string | null
  readonly slo_check: { readonly threshold: number; readonly feature_threshold: number; readonly pass: boolean }
}

interface DriftFigureDocument {
  readonly value: number
  /** Above it a warning. */
  readonly warning: number
  /** Above it critical. */
  readonly critical: number
  readonly level: DriftCheckLevel
}

/** A look at the last 24 hours of a model's features. */
export interface DriftDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly model: string
  readonly at: string
  readonly reference: Span & { readonly n: number }
  readonly current: Span & { readonly n: number }
  readonly overall_psi: number | null
  /** Above it the kill switch is asked for. */
  readonly kill_limit: number
  /** What this check says by itself; null where it had too few rows. */
  readonly level: DriftCheckLevel | null
  readonly beyond_kill: boolean
  /** What two of the last three checks agree on. */
  readonly verdict: DriftVerdict
  readonly asks_kill: boolean
  readonly features: Readonly<
    Record<
      string,
      {
        readonly psi: DriftFigureDocument
        readonly ks: DriftFigureDocument | null
        /** A feature over 24 hours is shown and not judged. */
        readonly judged: boolean
        readonly level: DriftCheckLevel
      }
    >
  >
  /** Windows of the reference that its own days were measured on; null where they are not known and the limits alone hold. */
  readonly own_days: number | null
}

export interface OfflineFigures {
  readonly auc: number
  readonly precision_at_20: number
}

interface MissingFile {
  readonly file: string
  /** The command that makes it. */
  readonly make: string
}

export interface EvidenceCount {
  readonly present: number
  readonly required: number
  readonly missing: readonly MissingFile[]
}

export interface GateDocument {
  readonly gate: number
  readonly name: GateResult['name']
  readonly verdict: Verdict
  readonly value: number | OfflineFigures | EvidenceCount | null
  readonly threshold: number | OfflineFigures | null
  readonly reason: string
  readonly ready_at: string | null
}

export interface OutcomeDocument {
  readonly verdict: OutcomeVerdict
  readonly n: number
  readonly log_loss: {
    readonly candidate: number | null
    readonly baseline: number | null
    readonly fallback: number | null
  }
  /** Candidate minus baseline, paired log loss, with its 95 % block-bootstrap interval; null while there is no pair. */
  readonly difference: Interval | null
  readonly against_fallback: Interval | null
  /** One plain sentence. */
  readonly text: string
}

export interface GatesDocument extends Partial<DocumentHeader> {
  readonly label: string
  readonly symbol: string
  /** The version judged; null while there is neither candidate nor baseline. */
  readonly model: string | null
  readonly at: string
  readonly verdict: 'BLOCKED' | 'ELIGIBLE'
  readonly passed: number
  /** How many gates there are. */
  readonly of: number
  readonly gates: readonly GateDocument[]
  readonly outcome: OutcomeDocument
}

/** `offline_report_<v>.json`. */
export interface OfflineReport extends Partial<DocumentHeader>, OfflineReportFigures {
  readonly timestamp: string
}

export interface FeaturesDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly rows: number
  readonly from: string | null
  readonly until: string | null
  readonly completeness: number | null
  readonly gaps: readonly (Span & { readonly minutes: number })[]
  readonly missing: Readonly<Record<string, number>>
  readonly duplicates: number
  readonly late: number
  readonly bad_rows: number
  readonly anomalies: readonly string[]
  /** What a user has declared; left out where there is nothing. */
  readonly own?: OwnFeatures
}

export interface SmokeDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly model: string
  readonly requests: number
  readonly success: number
  readonly success_rate: number
  readonly latency_ms: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
  readonly seconds: number
  readonly match_rate: number | null
  readonly mean_delta: number | null
  readonly max_delta: number | null
  readonly shadow_errors: number | null
  readonly shadow_error_rate: number | null
  readonly slo_check: { readonly pass: boolean; readonly why: readonly string[] }
}

/** The slot of a version; the fallback has none, and what has left its slot is retired. */
export type Slot = SlotName | 'fallback' | 'retired'

export interface ModelDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly version: string
  readonly kind: string
  readonly sha256: string
  readonly slot: Slot | null
  readonly profile: Profile
  readonly features: readonly string[]
  readonly window: Span | null
  readonly offline: OfflineReport | null
  readonly weights: object | null
}

/** A daily report as it may stand in a database: one of an earlier version lacks what was added since. */
export interface StoredDailyReport extends Partial<DocumentHeader> {
  readonly symbol: string
  /** The UTC day covered. */
  readonly date: string
  /** What stood in the slots when the report was made. */
  readonly models?: {
    readonly baseline: string | null
    readonly candidate: string | null
    /** Since when the candidate was in the shadow, ISO. */
    readonly candidate_since: string | null
  }
  /** What was in charge in each part of a day on which that changed; the metrics are of the model that was in charge at its end. */
  readonly parts?: readonly {
    readonly from: string
    readonly until: string
    readonly baseline: string | null
    readonly tried: number
    readonly error_rate: number | null
    readonly settled: number
    readonly auc: number | null
    readonly log_loss: number | null
  }[]
  /** What each arm made of the trades that it closed on that day, in quote units; arms that closed none are left out. */
  readonly arms?: readonly {
    readonly arm: string
    readonly active: boolean
    readonly trades: number
    readonly win_rate: number
    /** After fees. */
    readonly net: number
    readonly fees: number
    /** Net result of a trade, basis points of its value. */
    readonly expectancy_bp: number | null
  }[]
  readonly metrics: {
    readonly psi_score: number | null
    readonly psi_by_feature: Readonly<Record<string, number>> | null
    readonly error_rate: number | null
    readonly match_rate: number | null
    readonly predict_p95_ms: number | null
    readonly mean_delta: number | null
    readonly requests: number | null
    readonly auc_live: number | null
    readonly precision_at_20_live: number | null
    readonly log_loss_live: number | null
    readonly ece: number | null
    readonly base_rate: number | null
  }
  readonly n: Readonly<Record<string, number>>
  readonly unmeasured: Readonly<Record<string, string>>
  /** What the offline report of the model in charge said. Reports of earlier versions lack the two that may be left out. */
  readonly promised: {
    readonly auc: number
    readonly precision_at_20?: number
    readonly log_loss?: number
    readonly ece: number
    readonly base_rate: number
  } | null
  readonly data_quality: {
    readonly rows: number
    readonly completeness: number | null
    readonly gaps: readonly (Span & { readonly minutes: number })[]
    readonly missing: Readonly<Record<string, number>>
  }
  readonly alerts: readonly { readonly rule: string; readonly severity: string; readonly at: string }[]
  readonly gates: { readonly verdict: string; readonly passed: number; readonly verdicts: readonly string[] } | null
  readonly anomalies: readonly string[]
  readonly overall_status: 'OK' | 'WARNING' | 'CRITICAL'
  readonly promote_eligible: boolean
  readonly action_required: readonly string[]
  readonly chain_head: string | null
  /** The newest entry of the chain before the report itself; null while there was none. */
  readonly chain?: { readonly seq: number; readonly hash: string } | null
}

/** A daily report as it is made now. */
export type DailyReport = StoredDailyReport & Required<Pick<StoredDailyReport, 'models' | 'parts' | 'arms' | 'chain'>>
