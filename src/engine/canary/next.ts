import { unreachable } from '../kernel/unreachable.ts'
import type { CanaryEvent, Effect, Step } from './event.ts'
import { onRunning, startPhase } from './running.ts'
import { type CanaryPlan, validatePlan } from './plan.ts'
import { type CanaryState, IDLE, sayAbort } from './state.ts'

type Awaiting = Extract<CanaryState, { kind: 'awaitingOnay' }>
type Start = Extract<CanaryEvent, { kind: 'start' }>
type Approved = Extract<CanaryEvent, { kind: 'approved' }>

const OTHER_APPROVAL = 'that approval belongs to another start'
const NO_ANSWER = 'nobody answered in time'

/**
 * The canary's next state and what is to be done about it. Pure. What is not allowed is refused with its reason and changes
 * nothing; what lowers risk (an abort by the judge or a person, a candidate that is gone) is accepted
 * whatever the clock says, because a clock that was set back must not keep a canary alive.
 */
export function next(state: CanaryState, event: CanaryEvent, plan: CanaryPlan): Step {
  switch (state.kind) {
    case 'idle':
      return event.kind === 'start' ? start(event, plan) : refuse('no canary runs')
    case 'awaitingOnay':
      return onAwaiting(state, event, plan)
    case 'ramping':
    case 'holding':
      return onRunning(state, event, plan)
    case 'succeeded':
      return refuse('the canary has ended with success; another is a run of its own')
    case 'aborted':
      return refuse(`the canary was ${sayAbort(state.reason)}; another is a run of its own`)
    case 'inconclusive':
      return refuse('the canary has ended inconclusive; another is a run of its own')
    default:
      return unreachable(state)
  }
}

function start(event: Start, plan: CanaryPlan): Step {
  if (plan.live !== undefined && event.mode !== 'serve')
    return refuse('a canary of days answers callers: its mode is serve')
  const fault = validatePlan(plan)[0]
  if (fault !== undefined) return refuse(`plan ${plan.name} cannot run: ${fault}`)
  if (!Number.isFinite(event.expiresAtWallMs)) return refuse('an approval needs an end')
  const { promptId, expiresAtWallMs, by } = event
  return accept({ kind: 'awaitingOnay', promptId, expiresAtWallMs }, [
    { kind: 'openPrompt', promptId, expiresAtWallMs, by },
  ])
}

function onAwaiting(state: Awaiting, event: CanaryEvent, plan: CanaryPlan): Step {
  switch (event.kind) {
    case 'approved':
      return approved(state, event, plan)
    case 'refused':
      return event.promptId === state.promptId ? withdraw(state, 'refused', event.why) : refuse(OTHER_APPROVAL)
    case 'expired':
      return event.promptId === state.promptId ? withdraw(state, 'expired', NO_ANSWER) : refuse(OTHER_APPROVAL)
    case 'abort':
      return withdraw(state, 'refused', sayAbort({ by: 'person', who: event.by, text: event.reason }))
    case 'candidateGone':
      return withdraw(state, 'refused', sayAbort({ by: 'candidateGone' }))
    case 'resumed':
      return accept(state, [])
    case 'start':
      return refuse('a start waits for ONAY already')
    case 'look':
    case 'phaseEnd':
      return refuse('no phase runs: the start waits for ONAY')
    default:
      return unreachable(event)
  }
}

function approved(state: Awaiting, event: Approved, plan: CanaryPlan): Step {
  if (event.promptId !== state.promptId) return refuse(OTHER_APPROVAL)
  if (!(event.atWallMs < state.expiresAtWallMs)) return refuse('the approval has expired')
  if (!Number.isFinite(event.atMs)) return refuse('the market clock is unknown')
  return startPhase(0, event.atMs, plan, [
    { kind: 'closePrompt', promptId: state.promptId, as: 'approved', why: 'approved' },
  ])
}

function withdraw(state: Awaiting, as: 'refused' | 'expired', why: string): Step {
  return accept(IDLE, [{ kind: 'closePrompt', promptId: state.promptId, as, why }])
}

function accept(state: CanaryState, effects: readonly Effect[]): Step {
  return { ok: true, state, effects }
}

function refuse(why: string): Step {
  return { ok: false, why }
}
