import { unreachable } from '../kernel/unreachable.ts'
import type { UnixMs } from '../kernel/units.ts'
import type { CanaryPhase, CanaryPlan } from './plan.ts'

/** Who or what stopped a canary. */
export type AbortReason =
  | { readonly by: 'judge'; readonly text: string }
  | { readonly by: 'measuring'; readonly text: string }
  | { readonly by: 'person'; readonly who: string; readonly text: string }
  | { readonly by: 'candidateGone' }

/**
 * One run of a canary, from the request to start it to its end. The last three are final: the next run starts from `IDLE`
 * with a salt of its own. Phases count from 0, times are on the market clock unless they say wall.
 */
export type CanaryState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'awaitingOnay'; readonly promptId: string; readonly expiresAtWallMs: UnixMs }
  | RunningState
  | { readonly kind: 'succeeded'; readonly atMs: UnixMs }
  | { readonly kind: 'aborted'; readonly reason: AbortReason; readonly atMs: UnixMs; readonly phase: number }
  | { readonly kind: 'inconclusive'; readonly reason: string; readonly atMs: UnixMs; readonly phase: number }

/** A phase in its planned time, or extended once by its length. `sinceMs` is the phase's start in both. */
export type RunningState =
  | {
      readonly kind: 'ramping'
      readonly phase: number
      readonly sinceMs: UnixMs
      /** Measurements that failed in a row. */
      readonly measureErrors: number
    }
  | {
      readonly kind: 'holding'
      readonly phase: number
      readonly sinceMs: UnixMs
      readonly untilMs: UnixMs
      readonly measureErrors: number
    }

export const IDLE: CanaryState = { kind: 'idle' }

/** Share of the requests that the canary counts (observe) or answers (serve), 0 to 1. Derived, and never stored. */
export function shareOf(state: CanaryState, plan: CanaryPlan, killSwitch: boolean): number {
  return killSwitch ? 0 : (runningPhase(state, plan)?.split ?? 0)
}

export function isRunning(state: CanaryState): state is RunningState {
  return state.kind === 'ramping' || state.kind === 'holding'
}

/** When the phase that runs ends; null when none does. */
export function phaseEndMs(state: CanaryState, plan: CanaryPlan): UnixMs | null {
  const phase = runningPhase(state, plan)
  if (phase === null) return null
  if (state.kind === 'ramping') return state.sinceMs + phase.durationMs
  return state.kind === 'holding' ? state.untilMs : null
}

/** The phase of the plan that a state is in; null when none runs, and when the plan has no such phase. */
function runningPhase(state: CanaryState, plan: CanaryPlan): CanaryPhase | null {
  switch (state.kind) {
    case 'ramping':
    case 'holding':
      return plan.phases[state.phase] ?? null
    case 'idle':
    case 'awaitingOnay':
    case 'succeeded':
    case 'aborted':
    case 'inconclusive':
      return null
    default:
      return unreachable(state)
  }
}

/** A reason for people. */
export function sayAbort(reason: AbortReason): string {
  switch (reason.by) {
    case 'judge':
      return `stopped by the judge: ${reason.text}`
    case 'measuring':
      return `stopped because it could not be measured: ${reason.text}`
    case 'person':
      return `stopped by ${reason.who}${reason.text === '' ? '' : `: ${reason.text}`}`
    case 'candidateGone':
      return 'stopped because the candidate is gone'
    default:
      return unreachable(reason)
  }
}
