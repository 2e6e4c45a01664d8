import { unreachable } from '../kernel/unreachable.ts'
import { DAY_MS, type UnixMs } from '../kernel/units.ts'
import type { CanaryEvent, Effect, Step } from './event.ts'
import { type CanaryPhase, type CanaryPlan, MAX_LIVE_DAYS } from './plan.ts'
import { type AbortReason, phaseEndMs, type RunningState, sayAbort } from './state.ts'

type Look = Extract<CanaryEvent, { kind: 'look' }>
type PhaseEnd = Extract<CanaryEvent, { kind: 'phaseEnd' }>
type Resumed = Extract<CanaryEvent, { kind: 'resumed' }>

/** So many measurements that fail in a row stop a canary. */
const MAX_MEASURE_ERRORS = 3

/** What an event does while a phase runs or is held. */
export function onRunning(state: RunningState, event: CanaryEvent, plan: CanaryPlan): Step {
  switch (event.kind) {
    case 'look':
      return looked(state, event)
    case 'phaseEnd':
      return phaseEnded(state, event, plan)
    case 'resumed':
      return resumed(state, event, plan)
    case 'abort':
      return abort(state, event.atMs, { by: 'person', who: event.by, text: event.reason })
    case 'candidateGone':
      return abort(state, event.atMs, { by: 'candidateGone' })
    case 'start':
      return refuse('a canary runs already')
    case 'approved':
    case 'refused':
    case 'expired':
      return refuse('no approval of this canary waits')
    default:
      return unreachable(event)
  }
}

/** Begins a phase at the moment that is, and not when the one before it should have ended: each lasts its whole length. */
export function startPhase(phase: number, atMs: UnixMs, plan: CanaryPlan, before: readonly Effect[]): Step {
  const planned = plan.phases[phase]
  if (planned === undefined) return refuse(`plan ${plan.name} has no phase ${phase + 1}`)
  return {
    ok: true,
    state: { kind: 'ramping', phase, sinceMs: atMs, measureErrors: 0 },
    effects: [...before, { kind: 'phaseStarted', phase, split: planned.split, untilMs: atMs + planned.durationMs }],
  }
}

function looked(state: RunningState, { atMs, verdict }: Look): Step {
  if (verdict.kind === 'abort') return abort(state, atMs, { by: 'judge', text: verdict.reason })
  if (!isSince(state, atMs)) return refuse('the look is before the start of the phase')
  if (verdict.kind === 'measureError') return measuringFailed(state, atMs, verdict.reason)
  return { ok: true, state: { ...state, measureErrors: 0 }, effects: [] }
}

function phaseEnded(state: RunningState, { atMs, phase, verdict }: PhaseEnd, plan: CanaryPlan): Step {
  const endMs = phaseEndMs(state, plan)
  if (endMs === null) return refuse(`plan ${plan.name} has no phase ${state.phase + 1}`)
  if (phase !== state.phase) return refuse(`phase ${state.phase + 1} runs, not phase ${phase + 1}`)
  if (!(isSince(state, atMs) && atMs >= endMs)) return refuse('the phase has not ended yet')
  switch (verdict.kind) {
    case 'advance':
      return advance(state, atMs, plan, verdict.reason)
    case 'abort':
      return abort(state, atMs, { by: 'judge', text: verdict.reason })
    case 'hold':
      return hold({ ...state, measureErrors: 0 }, atMs, plan, verdict.reason)
    case 'measureError':
      return measuringFailed(state, atMs, verdict.reason)
    default:
      return unreachable(verdict.kind)
  }
}

/** On a real clock a phase that ended while nobody watched is held, so that it is judged on figures and not skipped. */
function resumed(state: RunningState, { atMs, clock }: Resumed, plan: CanaryPlan): Step {
  const endMs = phaseEndMs(state, plan)
  if (endMs === null) return refuse(`plan ${plan.name} has no phase ${state.phase + 1}`)
  if (!isSince(state, atMs)) return refuse('the clock is before the start of the phase')
  if (clock === 'real' && atMs >= endMs) return hold(state, atMs, plan, 'its end passed while the process was down')
  return { ok: true, state, effects: [{ kind: 'resumed', phase: state.phase }] }
}

function advance(state: RunningState, atMs: UnixMs, plan: CanaryPlan, reason: string): Step {
  const ended: Effect = { kind: 'phaseEnded', phase: state.phase, decision: 'advance', reason }
  if (state.phase + 1 < plan.phases.length) return startPhase(state.phase + 1, atMs, plan, [ended])
  return {
    ok: true,
    state: { kind: 'succeeded', atMs },
    effects: [ended, { kind: 'ended', status: 'SUCCESS', atMs, reason: `all ${plan.phases.length} phases passed` }],
  }
}

function hold(state: RunningState, atMs: UnixMs, plan: CanaryPlan, reason: string): Step {
  const { phase, sinceMs } = state
  const planned = plan.phases[phase]
  if (planned === undefined) return refuse(`plan ${plan.name} has no phase ${phase + 1}`)
  const untilMs = extendedUntil(state, atMs, plan, planned)
  if (untilMs === null) return endInconclusive(phase, atMs, plan.live === undefined ? `held twice: ${reason}` : reason)
  return {
    ok: true,
    state: { kind: 'holding', phase, sinceMs, untilMs, measureErrors: state.measureErrors },
    effects: [{ kind: 'phaseExtended', phase, untilMs, reason }],
  }
}

/** Until when a phase goes on that could not be decided; null where it has gone on long enough: once by its length, one of days by days. */
function extendedUntil(
  state: RunningState,
  atMs: UnixMs,
  { live }: CanaryPlan,
  { durationMs }: CanaryPhase,
): UnixMs | null {
  if (live === undefined) return state.kind === 'holding' ? null : atMs + durationMs
  const lastMs = state.sinceMs + MAX_LIVE_DAYS * DAY_MS
  return atMs < lastMs ? Math.min(atMs + DAY_MS, lastMs) : null
}

function endInconclusive(phase: number, atMs: UnixMs, reason: string): Step {
  return {
    ok: true,
    state: { kind: 'inconclusive', reason, atMs, phase },
    effects: [
      { kind: 'phaseEnded', phase, decision: 'inconclusive', reason },
      { kind: 'ended', status: 'INCONCLUSIVE', atMs, reason },
    ],
  }
}

function measuringFailed(state: RunningState, atMs: UnixMs, why: string): Step {
  const inARow = state.measureErrors + 1
  if (inARow >= MAX_MEASURE_ERRORS)
    return abort(state, atMs, { by: 'measuring', text: `${inARow} in a row, last ${why}` })
  return {
    ok: true,
    state: { ...state, measureErrors: inARow },
    effects: [{ kind: 'measuringFailed', phase: state.phase, inARow, why }],
  }
}

function abort(state: RunningState, eventMs: UnixMs, reason: AbortReason): Step {
  const { phase, sinceMs } = state
  const atMs = isSince(state, eventMs) ? eventMs : sinceMs
  const text = sayAbort(reason)
  return {
    ok: true,
    state: { kind: 'aborted', reason, atMs, phase },
    effects: [
      { kind: 'phaseEnded', phase, decision: 'abort', reason: text },
      { kind: 'ended', status: 'ABORTED', atMs, reason: text },
    ],
  }
}

/** False for a moment before the phase, and for one that is not a number. */
function isSince(state: RunningState, atMs: UnixMs): boolean {
  return Number.isFinite(atMs) && atMs >= state.sinceMs
}

function refuse(why: string): Step {
  return { ok: false, why }
}
