/**
 * What arms have traded, on paper or by a bot of the user's own, and what they have going. `row_ms` is the start of the deciding
 * row's bar; prices are in quote units, slippage in basis points against the arm, `pnl` after fees, `pnl_pct` of the notional.
 */
import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { AB_MODES } from '../engine/trading/ab.ts'
import { COURSES } from '../engine/market/regime.ts'

const symbol = () => text('symbol').notNull()
const ms = (name: string) => integer(name).notNull()
const figure = (name: string) => real(name).notNull()

export const paperTrades = sqliteTable(
  'paper_trades',
  {
    symbol: symbol(),
    arm: text('arm').notNull(),
    /** Of the arm: the deciding row's time for a trade on paper, the bot's own for one of its trades. */
    id: text('id').notNull(),
    source: text('source', { enum: ['paper', 'own'] }).notNull(),
    /** Of a bot's own trade that of the answer that it followed, where it names one; its `row_ms` likewise. */
    modelVersion: text('model_version'),
    /** 1 long, -1 short. */
    side: integer('side').notNull(),
    rowMs: integer('row_ms'),
    openedMs: ms('opened_ms'),
    closedMs: ms('closed_ms'),
    qty: figure('qty'),
    notional: figure('notional'),
    expectedEntry: real('expected_entry'),
    filledEntry: figure('filled_entry'),
    expectedExit: real('expected_exit'),
    filledExit: figure('filled_exit'),
    fees: figure('fees'),
    slipEntryBp: real('slip_entry_bp'),
    slipExitBp: real('slip_exit_bp'),
    pnlGross: figure('pnl_gross'),
    pnl: figure('pnl'),
    pnlPct: figure('pnl_pct'),
    /** Horizon, stop, target or gap on paper; whatever the bot calls it in its own trades. */
    exit: text('exit').notNull(),
    /** Of the deciding row, volatility apart, which only shows in a whole period. */
    regime: text('regime', { enum: COURSES }),
    rv60mLog: real('rv_60m_log'),
    wallMs: ms('wall_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.symbol, t.arm, t.id] }),
    index('paper_trades_closed').on(t.symbol, t.closedMs),
    index('paper_trades_arm').on(t.symbol, t.arm, t.closedMs),
  ],
)

/** What an arm has going: an order, an open trade, or how long it decides nothing. */
export const paperPositions = sqliteTable(
  'paper_positions',
  {
    symbol: symbol(),
    arm: text('arm').notNull(),
    position: text('position').notNull(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.arm] })],
)

/** Registered models that run in the shadow beside the candidate, are settled and trade on paper; gates and canary look away. */
export const challengers = sqliteTable(
  'challengers',
  { symbol: symbol(), version: text('version').notNull(), sinceMs: ms('since_ms'), wallMs: ms('wall_ms') },
  (t) => [primaryKey({ columns: [t.symbol, t.version] })],
)

/** Each evaluation of two arms. `tsMs` is the market's time; figures are null where they have no value. */
export const abTestRuns = sqliteTable(
  'ab_test_runs',
  {
    symbol: symbol(),
    /** Counts the evaluations of a symbol. */
    run: integer('run').notNull(),
    tsMs: ms('ts_ms'),
    tsIso: text('ts_iso').notNull(),
    armALabel: text('arm_a_label').notNull(),
    armBLabel: text('arm_b_label').notNull(),
    mode: text('mode', { enum: AB_MODES }).notNull(),
    armATrades: integer('arm_a_trades').notNull(),
    armBTrades: integer('arm_b_trades').notNull(),
    armASharpe: real('arm_a_sharpe'),
    armBSharpe: real('arm_b_sharpe'),
    armAExpectancy: real('arm_a_expectancy'),
    armBExpectancy: real('arm_b_expectancy'),
    armAWinRate: real('arm_a_win_rate'),
    armBWinRate: real('arm_b_win_rate'),
    armAPf: real('arm_a_pf'),
    armBPf: real('arm_b_pf'),
    /** Which look at this pair it was, and the level of its certainty. */
    k: integer('k').notNull(),
    level: real('level').notNull(),
    swapRecommended: integer('swap_recommended').notNull(),
    swapExecuted: integer('swap_executed').notNull(),
    decisionReason: text('decision_reason').notNull(),
    dryRun: integer('dry_run').notNull(),
    wallMs: ms('wall_ms'),
  },
  (t) => [
    primaryKey({ columns: [t.symbol, t.run] }),
    index('ab_test_runs_pair').on(t.symbol, t.armALabel, t.armBLabel, t.tsMs),
  ],
)
