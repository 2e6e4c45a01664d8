import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import type { DriftVerdict } from './check.ts'

/** A retraining that drift has made advisable: people see when it is due, and begin it. */
export interface RetrainPlan {
  /** Of the model that drifts. */
  readonly model: string
  readonly sinceMs: UnixMs
  readonly dueMs: UnixMs
  /** Since when the drift has been gone; null while it lasts. */
  readonly calmSinceMs: UnixMs | null
}

interface SeenByPlan {
  readonly atMs: UnixMs
  /** The model in charge. */
  readonly model: string
  readonly verdict: DriftVerdict
  /** Whether a model that was trained on newer rows than the one in charge is in the line-up: then nothing is left to plan. */
  readonly newer: boolean
}

/** Why a plan came or went; null where neither happened. */
export type PlanChange = 'planned' | 'retrained' | 'replaced' | 'calm' | null

const WITHIN_MS = 2 * DAY_MS
const CALM_MS = DAY_MS

/** The plan after a check. One is made when drift is a warning or worse; a new model ends it, and so does a day without drift. */
export function nextPlan(
  plan: RetrainPlan | null,
  { atMs, model, verdict, newer }: SeenByPlan,
): { readonly plan: RetrainPlan | null; readonly change: PlanChange } {
  const drifts = verdict === 'warning' || verdict === 'critical'
  if (plan === null) {
    if (!drifts || newer) return { plan: null, change: null }
    return { plan: { model, sinceMs: atMs, dueMs: atMs + WITHIN_MS, calmSinceMs: null }, change: 'planned' }
  }
  if (plan.model !== model) return { plan: null, change: 'replaced' }
  if (newer) return { plan: null, change: 'retrained' }
  if (verdict !== 'ok') return { plan: { ...plan, calmSinceMs: null }, change: null }
  const calmSinceMs = plan.calmSinceMs ?? atMs
  if (atMs - calmSinceMs >= CALM_MS) return { plan: null, change: 'calm' }
  return { plan: { ...plan, calmSinceMs }, change: null }
}
