/** What a line of the key table is. */
import type { RoomView } from '../room/control-room.ts'
import type { ModeKind, UiState } from './state.ts'

export type Action =
  | 'help'
  | 'focusNext'
  | 'focusPrevious'
  | 'open'
  | 'back'
  | 'scrollUp'
  | 'scrollDown'
  | 'pageUp'
  | 'pageDown'
  | 'top'
  | 'bottom'
  | 'pause'
  | 'faster'
  | 'slower'
  | 'next'
  | 'retrain'
  | 'validate'
  | 'canary'
  | 'promote'
  | 'cancel'
  | 'symbol'
  | 'abort'
  | 'rollback'
  | 'prompts'
  | 'choiceUp'
  | 'choiceDown'
  | 'profile'
  | 'start'
  | 'fieldUp'
  | 'fieldDown'
  | 'changeBack'
  | 'change'
  | 'begin'
  | 'promptUp'
  | 'promptDown'
  | 'openPrompt'
  | 'type'
  | 'erase'
  | 'clear'
  | 'otherField'
  | 'send'
  | 'refuse'
  | 'putAside'
  | 'acknowledge'
  | 'alertUp'
  | 'alertDown'
  | 'typeAck'
  | 'eraseAck'
  | 'clearAck'
  | 'sendAck'
  | 'yes'
  | 'no'
  | 'redraw'
  | 'quit'
  | 'leave'

export interface Hint {
  /** A word or two for the bottom line; empty while it is not worth a place there. */
  readonly text: (view: RoomView, wide: boolean) => string
  /** Lower ranks are dropped last. */
  readonly rank: number
}

export interface Binding {
  readonly action: Action
  /** Names as `input.ts` gives them. None: every character that can be printed. */
  readonly keys: readonly string[]
  /** The keys as people read them. */
  readonly shown: string
  readonly does: string
  readonly where: readonly ModeKind[]
  /** Why it cannot be used now; null when it can. */
  readonly whyNot: (view: RoomView | null, ui: UiState) => string | null
  /** Null keeps the key off the bottom line. */
  readonly hint: Hint | null
}

/** What asks the room to change something: a screen that may only look has these keys refused. */
const CHANGING: ReadonlySet<Action> = new Set([
  'pause',
  'faster',
  'slower',
  'next',
  'retrain',
  'start',
  'validate',
  'canary',
  'begin',
  'promote',
  'rollback',
  'abort',
  'cancel',
  'send',
  'acknowledge',
  'sendAck',
])

/** Why a key cannot be used now: on a screen that may only look, above all that. */
export function whyNotNow(binding: Binding, view: RoomView | null, ui: UiState): string | null {
  const readOnly = CHANGING.has(binding.action) ? (view?.attached?.readOnly ?? null) : null
  return readOnly ?? binding.whyNot(view, ui)
}

export const always = (): null => null

export function hint(text: string, rank: number): Hint {
  return { text: () => text, rank }
}

export const key = (
  action: Action,
  keys: readonly string[],
  shown: string,
  does: string,
  where: readonly ModeKind[],
  whyNot: Binding['whyNot'] = always,
  hinted: Hint | null = null,
): Binding => ({ action, keys, shown, does, where, whyNot, hint: hinted })
