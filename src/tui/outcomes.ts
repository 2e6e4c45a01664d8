/** What a command means for the screen: whether it may be held up, and what the screen says of how it went. */
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { Command } from '../control/commands.ts'
import type { UiEvent } from './step.ts'

/** What lowers risk is never held up by commands that are still on their way. */
export function isUrgent(command: Command): boolean {
  if (command.kind === 'answerApproval') return command.decision === 'reject'
  return command.kind === 'abortCanary' || command.kind === 'rollback'
}

/** What reaches the screen when the room has done it. @param shown the symbol of the screen, where the command names none */
export function outcomesOf(command: Command, sentence: string, shown: string): readonly UiEvent[] {
  const said = { kind: 'said', text: sentence, good: true } as const
  switch (command.kind) {
    case 'answerApproval':
      return [{ kind: 'answered', id: command.id, text: sentence, good: true }]
    case 'promote':
      return [said, { kind: 'coming', action: 'promote', symbol: command.symbol ?? shown }]
    case 'startCanary':
      return [said, { kind: 'coming', action: 'canary_start', symbol: command.symbol ?? shown }]
    default:
      return [said]
  }
}

/** What reaches the screen when the room has not. */
export function failureOf(command: Command, text: string): readonly UiEvent[] {
  return command.kind === 'answerApproval'
    ? [{ kind: 'answered', id: command.id, text, good: false }]
    : [{ kind: 'said', text, good: false }]
}

/** What was thrown, as a sentence for the message line: what, why and what next where it is an error for people. */
export function errorSentence(thrown: unknown): string {
  return thrown instanceof OperatorError ? `${thrown.what}: ${thrown.why}; ${thrown.next}` : messageOf(thrown)
}
