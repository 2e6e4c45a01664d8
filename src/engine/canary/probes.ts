import type { UnixMs } from '../kernel/units.ts'
import type { CanaryPlan } from './plan.ts'

const MIN_PROBES = 300
const PROBES_AT_FULL_SPLIT = 1_000
/** The last tenth of a phase is left for what is still under way. */
const SPREAD = 0.9

/** How many rows a split is probed with, live or dry. */
export function probeCount(split: number): number {
  return Math.max(MIN_PROBES, Math.round(PROBES_AT_FULL_SPLIT * split))
}

/** Probes of a phase, and over how long from its start they are spread. @throws RangeError when the plan has no such phase */
export function probePlan(phase: number, plan: CanaryPlan): { count: number; withinMs: number } {
  const planned = plan.phases[phase]
  if (planned === undefined) throw new RangeError(`plan ${plan.name} has no phase ${phase}`)
  return { count: probeCount(planned.split), withinMs: Math.floor(planned.durationMs * SPREAD) }
}

/**
 * How many probes of a phase should have been sent by now: 0 to its count, never fewer as time goes on. An extension sends
 * what is still missing and nothing beyond it.
 */
export function probesDue(phase: number, plan: CanaryPlan, sinceMs: UnixMs, nowMs: UnixMs): number {
  const { count, withinMs } = probePlan(phase, plan)
  const elapsedMs = nowMs - sinceMs
  if (!(elapsedMs > 0)) return 0
  return elapsedMs >= withinMs ? count : Math.floor((count * elapsedMs) / withinMs)
}
