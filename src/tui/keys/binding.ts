/** What a line of the key table is. */
import type { RoomView } from '../../control/view.ts'
import type { AcknowledgeKey } from '../acknowledge-form.ts'
import type { RoomKey, SymbolsKey, TwiceKey } from '../room-keys.ts'
import type { CanaryFormKey, RetrainFormKey } from '../forms.ts'
import type { AnswerKey, Scroll } from '../focus-and-scroll.ts'
import type { ChoosingKey, PromptKey } from '../prompt-form.ts'
import type { FindKey, SelectKey } from '../select.ts'
import type { ModeKind, UiState } from '../state.ts'

/** What a key does. Each part of the screen names its own. */
export type Action =
  | RoomKey
  | TwiceKey
  | RetrainFormKey
  | CanaryFormKey
  | ChoosingKey
  | PromptKey
  | AcknowledgeKey
  | Scroll
  | SymbolsKey
  | SelectKey
  | FindKey
  | 'help'
  | 'focusNext'
  | 'focusPrevious'
  | 'open'
  | 'openNumbered'
  | 'pageForward'
  | 'pageBack'
  | 'back'
  | 'acknowledge'
  | AnswerKey
  | 'redraw'
  | 'quit'
  | 'leave'

interface Hint {
  /** The keys between backquotes, then a word or two; empty while it is not worth a place on the bottom line. */
  readonly text: (view: RoomView) => string
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
  /** Whether it asks the room to change something: a screen that may only look refuses it. */
  readonly changes: boolean
  /** Null keeps the key off the bottom line. */
  readonly hint: Hint | null
}

/** What lowers risk is tried whatever this screen knows of the room. */
const ALWAYS_TRIED: readonly Action[] = ['abort', 'rollback', 'kill']

/** Why a key cannot be used now: on a screen that may only look, or that the room is cut off from, that before anything else. */
export function whyNotNow(binding: Binding, view: RoomView | null, ui: UiState): string | null {
  const { changes, action, whyNot } = binding
  const readOnly = changes ? (view?.attached?.readOnly ?? null) : null
  const cutOff = changes && ui.lost !== null && !ALWAYS_TRIED.includes(action) ? 'the room does not answer' : null
  return readOnly ?? cutOff ?? whyNot(view, ui)
}

export function hint(text: string, rank: number): Hint {
  return { text: () => text, rank }
}

/** One up and one down where there is something to choose from. */
export const UP = { keys: ['up', 'left'], shown: 'Up', hint: hint('`Up Down` choose', 3) } as const
export const DOWN = { keys: ['down', 'right', 'tab'], shown: 'Down' } as const

/** A line of the table. A key that says nothing else can always be used, changes nothing, and is not on the bottom line. */
export function key({
  whyNot = () => null,
  changes = false,
  hint: hinted = null,
  ...rest
}: Omit<Binding, 'whyNot' | 'changes' | 'hint'> & Partial<Pick<Binding, 'whyNot' | 'changes' | 'hint'>>): Binding {
  return { ...rest, whyNot, changes, hint: hinted }
}
