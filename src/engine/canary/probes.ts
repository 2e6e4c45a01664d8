import type { UnixMs } from '../kernel/units.ts'
import type { CanaryPlan } from './plan.ts'
import type { RunningState } from './state.ts'

/** How many rows a phase is probed with. */
export interface ProbeLimits {
  /** At any split. */
  readonly least: number
  /** At a split of 1; in proportion below it. */
  readonly atFullSplit: number
}

export const PROBE_LIMITS: ProbeLimits = { least: 300, atFullSplit: 1_000 }

/** The last tenth of a phase is left for what is still under way. */
const SPREAD = 0.9

/** How many rows a split is probed with, live or dry. */
export function probeCount(split: number, { least, atFullSplit }: ProbeLimits): number {
  return Math.max(least, Math.round(atFullSplit * split))
}

/** Probes of a phase in its planned time; its extension has as many of its own. @throws RangeError when the plan has no such phase */
export function probesOf(phase: number, plan: CanaryPlan, limits: ProbeLimits): number {
  return probeCount(plannedPhase(phase, plan).split, limits)
}

/** Whether probes are sent anew: a canary of days has had minutes enough of its own by the time that it is extended. */
export function probesAnew({ kind }: RunningState, { live }: CanaryPlan): boolean {
  return kind === 'holding' && live === undefined
}

/** How many probes the phase that runs comes to, those of its extension among them. */
export function probesPlanned(state: RunningState, plan: CanaryPlan, limits: ProbeLimits): number {
  return probesOf(state.phase, plan, limits) * (probesAnew(state, plan) ? 2 : 1)
}

/** How many probes of a phase should have been sent by now: evenly over the first nine tenths of its time, and of its extension's. */
export function probesDue(state: RunningState, plan: CanaryPlan, limits: ProbeLimits, nowMs: UnixMs): number {
  const { durationMs } = plannedPhase(state.phase, plan)
  const count = probesOf(state.phase, plan, limits)
  const spread = (fromMs: UnixMs): number => {
    const elapsedMs = nowMs - fromMs
    return elapsedMs > 0 ? Math.floor(count * Math.min(1, elapsedMs / Math.floor(durationMs * SPREAD))) : 0
  }
  const isAnew = state.kind === 'holding' && probesAnew(state, plan)
  return isAnew ? count + spread(heldFromMs(state, plan)) : spread(state.sinceMs)
}

/** When the extension of a phase began. */
export function heldFromMs({ phase, untilMs }: Extract<RunningState, { kind: 'holding' }>, plan: CanaryPlan): UnixMs {
  return untilMs - plannedPhase(phase, plan).durationMs
}

function plannedPhase(phase: number, plan: CanaryPlan): CanaryPlan['phases'][number] {
  const planned = plan.phases[phase]
  if (planned === undefined) throw new RangeError(`plan ${plan.name} has no phase ${phase}`)
  return planned
}
