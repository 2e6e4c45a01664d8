import type { TradeRow } from '../../db/trading.ts'
import type { OpenPaperTrade, PaperArm, PaperDocument, PaperTradeDocument } from '../../control/paper-answers.ts'
import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { armFigures, type ArmFigures } from '../../engine/trading/arm-figures.ts'
import type { Position } from '../../engine/trading/paper-trade.ts'
import type { Arm } from '../config/paper-config.ts'
import type { Desk } from '../desk/desk.ts'
import { armsOf, noArm, requireArm, tradingNames } from '../trading/arms.ts'

const SPAN_MS = 14 * DAY_MS
const MAX_TRADES = 10_000

/** What is asked for; the last 14 days unless it says otherwise. */
interface Asked {
  readonly arm?: string | undefined
  readonly sinceMs?: UnixMs | undefined
  readonly untilMs?: UnixMs | undefined
  readonly spanMs?: number | undefined
}

/**
 * The arms of a symbol, those that trade now first, each with the figures of the trades that it has closed in a period. Unless both
 * its ends are named, that of paper trades begins with the first of them, and a bot's trades have their own.
 * @throws OperatorError where no arm has the name
 */
export function paperNow(desk: Desk, { arm, sinceMs, ...asked }: Asked): PaperDocument {
  const { trading } = desk.parts.store
  const untilMs = asked.untilMs ?? desk.nowMs()
  const fromMs = sinceMs ?? untilMs - (asked.spanMs ?? SPAN_MS)
  const { rule } = desk.parts.limits.paper
  const rows = trading.closedIn(desk.symbol, fromMs, untilMs + 1)
  // A period that was named from end to end is what was asked for; otherwise nothing is counted as time that no arm has had.
  const isWhole = sinceMs !== undefined && asked.untilMs !== undefined
  const startMs = isWhole ? fromMs : Math.max(fromMs, trading.firstOpenedMs(desk.symbol) ?? untilMs)
  const days = daysOf(startMs, untilMs)
  const figuresOf = (own: readonly TradeRow[]): ArmFigures & { readonly days: number } => {
    const its = isWhole ? null : ownSpan(own)
    const armDays = its === null ? days : daysOf(...its)
    return { ...armFigures(own, rule.notional, armDays), days: armDays }
  }
  const standing = new Map(armsOf(desk).map((one) => [one.label, one]))
  const arms = armNames(desk, rows)
    .filter((name) => arm === undefined || name === arm)
    .map((name) => {
      const own = rows.filter((row) => row.arm === name)
      return paperArm(desk, { label: name, trading: standing.get(name) }, own, figuresOf(own))
    })
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

/** From the first opening to the last closing of a bot's trades; null where they are onay's. */
function ownSpan(rows: readonly TradeRow[]): readonly [UnixMs, UnixMs] | null {
  const last = rows.at(-1)
  if (last?.source !== 'own') return null
  return [rows.reduce((least, { openedMs }) => Math.min(least, openedMs), last.openedMs), last.closedMs]
}

function daysOf(fromMs: UnixMs, untilMs: UnixMs): number {
  return Math.max(1, Math.floor((untilMs - fromMs) / DAY_MS))
}

/** The newest closed trades of an arm, or of all, newest first. @throws OperatorError where no arm has the name */
export function paperTrades(desk: Desk, arm: string | null, limit: number): readonly PaperTradeDocument[] {
  if (arm !== null) requireArm(desk, arm)
  return desk.parts.store.trading.newestTrades(desk.symbol, arm, Math.min(limit, MAX_TRADES)).map(tradeDocument)
}

function armNames(desk: Desk, rows: readonly TradeRow[]): readonly string[] {
  return [...new Set([...tradingNames(desk), ...rows.map(({ arm }) => arm)])]
}

function paperArm(
  desk: Desk,
  { label, trading }: { readonly label: string; readonly trading: Arm | undefined },
  own: readonly TradeRow[],
  figures: ArmFigures & { readonly days: number },
): PaperArm {
  return {
    arm: label,
    source: own[0]?.source ?? 'paper',
    // A bot of one's own follows whoever answers.
    model: trading?.model ?? own.findLast(({ source }) => source === 'paper')?.modelVersion ?? null,
    threshold: trading?.rule.threshold ?? null,
    open: openTrade(desk.paper.of(label)),
    days: figures.days,
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
