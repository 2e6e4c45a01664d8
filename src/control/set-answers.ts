/** Sets of five models, as answers: times ISO, probabilities 0 to 1, basis points where a name ends in `_bp`. */
import type { SetReport } from '../engine/training/set-report.ts'
import type { DocumentHeader } from '../evidence/documents/documents.ts'
import type { RetrainGatesDocument } from './paper-answers.ts'

/** What came of asking for a set: the gates, and where they let it, the set that was trained. */
export interface RetrainRunDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly at: string
  /** `waits`: the gates say no, or there are too few rows, which `error` then says; `checked`: a dry run. */
  readonly outcome: 'trained' | 'waits' | 'checked' | 'failed'
  readonly trigger: 'first set' | 'daily' | 'asked' | 'forced' | 'smoke test'
  readonly by: string
  /** Null for the first set, which waits for no trades. */
  readonly gates: RetrainGatesDocument | null
  /** Times the assumed slippage, in training reports. */
  readonly slippage_mult: number
  readonly set: SetDocument | null
  readonly error: string | null
  readonly seconds: number
}

/** A registered set of five. */
export interface SetDocument {
  readonly name: 'v1_backtest' | 'v2_paper' | 'v2_paper_prev'
  readonly version: string
  readonly sha256: string
  readonly report: SetReport
}

/** Which arm is active, and what the others are. */
export interface AbStatusDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  /** Null before the first set. */
  readonly active: string | null
  /** Since when another than the first; null while it is that. */
  readonly swapped_at: string | null
  /** The evaluation that the swap rests on. */
  readonly swap_run: number | null
  readonly sets: readonly {
    readonly name: SetDocument['name']
    readonly version: string
    readonly sha256: string
    readonly since: string
    /** Targets in which it is better than naive with certainty. */
    readonly useful: readonly string[]
  }[]
  /** The newest evaluation. */
  readonly newest: {
    readonly run: number
    readonly at: string
    readonly arm_a: string
    readonly arm_b: string
    readonly swap_recommended: boolean
    readonly reason: string
  } | null
  /** The prompt of a swap that waits for ONAY. */
  readonly waiting: string | null
}

/** All that a bot needs of the active set, in one answer; null where it abstains. */
export interface SignalDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly id: string
  /** The start of the newest row's bar. */
  readonly row_at: string | null
  readonly arm: string | null
  readonly set: string | null
  readonly side: 'long' | 'short' | 'none'
  /** Chance that the price is higher at the horizon's end. */
  readonly direction: number | null
  readonly price_bp: number | null
  readonly risk_bp: number | null
  /** Chance that the sign of the last bars goes on. */
  readonly momentum: number | null
  /** Of a minute's log return, as a log. */
  readonly volatility: number | null
  readonly size_multiplier: number
  /** Of the round trip. */
  readonly expected_cost_bp: number
  /** Whether the price is expected to move further than that costs, by a model that is better than naive. */
  readonly worth_it: boolean
  readonly reason: string
}
