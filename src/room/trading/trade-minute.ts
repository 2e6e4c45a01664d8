import type { TradeRow } from '../../db/trading.ts'
import { MINUTE_MS } from '../../engine/kernel/units.ts'
import type { Bar } from '../../engine/market/bar.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { courseOf, type Course } from '../../engine/trading/execution-costs.ts'
import { nextPaper, type PaperTrade } from '../../engine/trading/paper-trade.ts'
import type { Arm } from '../config/paper-config.ts'
import type { Desk } from '../desk/desk.ts'
import { armsOf } from './arms.ts'

/** Bars that the course of a market is seen in, the deciding one among them. */
const COURSE_BARS = 61

/**
 * Goes through a bar with every arm, inside the caller's transaction: orders are filled, trades closed and stored, new ones
 * decided. Arms that may open nothing any more still end what they have going.
 */
export function tradeMinute(desk: Desk, bar: Bar, row: FeatureRow): void {
  const { paper, settlement } = desk
  const scores = settlement.scoresAt(bar.tsMs)
  const seen = { bar, spreadBp: valueOf(desk, row, 'spread_bp') }
  const minute = {
    ...seen,
    momentum: valueOf(desk, row, 'mid_logret_5m'),
    rv60mLog: valueOf(desk, row, 'rv_60m_log'),
  }
  const step = (label: string, arm: Arm | null): void => {
    const before = paper.of(label)
    const score = arm === null || desk.killSwitch ? null : (scores?.get(arm.model) ?? null)
    const { position, closed } = nextPaper(before, paper.before, { ...minute, score }, arm)
    if (closed !== null) desk.parts.store.trading.addTrade(rowOf(desk, label, closed))
    if (position !== before) paper.moved({ arm: label, position })
  }
  const arms = armsOf(desk)
  const labels = new Set(arms.map(({ label }) => label))
  for (const { arm } of paper.busy) if (!labels.has(arm)) step(arm, null)
  for (const arm of arms) step(arm.label, arm)
  paper.saw(seen)
}

function valueOf({ catalogue }: Desk, { values }: FeatureRow, name: string): number {
  return values[catalogue.place(name)] ?? Number.NaN
}

function rowOf(desk: Desk, arm: string, trade: PaperTrade): TradeRow {
  const { model: modelVersion, rule: _, spreadBp: __, ...figures } = trade
  return {
    ...figures,
    symbol: desk.symbol,
    arm,
    id: String(trade.rowMs),
    source: 'paper',
    modelVersion,
    regime: courseAt(desk, trade.rowMs),
    wallMs: desk.parts.wallNow(),
  }
}

/** Null where a bar is missing in the hour before the deciding row. */
export function courseAt({ symbol, parts }: Desk, rowMs: number): Course | null {
  const bars = parts.store.bars.observedBetween(symbol, rowMs - (COURSE_BARS - 1) * MINUTE_MS, rowMs + 1)
  return bars.length === COURSE_BARS ? courseOf(bars.map(({ close }) => close)) : null
}
