import type { TradeRow } from '../../db/trading.ts'
import { MINUTE_MS } from '../../engine/kernel/units.ts'
import type { Bar } from '../../engine/market/bar.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { courseFrom, courseOf, type Course } from '../../engine/market/regime.ts'
import type { TreeSet } from '../../engine/models/tree-set.ts'
import { nextPaper, type PaperTrade, type TradedMinute } from '../../engine/trading/paper-trade.ts'
import type { Desk } from '../desk/desk.ts'
import { armsOf, type TradingArm } from './arms.ts'

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
    tickPrice: tickPrice(desk, bar),
  }
  const minuteOf = (arm: TradingArm | null): TradedMinute => {
    if (arm === null || desk.killSwitch) return { ...minute, score: null }
    if (arm.set !== null) return new SetMinute(minute, arm.set, row)
    const mayOpen = scores !== undefined && (arm.mayOpen?.(scores) ?? true)
    return { ...minute, score: mayOpen ? (scores.get(arm.model) ?? null) : null }
  }
  const step = (label: string, arm: TradingArm | null): void => {
    const before = paper.of(label)
    const { position, closed } = nextPaper(before, paper.before, minuteOf(arm), arm)
    if (closed !== null) paper.closed(rowOf(desk, label, closed))
    if (position !== before) paper.moved({ arm: label, position })
  }
  const arms = armsOf(desk)
  const labels = new Set(arms.map(({ label }) => label))
  for (const { arm } of paper.busy) if (!labels.has(arm)) step(arm, null)
  for (const arm of arms) step(arm.label, arm)
  paper.saw(seen)
}

/** The first tick that an order could have met; undefined where there is none, or no order waits. */
function tickPrice({ symbol, paper, parts }: Desk, { tsMs }: Bar): number | undefined {
  if (!paper.busy.some(({ position }) => position.kind === 'ordered')) return undefined
  const fromMs = tsMs + parts.limits.paper.latencyMs
  return parts.store.ticks.first(symbol, fromMs, tsMs + MINUTE_MS)?.price
}

/**
 * A minute as a set sees it: the score is how sure it is of its direction, which is the side. It is asked only where that decides, for
 * each question is a walk through its trees.
 */
class SetMinute implements TradedMinute {
  readonly bar: Bar
  readonly spreadBp: number
  readonly rv60mLog: number
  readonly tickPrice: number | undefined

  constructor(
    seen: Omit<TradedMinute, 'score'>,
    private readonly set: TreeSet,
    private readonly row: FeatureRow,
  ) {
    this.bar = seen.bar
    this.spreadBp = seen.spreadBp
    this.rv60mLog = seen.rv60mLog
    this.tickPrice = seen.tickPrice
  }

  get score(): number {
    const rises = this.rises()
    return Math.max(rises, 1 - rises)
  }

  /** Long from an even chance of a rise on. */
  get momentum(): number {
    return this.rises() >= 0.5 ? 1 : -1
  }

  private rises(): number {
    return this.set.predict('direction', this.row.values)
  }
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

/** Null where a bar is missing in the hour before the deciding row. Rows of before that column have their bars. */
export function courseAt({ symbol, parts }: Desk, rowMs: number): Course | null {
  const efficiency = parts.store.features.column(symbol, 'efficiency_60m', rowMs, rowMs + 1).get(rowMs) ?? Number.NaN
  if (!Number.isNaN(efficiency)) return courseFrom(efficiency)
  const bars = parts.store.bars.observedBetween(symbol, rowMs - (COURSE_BARS - 1) * MINUTE_MS, rowMs + 1)
  return bars.length === COURSE_BARS ? courseOf(bars.map(({ close }) => close)) : null
}
