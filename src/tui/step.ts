/** What reaches the screen, what it asks of the room, and what a decision of the reducer is. */
import type { UnixMs } from '../engine/kernel/units.ts'
import type { ApprovalAction } from '../evidence/release-documents.ts'
import type {
  ApprovalAnswer,
  CanaryRequest,
  DetailView,
  Panel,
  RetrainRequest,
  RoomView,
  Speed,
  ValidateRequest,
} from '../room/control-room.ts'
import { MESSAGE_MS, type RetrainChoice, type UiState } from './state.ts'

export type UiEvent =
  | { readonly kind: 'key'; readonly name: string }
  /** What a command came to: a sentence, or why it did not work. */
  | { readonly kind: 'said'; readonly text: string; readonly good: boolean }
  /** What an answer to a prompt came to. */
  | { readonly kind: 'answered'; readonly id: string; readonly text: string; readonly good: boolean }
  /** The room was asked for a prompt and has said yes. */
  | { readonly kind: 'coming'; readonly action: ApprovalAction; readonly symbol: string }
  | { readonly kind: 'choices'; readonly choices: readonly RetrainChoice[] }
  | { readonly kind: 'detail'; readonly panel: Panel; readonly detail: DetailView }
  /** The context's view is a new one. */
  | { readonly kind: 'looked' }
  | { readonly kind: 'lost'; readonly why: string | null }
  | { readonly kind: 'tick' }

/** Commands of the room: each comes to one sentence. */
export type RoomIntent =
  | { readonly kind: 'pause'; readonly paused: boolean }
  | { readonly kind: 'speed'; readonly speed: Speed }
  | { readonly kind: 'next'; readonly symbol: string }
  | { readonly kind: 'retrain'; readonly request: RetrainRequest }
  | { readonly kind: 'validate'; readonly request: ValidateRequest }
  | { readonly kind: 'canary'; readonly request: CanaryRequest }
  | { readonly kind: 'promote'; readonly symbol: string }
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'abort'; readonly symbol: string }
  | { readonly kind: 'rollback'; readonly symbol: string }
  | { readonly kind: 'answer'; readonly id: string; readonly answer: ApprovalAnswer }
  | { readonly kind: 'acknowledge'; readonly symbol: string; readonly rule: string; readonly reason: string }

export type Intent =
  | RoomIntent
  | { readonly kind: 'quit' }
  | { readonly kind: 'choices'; readonly symbol: string }
  | { readonly kind: 'detail'; readonly symbol: string; readonly panel: Panel }
  /** Ask the room for its view at once. */
  | { readonly kind: 'look' }
  | { readonly kind: 'redraw' }

export interface Context {
  readonly view: RoomView | null
  readonly wallMs: UnixMs
  /** Rows of a list that were visible in the last frame. */
  readonly pageRows: number
  /** Rows that there are to scroll through. */
  readonly listRows: number
}

export interface Step {
  readonly ui: UiState
  readonly intents: readonly Intent[]
}

export function only(ui: UiState, ...intents: readonly Intent[]): Step {
  return { ui, intents }
}

/** The same state with a sentence on the message line. */
export function say(ui: UiState, text: string, good: boolean, context: Context): UiState {
  return { ...ui, message: { text, good, untilWallMs: context.wallMs + MESSAGE_MS } }
}
