/** What a command means for the screen: what it says of how it went. */
import type { ApprovalAction } from '../evidence/documents/release-documents.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { Command, CommandKind } from '../control/commands.ts'
import type { UiEvent } from './intents.ts'

/** Commands that open a prompt, and the prompt. */
const OPENED: { readonly [K in CommandKind]?: ApprovalAction } = {
  promote: 'promote',
  startCanary: 'canary_start',
  switchKill: 'kill_off',
}

/** What reaches the screen when the room has done it. @param shown the symbol of the screen, where the command names none */
export function outcomesOf(command: Command, sentence: string, shown: string): readonly UiEvent[] {
  const said = { kind: 'said', text: sentence, good: true } as const
  if (command.kind === 'answerApproval') return [{ kind: 'answered', id: command.id, text: sentence, good: true }]
  const action = OPENED[command.kind]
  if (action === undefined || (command.kind === 'switchKill' && command.enabled)) return [said]
  const symbol = 'symbol' in command ? (command.symbol ?? shown) : shown
  return [said, { kind: 'coming', action, symbol }]
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
