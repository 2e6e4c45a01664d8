/** What arms have traded, as answers: times ISO, prices and results in quote units, shares 0 to 1; null where there is no value. */
import type { DocumentHeader } from '../evidence/documents/documents.ts'

interface PaperFigures {
  readonly trades: number
  readonly win_rate: number | null
  readonly profit_factor: number | null
  readonly expectancy: number | null
  /** Of the notional. */
  readonly expectancy_bp: number | null
  readonly sharpe: number | null
  readonly max_drawdown: number
  readonly net_pnl: number
  readonly gross_pnl: number
  readonly fees: number
  readonly turnover: number
  readonly mean_holding_min: number | null
  readonly daily_return_per_exposure: number | null
  readonly break_even_cost_bp: number | null
}

export interface OpenPaperTrade {
  readonly side: 'long' | 'short'
  /** When it was filled; null while the order waits for the next bar. */
  readonly since: string | null
  readonly entry: number
}

export interface PaperArm extends PaperFigures {
  readonly arm: string
  readonly source: 'paper' | 'own'
  /** The version whose scores it trades by; null for a bot of the user's own. */
  readonly model: string | null
  /** From which score on it opens a trade; null where it opens none any more. */
  readonly threshold: number | null
  readonly open: OpenPaperTrade | null
  /** Whole days that its figures are of, at least 1: of the period, or of its own trades where they are a bot's. */
  readonly days: number
}

export interface PaperDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly from: string
  readonly until: string
  /** Whole days of the period, at least 1. */
  readonly days: number
  /** What results are measured against in the Sharpe ratio. */
  readonly capital: number
  readonly arms: readonly PaperArm[]
}

export interface PaperTradeDocument {
  readonly arm: string
  readonly id: string
  readonly source: 'paper' | 'own'
  readonly model: string | null
  readonly side: 'long' | 'short'
  readonly row_at: string | null
  readonly opened_at: string
  readonly closed_at: string
  readonly qty: number
  readonly notional: number
  readonly expected_entry: number | null
  readonly filled_entry: number
  readonly expected_exit: number | null
  readonly filled_exit: number
  readonly fees: number
  readonly slip_entry_bp: number | null
  readonly slip_exit_bp: number | null
  readonly pnl_gross: number
  readonly pnl: number
  readonly pnl_pct: number
  readonly exit: string
  readonly regime: 'trending' | 'ranging' | null
  readonly rv_60m_log: number | null
}

export interface CostBucketDocument {
  readonly trades: number
  readonly avg_slippage_per_side_pct: number
  readonly position_size_multiplier: number
}

/** What fills really cost: slippage in per cent a side, against the arm. */
export interface ExecutionDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly arm: string
  readonly trades: number
  readonly effective_trades: number
  readonly ema_slippage_per_side_pct: number
  /** The older name of the value before. */
  readonly avg_slippage_per_side_pct: number
  readonly mean_slippage_per_side_pct: number
  readonly assumed_slippage_per_side_pct: number
  readonly position_size_multiplier: number
  readonly volatile_above_rv_60m_log: number | null
  readonly time_of_day: Readonly<Record<string, CostBucketDocument>>
  readonly regime_slippage: Readonly<Record<string, CostBucketDocument>>
  readonly recommendations: readonly string[]
  /** With too few trades these are what is assumed, and not what was measured. */
  readonly placeholder: boolean
}

interface RetrainGateDocument {
  readonly gate_name: string
  readonly verdict: 'PASS' | 'FAIL' | 'WAIT' | 'ERROR'
  readonly passed: boolean
  readonly value: number | null
  readonly threshold: number
  readonly reason: string
  readonly ready_at: string | null
}

export interface RetrainGatesDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly arm: string
  readonly smoke_test: boolean
  readonly passed: boolean
  readonly closed_trades: number
  readonly vol_percentile_lo: number | null
  readonly vol_percentile_hi: number | null
  readonly gates: readonly RetrainGateDocument[]
}

/** What came of closed trades that were brought in. */
export interface TradesDocument {
  readonly symbol: string
  readonly arm: string
  readonly added: number
  /** Of those, trades that followed an answer of this room to a caller: only they can count in a canary of days. */
  readonly followed: number
  readonly known: number
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

/** A figure with its 95 % interval; null where it has no value. */
interface EstimateDocument {
  readonly value: number | null
  readonly lo: number | null
  readonly hi: number | null
}

interface AbSideDocument {
  readonly arm: string
  readonly trades: number
  readonly days: number
  readonly sharpe: EstimateDocument
  readonly expectancy: EstimateDocument
  readonly win_rate: EstimateDocument
  readonly profit_factor: EstimateDocument
  readonly max_drawdown: EstimateDocument
  readonly daily_return_per_exposure: EstimateDocument
}

/** Whether arm B should take arm A's place. */
export interface AbDocument extends Partial<DocumentHeader> {
  readonly symbol: string
  readonly at: string
  readonly mode: 'concurrent' | 'sequential' | 'labelled'
  readonly dry_run: boolean
  /** Counts the evaluations of a symbol. */
  readonly run: number
  readonly verdict: 'WAIT' | 'KEEP' | 'SWAP'
  readonly swap_recommended: boolean
  /** The prompt that waits for ONAY before the arms are swapped; null where none was opened. */
  readonly approval: string | null
  /** Whether arms were swapped without a prompt, as the configuration asks. */
  readonly swapped: boolean
  /** Sharpe of B at least that of A, and B earns. */
  readonly rule: boolean
  /** The same with certainty at this look. */
  readonly certain: boolean
  /** Which daily look at this pair it is, from 1 on, and the level of its certainty. */
  readonly look: number
  readonly level: number
  /** Closed trades that are missing. */
  readonly missing: number
  readonly arm_a: AbSideDocument
  readonly arm_b: AbSideDocument
  /** Of the daily net return per unit of exposure, B less A. */
  readonly difference: EstimateDocument
  /** Lower ends at this look's level. */
  readonly certain_above: { readonly difference: number | null; readonly expectancy: number | null }
  readonly reason: string
}
