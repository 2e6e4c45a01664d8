import type { Stopwatch } from '../engine/kernel/clock.ts'
import { MINUTE_MS } from '../engine/kernel/units.ts'
import type { Column } from '../engine/features/catalogue.ts'
import { COLUMN_INDEX } from '../engine/features/catalogue.ts'
import type { AnyModel, Model, RemoteReply } from '../engine/models/contract.ts'
import { faultOfScore, type ModelFault } from '../engine/shadow/compare.ts'
import type { Decision, LoadedModel, ServedBy, ServingDesk, ServingLimits } from './contract.ts'

/** What an answer will say, and how it came about. */
export interface Scored {
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
}

/** The columns of `model` that a row lacks. */
export function missingColumns(model: AnyModel, values: Float64Array): Column[] {
  return model.features.filter((name) => Number.isNaN(values[COLUMN_INDEX[name]]))
}

/** What came of asking a model: a score, or why there is none. */
export interface ModelRun {
  readonly score: number
  readonly fault: ModelFault | null
  readonly latencyMs: number
}

/** Runs a model of this process. Never throws for what the model does. */
export function runModel(model: Model, values: Float64Array, stopwatch: Stopwatch): ModelRun {
  const before = stopwatch()
  let score = Number.NaN
  let fault: ModelFault | null
  try {
    score = model.score(values)
    fault = faultOfScore(score)
  } catch {
    fault = 'throw'
  }
  return { score, fault, latencyMs: stopwatch() - before }
}

/** What came of asking a model of another server. */
export function runOfReply(reply: RemoteReply): ModelRun {
  const { latencyMs } = reply
  if (!reply.ok) return { score: Number.NaN, fault: reply.fault, latencyMs }
  return { score: reply.score, fault: faultOfScore(reply.score), latencyMs }
}

/** Asks any model, for those who can wait. */
export function askModel(model: AnyModel, values: Float64Array, stopwatch: Stopwatch): Promise<ModelRun> {
  if (model.kind !== 'http') return Promise.resolve(runModel(model, values, stopwatch))
  return new Promise((resolve) => model.ask(values, (reply) => resolve(runOfReply(reply))))
}

/** The model in charge that a prediction is to be asked of; null when the fallback is to answer without asking it. */
export function modelToAsk(desk: ServingDesk, values: Float64Array): LoadedModel | null {
  const { baseline } = desk.slots
  if (desk.killSwitch || baseline === null || missingColumns(baseline.model, values).length > 0) return null
  return baseline
}

/**
 * Decides one answer: the score of the model in charge, or the fallback's with the reason why.
 * @param ageMs how long the row has been known, on the market clock.
 * @param asked the model that was asked and what came of it; null where `modelToAsk` says that none is
 */
export function answerOf(
  desk: ServingDesk,
  values: Float64Array,
  ageMs: number,
  limits: ServingLimits,
  asked: { readonly loaded: LoadedModel; readonly run: ModelRun } | null,
): Scored {
  const stale = ageMs > limits.stalenessBars * MINUTE_MS
  if (asked === null) return unasked(desk, values, limits, stale)
  const { version, model } = asked.loaded
  const { score, fault, latencyMs } = asked.run
  if (fault !== null) {
    const reason = `${version} gave no score (${fault})`
    return fallbackAnswer(desk, values, reason, { version, fault }, limits, stale)
  }
  return {
    score,
    decision: stale ? 'abstain' : score >= model.threshold ? 'signal' : 'none',
    model: version,
    servedBy: 'baseline',
    reason: stale ? `the newest row is ${Math.round(ageMs / 1_000)} s old` : 'in charge',
    tried: version,
    fault: null,
    modelMs: latencyMs,
  }
}

function unasked(desk: ServingDesk, values: Float64Array, limits: ServingLimits, stale: boolean): Scored {
  const { baseline } = desk.slots
  if (desk.killSwitch) return fallbackAnswer(desk, values, 'the kill switch is on', null, limits, stale)
  if (baseline === null) return fallbackAnswer(desk, values, 'no model is in charge yet', null, limits, stale)
  // A row that lacks a feature, after a gap say, is no error of the model's: it was not asked.
  const reason = `${baseline.version} lacks ${missingColumns(baseline.model, values).join(', ')}`
  return fallbackAnswer(desk, values, reason, { version: null, fault: 'missing' }, limits, stale)
}

function fallbackAnswer(
  desk: ServingDesk,
  values: Float64Array,
  reason: string,
  failed: { readonly version: string | null; readonly fault: string } | null,
  limits: ServingLimits,
  stale: boolean,
): Scored {
  const score = desk.fallback.score(values)
  const decides = limits.fallbackDecides && !stale && !desk.killSwitch && !Number.isNaN(score)
  return {
    score: Number.isNaN(score) ? null : score,
    decision: decides ? (score >= desk.fallback.threshold ? 'signal' : 'none') : 'abstain',
    model: desk.fallback.version,
    servedBy: 'fallback',
    reason,
    tried: failed?.version ?? null,
    fault: failed?.fault ?? null,
    modelMs: null,
  }
}
