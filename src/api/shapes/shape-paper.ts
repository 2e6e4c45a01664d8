/** The shapes of what arms have traded. */
import * as z from 'zod'
import { AB_MODES } from '../../engine/trading/ab.ts'
import type {
  AbDocument,
  ExecutionDocument,
  PaperDocument,
  PaperTradeDocument,
  RetrainGatesDocument,
} from '../../control/paper-answers.ts'
import { figure, flag, header, maybeText, number, shape, text, texts, verdict } from './shape.ts'

const side = z.enum(['long', 'short'])
const source = z.enum(['paper', 'own'])

const ArmShape = shape({
  arm: text,
  source,
  model: maybeText,
  threshold: figure,
  open: shape({ side, since: maybeText, entry: number }).nullable(),
  days: number,
  trades: number,
  win_rate: figure,
  profit_factor: figure,
  expectancy: figure,
  expectancy_bp: figure,
  sharpe: figure,
  max_drawdown: number,
  net_pnl: number,
  gross_pnl: number,
  fees: number,
  turnover: number,
  mean_holding_min: figure,
  daily_return_per_exposure: figure,
  break_even_cost_bp: figure,
})

export const PaperShape: z.ZodType<PaperDocument> = shape({
  ...header,
  symbol: text,
  from: text,
  until: text,
  days: number,
  capital: number,
  arms: z.array(ArmShape),
})

export const PaperTradeShape: z.ZodType<PaperTradeDocument> = shape({
  arm: text,
  id: text,
  source,
  model: maybeText,
  side,
  row_at: maybeText,
  opened_at: text,
  closed_at: text,
  qty: number,
  notional: number,
  expected_entry: figure,
  filled_entry: number,
  expected_exit: figure,
  filled_exit: number,
  fees: number,
  slip_entry_bp: figure,
  slip_exit_bp: figure,
  pnl_gross: number,
  pnl: number,
  pnl_pct: number,
  exit: text,
  regime: z.enum(['trending', 'ranging']).nullable(),
  rv_60m_log: figure,
})

const buckets = z.record(
  text,
  shape({ trades: number, avg_slippage_per_side_pct: number, position_size_multiplier: number }),
)

export const ExecutionShape: z.ZodType<ExecutionDocument> = shape({
  ...header,
  symbol: text,
  arm: text,
  trades: number,
  effective_trades: number,
  ema_slippage_per_side_pct: number,
  avg_slippage_per_side_pct: number,
  mean_slippage_per_side_pct: number,
  assumed_slippage_per_side_pct: number,
  position_size_multiplier: number,
  volatile_above_rv_60m_log: figure,
  time_of_day: buckets,
  regime_slippage: buckets,
  recommendations: texts,
  placeholder: flag,
})

export const RetrainGatesShape: z.ZodType<RetrainGatesDocument> = shape({
  ...header,
  symbol: text,
  arm: text,
  smoke_test: flag,
  passed: flag,
  closed_trades: number,
  vol_percentile_lo: figure,
  vol_percentile_hi: figure,
  gates: z.array(
    shape({
      gate_name: text,
      verdict,
      passed: flag,
      value: figure,
      threshold: number,
      reason: text,
      ready_at: maybeText,
    }),
  ),
})

const estimate = shape({ value: figure, lo: figure, hi: figure })
const AbSideShape = shape({
  arm: text,
  trades: number,
  days: number,
  sharpe: estimate,
  expectancy: estimate,
  win_rate: estimate,
  profit_factor: estimate,
  max_drawdown: estimate,
  daily_return_per_exposure: estimate,
})

export const AbShape: z.ZodType<AbDocument> = shape({
  ...header,
  symbol: text,
  at: text,
  mode: z.enum(AB_MODES),
  dry_run: z.boolean(),
  run: number,
  verdict: z.enum(['WAIT', 'KEEP', 'SWAP']),
  swap_recommended: z.boolean(),
  approval: maybeText,
  swapped: flag,
  rule: z.boolean(),
  certain: z.boolean(),
  look: number,
  level: number,
  missing: number,
  arm_a: AbSideShape,
  arm_b: AbSideShape,
  difference: estimate,
  certain_above: shape({ difference: figure, expectancy: figure }),
  reason: text,
})
