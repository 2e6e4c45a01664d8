/**
 * The rule of a paper trade, minute by minute: decided when a bar has ended, filled at the open of the next one, out after a
 * horizon, at a stop or at a target. A decision sees its own and earlier bars only.
 */
import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import { unreachable } from '../kernel/unreachable.ts'
import { knownAt, type Bar } from '../market/bar.ts'

export interface PaperRule {
  /** A score from here on opens a trade; 0 to 1. */
  readonly threshold: number
  /** Bars that a trade is held for, at least 1. */
  readonly horizonMin: number
  /** Distance of the stop from the filled entry, in basis points; null where there is none. */
  readonly stopBp: number | null
  /** Distance of the target from the filled entry, in basis points; null where there is none. */
  readonly targetBp: number | null
  /** Of the filled value, a side, in basis points. */
  readonly feeBp: number
  /** Value of a trade at its filled entry, in quote units. */
  readonly notional: number
}

/** By what an arm opens a trade: a model's scores, and the rule it is then carried out by. */
interface Opening {
  readonly model: string
  readonly rule: PaperRule
}

/** A bar that has ended, with what its row and the arm's model say of it. NaN is unknown. Score and momentum are read only where they decide. */
export interface TradedMinute {
  readonly bar: Bar
  readonly spreadBp: number
  /** Its sign is the side: the log return of the last 5 minutes, or what the arm has in its place. */
  readonly momentum: number
  readonly rv60mLog: number
  /** Null where the model abstains, or nothing may be opened. */
  readonly score: number | null
  /** What was traded a little after the bar began, where ticks say so: an order is filled at that in place of the open. */
  readonly tickPrice?: number | undefined
}

export const EXITS = ['horizon', 'stop', 'target', 'gap'] as const
type Exit = (typeof EXITS)[number]

/** What was decided at a row: of that model and by that rule until it is closed, whatever is configured meanwhile. */
interface Order extends Opening {
  readonly side: 1 | -1
  /** The start of the deciding row's bar. */
  readonly rowMs: UnixMs
  /** The row's close. */
  readonly expectedEntry: number
  readonly spreadBp: number
  readonly rv60mLog: number | null
}

/** An order that was filled. */
interface Entry extends Order {
  readonly openedMs: UnixMs
  readonly filledEntry: number
}

/** What an arm has going. */
export type Position =
  /** Rows before `fromMs` decide nothing. */
  | { readonly kind: 'flat'; readonly fromMs: UnixMs }
  | { readonly kind: 'ordered'; readonly order: Order }
  | { readonly kind: 'open'; readonly entry: Entry }
  /** The horizon has ended: out at the next open. */
  | { readonly kind: 'leaving'; readonly entry: Entry; readonly expectedExit: number; readonly spreadBp: number | null }

/** A trade that is closed. Prices in quote units, `qty` in base units, slippage in basis points against us. */
export interface PaperTrade extends Entry {
  readonly closedMs: UnixMs
  readonly qty: number
  readonly notional: number
  readonly expectedExit: number
  readonly filledExit: number
  readonly fees: number
  readonly slipEntryBp: number
  readonly slipExitBp: number
  readonly pnlGross: number
  /** After fees. */
  readonly pnl: number
  /** Of the notional, in per cent. */
  readonly pnlPct: number
  readonly exit: Exit
}

interface PaperStep {
  readonly position: Position
  /** The trade that this bar has closed. */
  readonly closed: PaperTrade | null
}

interface Leave {
  readonly expected: number
  readonly filled: number
  readonly atMs: UnixMs
  readonly exit: Exit
}

export const FLAT: Position = { kind: 'flat', fromMs: 0 }

/**
 * What an arm does when a bar has ended. Gone through again with the same bar it stays as it is, so that a process that died
 * within a minute trades it once.
 * @param before the bar before this one, with its spread; null at the first one
 * @param opening by what a trade may be opened; null opens none
 */
export function nextPaper(
  position: Position,
  before: Pick<TradedMinute, 'bar' | 'spreadBp'> | null,
  minute: TradedMinute,
  opening: Opening | null,
): PaperStep {
  const { bar } = minute
  const entered = enter(position, minute)
  const trade = tradeClosedBy(entered, before, bar)
  if (trade !== null) {
    const flat: Position = { kind: 'flat', fromMs: trade.closedMs }
    return { position: decided(flat, minute, opening), closed: trade }
  }
  if (entered.kind === 'open') {
    const { entry } = entered
    const isLast = bar.tsMs === entry.openedMs + (entry.rule.horizonMin - 1) * MINUTE_MS
    const spreadBp = known(minute.spreadBp)
    return { position: isLast ? { kind: 'leaving', entry, expectedExit: bar.close, spreadBp } : entered, closed: null }
  }
  return { position: decided(entered, minute, opening), closed: null }
}

/** Fills an order in the very next bar; where that one is missing there is no trade. */
function enter(position: Position, minute: Pick<TradedMinute, 'bar' | 'tickPrice'>): Position {
  if (position.kind !== 'ordered') return position
  const { order } = position
  const { bar } = minute
  if (bar.tsMs <= order.rowMs) return position
  if (bar.tsMs !== knownAt({ tsMs: order.rowMs })) return { kind: 'flat', fromMs: bar.tsMs }
  const filledEntry = (minute.tickPrice ?? bar.open) * (1 + order.side * halfSpread(order.spreadBp))
  return { kind: 'open', entry: { ...order, openedMs: bar.tsMs, filledEntry } }
}

function tradeClosedBy(
  position: Position,
  before: Pick<TradedMinute, 'bar' | 'spreadBp'> | null,
  bar: Bar,
): PaperTrade | null {
  switch (position.kind) {
    case 'flat':
    case 'ordered':
      return null
    case 'leaving': {
      const { entry, expectedExit, spreadBp } = position
      const dueMs = entry.openedMs + entry.rule.horizonMin * MINUTE_MS
      if (bar.tsMs < dueMs) return null
      const exit = bar.tsMs === dueMs ? 'horizon' : 'gap'
      return closedAtOpen(entry, { expected: expectedExit, spreadBp, bar, exit })
    }
    case 'open': {
      const { entry } = position
      if (bar.tsMs < entry.openedMs) return null
      if (before !== null && before.bar.tsMs >= entry.openedMs && knownAt(before.bar) < bar.tsMs)
        return closedAtOpen(entry, { expected: before.bar.close, spreadBp: before.spreadBp, bar, exit: 'gap' })
      const level = levelReached(entry, bar)
      return level === null ? null : tradeOf(entry, level)
    }
    default:
      return unreachable(position)
  }
}

function closedAtOpen(
  entry: Entry,
  {
    expected,
    spreadBp,
    bar,
    exit,
  }: Pick<Leave, 'expected' | 'exit'> & { readonly spreadBp: number | null; readonly bar: Bar },
): PaperTrade {
  const filled = bar.open * (1 - entry.side * halfSpread(spreadBp ?? Number.NaN))
  return tradeOf(entry, { expected, filled, atMs: bar.tsMs, exit })
}

/** The stop before the target: which of them a bar reached first cannot be seen in it. */
function levelReached({ side, filledEntry, rule: { stopBp, targetBp } }: Entry, bar: Bar): Leave | null {
  const [adverse, favourable] = side > 0 ? [bar.low, bar.high] : [bar.high, bar.low]
  const moveBp = (price: number): number => side * (price / filledEntry - 1) * 1e4
  const atMs = knownAt(bar)
  if (stopBp !== null && moveBp(adverse) <= -stopBp) {
    const level = filledEntry * (1 - (side * stopBp) / 1e4)
    // A bar that opens beyond it fills there.
    const filled = side > 0 ? Math.min(level, bar.open) : Math.max(level, bar.open)
    return { expected: level, filled, atMs, exit: 'stop' }
  }
  if (targetBp !== null && moveBp(favourable) >= targetBp) {
    const level = filledEntry * (1 + (side * targetBp) / 1e4)
    return { expected: level, filled: level, atMs, exit: 'target' }
  }
  return null
}

function tradeOf(entry: Entry, { expected, filled, atMs, exit }: Leave): PaperTrade {
  const { side, filledEntry, expectedEntry } = entry
  const { notional, feeBp } = entry.rule
  const qty = notional / filledEntry
  const fees = (feeBp / 1e4) * qty * (filledEntry + filled)
  const pnlGross = side * (filled - filledEntry) * qty
  const pnl = pnlGross - fees
  return {
    ...entry,
    closedMs: atMs,
    qty,
    notional,
    expectedExit: expected,
    filledExit: filled,
    fees,
    slipEntryBp: side * (filledEntry / expectedEntry - 1) * 1e4,
    slipExitBp: -side * (filled / expected - 1) * 1e4,
    pnlGross,
    pnl,
    pnlPct: (100 * pnl) / notional,
    exit,
  }
}

/** An arm that has nothing going opens on the score; a spread that is unknown leaves its fill unknown, and nothing is opened. */
function decided(position: Position, minute: TradedMinute, opening: Opening | null): Position {
  if (opening === null || position.kind !== 'flat' || minute.bar.tsMs < position.fromMs) return position
  const { bar, spreadBp, rv60mLog, score } = minute
  if (score === null || !(score >= opening.rule.threshold) || !Number.isFinite(spreadBp)) return position
  const { momentum } = minute
  const side = momentum > 0 ? 1 : momentum < 0 ? -1 : null
  if (side === null) return position
  const { model, rule } = opening
  const decision = { side, rowMs: bar.tsMs, expectedEntry: bar.close, spreadBp, rv60mLog: known(rv60mLog) } as const
  return { kind: 'ordered', order: { ...decision, model, rule } }
}

function known(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** As a share of the price. An unknown one costs nothing: only a way out may have to do without. */
function halfSpread(spreadBp: number): number {
  return Number.isFinite(spreadBp) ? spreadBp / 2 / 1e4 : 0
}
