/**
 * What comes in and what becomes of it: bars, rows, predictions, outcomes, drift. Every table has the symbol first in its
 * key; `ts_ms` is market time, `wall_ms` the machine's. Tables whose rows are found by their whole key are WITHOUT ROWID
 * (docs/decisions/0003-storage.md), which drizzle cannot say and the migration does.
 */
import { blob, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { BUILT_IN, type BuiltInColumn } from '../engine/features/built-in.ts'
import { CLOCK_KINDS } from '../engine/kernel/clock.ts'

const symbol = () => text('symbol').notNull()
const tsMs = () => integer('ts_ms').notNull()
const wallMs = () => integer('wall_ms').notNull()

/** A column for each that every bar yields, by its own name; null where there is no value. */
function builtInColumns(): Record<BuiltInColumn, ReturnType<typeof real>> {
  return Object.fromEntries(BUILT_IN.map(([name]) => [name, real(name)])) as Record<
    BuiltInColumn,
    ReturnType<typeof real>
  >
}

export const bars = sqliteTable(
  'bars',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    open: real('open').notNull(),
    high: real('high').notNull(),
    low: real('low').notNull(),
    close: real('close').notNull(),
    volume: real('volume').notNull(),
    /** 1 when it filled a gap afterwards: it serves training and PSI, and was never scored. */
    backfilled: integer('backfilled').notNull().default(0),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs] })],
)

export const featureRows = sqliteTable(
  'feature_rows',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    ...builtInColumns(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs] })],
)

/** What the stream of features knows beyond the last day's bars, as of the newest bar. */
export const streamStates = sqliteTable('stream_states', {
  symbol: text('symbol').primaryKey(),
  tsMs: tsMs(),
  state: text('state').notNull(),
})

/** One row a feed: where it stands and what it counted. */
export const feeds = sqliteTable('feeds', {
  symbol: text('symbol').primaryKey(),
  /** The last moment of the market clock that was finished for this symbol. */
  clockMs: integer('clock_ms').notNull(),
  clockKind: text('clock_kind', { enum: CLOCK_KINDS }).notNull(),
  path: text('path'),
  sha256: text('sha256'),
  /** The last line of the recording that was taken in or dropped. */
  line: integer('line').notNull(),
  fromMs: integer('from_ms'),
  bars: integer('bars').notNull(),
  badRows: integer('bad_rows').notNull(),
  duplicates: integer('duplicates').notNull(),
  late: integer('late').notNull(),
  future: integer('future').notNull(),
})

/** Bars that were dropped, by name; the first thousand of a symbol, the counts in `feeds` go on. */
export const droppedBars = sqliteTable(
  'dropped_bars',
  {
    symbol: symbol(),
    seq: integer('seq').notNull(),
    tsMs: integer('ts_ms'),
    line: integer('line'),
    fault: text('fault').notNull(),
    text: text('text').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.seq] })],
)

/** Every answered prediction. The id begins with the row's time, so that age is a range of the key. */
export const predictions = sqliteTable(
  'predictions',
  {
    symbol: symbol(),
    id: text('id').notNull(),
    tsMs: tsMs(),
    wallMs: wallMs(),
    source: text('source').notNull(),
    key: text('key'),
    score: real('score'),
    decision: text('decision').notNull(),
    model: text('model').notNull(),
    servedBy: text('served_by').notNull(),
    reason: text('reason').notNull(),
    /** From the request's acceptance to the start of its commit, ms; null in history. */
    latencyMs: real('latency_ms'),
    /** The model's own part of it. */
    modelMs: real('model_ms'),
    /** Why the baseline could not, where it could not. */
    fault: text('fault'),
    /** `<run>/<phase>` where a canary's split picked it, else empty. */
    phase: text('phase').notNull().default(''),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.id] })],
)

/** What a model in the shadow said of an answered prediction. */
export const comparisons = sqliteTable(
  'comparisons',
  {
    symbol: symbol(),
    id: text('id').notNull(),
    model: text('model').notNull(),
    tsMs: tsMs(),
    source: text('source').notNull(),
    baselineScore: real('baseline_score'),
    score: real('score'),
    latencyMs: real('latency_ms'),
    /** timeout, nan, range, throw; null when it answered or abstained. */
    fault: text('fault'),
    phase: text('phase').notNull().default(''),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.id, t.model] })],
)

/** One score a minute and model, kept for good: what settlement and live figures read. */
export const scores = sqliteTable(
  'scores',
  { symbol: symbol(), tsMs: tsMs(), model: text('model').notNull(), score: real('score').notNull() },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs, t.model] })],
)

/** What a scored minute turned out to be. */
export const outcomes = sqliteTable(
  'outcomes',
  { symbol: symbol(), tsMs: tsMs(), label: integer('label').notNull(), settledMs: integer('settled_ms').notNull() },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs] })],
)

/** Per minute, model, source and canary phase; histograms merge. */
export const rollups = sqliteTable(
  'rollups',
  {
    symbol: symbol(),
    tsMs: tsMs(),
    model: text('model').notNull(),
    source: text('source').notNull(),
    /** `<run>/<phase>` while a canary runs, else empty. */
    phase: text('phase').notNull(),
    /** Answers given by this model. */
    requests: integer('requests').notNull(),
    abstained: integer('abstained').notNull(),
    /** Times it was asked for a score, in charge or in the shadow, and times it could not give one. */
    tried: integer('tried').notNull(),
    errors: integer('errors').notNull(),
    /** Times both it and the model in charge had a score; within the tolerance; sum and maximum of the difference. */
    compared: integer('compared').notNull(),
    matched: integer('matched').notNull(),
    deltaSum: real('delta_sum').notNull(),
    deltaMax: real('delta_max').notNull(),
    /** Answers with a latency, and those of them above 80 and 120 ms; model runs with one, and those above 60 ms. */
    timed: integer('timed').notNull(),
    above80: integer('above_80').notNull(),
    above120: integer('above_120').notNull(),
    modelTimed: integer('model_timed').notNull(),
    modelAbove60: integer('model_above_60').notNull(),
    modelAbove80: integer('model_above_80').notNull().default(0),
    modelAbove120: integer('model_above_120').notNull().default(0),
    /** Latency of the answers and of the model itself in microseconds, encoded histograms; null without any. */
    serviceHist: blob('service_hist', { mode: 'buffer' }),
    modelHist: blob('model_hist', { mode: 'buffer' }),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs, t.model, t.source, t.phase] })],
)

/** Rows by bin and UTC hour, in the bins of a model's own reference. */
export const driftCounts = sqliteTable(
  'drift_counts',
  {
    symbol: symbol(),
    model: text('model').notNull(),
    hourMs: integer('hour_ms').notNull(),
    n: integer('n').notNull(),
    counts: text('counts').notNull(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.model, t.hourMs] })],
)

/** A look at the last 24 hours of a model's features, every quarter of an hour. */
export const driftChecks = sqliteTable(
  'drift_checks',
  {
    symbol: symbol(),
    model: text('model').notNull(),
    tsMs: tsMs(),
    verdict: text('verdict').notNull(),
    document: text('document').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.model, t.tsMs] })],
)

/** A look at what the model in charge answers with, every six hours; the newest of an artifact holds. */
export const calibrations = sqliteTable(
  'calibrations',
  {
    symbol: symbol(),
    model: text('model').notNull(),
    modelSha256: text('model_sha256').notNull(),
    tsMs: tsMs(),
    verdict: text('verdict', { enum: ['taken', 'kept', 'wait'] }).notNull(),
    /** Of `calibration`. */
    sha256: text('sha256').notNull(),
    calibration: text('calibration').notNull(),
    takenMs: integer('taken_ms'),
    document: text('document').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.model, t.tsMs] })],
)

/** The daily step of the weights of a mix; the newest holds. */
export const ensembleWeights = sqliteTable(
  'ensemble_weights',
  { symbol: symbol(), tsMs: tsMs(), document: text('document').notNull(), wallMs: wallMs() },
  (t) => [primaryKey({ columns: [t.symbol, t.tsMs] })],
)

export const psiSnapshots = sqliteTable(
  'psi_snapshots',
  {
    symbol: symbol(),
    model: text('model').notNull(),
    tsMs: tsMs(),
    overall: real('overall'),
    verdict: text('verdict').notNull(),
    level: text('level'),
    document: text('document').notNull(),
    wallMs: wallMs(),
  },
  (t) => [primaryKey({ columns: [t.symbol, t.model, t.tsMs] })],
)
