import type { Stopwatch } from '../engine/kernel/clock.ts'
import { isStale, rowAgeText } from '../engine/market/row-age.ts'
import { calibrated } from '../engine/models/calibration.ts'
import { hasColumns, missingColumns, staleAfterMs } from '../engine/models/columns.ts'
import type { AnyModel, Model, RemoteReply } from '../engine/models/contract.ts'
import { faultOfScore, type ModelFault } from '../engine/shadow/compare.ts'
import type { Answer, Decision, ServedBy, ServingDesk, ServingLimits } from './contract.ts'
import type { LoadedModel } from './line-up.ts'

/** What an answer will say, and how it came about. */
export interface ScoredAnswer {
  readonly score: number | null
  readonly decision: Decision
  /** Who gave the score. */
  readonly model: string
  readonly servedBy: ServedBy
  readonly reason: string
  /** The version in charge that was asked; null when none was. */
  readonly tried: string | null
  readonly fault: string | null
  readonly modelMs: number | null
  /** What its artifact said, before any calibration: what models are compared and settled by. */
  readonly artifactScore: number | null
  /** The same of the model in charge, whoever answers; null where it gave no score. */
  readonly inChargeScore: number | null
}

/** What came of asking a model: a score, or why there is none. */
export interface ModelRun {
  readonly score: number
  readonly fault: ModelFault | null
  /** Null where nobody waited and nothing was measured. */
  readonly latencyMs: number | null
}

interface TimedRun extends ModelRun {
  readonly latencyMs: number
}

/** Runs a model of this process where nobody waits. Never throws for what the model does. */
export function runUntimed(model: Model, values: Float64Array): ModelRun {
  try {
    const score = model.score(values)
    return { score, fault: faultOfScore(score), latencyMs: null }
  } catch {
    return { score: Number.NaN, fault: 'throw', latencyMs: null }
  }
}

/** The same, and how long it took. */
export function runModel(model: Model, values: Float64Array, stopwatch: Stopwatch): TimedRun {
  const before = stopwatch()
  const { score, fault } = runUntimed(model, values)
  return { score, fault, latencyMs: stopwatch() - before }
}

/** What came of asking a model of another server. */
export function runOfReply(reply: RemoteReply): TimedRun {
  const { latencyMs } = reply
  if (!reply.ok) return { score: Number.NaN, fault: reply.fault, latencyMs }
  return { score: reply.score, fault: faultOfScore(reply.score), latencyMs }
}

/** Asks any model, for those who can wait. */
export function askModel(model: AnyModel, values: Float64Array, stopwatch: Stopwatch): Promise<TimedRun> {
  if (model.kind !== 'http') return Promise.resolve(runModel(model, values, stopwatch))
  return new Promise((resolve) => model.ask(values, (reply) => resolve(runOfReply(reply))))
}

/** Faults of an answer for which no model was asked: they are not errors. */
export const NOT_ASKED = ['missing', 'not_asked'] as const

/** Why the fallback answers without asking the model in charge. */
interface NoAttempt {
  readonly kind: 'not asked'
  readonly reason: string
  readonly fault: (typeof NOT_ASKED)[number] | null
}

export const KILLED: NoAttempt = { kind: 'not asked', reason: 'the kill switch is on', fault: null }
const NO_MODEL: NoAttempt = { kind: 'not asked', reason: 'no model is in charge yet', fault: null }

/** The model in charge that a prediction is to be asked of, or why the fallback is to answer without asking it. */
export function whomToAsk(
  desk: ServingDesk,
  values: Float64Array,
): { readonly kind: 'ask'; readonly loaded: LoadedModel } | NoAttempt {
  const { inCharge: loaded } = desk.lineUp
  if (desk.killSwitch) return KILLED
  if (loaded === null) return NO_MODEL
  if (hasColumns(loaded.model, values)) return { kind: 'ask', loaded }
  // A row that lacks a feature, after a gap say, is not the model's error: it is not asked.
  const reason = `${loaded.version} lacks ${missingColumns(loaded.model, values).join(', ')}`
  return { kind: 'not asked', reason, fault: 'missing' }
}

/** What came of the model in charge for one row: it ran, or was not asked. */
export type Attempt = { readonly kind: 'ran'; readonly loaded: LoadedModel; readonly run: ModelRun } | NoAttempt

/**
 * Decides one answer: the score of the model in charge, or the fallback's with the reason why.
 * @param ageMs how long the row has been known, on the market clock; negative where the clock is behind it
 */
export function answerOf(
  desk: ServingDesk,
  values: Float64Array,
  ageMs: number,
  limits: ServingLimits,
  attempt: Attempt,
): ScoredAnswer {
  const stale = isStale(ageMs, staleAfterMs(desk.lineUp.inCharge?.model ?? null, limits.stalenessBars))
  if (attempt.kind === 'not asked') return fallbackAnswer(desk, values, { ...attempt, tried: null }, limits, stale)
  const { version, model, calibration } = attempt.loaded
  const { score, fault, latencyMs } = attempt.run
  if (fault !== null) {
    const reason = `${version} gave no score (${fault})`
    return fallbackAnswer(desk, values, { reason, fault, tried: version }, limits, stale)
  }
  const answer = calibrated(calibration.map, score)
  return {
    score: answer,
    decision: stale ? 'abstain' : answer >= model.threshold + calibration.raisedBy ? 'signal' : 'none',
    model: version,
    servedBy: 'baseline',
    reason: stale ? rowAgeText(ageMs) : 'in charge',
    tried: version,
    fault: null,
    modelMs: latencyMs,
    artifactScore: score,
    inChargeScore: score,
  }
}

/** A score that came too late does not count: a caller would not have waited for it. */
export function withinBudget<R extends ModelRun>(run: R, budgetMs: number): R {
  if (run.fault !== null || run.latencyMs === null || run.latencyMs <= budgetMs) return run
  return { ...run, fault: 'timeout' }
}

function fallbackAnswer(
  desk: ServingDesk,
  values: Float64Array,
  { reason, fault, tried }: Pick<ScoredAnswer, 'reason' | 'fault' | 'tried'>,
  limits: ServingLimits,
  stale: boolean,
): ScoredAnswer {
  const score = desk.fallback.score(values)
  const decides = limits.fallbackDecides && !stale && !desk.killSwitch && !Number.isNaN(score)
  return {
    score: Number.isNaN(score) ? null : score,
    decision: decides ? (score >= desk.fallback.threshold ? 'signal' : 'none') : 'abstain',
    model: desk.fallback.version,
    servedBy: 'fallback',
    reason,
    tried,
    fault,
    modelMs: null,
    artifactScore: Number.isNaN(score) ? null : score,
    inChargeScore: null,
  }
}

/** What the caller gets. @param latencyMs from the request to now */
export function answerTo(id: string, scored: ScoredAnswer, latencyMs: number): Answer {
  return {
    id,
    score: scored.score,
    decision: scored.decision,
    model_version: scored.model,
    served_by: scored.servedBy,
    reason: scored.reason,
    latency_ms: Math.round(latencyMs * 1_000) / 1_000,
  }
}
