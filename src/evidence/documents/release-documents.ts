/**
 * Documents of taking a model live: canary, approvals, validation, promotion. Other programs rely on them: fields may be added,
 * none is renamed or dropped.
 */
import type { Profile } from '../../engine/models/roles.ts'
import type { Bounds, Interval } from '../../engine/stats/intervals.ts'
import type { DocumentHeader } from './documents.ts'

export type CanaryStateName =
  | 'idle'
  | 'awaiting_onay'
  | 'ramping'
  | 'holding'
  | 'succeeded'
  | 'aborted'
  | 'inconclusive'

interface CanaryIntervals {
  /** 95 % Wilson intervals; null without any try. */
  readonly error_rate: Bounds | null
  readonly match_rate: Bounds | null
  /** Share of the candidate's runs above the latency that stops a canary: 120 ms, unless the limits say otherwise. */
  readonly above_120_ms: Bounds | null
}

export interface CanaryLimits {
  readonly p95_ms: { readonly go_on: number; readonly stop: number }
  readonly error_rate: { readonly go_on: number; readonly stop: number }
  readonly match_rate: { readonly go_on: number; readonly stop: number }
  readonly min_comparisons: number
  /** Comparisons of a phase besides its probes. */
  readonly min_live: number
}

export interface ValidationDocument {
  readonly needed_h: number
  readonly counted_h: number
  /** When it will be done if nothing breaks and no hour is too thin, ISO; null when it is done. */
  readonly until: string | null
  /** What is still missing, in words; empty when nothing is. */
  readonly missing: string
}

/** The 48 hours after a promotion in which the former model watches in the shadow. */
export interface BakeDocument {
  readonly former: string
  readonly until: string
  /** What the last hourly look said. */
  readonly decision: string
}

/** One side of a canary of days; null where a figure has no value yet. */
export interface LiveSideDocument {
  readonly version: string
  /** Closed on paper, on minutes on which the candidate was confident. */
  readonly trades: number
  readonly sharpe: number | null
  readonly max_drawdown: number
  readonly net_pnl: number
  readonly log_loss: number | null
  readonly ece: number | null
  /** Trades of callers' own bots that followed its answers on those minutes, and their mean result in basis points of their value. */
  readonly own_trades: number
  readonly own_mean_bp: number | null
}

/** What came of a canary of days: `canary_live_<date>.json`, and part of `GET /canary`. */
export interface LiveCanaryDocument {
  /** When it was judged. */
  readonly at: string
  readonly policy: {
    readonly fraction: number
    readonly min_confidence: number
    readonly min_days: number
    readonly sha256: string
  }
  /** Whether the file is another by now: what was approved holds. */
  readonly policy_changed: boolean
  /** Full days since it began. */
  readonly days: number
  readonly most_days: number
  /** Settled minutes on which the candidate was confident. */
  readonly minutes: number
  readonly canary: LiveSideDocument
  readonly in_charge: LiveSideDocument
  /** Of the daily return, the canary's less the other's, as a share of the capital; 95 %. */
  readonly difference: Interval | null
  /** Of the paired log losses, the canary's less the other's; 95 %. Null below ten blocks of minutes. */
  readonly log_loss_difference: Interval | null
  /** Of the daily means of callers' own trades, the canary's less the other's; 95 %. */
  readonly own_difference_bp: Interval | null
  readonly critical_drift: number
  readonly verdict: 'stop' | 'promote' | 'extend'
  readonly reason: string
  readonly missing: readonly string[]
}

/** `onay canary status --json`, `GET /canary`. */
export interface CanaryDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly state: CanaryStateName
  readonly run_id: string | null
  readonly plan_name: string | null
  readonly plan: readonly { readonly split: number; readonly duration_min: number }[]
  readonly mode: 'observe' | 'serve'
  readonly candidate: string | null
  readonly baseline: string | null
  /** The phase that runs, or was the last, from 1; null while none has. */
  readonly phase: number | null
  /** 0 to 1, what the plan says now. */
  readonly share: number
  readonly realised_share: number | null
  /** Of the chi-square test of the realised share against the planned one. */
  readonly split_p_value: number | null
  readonly since: string | null
  readonly until: string | null
  /** Comparisons of callers' requests, and of probes, in this phase. */
  readonly live: number
  readonly probes: number
  readonly probes_planned: number
  readonly p95_ms: number | null
  readonly error_rate: number | null
  readonly match_rate: number | null
  readonly psi: number | null
  readonly intervals: CanaryIntervals | null
  /** The judge's last word, and why. */
  readonly decision: string | null
  readonly reason: string | null
  readonly profile: Profile
  readonly limits: CanaryLimits
  /** After a success, until the promotion; null otherwise. */
  readonly validation: ValidationDocument | null
  /** After a promotion; null otherwise. */
  readonly bake: BakeDocument | null
  /** Of a canary of days; null otherwise. */
  readonly live_canary: LiveCanaryDocument | null
}

/** What the shares of a phase are worked out from. */
interface CanaryCounts {
  readonly tried: number
  readonly errors: number
  readonly comparisons: number
  /** Of the room's minutes and of callers while the phase ran, within the share or not; null where it was not counted yet. */
  readonly live_compared: number | null
  readonly matched: number
  readonly timed: number
  readonly above_120_ms: number
}

export interface CanaryPhaseDocument {
  readonly phase: number
  readonly split: number
  readonly started_at: string
  readonly ended_at: string | null
  readonly requests: number
  readonly live: number
  readonly probes: number
  readonly p95_ms: number | null
  readonly error_rate: number | null
  readonly match_rate: number | null
  readonly psi: number | null
  readonly intervals: CanaryIntervals | null
  /** Null in a phase of an earlier version, which kept shares alone. */
  readonly counts: CanaryCounts | null
  readonly decision: string
  readonly reason: string
}

/** `canary_run_<ISO>.json`, `canary_dryrun_observe_<version>.json`. */
export interface CanaryRunDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly run_id: string
  readonly mode: 'observe' | 'serve'
  readonly profile: Profile
  readonly dry_run: boolean
  readonly candidate: string
  readonly baseline: string
  readonly plan: readonly { readonly split: number; readonly duration_min: number }[]
  readonly limits: CanaryLimits
  readonly approvals: readonly (GivenDocument & { readonly sentence: string })[]
  readonly phases: readonly CanaryPhaseDocument[]
  readonly status: 'SUCCESS' | 'ABORTED' | 'INCONCLUSIVE'
  readonly aborted: boolean
  readonly abort_reason: string | null
  readonly promote_eligible: boolean
  readonly total_requests: number
  /** Null in a phase that an earlier version recorded. */
  readonly shadow_errors: number | null
  /** Of a canary of days; left out otherwise. */
  readonly live_canary?: LiveCanaryDocument
}

export type ApprovalAction = 'canary_start' | 'promote' | 'ab_swap' | 'kill_off' | 'kill_drill'
type ApprovalStateName = 'waiting' | 'approved' | 'refused' | 'expired' | 'stale'

/** One person's word for it. */
export interface GivenDocument {
  /** The name of a token, or of who sat at the terminal. */
  readonly by: string
  /** Whose name that is; left out in what an earlier version recorded. */
  readonly person?: string
  readonly reason: string
  readonly at: string
}

/** One ONAY prompt; `onay approvals --json` lists them as `{items}`. */
export interface ApprovalDocument {
  readonly id: string
  readonly action: ApprovalAction
  readonly symbol: string
  /** The version it is about. */
  readonly subject: string
  readonly sha256: string
  readonly figures: Readonly<Record<string, unknown>>
  readonly figures_sha256: string
  /** In plain words. */
  readonly against: readonly string[]
  readonly sentence: string
  readonly what_happens: string
  readonly speaks_for: readonly string[]
  readonly stops_it: string
  readonly asked_by: string
  readonly needs: number
  readonly given: readonly GivenDocument[]
  readonly expires_at: string
  readonly state: ApprovalStateName
  /** Why it is in this state, where that needs a word. */
  readonly why: string | null
}

/** `promote` (once approved) and `rollback`. */
export interface PromotionDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly baseline: string
  readonly former: string | null
  readonly at: string
  readonly approval_id: string | null
  readonly bake_until: string | null
}

export interface PreflightDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly candidate: string
  readonly checks: readonly { readonly check: string; readonly pass: boolean; readonly said: string }[]
  readonly pass: boolean
}

/** What a drill of the kill switch showed. */
export interface KillDrillDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly at: string
  readonly by: string
  readonly reason: string
  readonly approval: string
  readonly held_sec: number
  /** How long the call took that threw it. */
  readonly thrown_ms: number
  /** From the call to the last answer that was not an abstention, 0 where none left after it; measured where answers leave. */
  readonly last_other_answer_ms: number
  /** Answers that abstained while it was on. None: nobody asked, and nothing was shown. */
  readonly abstained: number
  /** `off`: taken back as it was meant. `on`: somebody threw it in earnest meanwhile, and it stays on. */
  readonly ended: 'off' | 'on'
}
