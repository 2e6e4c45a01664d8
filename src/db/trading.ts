import { and, asc, count, desc, eq, gte, lt, max, sql } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { ArmResult } from '../engine/trading/arm-results.ts'
import type { Position } from '../engine/trading/paper-trade.ts'
import type { Database } from './connect.ts'
import { abTestRuns, paperPositions, paperTrades } from './schema-trading.ts'
import { PositionShape } from './shapes-trading.ts'
import { select } from './select.ts'
import { ofSymbol, rowWriter } from './statements.ts'
import { jsonColumn, rowCheck } from './stored.ts'

export type AbRunRow = typeof abTestRuns.$inferSelect
export type TradeRow = typeof paperTrades.$inferSelect

/** What an arm has going. */
export interface StoredPosition {
  readonly arm: string
  readonly position: Position
}

/** Closed trades of arms, and what arms have going. Writers belong in the transaction of the minute that they are about. */
export interface TradingRepo {
  addTrade(row: TradeRow): void
  has(symbol: string, arm: string, id: string): boolean
  /** Ascending by closing time: `fromMs <= closed_ms < untilMs`. @throws OperatorError where a row is not one */
  closedIn(symbol: string, fromMs: UnixMs, untilMs: UnixMs): TradeRow[]
  /** Those of an arm that were closed at a moment or later, ascending by closing time. */
  closedBy(symbol: string, arm: string, sinceMs?: UnixMs): TradeRow[]
  /** Of the user's own bots, those that followed an answer about a row of the span, and were closed before its end; ascending by closing time. */
  followedIn(symbol: string, fromMs: UnixMs, untilMs: UnixMs): TradeRow[]
  /** When the first trade on paper was opened, of any arm; null before one is closed. */
  firstOpenedMs(symbol: string): UnixMs | null
  /** The newest of an arm, or of all where it is null; newest first. */
  newestTrades(symbol: string, arm: string | null, limit: number): TradeRow[]
  /** What every arm has closed since a moment, ascending by closing time, each with how many trades its arm has closed ever. */
  results(symbol: string, sinceMs: UnixMs): { arm: string; total: number; result: ArmResult }[]
  /** @returns its number */
  addAbRun(row: Omit<AbRunRow, 'run'>): number
  /** The swap that an evaluation recommended was carried out. */
  swapExecuted(symbol: string, run: number): void
  /** Evaluations of a pair, oldest first. @throws OperatorError where a row is not one */
  abRuns(symbol: string, armA: string, armB: string): AbRunRow[]
  /** The newest evaluations of any pair, newest first. @throws OperatorError where a row is not one */
  newestAbRuns(symbol: string, limit: number): AbRunRow[]
  putPosition(symbol: string, stored: StoredPosition): void
  /** @throws OperatorError where a row is not one */
  positions(symbol: string): StoredPosition[]
}

const place = sql.placeholder
const CLOSED = select((from) =>
  from
    .select()
    .from(paperTrades)
    .where(
      and(
        ofSymbol(paperTrades),
        gte(paperTrades.closedMs, place('fromMs')),
        lt(paperTrades.closedMs, place('untilMs')),
      ),
    )
    .orderBy(asc(paperTrades.closedMs), asc(paperTrades.arm), asc(paperTrades.id)),
)
const FIRST = select((from) =>
  from
    .select({ openedMs: paperTrades.openedMs })
    .from(paperTrades)
    .where(and(ofSymbol(paperTrades), eq(paperTrades.source, 'paper')))
    .orderBy(asc(paperTrades.closedMs))
    .limit(1),
)
const ONE = select((from) =>
  from
    .select({ id: paperTrades.id })
    .from(paperTrades)
    .where(and(ofSymbol(paperTrades), eq(paperTrades.arm, place('arm')), eq(paperTrades.id, place('id')))),
)
const TOTALS = select((from) =>
  from
    .select({ arm: paperTrades.arm, trades: count() })
    .from(paperTrades)
    .where(ofSymbol(paperTrades))
    .groupBy(paperTrades.arm),
)

const POSITIONS = select((from) =>
  from.select().from(paperPositions).where(ofSymbol(paperPositions)).orderBy(asc(paperPositions.arm)),
)

export function tradingRepo(db: Database): TradingRepo {
  const { orm } = db
  const check = rowCheck(paperTrades)
  const checkPosition = rowCheck(paperPositions)
  const position = jsonColumn<Position>(paperPositions, 'position', PositionShape)
  const put = rowWriter(db, paperPositions, 'replace')
  const putRun = rowWriter(db, abTestRuns, 'fail')
  const closed = CLOSED(db)
  const first = FIRST(db)
  const one = ONE(db)
  const totals = TOTALS(db)
  const positions = POSITIONS(db)
  return {
    addTrade: rowWriter(db, paperTrades, 'fail'),
    has: (symbol, arm, id) => one.get({ symbol, arm, id }) !== undefined,
    closedIn: (symbol, fromMs, untilMs) => closed.all({ symbol, fromMs, untilMs }).map(check),
    closedBy: (symbol, arm, sinceMs = 0) =>
      orm
        .select()
        .from(paperTrades)
        .where(and(eq(paperTrades.symbol, symbol), eq(paperTrades.arm, arm), gte(paperTrades.closedMs, sinceMs)))
        .orderBy(asc(paperTrades.closedMs), asc(paperTrades.id))
        .all()
        .map(check),
    followedIn: (symbol, fromMs, untilMs) =>
      orm
        .select()
        .from(paperTrades)
        .where(
          and(
            eq(paperTrades.symbol, symbol),
            gte(paperTrades.closedMs, fromMs),
            lt(paperTrades.closedMs, untilMs),
            eq(paperTrades.source, 'own'),
            gte(paperTrades.rowMs, fromMs),
          ),
        )
        .orderBy(asc(paperTrades.closedMs), asc(paperTrades.arm), asc(paperTrades.id))
        .all()
        .map(check),
    firstOpenedMs: (symbol) => {
      const row = first.get({ symbol })
      return row === undefined ? null : check(row).openedMs
    },
    newestTrades: (symbol, arm, limit) =>
      orm
        .select()
        .from(paperTrades)
        .where(and(eq(paperTrades.symbol, symbol), arm === null ? undefined : eq(paperTrades.arm, arm)))
        .orderBy(desc(paperTrades.closedMs), asc(paperTrades.arm), desc(paperTrades.id))
        .limit(limit)
        .all()
        .map(check),
    results: (symbol, sinceMs) => {
      const ofArm = new Map(totals.all({ symbol }).map(({ arm, trades }) => [arm, trades]))
      return closed
        .all({ symbol, fromMs: sinceMs, untilMs: Number.MAX_SAFE_INTEGER })
        .map(check)
        .map((row) => ({ arm: row.arm, total: ofArm.get(row.arm) ?? 0, result: resultOf(row) }))
    },
    addAbRun: (row) => {
      const newest = orm
        .select({ run: max(abTestRuns.run) })
        .from(abTestRuns)
        .where(eq(abTestRuns.symbol, row.symbol))
        .get()
      const run = (newest?.run ?? 0) + 1
      putRun({ ...row, run })
      return run
    },
    swapExecuted: (symbol, run) => {
      db.assertTransaction()
      orm
        .update(abTestRuns)
        .set({ swapExecuted: 1 })
        .where(and(eq(abTestRuns.symbol, symbol), eq(abTestRuns.run, run)))
        .run()
    },
    abRuns: (symbol, armA, armB) =>
      orm
        .select()
        .from(abTestRuns)
        .where(and(eq(abTestRuns.symbol, symbol), eq(abTestRuns.armALabel, armA), eq(abTestRuns.armBLabel, armB)))
        .orderBy(asc(abTestRuns.run))
        .all()
        .map(rowCheck(abTestRuns)),
    newestAbRuns: (symbol, limit) =>
      orm
        .select()
        .from(abTestRuns)
        .where(eq(abTestRuns.symbol, symbol))
        .orderBy(desc(abTestRuns.run))
        .limit(limit)
        .all()
        .map(rowCheck(abTestRuns)),
    putPosition: (symbol, { arm, position: value }) => put({ symbol, arm, position: position.text(value) }),
    positions: (symbol) =>
      positions.all({ symbol }).map((row) => ({ arm: checkPosition(row).arm, position: position.value(row) })),
  }
}

/** What figures that are kept need of a trade. */
export function resultOf({ closedMs, pnl, notional, slipEntryBp, slipExitBp }: TradeRow): ArmResult {
  const slippagePct = slipEntryBp === null || slipExitBp === null ? null : (slipEntryBp + slipExitBp) / 2 / 100
  return { closedMs, pnl, notional, slippagePct }
}
