/**
 * Sets of five models: the registry, the names that point into it, the runs that trained them or could not, what the gates said each
 * time, which arm is active, and what a bot was told. `ts_ms` is the market's time, `wall_ms` the machine's.
 */
import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'

const symbol = () => text('symbol').notNull()
const ms = (name: string) => integer(name).notNull()

/** What a name points at: the first set, the newest one of paper trading, and what the newest one was before. */
export const SET_NAMES = ['v1_backtest', 'v2_paper', 'v2_paper_prev'] as const

/** A set is registered once and never overwritten. */
export const modelSets = sqliteTable(
  'model_sets',
  {
    symbol: symbol(),
    version: text('version').notNull(),
    /** Of the text of `models`. */
    sha256: text('sha256').notNull(),
    models: text('models').notNull(),
    report: text('report').notNull(),
    windowFromMs: ms('window_from_ms'),
    windowUntilMs: ms('window_until_ms'),
    seconds: real('seconds').notNull(),
    tsMs: ms('ts_ms'),
    wallMs: ms('wall_ms'),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.version] })],
)

export const setNames = sqliteTable(
  'set_names',
  {
    symbol: symbol(),
    name: text('name', { enum: SET_NAMES }).notNull(),
    version: text('version').notNull(),
    sinceMs: ms('since_ms'),
    wallMs: ms('wall_ms'),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.name] })],
)

/** Each time somebody or the daily job asked for a set, whatever came of it. */
export const retrainRuns = sqliteTable(
  'phase2_retrain_runs',
  {
    symbol: symbol(),
    /** Counts the runs of a symbol. */
    run: integer('run').notNull(),
    tsMs: ms('ts_ms'),
    tsIso: text('ts_iso').notNull(),
    /** `first set`, `daily`, `asked`, `forced`, `smoke test`. */
    triggerReason: text('trigger_reason').notNull(),
    /** Who asked; `onay` where it was the job. */
    byWhom: text('by_whom').notNull(),
    gatePass: integer('gate_pass').notNull(),
    gateDetails: text('gate_details').notNull(),
    paperDays: real('paper_days'),
    closedTrades: integer('closed_trades').notNull(),
    volPercentileLo: real('vol_percentile_lo'),
    volPercentileHi: real('vol_percentile_hi'),
    slippageMult: real('slippage_mult').notNull(),
    trainingRows: integer('training_rows'),
    modelsTrained: integer('models_trained').notNull(),
    /** The version whose folder under `ml-artifacts` holds the five; null where none was trained. */
    modelDir: text('model_dir'),
    success: integer('success').notNull(),
    errorMsg: text('error_msg'),
    durationSec: real('duration_sec').notNull(),
    embargoHours: real('embargo_hours'),
    wallMs: ms('wall_ms'),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.run] })],
)

/** What each gate said at each check. */
export const retrainGateLog = sqliteTable(
  'phase2_gate_log',
  {
    symbol: symbol(),
    /** Counts the checks of a symbol. */
    checkNo: integer('check_no').notNull(),
    gateName: text('gate_name').notNull(),
    tsMs: ms('ts_ms'),
    tsIso: text('ts_iso').notNull(),
    passed: integer('passed').notNull(),
    value: real('value'),
    threshold: real('threshold').notNull(),
    details: text('details').notNull(),
    wallMs: ms('wall_ms'),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.checkNo, t.gateName] })],
)

/** Which arm is active; `v1_backtest` while there is no row. */
export const activeArms = sqliteTable('ab_active_model', {
  symbol: text('symbol').primaryKey(),
  /** Always 1: there is one active arm. */
  id: integer('id').notNull().default(1),
  activeArm: text('active_arm').notNull(),
  swappedAt: text('swapped_at').notNull(),
  /** The evaluation that it rests on. */
  swapRunId: integer('swap_run_id').notNull(),
  wallMs: ms('wall_ms'),
})

/** What a bot was told, each answer committed before it was given. */
export const signals = sqliteTable(
  'signals',
  {
    symbol: symbol(),
    id: text('id').notNull(),
    tsMs: ms('ts_ms'),
    arm: text('arm').notNull(),
    setVersion: text('set_version'),
    side: text('side', { enum: ['long', 'short', 'none'] }).notNull(),
    direction: real('direction'),
    priceBp: real('price_bp'),
    riskBp: real('risk_bp'),
    momentum: real('momentum'),
    volatility: real('volatility'),
    sizeMultiplier: real('size_multiplier').notNull(),
    expectedCostBp: real('expected_cost_bp').notNull(),
    worthIt: integer('worth_it').notNull(),
    reason: text('reason').notNull(),
    wallMs: ms('wall_ms'),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.id] }), index('signals_time').on(t.symbol, t.tsMs)],
)
