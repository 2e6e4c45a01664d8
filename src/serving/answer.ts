import type { Stopwatch } from '../engine/kernel/clock.ts'
import { MINUTE_MS } from '../engine/kernel/units.ts'
import type { Column } from '../engine/features/catalogue.ts'
import { COLUMN_INDEX } from '../engine/features/catalogue.ts'
import { faultOfScore } from '../engine/shadow/compare.ts'
import type { Model } from '../engine/models/contract.ts'
import type { Decision, ServedBy, ServingDesk, ServingLimits } from './contract.ts'

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
export function missingColumns(model: Model, values: Float64Array): Column[] {
  return model.features.filter((name) => Number.isNaN(values[COLUMN_INDEX[name]]))
}

/**
 * Decides one answer: the model in charge, or the fallback with the reason why. Never throws for what a model does.
 * @param ageMs how long the row has been known, on the market clock.
 */
export function answerOf(
  desk: ServingDesk,
  values: Float64Array,
  ageMs: number,
  parts: { readonly limits: ServingLimits; readonly stopwatch: Stopwatch },
): Scored {
  const { limits, stopwatch } = parts
  const baseline = desk.slots.baseline
  const stale = ageMs > limits.stalenessBars * MINUTE_MS
  if (desk.killSwitch) return fallbackAnswer(desk, values, 'the kill switch is on', null, limits, stale)
  if (baseline === null) return fallbackAnswer(desk, values, 'no model is in charge yet', null, limits, stale)
  const missing = missingColumns(baseline.model, values)
  // A row that lacks a feature, after a gap say, is no error of the model's: it was not asked.
  if (missing.length > 0) {
    return fallbackAnswer(
      desk,
      values,
      `${baseline.version} lacks ${missing.join(', ')}`,
      { version: null, fault: 'missing' },
      limits,
      stale,
    )
  }
  const before = stopwatch()
  let score: number
  let fault: string | null
  try {
    score = baseline.model.score(values)
    fault = faultOfScore(score)
  } catch {
    score = Number.NaN
    fault = 'throw'
  }
  const modelMs = stopwatch() - before
  if (fault !== null) {
    return fallbackAnswer(
      desk,
      values,
      `${baseline.version} gave no score (${fault})`,
      { version: baseline.version, fault },
      limits,
      stale,
    )
  }
  return {
    score,
    decision: stale ? 'abstain' : score >= baseline.model.threshold ? 'signal' : 'none',
    model: baseline.version,
    servedBy: 'baseline',
    reason: stale ? `the newest row is ${Math.round(ageMs / 1_000)} s old` : 'in charge',
    tried: baseline.version,
    fault: null,
    modelMs,
  }
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
