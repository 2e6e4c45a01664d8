/**
 * How what models said of a row becomes stored rows, counts and scores: the one way, for answers that somebody waits for, for
 * history that is run through, and for what a restart counts anew. Storing and counting are apart, since an answer is stored
 * before it leaves and counted after.
 */
import type { ComparisonRow, PredictionRepo, PredictionRow } from '../db/predictions.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { type Comparison, compareScores } from '../engine/shadow/compare.ts'
import { sourceOf } from '../engine/shadow/source.ts'
import { type ModelRun, NOT_ASKED, type ScoredAnswer } from './answer.ts'
import type { PredictRequest } from './contract.ts'
import type { RollupBook } from './rollups.ts'

/** What was asked: of which row, by whom. */
export interface Question {
  readonly symbol: string
  readonly id: string
  readonly tsMs: UnixMs
  readonly source: PredictRequest['source'] | 'history'
}

/** The row of an answer. @param latencyMs from the request to the row; null when nobody waited. @param phase of a canary that counts it, or empty */
export function predictionRow(
  { symbol, id, tsMs, source }: Question,
  { score, decision, model, servedBy, reason, modelMs, fault }: ScoredAnswer,
  about: Pick<PredictionRow, 'wallMs' | 'key' | 'latencyMs' | 'phase'>,
): PredictionRow {
  return { symbol, id, tsMs, source, ...about, score, decision, model, servedBy, reason, modelMs, fault }
}

/** The row of what a model beside the one in charge said of a question. @param run null when it was not asked */
export function comparisonRow(
  { symbol, id, tsMs, source }: Question,
  model: string,
  run: ModelRun | null,
  about: Pick<ComparisonRow, 'baselineScore' | 'phase'>,
): ComparisonRow {
  const score = run === null || run.fault !== null ? null : run.score
  const { fault = null, latencyMs = null } = run ?? {}
  return { symbol, id, model, tsMs, source, ...about, score, latencyMs, fault }
}

/**
 * Stores answers, and as scores what artifacts said of the room's own minutes; inside the caller's transaction.
 * @param answers that the rows were made of
 */
export function storeAnswers(
  predictions: PredictionRepo,
  rows: readonly PredictionRow[],
  answers: readonly { readonly scored: Pick<ScoredAnswer, 'artifactScore'> }[],
): void {
  predictions.insertAll(rows)
  storeScores(
    predictions,
    rows.map((row, i) => ({ ...row, score: answers[i]?.scored.artifactScore ?? null })),
  )
}

/** The same of what ran beside. */
export function storeComparisons(predictions: PredictionRepo, rows: readonly ComparisonRow[]): void {
  predictions.compareAll(rows)
  storeScores(predictions, rows)
}

/** Whether a score is the room's own of its minute, which settlement waits for; callers may have sent other values. */
export function isOwnMinute(source: string): boolean {
  return source === 'minute' || source === 'history'
}

function storeScores(
  predictions: PredictionRepo,
  rows: readonly Pick<PredictionRow, 'symbol' | 'source' | 'tsMs' | 'model' | 'score'>[],
): void {
  for (const { symbol, source, tsMs, model, score } of rows)
    if (score !== null && isOwnMinute(source)) predictions.score(symbol, tsMs, model, score)
}

/** The version in charge that was asked for an answer; null when none was. @param inCharge who was in charge then */
export function triedBy(
  row: Pick<PredictionRow, 'servedBy' | 'model' | 'fault'>,
  inCharge: string | null,
): string | null {
  if (row.servedBy === 'baseline') return row.model
  if (row.servedBy === 'canary' && row.fault === null) return inCharge
  return row.fault === null || NOT_ASKED.some((fault) => fault === row.fault) ? null : inCharge
}

/**
 * Counts an answer for who gave it, and the try for who was asked. A smoke counts nowhere.
 * @param tried the version in charge that was asked; null when none was
 * @param latencyMs until the answer had left; the row's own where that is all that is known
 */
export function countAnswer(
  rollups: RollupBook,
  row: Pick<PredictionRow, 'tsMs' | 'source' | 'model' | 'decision' | 'fault' | 'latencyMs' | 'modelMs'>,
  tried: string | null,
  latencyMs: number | null = row.latencyMs,
): void {
  const source = sourceOf(row.source)
  if (source === null) return
  const key = { tsMs: row.tsMs, model: row.model, source, phase: '' }
  rollups.answered(key, row.decision === 'abstain', latencyMs)
  if (tried !== null) rollups.tried({ ...key, model: tried }, row.fault === null, row.modelMs)
}

/**
 * Counts what a model beside the one in charge said, and compares the two scores. A smoke is compared and counts nowhere.
 * @param tolerance the largest difference that still counts as a match
 * @returns null when a score is missing on either side
 */
export function countComparison(
  rollups: RollupBook,
  row: Pick<ComparisonRow, 'tsMs' | 'source' | 'model' | 'phase' | 'score' | 'baselineScore' | 'fault' | 'latencyMs'>,
  tolerance: number,
): Comparison | null {
  // A row that lacked what the model needs was not tried.
  if (row.score === null && row.fault === null) return null
  const comparison =
    row.score === null || row.baselineScore === null ? null : compareScores(row.baselineScore, row.score, tolerance)
  const source = sourceOf(row.source)
  if (source === null) return comparison
  const key = { tsMs: row.tsMs, model: row.model, source, phase: row.phase }
  rollups.tried(key, row.fault === null, row.latencyMs)
  if (comparison !== null) rollups.compared(key, comparison.delta, comparison.matched)
  return comparison
}
