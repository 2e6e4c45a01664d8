import type { FeatureRow } from '../../engine/features/row.ts'
import { knownAt } from '../../engine/market/bar.ts'
import { compareScores } from '../../engine/shadow/compare.ts'
import { missingColumns } from '../../serving/answer.ts'
import type { LoadedModel } from '../../serving/contract.ts'
import type { Desk } from '../desk/desk.ts'

const SOURCE = 'history'

/**
 * Scores a row without answering anybody, for bars that are run through as history: the same models and the same rows as
 * serving, without latencies. Inside the caller's transaction.
 */
export function scoreHistory(desk: Desk, row: FeatureRow, id: string, wallMs: number): void {
  const { symbol, slots, rollups, settlement } = desk
  const { predictions } = desk.parts.store
  const heuristic = desk.fallback.score(row.values)
  if (!Number.isNaN(heuristic)) settlement.scored(row.tsMs, desk.fallback.version, heuristic)
  const { baseline } = slots
  if (!answers(baseline, row)) return
  const run = ranBy(baseline, row)
  const score = run.score
  const scored = !Number.isNaN(score)
  const model = scored ? baseline.version : desk.fallback.version
  const answer = scored ? score : Number.isNaN(heuristic) ? null : heuristic
  const key = { tsMs: row.tsMs, model, source: SOURCE, phase: '' } as const
  predictions.insert({
    symbol,
    id,
    tsMs: row.tsMs,
    wallMs,
    source: SOURCE,
    key: null,
    score: answer,
    decision: scored ? (score >= baseline.model.threshold ? 'signal' : 'none') : 'abstain',
    model,
    servedBy: scored ? 'baseline' : 'fallback',
    reason: scored ? 'in charge' : run.why,
    latencyMs: null,
    modelMs: null,
    fault: scored ? null : run.fault,
    phase: '',
  })
  rollups.answered(key, !scored, null)
  if (answer !== null) predictions.score(symbol, row.tsMs, model, answer)
  if (scored) {
    rollups.tried(key, true, null)
    settlement.scored(row.tsMs, baseline.version, score)
  }
  for (const shadow of [slots.candidate, slots.former]) {
    if (answers(shadow, row)) scoreShadow(desk, row, id, shadow, scored ? score : null)
  }
}

function scoreShadow(desk: Desk, row: FeatureRow, id: string, shadow: LoadedModel, baselineScore: number | null): void {
  const { symbol, rollups, settlement } = desk
  const { store, limits } = desk.parts
  const { score } = ranBy(shadow, row)
  const scored = !Number.isNaN(score)
  const key = { tsMs: row.tsMs, model: shadow.version, source: SOURCE, phase: '' } as const
  store.predictions.compare({
    symbol,
    id,
    model: shadow.version,
    tsMs: row.tsMs,
    source: SOURCE,
    baselineScore,
    score: scored ? score : null,
    latencyMs: null,
    fault: null,
    phase: '',
  })
  if (!scored) return
  rollups.tried(key, true, null)
  store.predictions.score(symbol, row.tsMs, shadow.version, score)
  settlement.scored(row.tsMs, shadow.version, score)
  if (baselineScore === null) return
  const { delta, matched } = compareScores(baselineScore, score, limits.serving.matchTolerance)
  rollups.compared(key, delta, matched)
}

/** A model behind HTTP is not asked about history: a transaction does not wait for another server. */
function ranBy(
  { model, version }: LoadedModel,
  row: FeatureRow,
): { readonly score: number; readonly why: string; readonly fault: string } {
  return model.kind === 'http'
    ? { score: Number.NaN, why: `${version} is not asked about history`, fault: 'not_asked' }
    : {
        score: model.score(row.values),
        why: `${version} lacks ${missingColumns(model, row.values).join(', ')}`,
        fault: 'missing',
      }
}

/** Whether a model scores this row: one that came into its slot at the moment the row was known begins with the next. */
function answers(model: LoadedModel | null, row: FeatureRow): model is LoadedModel {
  return model !== null && knownAt(row) > model.sinceMs
}
