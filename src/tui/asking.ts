/** What the room is asked for an intent, and what the screen hears of it. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { unreachable } from '../engine/kernel/unreachable.ts'
import type { ControlRoom } from '../room/control-room.ts'
import type { RoomIntent, UiEvent } from './step.ts'

/** Calls the room before it returns. @throws what the room rejects with */
export function askRoom(room: ControlRoom, intent: RoomIntent): Promise<string> {
  switch (intent.kind) {
    case 'pause':
      return room.setPaused(intent.paused)
    case 'speed':
      return room.setSpeed(intent.speed)
    case 'next':
      return room.playToNext(intent.symbol)
    case 'retrain':
      return room.startRetrain(intent.request)
    case 'validate':
      return room.startValidate(intent.request)
    case 'canary':
      return room.startCanary(intent.request)
    case 'promote':
      return room.promote(intent.symbol)
    case 'cancel':
      return room.cancelWork(intent.id)
    case 'abort':
      return room.abortCanary(intent.symbol)
    case 'rollback':
      return room.rollback(intent.symbol)
    case 'answer':
      return room.answerApproval(intent.id, intent.answer)
    case 'acknowledge':
      return room.acknowledge(intent.symbol, intent.rule, intent.reason)
    default:
      return unreachable(intent)
  }
}

/** What lowers risk is never held up by commands that are still on their way. */
export function isUrgent(intent: RoomIntent): boolean {
  if (intent.kind === 'answer') return intent.answer.decision === 'reject'
  return intent.kind === 'abort' || intent.kind === 'rollback'
}

/** What the screen hears when the room has done it. */
export function outcomesOf(intent: RoomIntent, text: string): readonly UiEvent[] {
  const said = { kind: 'said', text, good: true } as const
  if (intent.kind === 'answer') return [{ kind: 'answered', id: intent.id, text, good: true }]
  if (intent.kind === 'promote') return [said, { kind: 'coming', action: 'promote', symbol: intent.symbol }]
  if (intent.kind === 'canary' && intent.request.live) {
    return [said, { kind: 'coming', action: 'canary_start', symbol: intent.request.symbol }]
  }
  return [said]
}

/** What the screen hears when the room has not. */
export function failureOf(intent: RoomIntent, text: string): readonly UiEvent[] {
  return intent.kind === 'answer'
    ? [{ kind: 'answered', id: intent.id, text, good: false }]
    : [{ kind: 'said', text, good: false }]
}

/** What was thrown, as a sentence for the message line: what, why and what next where it is an error for people. */
export function sentenceOf(thrown: unknown): string {
  return thrown instanceof OperatorError ? `${thrown.what}: ${thrown.why}; ${thrown.next}` : messageOf(thrown)
}
