import type { GoLiveCheck } from '../engine/approval/go-live.ts'
import type { RehearsedGate, RehearsedRule } from '../engine/kernel/rehearsed-rules.ts'
import type { Profile } from '../engine/models/roles.ts'
import type { DocumentHeader, Span } from '../evidence/documents/documents.ts'

/** Whether a room may be left alone. */
export interface GoLiveDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  /** Of the machine's clock. */
  readonly at: string
  readonly verdict: 'READY' | 'NOT READY'
  readonly checks: readonly GoLiveCheck[]
}

/** A day of settled minutes. */
interface RehearsedDayDocument {
  readonly date: string
  readonly n: number
  readonly log_loss: number
  readonly fallback_log_loss: number
  readonly worse_than_promise: boolean | null
  readonly worse_than_fallback: boolean
}

/** Rules with other limits, held against recorded weeks. */
export interface RehearsalDocument extends Partial<DocumentHeader>, Span {
  readonly symbol: string
  readonly model: string
  /** Log loss of its offline report. */
  readonly promise: number | null
  readonly days: readonly RehearsedDayDocument[]
  /** Whose canaries the judge was held against; null without a model in the shadow. */
  readonly canary: {
    readonly candidate: string
    readonly plan: string
    readonly profile: Profile
    readonly promise: number | null
    /** Its recorded minutes, and those of them with a latency: the others count as on time. */
    readonly minutes: number
    readonly timed_minutes: number
    readonly days: readonly RehearsedDayDocument[]
  } | null
  /** Whose gates were held against other limits, and at how many moments each of them passed or failed. */
  readonly gates: {
    readonly model: string
    readonly judged: readonly { readonly gate: RehearsedGate; readonly moments: number }[]
  }
  /** The first as the room is configured. */
  readonly variants: readonly {
    readonly name: string
    /** Canaries one after the other; one may not be over at the end. Null without a model in the shadow. */
    readonly canaries: {
      readonly begun: number
      readonly succeeded: number
      readonly stopped: number
      readonly inconclusive: number
    } | null
    /** Gates are about their model and its days, `canary judge` about the candidate and its, the others about the model in charge. */
    readonly rules: readonly {
      readonly rule: RehearsedRule
      readonly fired: number
      readonly minutes: number
      readonly dates: readonly string[]
      /** Of those days, on how many the model was worse. */
      readonly worse_than_promise: number
      readonly worse_than_fallback: number
      /** What it would have stopped: answers, signals among them, and those that came true. */
      readonly answers: number
      readonly signals: number
      readonly right: number
    }[]
  }[]
}

/** What was tried, and what came of it. */
export interface CheckResult {
  readonly check: string
  readonly pass: boolean
  readonly said: string
}

export interface ChecklistDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly checks: readonly CheckResult[]
  readonly passed: number
  readonly of: number
}
