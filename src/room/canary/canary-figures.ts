import type { PhaseFigures } from '../../engine/canary/judge.ts'
import { TIMED_SOURCES } from '../../engine/shadow/source.ts'
import type { Desk } from '../desk/desk.ts'

/** What the judge looks at: the figures of the phase that runs; null while none does. */
export function phaseFigures(desk: Desk): PhaseFigures | null {
  const { phase } = desk.canary
  if (phase === null) return null
  const { live, probes, own } = desk.rollups.phase(phase.key)
  return {
    comparisons: live.compared + probes.compared,
    matched: live.matched + probes.matched,
    tried: live.tried + probes.tried,
    errors: live.errors + probes.errors,
    timed: live.modelTimed + probes.modelTimed,
    above80Ms: live.modelAbove80 + probes.modelAbove80,
    above120Ms: live.modelAbove120 + probes.modelAbove120,
    p95Ms: own.quantileMs(0.95),
    live: live.tried,
    probes: probes.tried,
    liveCompared: desk.rollups.totals(phase.state.sinceMs, desk.nowMs(), TIMED_SOURCES, phase.run.candidate).compared,
    psi: desk.drift.snapshotOf(phase.run.candidate)?.overall_psi ?? null,
  }
}
