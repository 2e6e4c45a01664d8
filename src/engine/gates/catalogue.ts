import type { Verdict } from '../kernel/verdict.ts'
import type { UnixMs } from '../kernel/units.ts'
import type { Profile } from '../models/roles.ts'

export interface GateLimits {
  readonly psiOverall: number
  readonly psiFeature: number
  /** An hourly snapshot older than this says nothing about now. */
  readonly psiMaxAgeMs: number
  readonly p95Ms: number
  readonly p95MinRequests: number
  readonly alertCoverage: number
  readonly auc: number
  readonly precisionAt20: number
  readonly meanDelta: number
  readonly deltaMinComparisons: number
  readonly windowMs: number
}

/** In the order of their numbers. */
export const GATE_NAMES = ['psi', 'p95', 'alert_silence', 'offline', 'delta', 'evidence'] as const

export type GateName = (typeof GATE_NAMES)[number]

/** What the gates look at, gathered by whoever asks. Null means that there is nothing yet. */
export interface GateInputs {
  /** Gates whose figures could not be measured, and why: each of them is in error, and no other. */
  readonly faults: Partial<Readonly<Record<GateName, string>>>
  readonly atMs: UnixMs
  readonly version: string | null
  readonly profile: Profile
  readonly judgesCandidate: boolean
  readonly psi: {
    readonly atMs: UnixMs
    readonly overall: number | null
    readonly worst: { readonly feature: string; readonly psi: number } | null
    readonly verdict: Verdict
    readonly reason: string
    readonly readyAtMs: UnixMs | null
  } | null
  readonly latency: {
    readonly n: number
    readonly serviceP95Ms: number | null
    readonly modelN: number
    readonly modelP95Ms: number | null
  }
  /** Rules of the critical alerts that fired, and the share of the window over which rules were evaluated. */
  readonly alerts: {
    readonly fired: readonly string[]
    readonly coverage: number
    readonly coveredSinceMs: UnixMs | null
  }
  readonly offline: {
    readonly auc: number
    readonly aucLo: number
    readonly aucHi: number
    readonly precisionAt20: number
    readonly baseRate: number
  } | null
  readonly delta: { readonly n: number; readonly mean: number | null }
  /** True once an approved start of a canary of this artifact has acknowledged that the candidate differs. */
  readonly differenceAcknowledged: boolean
  readonly evidence: {
    readonly present: number
    readonly required: number
    /** `made`: it is there, and does not count. */
    readonly missing: readonly {
      readonly file: string
      readonly make: string
      readonly why: string
      readonly made: boolean
    }[]
  }
}

export interface GateResult {
  /** Its number, from 1. */
  readonly gate: number
  readonly name: GateName
  readonly verdict: Verdict
  readonly value: number | { readonly auc: number; readonly precision_at_20: number } | null
  readonly threshold: number | { readonly auc: number; readonly precision_at_20: number } | null
  readonly reason: string
  readonly readyAtMs: UnixMs | null
}
