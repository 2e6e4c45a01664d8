import type { Catalogue } from '../engine/features/catalogue.ts'
import type { FeatureRow } from '../engine/features/row.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Model } from '../engine/models/contract.ts'
import type { CircuitBreaker } from '../engine/shadow/breaker.ts'
import type { Source } from '../engine/shadow/source.ts'
import type { LineUp } from './line-up.ts'
import type { RollupBook } from './rollups.ts'

export interface ServingLimits {
  /** Rows older than so many bars make answers abstain. */
  readonly stalenessBars: number
  readonly shadowBudgetMs: number
  readonly matchTolerance: number
  readonly fallbackDecides: boolean
  /** `power`: an answered prediction survives the machine's death too, at the cost of a sync per commit. */
  readonly durability: 'process' | 'power'
}

/** What serving needs to know of one symbol, and where it leaves what it saw. */
export interface ServingDesk {
  readonly symbol: string
  /** Of its rows. */
  readonly catalogue: Catalogue
  readonly lineUp: LineUp
  readonly fallback: Model
  readonly latest: FeatureRow | null
  readonly killSwitch: boolean
  readonly breaker: CircuitBreaker
  readonly rollups: RollupBook
  /** The market clock. */
  nowMs(): UnixMs
  /** The room's own minute was scored: settlement will look for it. */
  minuteScored(tsMs: UnixMs, model: string, score: number): void
  /** Whether a canary that answers callers runs, with the candidate of that version. */
  exposes(version: string): boolean
  /** What a canary makes of a request with this key. */
  pick(key: string): CanaryPick
  /** A caller's answer has left: what a drill of the kill switch measures. */
  answered(decision: Decision): void
  breakerChanged(change: 'opened' | 'closed'): void
}

/** A request as a canary sees it. */
export interface CanaryPick {
  /** The phase that counts it, or empty. */
  readonly phase: string
  /** Whose answer the caller gets in a canary that serves; null where the model in charge is to answer. */
  readonly exposedTo: {
    readonly version: string
    /** How far from its threshold its score must be; 0 where every score counts. */
    readonly margin: number
  } | null
}

export const NOT_PICKED: CanaryPick = { phase: '', exposedTo: null }

export interface PredictRequest {
  readonly source: Exclude<Source, 'history'> | 'smoke'
  /** Given by the caller, by name; the latest row's where absent. */
  readonly features?: Readonly<Record<string, number>> | undefined
  readonly key?: string | undefined
  /** A canary's probe: an earlier row, and the phase that counts it. */
  readonly probe?: { readonly values: Float64Array; readonly phase: string } | undefined
  /** When the request was accepted, on the monotonic clock. */
  readonly acceptedMs: number
  /** Called once, with what the candidate said of this prediction, or that it was not run. */
  readonly onShadow?: ((result: ShadowResult) => void) | undefined
}

export type ServedBy = 'baseline' | 'canary' | 'fallback'
export type Decision = 'signal' | 'none' | 'abstain'

export interface Answer {
  readonly id: string
  readonly score: number | null
  readonly decision: Decision
  readonly model_version: string
  readonly served_by: ServedBy
  readonly reason: string
  readonly latency_ms: number
}

/** Where an answer goes. One of the two is called, once: with the answer when its row is committed, or with why there is none. */
export interface Recipient {
  answered(answer: Answer): void
  refused(error: unknown): void
}

export type ShadowResult =
  | { readonly kind: 'compared'; readonly delta: number; readonly matched: boolean; readonly latencyMs: number }
  /** A latency where it gave a score and there was none to compare it with. */
  | { readonly kind: 'abstained'; readonly latencyMs: number | null }
  | { readonly kind: 'fault'; readonly fault: string; readonly latencyMs: number }
  | { readonly kind: 'skipped' }

/** Counts what is served for the metrics, smokes and a canary's probes left out; never waits. */
export interface Meter {
  answered(symbol: string, model: string, status: 'ok' | 'abstain', latencyMs: number, score: number | null): void
  baselineRan(symbol: string, ok: boolean, modelMs: number | null): void
  shadowRan(symbol: string, result: ShadowResult, baselineMs: number | null): void
  /** Series that the metrics held at the last scrape; null before the first. */
  series?(): number | null
}
