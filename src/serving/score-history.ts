import type { PredictionRepo } from '../db/predictions.ts'
import type { FeatureRow } from '../engine/features/row.ts'
import { knownAt } from '../engine/market/bar.ts'
import { hasColumns } from '../engine/models/columns.ts'
import { type Attempt, answerOf, runUntimed, whomToAsk } from './answer.ts'
import type { ServingDesk, ServingLimits } from './contract.ts'
import type { LoadedModel } from './line-up.ts'
import {
  comparisonRow,
  countAnswer,
  countComparison,
  predictionRow,
  storeAnswers,
  storeComparisons,
  type Question,
} from './record.ts'

/** Scores a row by the fallback, for settlement: its outcome is compared with the models' whoever is in charge. */
export function scoreFallback(desk: ServingDesk, row: FeatureRow): void {
  const score = desk.fallback.score(row.values)
  if (!Number.isNaN(score)) desk.minuteScored(row.tsMs, desk.fallback.version, score)
}

/**
 * Scores a row that nobody asks about, for bars that are run through as history: the same models, rows and counts as for a
 * minute that is lived through, without latencies. Nothing is recorded before a model is in charge. Inside the caller's
 * transaction.
 */
export function scoreHistory(
  desk: ServingDesk,
  row: FeatureRow,
  at: { readonly id: string; readonly wallMs: number },
  predictions: PredictionRepo,
  limits: ServingLimits,
): void {
  scoreFallback(desk, row)
  const { inCharge, shadows } = desk.lineUp
  if (inCharge === null || !hasBegun(inCharge, row)) return
  const question: Question = { symbol: desk.symbol, id: at.id, tsMs: row.tsMs, source: 'history' }
  const scored = answerOf(desk, row.values, 0, limits, attempt(desk, row.values))
  const answer = predictionRow(question, scored, { wallMs: at.wallMs, key: null, latencyMs: null, phase: '' })
  storeAnswers(predictions, [answer], [{ scored }])
  countAnswer(desk.rollups, answer, scored.tried)
  if (scored.artifactScore !== null) desk.minuteScored(row.tsMs, scored.model, scored.artifactScore)
  const { inChargeScore: baselineScore } = scored
  for (const { version, model, sinceMs } of shadows) {
    if (knownAt(row) <= sinceMs) continue
    const run = model.kind === 'http' || !hasColumns(model, row.values) ? null : runUntimed(model, row.values)
    const said = comparisonRow(question, version, run, { baselineScore, phase: '' })
    storeComparisons(predictions, [said])
    countComparison(desk.rollups, said, limits.matchTolerance)
    if (said.score !== null) desk.minuteScored(row.tsMs, version, said.score)
  }
}

/** A model behind HTTP is not asked about history: a transaction does not wait for another server. */
function attempt(desk: ServingDesk, values: Float64Array): Attempt {
  const choice = whomToAsk(desk, values)
  if (choice.kind === 'not asked') return choice
  const { loaded } = choice
  return loaded.model.kind === 'http'
    ? { kind: 'not asked', reason: `${loaded.version} is not asked about history`, fault: 'not_asked' }
    : { kind: 'ran', loaded, run: runUntimed(loaded.model, values) }
}

/** Whether a model scores this row: one that got its role at the moment the row was known begins with the next. */
function hasBegun({ sinceMs }: LoadedModel, row: FeatureRow): boolean {
  return knownAt(row) > sinceMs
}
