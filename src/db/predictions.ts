import { and, eq, lt } from 'drizzle-orm'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Database } from './connect.ts'
import { LABEL_KEY } from './facts.ts'
import { comparisons, outcomes, predictions, scores } from './schema-market.ts'
import { select } from './select.ts'
import { atMinute, deleteRows, rowsWriter, rowWriter, selected } from './statements.ts'
import { rowCheck } from './stored.ts'

export type PredictionRow = typeof predictions.$inferSelect
export type ComparisonRow = typeof comparisons.$inferSelect

/** An answer that somebody may have acted on. */
export type GivenAnswer = Pick<PredictionRow, 'id' | 'tsMs' | 'source' | 'model' | 'decision' | 'key'>

/** One settled minute: what each model said and what came of it. */
interface SettledRow {
  readonly tsMs: UnixMs
  readonly label: number
  readonly score: number
}

/**
 * Answered predictions, what the shadow said of them, and what became of each minute. Everything is written inside the
 * caller's transaction; reads throw an OperatorError where a row is not one.
 */
export interface PredictionRepo {
  insert(row: PredictionRow): void
  insertAll(rows: readonly PredictionRow[]): void
  compare(row: ComparisonRow): void
  compareAll(rows: readonly ComparisonRow[]): void
  /** Keeps the first score of a minute and model. */
  score(symbol: string, tsMs: UnixMs, model: string, score: number): void
  settle(symbol: string, tsMs: UnixMs, label: 0 | 1, settledMs: UnixMs): void
  isSettled(symbol: string, tsMs: UnixMs): boolean
  /** Null where there is none of that id, or no more. */
  answer(symbol: string, id: string): GivenAnswer | null
  /** The newest of [fromMs, untilMs) that a caller got who asked with each of these keys; reads the whole span. */
  newestOfKeys(symbol: string, keys: readonly string[], fromMs: UnixMs, untilMs: UnixMs): GivenAnswer[]
  /** Scores of one minute by model. */
  scoresAt(symbol: string, tsMs: UnixMs): { model: string; score: number }[]
  /** Settled minutes of a model, ascending, `fromMs <= tsMs < untilMs`. */
  settled(symbol: string, model: string, fromMs: UnixMs, untilMs: UnixMs): SettledRow[]
  /** The same of every model, ascending by minute and model. */
  settledByAll(symbol: string, fromMs: UnixMs, untilMs: UnixMs): (SettledRow & { readonly model: string })[]
  /** The minutes of [fromMs, untilMs) for which answers were asked under these keys; reads the whole span. */
  minutesOfKeys(
    symbol: string,
    keys: readonly string[],
    fromMs: UnixMs,
    untilMs: UnixMs,
  ): { key: string; tsMs: UnixMs }[]
  /** Raw rows of one span, for roll-ups that a crash has lost. */
  rawSince(symbol: string, fromMs: UnixMs): { predictions: PredictionRow[]; comparisons: ComparisonRow[] }
  counts(symbol: string): { predictions: number; comparisons: number }
  /** Removes raw rows before a time; returns how many predictions went. */
  prune(symbol: string, beforeMs: UnixMs): number
}

/** The time of the row that an id names; null for what is not an id. */
export function timeOfId(id: string): UnixMs | null {
  return /^[0-9a-z]{9}-/.test(id) ? Number.parseInt(id.slice(0, 9), 36) : null
}

/** Ids begin with the row's time in base 36, nine digits, so that they sort by it. */
export function idPrefix(tsMs: UnixMs): string {
  return tsMs.toString(36).padStart(9, '0')
}

const IS_SETTLED = select((from) => from.select({ tsMs: outcomes.tsMs }).from(outcomes).where(atMinute(outcomes)))
const SCORES_AT = select((from) =>
  from.select({ model: scores.model, score: scores.score }).from(scores).where(atMinute(scores)),
)

export function predictionRepo(db: Database): PredictionRepo {
  const { raw } = db
  const insert = rowsWriter(db, predictions)
  const compare = rowsWriter(db, comparisons)
  const checkPrediction = rowCheck(predictions)
  const checkComparison = rowCheck(comparisons)
  const checkScore = rowCheck(scores)
  const checkOutcome = rowCheck(outcomes)
  const score = rowWriter(db, scores, 'keep')
  const settle = rowWriter(db, outcomes, 'keep')
  const isSettled = IS_SETTLED(db)
  const scoresAt = SCORES_AT(db)
  // Weeks of minutes are read at every start: as plain arrays, which cost a third of what objects do.
  const settled = raw
    .prepare<[string, string, number, number], readonly [number, number, number]>(
      `SELECT scores.ts_ms, label, score FROM scores JOIN outcomes USING (symbol, ts_ms)
       WHERE symbol = ? AND model = ? AND scores.ts_ms >= max(?, coalesce(
         (SELECT json_extract(value, '$.sinceMs') FROM meta WHERE key = '${LABEL_KEY}:' || scores.symbol), 0))
       AND scores.ts_ms < ? ORDER BY scores.ts_ms`,
    )
    .raw(true)
  const soundRow = <T extends SettledRow>(row: T): T => {
    const { tsMs, label, score } = row
    const sound = typeof tsMs === 'number' && typeof label === 'number' && typeof score === 'number'
    if (!sound) checkOutcome(checkScore(row))
    return row
  }
  const settledByAll = raw
    .prepare<[string, number, number], readonly [number, number, number, string]>(
      `SELECT scores.ts_ms, label, score, model FROM scores JOIN outcomes USING (symbol, ts_ms)
       WHERE symbol = ? AND scores.ts_ms >= ? AND scores.ts_ms < ? ORDER BY scores.ts_ms, model`,
    )
    .raw(true)
  const minutesOfKeys = raw.prepare<[string, string, string, string], { key: string; tsMs: UnixMs }>(
    `SELECT DISTINCT key, ts_ms AS tsMs FROM predictions
     WHERE symbol = ? AND id >= ? AND id < ? AND key IN (SELECT value FROM json_each(?))`,
  )
  const since = 'WHERE symbol = ? AND id >= ?'
  const rawPredictions = raw.prepare<[string, string], PredictionRow>(
    `SELECT ${selected(predictions)} FROM predictions ${since}`,
  )
  const rawComparisons = raw.prepare<[string, string], ComparisonRow>(
    `SELECT ${selected(comparisons)} FROM comparisons ${since}`,
  )
  const given = selected(predictions, ['symbol', 'id', 'tsMs', 'source', 'model', 'decision', 'key'])
  const answer = raw.prepare<[string, string], GivenAnswer>(
    `SELECT ${given} FROM predictions WHERE symbol = ? AND id = ?`,
  )
  const newestOfKeys = raw.prepare<{ symbol: string; from: string; until: string; keys: string }, GivenAnswer>(
    `SELECT ${given} FROM predictions WHERE symbol = @symbol AND id IN (
       SELECT max(id) FROM predictions WHERE symbol = @symbol AND id >= @from AND id < @until AND source = 'caller'
       AND key IN (SELECT value FROM json_each(@keys)) GROUP BY key)`,
  )
  const count = (table: string) =>
    raw.prepare<[string], { n: number }>(`SELECT count(*) AS n FROM ${table} WHERE symbol = ?`)
  const predictionCount = count('predictions')
  const comparisonCount = count('comparisons')

  return {
    insert: (row) => insert([row]),
    insertAll: insert,
    compare: (row) => compare([row]),
    compareAll: compare,
    score: (symbol, tsMs, model, value) => score({ symbol, tsMs, model, score: value }),
    settle: (symbol, tsMs, label, settledMs) => settle({ symbol, tsMs, label, settledMs }),
    isSettled: (symbol, tsMs) => isSettled.get({ symbol, tsMs }) !== undefined,
    answer: (symbol, id) => {
      const row = answer.get(symbol, id)
      return row === undefined ? null : checkPrediction(row)
    },
    newestOfKeys: (symbol, keys, from, until) =>
      newestOfKeys
        .all({ symbol, from: idPrefix(from), until: idPrefix(until), keys: JSON.stringify(keys) })
        .map(checkPrediction),
    scoresAt: (symbol, tsMs) => scoresAt.all({ symbol, tsMs }).map(checkScore),
    settled: (symbol, model, from, until) =>
      settled.all(symbol, model, from, until).map(([tsMs, label, score]) => soundRow({ tsMs, label, score })),
    settledByAll: (symbol, from, until) =>
      settledByAll
        .all(symbol, from, until)
        .map(([tsMs, label, score, model]) => soundRow({ tsMs, label, score, model })),
    minutesOfKeys: (symbol, keys, from, until) =>
      minutesOfKeys.all(symbol, idPrefix(from), idPrefix(until), JSON.stringify(keys)).map(checkPrediction),
    rawSince: (symbol, fromMs) => ({
      predictions: rawPredictions.all(symbol, idPrefix(fromMs)).map(checkPrediction),
      comparisons: rawComparisons.all(symbol, idPrefix(fromMs)).map(checkComparison),
    }),
    counts: (symbol) => ({
      predictions: predictionCount.get(symbol)?.n ?? 0,
      comparisons: comparisonCount.get(symbol)?.n ?? 0,
    }),
    prune: (symbol, beforeMs) => {
      db.assertTransaction()
      const before = idPrefix(beforeMs)
      deleteRows(db, comparisons, and(eq(comparisons.symbol, symbol), lt(comparisons.id, before)))
      return deleteRows(db, predictions, and(eq(predictions.symbol, symbol), lt(predictions.id, before)))
    },
  }
}
