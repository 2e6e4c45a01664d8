/** The documents of a canary: run, dry run and status. Shares are worked out from counts here and nowhere else. */
import type { CanaryPlan, CanaryProfile, JudgeLimits } from '../../engine/canary/plan.ts'
import { type ProbeLimits, probesOf, probesPlanned } from '../../engine/canary/probes.ts'
import type { RunStatus } from '../../engine/canary/event.ts'
import type { PhaseFigures } from '../../engine/canary/judge.ts'
import { knownOf, type CanaryRun, type EndedPhase, type LastLook, type Measured } from '../../engine/canary/run.ts'
import { splitTest } from '../../engine/canary/split.ts'
import { isRunning, phaseEndMs, sayAbort, shareOf, type CanaryState } from '../../engine/canary/state.ts'
import { isoTime, MINUTE_MS, type UnixMs, fileTime } from '../../engine/kernel/units.ts'
import { wilson } from '../../engine/stats/intervals.ts'
import type {
  CanaryDocument,
  CanaryLimits,
  CanaryPhaseDocument,
  CanaryRunDocument,
  CanaryStateName,
} from '../../evidence/documents/release-documents.ts'

const NAMES: Readonly<Record<CanaryState['kind'], CanaryStateName>> = {
  idle: 'idle',
  awaitingOnay: 'awaiting_onay',
  ramping: 'ramping',
  holding: 'holding',
  succeeded: 'succeeded',
  aborted: 'aborted',
  inconclusive: 'inconclusive',
}

/** What was measured, as every document of a canary says it. */
type MeasuredDocument = Pick<
  CanaryPhaseDocument,
  'requests' | 'live' | 'probes' | 'p95_ms' | 'error_rate' | 'match_rate' | 'psi' | 'intervals' | 'counts'
>

/** How a run ended, and who let it begin. */
interface RunEnd {
  readonly status: RunStatus
  readonly reason: string
  readonly approvals: CanaryRunDocument['approvals']
  /** A dry run leaves gates and promotion as they are, whatever it finds. */
  readonly dryRun: boolean
  /** Of a canary of days. */
  readonly liveCanary?: CanaryDocument['live_canary']
}

/** What the document of a run is made of. */
type RunFacts = Pick<
  CanaryRun,
  'symbol' | 'runId' | 'mode' | 'profile' | 'candidate' | 'baseline' | 'plan' | 'phases' | 'state'
>

/** `canary_run_2025-05-26T130000Z.json` */
export function runName(atMs: UnixMs): string {
  return `canary_run_${fileTime(atMs)}.json`
}

/** The record of a run or of a dry run. */
export function runDocument(
  run: RunFacts,
  { status, reason, approvals, dryRun, liveCanary = null }: RunEnd,
  limits: JudgeLimits,
): CanaryRunDocument {
  const { state, phases } = run
  const aborted = status === 'ABORTED'
  return {
    symbol: run.symbol,
    run_id: run.runId,
    mode: run.mode,
    profile: run.profile,
    dry_run: dryRun,
    candidate: run.candidate,
    baseline: run.baseline,
    plan: planDocument(run.plan),
    limits: limitsDocument(limits),
    approvals,
    phases: phases.map(phaseDocument),
    status,
    aborted,
    abort_reason: state.kind === 'aborted' ? sayAbort(state.reason) : aborted ? reason : null,
    promote_eligible: status === 'SUCCESS' && !dryRun,
    total_requests: phases.reduce((sum, { measured }) => sum + knownOf(measured).tried, 0),
    shadow_errors: phases.map(({ measured }) => errorsIn(measured)).reduce(plusKnown, 0),
    ...(liveCanary === null ? {} : { live_canary: liveCanary }),
  }
}

export function phaseDocument(phase: EndedPhase): CanaryPhaseDocument {
  return {
    phase: phase.phase + 1,
    split: phase.split,
    started_at: isoTime(phase.sinceMs),
    ended_at: isoTime(phase.endedMs),
    ...measuredDocument(phase.measured),
    decision: phase.decision,
    reason: phase.reason,
  }
}

interface StandingParts {
  readonly symbol: string
  readonly candidate: string | null
  readonly baseline: string | null
  readonly profile: CanaryProfile
  readonly killSwitch: boolean
  readonly limits: { readonly judge: JudgeLimits; readonly probes: ProbeLimits }
  /** Of the phase that runs; null while none does. */
  readonly figures: PhaseFigures | null
  readonly inside: number
  readonly total: number
  readonly validation: CanaryDocument['validation']
  readonly bake: CanaryDocument['bake']
  readonly liveCanary: CanaryDocument['live_canary']
}

/** The status of a run; null when none has run. */
export function statusDocument(run: CanaryRun | null, parts: StandingParts): CanaryDocument {
  const state: CanaryState = run?.state ?? { kind: 'idle' }
  const running = isRunning(state)
  const share = run === null ? 0 : shareOf(state, run.plan, parts.killSwitch)
  const split = running ? splitTest({ inside: parts.inside, total: parts.total }, share) : null
  const endMs = run === null ? null : phaseEndMs(state, run.plan)
  const phase = run === null ? null : phaseShown(run)
  const seen = parts.figures ?? run?.lastLook?.figures ?? null
  const { requests: _, counts: __, ...measured } = seen === null ? UNMEASURED : countsDocument(seen)
  return {
    symbol: parts.symbol,
    state: NAMES[state.kind],
    run_id: run?.runId ?? null,
    plan_name: run?.plan.name ?? null,
    plan: run === null ? [] : planDocument(run.plan),
    mode: run?.mode ?? 'observe',
    candidate: run?.candidate ?? parts.candidate,
    baseline: run?.baseline ?? parts.baseline,
    phase: phase === null ? null : phase + 1,
    share,
    realised_share: split?.realised ?? null,
    split_p_value: split?.pValue ?? null,
    since: running ? isoTime(state.sinceMs) : 'atMs' in state ? isoTime(state.atMs) : null,
    until: endMs === null ? null : isoTime(endMs),
    probes_planned: run === null || phase === null ? 0 : probesShown(run, phase, parts.limits.probes),
    ...measured,
    decision: run?.lastLook?.decision ?? null,
    reason: reasonOf(state, run?.lastLook ?? null),
    profile: run?.profile ?? parts.profile,
    limits: limitsDocument(parts.limits.judge),
    validation: parts.validation,
    bake: parts.bake,
    live_canary: parts.liveCanary,
  }
}

function planDocument(plan: CanaryPlan): CanaryDocument['plan'] {
  return plan.phases.map((phase) => ({ split: phase.split, duration_min: phase.durationMs / MINUTE_MS }))
}

/** Those of the phase that runs, or was the last. */
function probesShown({ state, plan }: CanaryRun, phase: number, limits: ProbeLimits): number {
  return isRunning(state) ? probesPlanned(state, plan, limits) : probesOf(phase, plan, limits)
}

function limitsDocument({ errorRate, matchRate, p95Ms, minComparisons, minLive }: JudgeLimits): CanaryLimits {
  return {
    p95_ms: { go_on: p95Ms.within, stop: p95Ms.abort },
    error_rate: { go_on: errorRate.within, stop: errorRate.abort },
    match_rate: { go_on: matchRate.within, stop: matchRate.abort },
    min_comparisons: minComparisons,
    min_live: minLive,
  }
}

/** The phase that runs, or was the last, from 0; null while none has run. */
function phaseShown({ state, plan }: CanaryRun): number | null {
  if ('phase' in state) return state.phase
  return state.kind === 'succeeded' ? plan.phases.length - 1 : null
}

function reasonOf(state: CanaryState, look: LastLook | null): string | null {
  if (state.kind === 'inconclusive') return state.reason
  if (state.kind === 'aborted') return sayAbort(state.reason)
  return look?.reason ?? null
}

function measuredDocument(measured: Measured): MeasuredDocument {
  if (measured.kind === 'counts') return countsDocument(measured.figures)
  const { tried, live, probes, p95Ms, psi, errorRate, matchRate, intervals } = measured
  return {
    requests: tried,
    live,
    probes,
    p95_ms: p95Ms,
    error_rate: errorRate,
    match_rate: matchRate,
    psi,
    intervals:
      intervals === null
        ? null
        : {
            error_rate: intervals.errorRate,
            match_rate: intervals.matchRate,
            above_120_ms: intervals.above120Ms,
          },
    counts: null,
  }
}

/** Shares and their 95 % intervals, for people; the judge decides by its own. */
function countsDocument(figures: PhaseFigures): MeasuredDocument {
  const { comparisons, matched, tried, errors, timed, above120Ms, liveCompared } = figures
  return {
    requests: tried,
    live: figures.live,
    probes: figures.probes,
    p95_ms: figures.p95Ms,
    error_rate: shareOrNull(errors, tried),
    match_rate: shareOrNull(matched, comparisons),
    psi: figures.psi,
    intervals: {
      error_rate: intervalOrNull(errors, tried),
      match_rate: intervalOrNull(matched, comparisons),
      above_120_ms: intervalOrNull(above120Ms, timed),
    },
    counts: {
      tried,
      errors,
      comparisons,
      live_compared: liveCompared ?? null,
      matched,
      timed,
      above_120_ms: above120Ms,
    },
  }
}

const UNMEASURED: MeasuredDocument = {
  requests: 0,
  live: 0,
  probes: 0,
  p95_ms: null,
  error_rate: null,
  match_rate: null,
  psi: null,
  intervals: null,
  counts: null,
}

/** Null when the counts are impossible (a part larger than its whole): such a phase is reported as not measured. */
function shareOrNull(part: number, whole: number): number | null {
  return whole > 0 && part >= 0 && part <= whole ? part / whole : null
}

function intervalOrNull(part: number, whole: number): { lo: number; hi: number } | null {
  return shareOrNull(part, whole) === null ? null : wilson(part, whole)
}

/** Null where the number is not known: a share that is missing is not a share of nothing. */
function errorsIn(measured: Measured): number | null {
  if (measured.kind === 'counts') return measured.figures.errors
  const { errorRate, tried } = measured
  if (tried === 0) return 0
  return errorRate === null ? null : Math.round(errorRate * tried)
}

function plusKnown(sum: number | null, part: number | null): number | null {
  return sum === null || part === null ? null : sum + part
}
