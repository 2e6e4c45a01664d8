/** The figures of `paper.json`: paper trades of the fallback at 0.6 from 19 May to 2 June, computed without any of onay's code. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const number = z.number()
const Trade = z.object({
  row_ms: number,
  opened_ms: number,
  closed_ms: number,
  side: number,
  expected_entry: number,
  filled_entry: number,
  expected_exit: number,
  filled_exit: number,
  fees: number,
  pnl: number,
  exit: z.string(),
  slip_entry_bp: number,
  slip_exit_bp: number,
  rv_60m_log: number,
})
export type GoldenTrade = z.infer<typeof Trade>

const Bucket = z.object({ trades: number, avg_slippage_per_side_pct: number, position_size_multiplier: number })
const Paper = z.object({
  threshold: number,
  trades: number,
  net_pnl: number,
  win_rate: number,
  profit_factor: number,
  expectancy: number,
  sharpe: number,
  max_drawdown_abs: number,
  fees: number,
  by_exit: z.record(z.string(), number),
  first: Trade,
  last: Trade,
  gates: z.object({
    paper_days: number,
    closed: number,
    vol_percentile_lo: number,
    vol_percentile_hi: number,
    below_lo: number,
    above_hi: number,
  }),
  execution: z.object({
    trades: number,
    ema_slippage_per_side_pct: number,
    mean_slippage_per_side_pct: number,
    position_size_multiplier: number,
    assumed_slippage_per_side_pct: number,
    volatile_above_rv_60m_log: number,
    time_of_day: z.record(z.string(), Bucket),
    regime_slippage: z.record(z.string(), Bucket),
  }),
})
const Paired = z.object({ plain: Paper, stop_30_target_45: Paper })
const File = z.object({
  symbols: z.object({ BTCUSDT: z.object({ paper: Paired }), ETHUSDT: z.object({ paper: Paired }) }),
})

/** @throws when the file lacks a figure that the schema names */
export function readPaperGolden(): Readonly<Record<'btcusdt' | 'ethusdt', z.infer<typeof Paired>>> {
  const { symbols } = File.parse(JSON.parse(readFileSync(new URL('paper.json', import.meta.url), 'utf8')))
  return { btcusdt: symbols.BTCUSDT.paper, ethusdt: symbols.ETHUSDT.paper }
}
