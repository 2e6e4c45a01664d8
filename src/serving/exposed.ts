/**
 * A caller's request that a canary which serves has picked: the candidate is asked beside the model in charge, and this one answers
 * in the same request wherever the candidate does not.
 */
import { hasColumns } from '../engine/models/columns.ts'
import { answerOf, type ModelRun, type ScoredAnswer } from './answer.ts'
import type { CanaryPick, PredictRequest, ServingDesk, ServingLimits } from './contract.ts'
import type { LoadedModel } from './line-up.ts'

/** The candidate that a request is exposed to. */
export interface Exposure {
  readonly loaded: LoadedModel
  readonly margin: number
}

/** What came of the candidate for one caller: it ran, within its budget or not, or was not asked. */
export type CanaryAttempt =
  | { readonly kind: 'ran'; readonly loaded: LoadedModel; readonly run: ModelRun }
  /** `keptBack`: by its open breaker. Otherwise the row lacks what it needs, which is not its error. */
  | { readonly kind: 'not asked'; readonly loaded: LoadedModel; readonly keptBack: boolean }

/**
 * Callers alone are exposed: the room's own minutes are what models are compared on, and probes and smokes have no caller. Nor is one
 * who sends a moment of its own without all that the candidate needs: the rest would be of the room's newest row.
 */
export function exposureOf(
  { lineUp: { candidate } }: ServingDesk,
  { exposedTo }: CanaryPick,
  { source, features }: PredictRequest,
): Exposure | null {
  if (exposedTo === null || source !== 'caller' || candidate?.version !== exposedTo.version) return null
  if (features !== undefined && candidate.model.features.some((name) => features[name] === undefined)) return null
  return { loaded: candidate, margin: exposedTo.margin }
}

/** Why the candidate is not to be asked; null where it is. Asks the breaker, which counts its tries: once a request. */
export function notAsked({ breaker }: ServingDesk, loaded: LoadedModel, values: Float64Array): CanaryAttempt | null {
  if (!breaker.admits()) return { kind: 'not asked', loaded, keptBack: true }
  return hasColumns(loaded.model, values) ? null : { kind: 'not asked', loaded, keptBack: false }
}

/**
 * The candidate's answer where it has one that counts, otherwise the one that would have been given without it. What is recorded
 * of the model in charge (`tried`, `fault`, `modelMs`) is the same in both.
 * @param ageMs of the row, on the market clock
 */
export function exposedAnswer(
  desk: ServingDesk,
  values: Float64Array,
  ageMs: number,
  limits: ServingLimits,
  { inCharge, attempt, margin }: { inCharge: ScoredAnswer; attempt: CanaryAttempt; margin: number },
): ScoredAnswer {
  const why = whyNot(attempt, margin)
  if (why !== null || attempt.kind !== 'ran') return { ...inCharge, reason: `${inCharge.reason}; ${why}` }
  const own = answerOf(desk, values, ageMs, limits, attempt)
  const { tried, fault, modelMs, inChargeScore } = inCharge
  const reason = own.decision === 'abstain' ? own.reason : 'picked by the canary'
  return { ...own, servedBy: 'canary', reason, tried, fault, modelMs, inChargeScore }
}

/** Why the candidate's answer does not count; null where it does. */
function whyNot(attempt: CanaryAttempt, margin: number): string | null {
  const { version, model } = attempt.loaded
  if (attempt.kind === 'not asked')
    return attempt.keptBack ? `the breaker of ${version} is open` : `${version} lacks a feature`
  const { score, fault } = attempt.run
  if (fault !== null) return `${version} gave no score (${fault})`
  return isConfident(score, model.threshold, margin) ? null : `${version} is not confident`
}

/** Whether a score is far enough from the threshold that it is decided by. All three 0 to 1. */
export function isConfident(score: number, threshold: number, margin: number): boolean {
  return Math.abs(score - threshold) >= margin
}
