/** What the metrics of one market are made of, from memory alone: the room gathers it, whoever scrapes gets it as text. */
import type { Verdict } from '../engine/kernel/verdict.ts'
import type { DriftDocument, PsiDocument } from '../evidence/documents/documents.ts'

export interface MarketFigures {
  readonly symbol: string
  /** Versions that answer: the one in charge, and the fallback. */
  readonly answering: readonly string[]
  /** The last hourly snapshot of the model in charge; null before the first. */
  readonly psi: PsiDocument | null
  /** How far the model in charge has drifted; null before the window behind that snapshot is full. */
  readonly driftLevel: PsiDocument['level']
  /** The newest check of its last 24 hours; null before the first. */
  readonly drift: DriftDocument | null
  /** Snapshots and checks of the model in charge that reached a worse level, by level. */
  readonly driftEvents: Readonly<Record<'warning' | 'critical', number>>
  /** Of the last 24 hours of rows, the share that lacks the feature missing most, 0 to 1. */
  readonly missingShare: number | null
  /** Expected calibration error of the model in charge over the last 24 hours. */
  readonly ece: number | null
  /** Share of the comparisons of the last 15 minutes within the tolerance, 0 to 1. */
  readonly matchRate: number | null
  /** Whether there is a candidate that is meant to agree. */
  readonly meantToMatch: boolean
  /** Whether the candidate is a model behind HTTP. */
  readonly isRemote: boolean
  readonly breakerOpen: boolean
  readonly canary: {
    /** 0 to 1. */
    readonly share: number
    /** From 1; 0 while none runs. */
    readonly phase: number
    /** Overall PSI of the candidate while it runs and its window is full. */
    readonly psi: number | null
    /** The candidate's runs of the phase as the judge has last seen them; for ten minutes after the end too. */
    readonly seen: { readonly tried: number; readonly errors: number } | null
    /** Sharpe ratios on paper of both sides of a canary of days, of the last 14 days; null while none runs. */
    readonly sharpe: { readonly canary: number | null; readonly in_charge: number | null } | null
  }
  /** Weights by score of the mix that has a role, by member; empty where none has. */
  readonly mix: readonly { readonly member: string; readonly weight: number }[]
  /** As they were last judged; empty before the first time. */
  readonly gates: readonly { readonly gate: string; readonly verdict: Verdict }[]
  readonly killSwitch: boolean
  readonly stalenessSec: number | null
  /** `lastOkMs` is Unix milliseconds of the market clock. */
  readonly jobs: readonly { readonly name: string; readonly lastOkMs: number | null }[]
  readonly overdueJobs: number
  /** Of the last 24 hours, where the user brings the outcomes; null where not. */
  readonly overdueOutcomes: number | null
  /** Since when a room on a real feed lacks a backup; null on a recording. */
  readonly backupAgeSec: number | null
  /** The active arm, of the last 14 days but for the number of its trades; null before anything trades. */
  readonly arm: {
    readonly name: string
    readonly trades: number
    readonly expectancyBp: number | null
    readonly sharpe: number | null
    readonly isOpen: boolean
    /** In multiples of a trade's value. */
    readonly drawdown: number | null
    readonly slippagePct: number | null
    /** Of what is assumed, at least and with certainty; negative where it is not. */
    readonly slippageExcessPct: number | null
    readonly retrainFailed: boolean
    readonly swapRecommended: boolean
  } | null
}

export interface MetricsSource {
  readonly symbols: readonly string[]
  /** @throws OperatorError 404 for a symbol that it does not have */
  figures(symbol: string): MarketFigures
}
