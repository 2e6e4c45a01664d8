/** What reaches the screen, what it asks for, and what a decision of the reducer is. */
import type { UnixMs } from '../engine/kernel/units.ts'
import type { ApprovalAction } from '../evidence/documents/release-documents.ts'
import type { RetrainChoice } from '../control/answers.ts'
import type { Command } from '../control/commands.ts'
import type { DetailView, Opened, Panel } from '../control/panels.ts'
import type { RoomView } from '../control/view.ts'
import type { Input } from './keys/input.ts'
import { MESSAGE_MS, type Leaving, type UiState } from './state.ts'

export type UiEvent =
  | Input
  /** What a command came to: a sentence, or why it did not work. */
  | { readonly kind: 'said'; readonly text: string; readonly good: boolean }
  /** What an answer to a prompt came to. */
  | { readonly kind: 'answered'; readonly id: string; readonly text: string; readonly good: boolean }
  /** The room was asked for a prompt and has said yes. */
  | { readonly kind: 'coming'; readonly action: ApprovalAction; readonly symbol: string }
  | { readonly kind: 'choices'; readonly choices: readonly RetrainChoice[] }
  | { readonly kind: 'detail'; readonly panel: Opened; readonly detail: DetailView }
  /** The context's view is a new one. */
  | { readonly kind: 'looked' }
  | { readonly kind: 'lost'; readonly why: string | null }
  | { readonly kind: 'tick' }

export type Intent =
  | { readonly kind: 'ask'; readonly command: Command }
  | { readonly kind: 'choices'; readonly symbol: string }
  | { readonly kind: 'detail'; readonly symbol: string; readonly panel: Opened }
  /** Ask the room for its view at once. */
  | { readonly kind: 'look' }
  | { readonly kind: 'redraw' }
  /** To the clipboard of whoever looks. */
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'quit'; readonly how: Leaving }

export interface Context {
  readonly view: RoomView | null
  /** Who sits at the screen: whom commands are asked by. */
  readonly by: string
  readonly wallMs: UnixMs
  /** Rows of a list that were visible in the last frame. */
  readonly pageRows: number
  /** Rows that there are to scroll through. */
  readonly listRows: number
  /** Panels that the last frame had room for. */
  readonly panels: readonly Panel[]
}

export interface Step {
  readonly ui: UiState
  readonly intents: readonly Intent[]
}

export function only(ui: UiState, ...intents: readonly Intent[]): Step {
  return { ui, intents }
}

/** The state, and a command for the room. */
export function asking(ui: UiState, command: Command): Step {
  return only(ui, { kind: 'ask', command })
}

/** The same state with a sentence on the message line. */
export function say(ui: UiState, text: string, good: boolean, context: Context): UiState {
  return { ...ui, message: { text, good, untilWallMs: context.wallMs + MESSAGE_MS } }
}
