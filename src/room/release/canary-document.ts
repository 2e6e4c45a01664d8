import type { CanaryPlan, CanaryProfile, JudgeLimits } from '../../engine/canary/plan.ts'
import { phaseEndMs, sayAbort, shareOf, type CanaryState } from '../../engine/canary/state.ts'
import { splitTest } from '../../engine/canary/split.ts'
import { probePlan } from '../../engine/canary/probes.ts'
import type { PhaseFigures } from '../../engine/canary/judge.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import { wilson } from '../../engine/stats/intervals.ts'
import type {
  CanaryDocument,
  CanaryIntervals,
  CanaryLimits,
  CanaryPhaseDocument,
  CanaryStateName,
} from '../../evidence/release-documents.ts'
import { isRunning, type CanaryRun, type LastLook } from '../desk/canary-run.ts'

const NAMES: Record<CanaryState['kind'], CanaryStateName> = {
  idle: 'idle',
  awaitingOnay: 'awaiting_onay',
  ramping: 'ramping',
  holding: 'holding',
  succeeded: 'succeeded',
  aborted: 'aborted',
  inconclusive: 'inconclusive',
}

export function planDocument(plan: CanaryPlan): CanaryDocument['plan'] {
  return plan.phases.map((phase) => ({ split: phase.split, duration_min: phase.durationMs / 60_000 }))
}

export function limitsDocument(limits: JudgeLimits): CanaryLimits {
  const { errorRate, matchRate, p95Ms, minComparisons } = limits
  return {
    p95_ms: { go_on: p95Ms.within, stop: p95Ms.abort },
    error_rate: { go_on: errorRate.within, stop: errorRate.abort },
    match_rate: { go_on: matchRate.within, stop: matchRate.abort },
    min_comparisons: minComparisons,
  }
}

/** 95 % intervals for people; the judge decides by its own. */
export function shownIntervals(figures: PhaseFigures): CanaryIntervals {
  const of = (part: number, whole: number): { lo: number; hi: number } | null =>
    shareOrNull(part, whole) === null ? null : wilson(part, whole)
  return {
    error_rate: of(figures.errors, figures.tried),
    match_rate: of(figures.matched, figures.comparisons),
    above_120_ms: of(figures.above120Ms, figures.timed),
  }
}

export function ratesOf(figures: PhaseFigures): { error_rate: number | null; match_rate: number | null } {
  return {
    error_rate: shareOrNull(figures.errors, figures.tried),
    match_rate: shareOrNull(figures.matched, figures.comparisons),
  }
}

/** Counts that cannot be are a failed measurement: the record of the canary that they stop shows no share of them. */
function shareOrNull(part: number, whole: number): number | null {
  return whole > 0 && part >= 0 && part <= whole ? part / whole : null
}

export function phaseDocument(
  run: CanaryRun,
  ended: {
    readonly phase: number
    readonly sinceMs: UnixMs
    readonly atMs: UnixMs
    readonly decision: string
    readonly reason: string
  },
  figures: PhaseFigures,
): CanaryPhaseDocument {
  return {
    phase: ended.phase + 1,
    split: run.plan.phases[ended.phase]?.split ?? 0,
    started_at: isoTime(ended.sinceMs),
    ended_at: isoTime(ended.atMs),
    requests: figures.tried,
    live: figures.live,
    probes: figures.probes,
    p95_ms: figures.p95Ms,
    ...ratesOf(figures),
    psi: figures.psi,
    intervals: shownIntervals(figures),
    decision: ended.decision,
    reason: ended.reason,
  }
}

interface StatusParts {
  readonly symbol: string
  readonly candidate: string | null
  readonly baseline: string | null
  readonly profile: CanaryProfile
  readonly limits: JudgeLimits
  readonly killSwitch: boolean
  readonly figures: PhaseFigures | null
  readonly inside: number
  readonly total: number
  readonly validation: CanaryDocument['validation']
  readonly bake: CanaryDocument['bake']
}

/** The state of the newest run, or that none has run. */
export function statusDocument(run: CanaryRun | null, parts: StatusParts): CanaryDocument {
  const { symbol, limits, figures, validation, bake } = parts
  const common = { symbol, limits: limitsDocument(limits), validation, bake }
  if (run === null) {
    return {
      ...common,
      state: 'idle',
      run_id: null,
      plan_name: null,
      plan: [],
      mode: 'observe',
      candidate: parts.candidate,
      baseline: parts.baseline,
      phase: null,
      share: 0,
      realised_share: null,
      split_p_value: null,
      since: null,
      until: null,
      live: 0,
      probes: 0,
      probes_planned: 0,
      p95_ms: null,
      error_rate: null,
      match_rate: null,
      psi: null,
      intervals: null,
      decision: null,
      reason: null,
      profile: parts.profile,
    }
  }
  const { state, plan, row } = run
  const running = isRunning(state)
  const share = shareOf(state, plan, parts.killSwitch)
  const split = running ? splitTest({ inside: parts.inside, total: parts.total }, share) : null
  const endMs = phaseEndMs(state, plan)
  const phaseOf = 'phase' in state ? state.phase : state.kind === 'succeeded' ? plan.phases.length - 1 : null
  const seen = figures ?? run.lastLook?.figures ?? null
  return {
    ...common,
    state: NAMES[state.kind],
    run_id: row.runId,
    plan_name: plan.name,
    plan: planDocument(plan),
    mode: row.mode,
    candidate: row.candidate,
    baseline: row.baseline,
    phase: phaseOf === null ? null : phaseOf + 1,
    share,
    realised_share: split?.realised ?? null,
    split_p_value: split?.pValue ?? null,
    since: running ? isoTime(state.sinceMs) : 'atMs' in state ? isoTime(state.atMs) : null,
    until: endMs === null ? null : isoTime(endMs),
    live: seen?.live ?? 0,
    probes: seen?.probes ?? 0,
    probes_planned: phaseOf === null ? 0 : probePlan(phaseOf, plan).count,
    p95_ms: seen?.p95Ms ?? null,
    ...(seen === null ? { error_rate: null, match_rate: null } : ratesOf(seen)),
    psi: seen?.psi ?? null,
    intervals: seen === null ? null : shownIntervals(seen),
    decision: run.lastLook?.decision ?? null,
    reason: reasonOf(state, run.lastLook),
    profile: row.profile,
  }
}

function reasonOf(state: CanaryState, look: LastLook | null): string | null {
  if (state.kind === 'inconclusive') return state.reason
  if (state.kind === 'aborted') return sayAbort(state.reason)
  return look?.reason ?? null
}
