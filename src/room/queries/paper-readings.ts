import type { TradeRow } from '../../db/trading.ts'
import type { OpenPaperTrade, PaperArm, PaperDocument, PaperTradeDocument } from '../../control/paper-answers.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { armFigures } from '../../engine/trading/arm-figures.ts'
import type { Position } from '../../engine/trading/paper-trade.ts'
import type { Arm } from '../config/paper-config.ts'
import type { Desk } from '../desk/desk.ts'
import { armsOf } from '../trading/arms.ts'

export const PAPER_SPAN_MS = 14 * DAY_MS
const MAX_TRADES = 10_000

/**
 * The arms of a symbol, those that trade now first, each with the figures of the trades that it has closed since `fromMs`.
 * The period begins with the symbol's first trade where that is later.
 * @throws OperatorError where no arm has the name
 */
export function paperNow(desk: Desk, fromMs: UnixMs, arm: string | undefined): PaperDocument {
  const untilMs = desk.nowMs()
  const { rule } = desk.parts.limits.paper
  const rows = desk.parts.store.trading.closedIn(desk.symbol, fromMs, untilMs + 1)
  const startMs = Math.max(fromMs, desk.parts.store.trading.firstOpenedMs(desk.symbol) ?? untilMs)
  const days = Math.max(1, Math.floor((untilMs - startMs) / DAY_MS))
  const trading = new Map(armsOf(desk).map((one) => [one.label, one]))
  const arms = armNames(desk, rows)
    .filter((name) => arm === undefined || name === arm)
    .map((name) => paperArm(desk, { label: name, trading: trading.get(name) }, rows, { capital: rule.notional, days }))
  if (arm !== undefined && arms.length === 0) throw noArm(desk, arm)
  return {
    symbol: desk.symbol,
    from: isoTime(startMs),
    until: isoTime(untilMs),
    days,
    capital: rule.notional,
    arms,
  }
}

/** The newest closed trades of an arm, or of all, newest first. @throws OperatorError where no arm has the name */
export function paperTrades(desk: Desk, arm: string | null, limit: number): readonly PaperTradeDocument[] {
  if (arm !== null) requireArm(desk, arm)
  return desk.parts.store.trading.newestTrades(desk.symbol, arm, Math.min(limit, MAX_TRADES)).map(tradeDocument)
}

/** @throws OperatorError for an arm that neither trades nor ever did */
export function requireArm(desk: Desk, arm: string): void {
  if (armNames(desk, []).includes(arm)) return
  if (desk.parts.store.trading.newestTrades(desk.symbol, arm, 1).length === 0) throw noArm(desk, arm)
}

function armNames(desk: Desk, rows: readonly TradeRow[]): readonly string[] {
  const trading = armsOf(desk).map(({ label }) => label)
  const busy = desk.paper.busy.map(({ arm }) => arm)
  return [...new Set([...trading, ...busy, ...rows.map(({ arm }) => arm)])]
}

function paperArm(
  desk: Desk,
  { label, trading }: { readonly label: string; readonly trading: Arm | undefined },
  rows: readonly TradeRow[],
  { capital, days }: { readonly capital: number; readonly days: number },
): PaperArm {
  const own = rows.filter((row) => row.arm === label)
  const figures = armFigures(own, capital, days)
  return {
    arm: label,
    source: own[0]?.source ?? 'paper',
    model: trading?.model ?? own.at(-1)?.modelVersion ?? null,
    threshold: trading?.rule.threshold ?? null,
    open: openTrade(desk.paper.of(label)),
    trades: figures.trades,
    win_rate: figures.winRate,
    profit_factor: figures.profitFactor,
    expectancy: figures.expectancy,
    expectancy_bp: figures.expectancyBp,
    sharpe: figures.sharpe,
    max_drawdown: figures.maxDrawdown,
    net_pnl: figures.netPnl,
    gross_pnl: figures.grossPnl,
    fees: figures.fees,
    turnover: figures.turnover,
    mean_holding_min: figures.meanHoldingMin,
    daily_return_per_exposure: figures.dailyReturnPerExposure,
    break_even_cost_bp: figures.breakEvenCostBp,
  }
}

function openTrade(position: Position): OpenPaperTrade | null {
  if (position.kind === 'flat') return null
  if (position.kind === 'ordered')
    return { side: sideOf(position.order.side), since: null, entry: position.order.expectedEntry }
  const { side, openedMs, filledEntry } = position.entry
  return { side: sideOf(side), since: isoTime(openedMs), entry: filledEntry }
}

function tradeDocument(row: TradeRow): PaperTradeDocument {
  return {
    arm: row.arm,
    id: row.id,
    source: row.source,
    model: row.modelVersion,
    side: sideOf(row.side),
    row_at: row.rowMs === null ? null : isoTime(row.rowMs),
    opened_at: isoTime(row.openedMs),
    closed_at: isoTime(row.closedMs),
    qty: row.qty,
    notional: row.notional,
    expected_entry: row.expectedEntry,
    filled_entry: row.filledEntry,
    expected_exit: row.expectedExit,
    filled_exit: row.filledExit,
    fees: row.fees,
    slip_entry_bp: row.slipEntryBp,
    slip_exit_bp: row.slipExitBp,
    pnl_gross: row.pnlGross,
    pnl: row.pnl,
    pnl_pct: row.pnlPct,
    exit: row.exit,
    regime: row.regime,
    rv_60m_log: row.rv60mLog,
  }
}

function sideOf(side: number): 'long' | 'short' {
  return side > 0 ? 'long' : 'short'
}

function noArm(desk: Desk, arm: string): OperatorError {
  const names = armNames(desk, [])
  return new OperatorError(
    `there is no arm ${arm} on ${desk.symbol}`,
    names.length === 0 ? 'no model is in charge yet, so that nothing trades' : `the arms are ${names.join(', ')}`,
    'list them with: onay paper',
    'no_arm',
    404,
  )
}
