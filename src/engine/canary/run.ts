import type { UnixMs } from '../kernel/units.ts'
import type { CanaryEvent, Effect } from './event.ts'
import type { PhaseFigures } from './judge.ts'
import type { CanaryMode, CanaryPlan, CanaryProfile } from './plan.ts'
import { type CanaryState, IDLE, isRunning } from './state.ts'

/** One run of a canary: what was asked for, its state, and its results so far. */
export interface CanaryRun {
  readonly symbol: string
  readonly runId: string
  readonly state: CanaryState
  readonly plan: CanaryPlan
  readonly mode: CanaryMode
  readonly profile: CanaryProfile
  readonly candidate: string
  readonly sha256: string
  readonly baseline: string
  /** Kept for the whole run: a key stays on its side as the share grows. */
  readonly salt: string
  readonly approvalId: string
  /** In the order in which they ended. */
  readonly phases: readonly EndedPhase[]
  /** Null before the first look. */
  readonly lastLook: LastLook | null
  /** Of the phase that runs. */
  readonly probesSent: number
  /** When it was asked for, on the market clock and on the wall clock. */
  readonly tsMs: UnixMs
  readonly wallMs: UnixMs
  /** Null while it waits or runs. */
  readonly endedMs: UnixMs | null
}

/** What the judge said last, with the figures that it saw. */
export interface LastLook {
  readonly atMs: UnixMs
  readonly decision: string
  readonly reason: string
  readonly figures: PhaseFigures
  /** Requests that came in this phase, and those of them within the share. */
  readonly inside: number
  readonly total: number
}

/** What a phase came to. */
export interface EndedPhase {
  /** From 0. */
  readonly phase: number
  readonly split: number
  readonly sinceMs: UnixMs
  readonly endedMs: UnixMs
  readonly decision: string
  readonly reason: string
  readonly measured: Measured
}

/** Counts; or, of a phase that was stored before counts were kept, the shares that are left of them. */
export type Measured =
  | { readonly kind: 'counts'; readonly figures: PhaseFigures }
  | {
      readonly kind: 'shares'
      readonly tried: number
      readonly live: number
      readonly probes: number
      readonly p95Ms: number | null
      readonly psi: number | null
      readonly errorRate: number | null
      readonly matchRate: number | null
      readonly intervals: ShareIntervals | null
    }

/** What is known of every phase, however it was stored. */
export function knownOf(measured: Measured): Pick<PhaseFigures, 'tried' | 'live' | 'probes' | 'p95Ms' | 'psi'> {
  return measured.kind === 'counts' ? measured.figures : measured
}

interface Bounds {
  readonly lo: number
  readonly hi: number
}

/** 95 % intervals as they were shown. */
interface ShareIntervals {
  readonly errorRate: Bounds | null
  readonly matchRate: Bounds | null
  readonly above120Ms: Bounds | null
}

/** What a run is asked for with. */
export type RequestedRun = Omit<CanaryRun, 'state' | 'phases' | 'lastLook' | 'probesSent' | 'endedMs'>

/** A run that nothing has happened to yet. */
export function newRun(request: RequestedRun): CanaryRun {
  return { ...request, state: IDLE, phases: [], lastLook: null, probesSent: 0, endedMs: null }
}

/** A step that the machine accepted. */
interface AcceptedStep {
  readonly event: CanaryEvent
  readonly state: CanaryState
  readonly effects: readonly Effect[]
}

/**
 * The run after a step: its state, the results of a phase that ended, no probes yet in one that began. Pure.
 * @param figures of the phase that ran until now; null where none did
 */
export function advance(run: CanaryRun, step: AcceptedStep, figures: PhaseFigures | null): CanaryRun {
  const { event, state, effects } = step
  // A clock that was set back ends nothing before it began: the machine's own moment counts.
  const atMs = 'atMs' in state ? state.atMs : event.atMs
  let { phases, lastLook, probesSent } = run
  for (const effect of effects) {
    if (effect.kind === 'phaseEnded' && isRunning(run.state) && figures !== null) {
      const { phase, decision, reason } = effect
      const { sinceMs } = run.state
      const split = run.plan.phases[phase]?.split ?? 0
      const measured: Measured = { kind: 'counts', figures }
      phases = [...phases, { phase, split, sinceMs, endedMs: atMs, decision, reason, measured }]
    }
    if (effect.kind === 'phaseStarted') {
      probesSent = 0
      if (effect.phase === 0) lastLook = null
    }
  }
  const over = !isRunning(state) && state.kind !== 'awaitingOnay'
  return { ...run, state, phases, lastLook, probesSent, endedMs: over ? atMs : run.endedMs }
}

/** The key under which the requests and probes of a phase are counted. @param phase from 0 */
export function phaseKey(runId: string, phase: number): string {
  return `${runId}/${phase + 1}`
}
