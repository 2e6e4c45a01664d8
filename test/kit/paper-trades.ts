/** A trade on paper, as it is stored. */
import type { TradeRow } from '../../src/db/trading.ts'

const ROW_MS = 1_747_612_800_000

/** A trade of the arm `f60`. */
export const TRADE: TradeRow = {
  symbol: 'BTCUSDT',
  arm: 'f60',
  id: String(ROW_MS),
  source: 'paper',
  modelVersion: 'fallback',
  side: 1,
  rowMs: ROW_MS,
  openedMs: ROW_MS + 60_000,
  closedMs: ROW_MS + 960_000,
  qty: 0.01,
  notional: 1_000,
  expectedEntry: 100_000,
  filledEntry: 100_001,
  expectedExit: 100_100,
  filledExit: 100_099,
  fees: 1,
  slipEntryBp: 0.1,
  slipExitBp: 0.1,
  pnlGross: 0.98,
  pnl: -0.02,
  pnlPct: -0.002,
  exit: 'horizon',
  regime: 'ranging',
  rv60mLog: -7.5,
  wallMs: 1,
}
