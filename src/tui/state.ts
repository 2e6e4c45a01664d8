/** What the screen itself remembers: which panel has the focus, what is open, what was last said. Nothing about the room. */
import type { RetrainChoice } from '../control/answers.ts'
import type { Command } from '../control/commands.ts'
import type { CanaryMode } from '../engine/canary/plan.ts'
import type { Profile } from '../engine/models/roles.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { ApprovalAction, ApprovalDocument } from '../evidence/documents/release-documents.ts'
import type { DetailView, Panel, Opened } from '../control/panels.ts'

/** How long the outcome of a command stays on the message line, wall time. */
export const MESSAGE_MS = 6000
/** The second of two keystrokes counts within this wall time. */
export const TWICE_MS = 2000
/** How long the screen waits for a prompt that it has asked for, wall time. */
export const COMING_MS = 5000

/** What becomes of the room when its screen is left. */
export type Leaving = 'end' | 'detach'

/** A question: of what a key does, or of what becomes of the room. */
type Ask =
  | { readonly kind: 'quit'; readonly running: readonly string[] }
  | { readonly kind: 'cancel'; readonly id: string; readonly what: string }
  /** `what` is the candidate that would be replaced, and what ends with it. */
  | { readonly kind: 'replace'; readonly command: Command; readonly what: string }

/** What the canary form is about to start. */
export interface CanaryChoice {
  /** The name of one of the room's plans. */
  readonly plan: string
  readonly profile: Profile
  readonly mode: CanaryMode
  readonly live: boolean
}

export const CANARY_FIELDS = ['plan', 'profile', 'mode', 'live'] as const satisfies readonly (keyof CanaryChoice)[]

/** A prompt that is open, with what a person has typed into it so far. */
export interface PromptPage {
  readonly kind: 'prompt'
  /** As the room sent it last; a prompt whose figures change is another prompt. */
  readonly shown: ApprovalDocument
  readonly field: 'reason' | 'phrase'
  readonly reason: string
  readonly phrase: string
  /** First visible row of the facts. */
  readonly scroll: number
  /** Whether every figure is shown beside those that a person reads. */
  readonly whole: boolean
  /** The answer is on its way. */
  readonly sent: boolean
  /** Why an answer was not accepted. */
  readonly failed: string | null
}

/** From how grave on rows are shown. */
export type Least = 'all' | 'warning' | 'critical'

/** A panel or a page of paper trading over the whole window. */
export interface LargePage {
  readonly kind: 'large'
  readonly panel: Opened
  /** Null until the room has answered. */
  readonly detail: DetailView | null
  /** Of the rows that are shown, from 0. */
  readonly selected: number
  /** A word that rows must have; empty shows all. */
  readonly find: string
  readonly least: Least
}

/** What is open instead of the panels. */
export type Page =
  | { readonly kind: 'panels' }
  | LargePage
  /** All markets of the room; `chosen` is one of them. */
  | { readonly kind: 'symbols'; readonly chosen: string }
  /** `alert` is the rule of one that the help was asked about: what to do comes before the keys. */
  | { readonly kind: 'help'; readonly scroll: number; readonly glossary: boolean; readonly alert?: string }
  | {
      readonly kind: 'form'
      /** Null until the room has answered. */
      readonly choices: readonly RetrainChoice[] | null
      readonly index: number
      readonly profile: Profile
    }
  /** `field` is an index of `CANARY_FIELDS`. */
  | { readonly kind: 'canaryForm'; readonly choice: CanaryChoice; readonly field: number }
  /** The waiting prompts; `chosen` is the id of one. */
  | { readonly kind: 'prompts'; readonly chosen: string }
  | PromptPage
  /** Which alert has been seen, and what is said of it. `rule` is one of `acknowledgeable`. */
  | { readonly kind: 'ack'; readonly rule: string; readonly reason: string }

/** A question, and a word that is looked for, leave the page below as it was. */
export type Mode =
  | Page
  | { readonly kind: 'find'; readonly below: LargePage; readonly text: string }
  | { readonly kind: 'ask'; readonly ask: Ask; readonly below: Page }

export type ModeKind = Mode['kind']

interface Message {
  readonly text: string
  readonly good: boolean
  readonly untilWallMs: number
}

/** The first of two keystrokes has been made. */
interface Armed {
  readonly action: 'abort' | 'rollback' | 'kill'
  readonly symbol: string
  readonly untilWallMs: UnixMs
}

/** A prompt that was asked for from this screen, and opens by itself once it is there. */
interface Coming {
  readonly action: ApprovalAction
  readonly symbol: string
  readonly untilWallMs: UnixMs
}

export interface UiState {
  readonly focus: Panel
  /** Null shows the room's first symbol. */
  readonly symbol: string | null
  readonly mode: Mode
  readonly message: Message | null
  /** Why the room does not answer, while it does not. */
  readonly lost: string | null
  readonly armed: Armed | null
  readonly coming: Coming | null
}

export function firstState(symbol: string | undefined): UiState {
  return {
    focus: 'gates',
    symbol: symbol ?? null,
    mode: { kind: 'panels' },
    message: null,
    lost: null,
    armed: null,
    coming: null,
  }
}

/** The page that is drawn: below a question the one that was open, with the rows that are looked for so far. */
export function pageOf({ mode }: UiState): Page {
  if (mode.kind === 'ask') return mode.below
  if (mode.kind !== 'find') return mode
  return mode.text === mode.below.find ? mode.below : { ...mode.below, find: mode.text, selected: 0 }
}

/** The line that letters go to; null where letters are keys. */
export function typedText(mode: Mode): string | null {
  if (mode.kind === 'prompt') return mode[mode.field]
  if (mode.kind === 'ack') return mode.reason
  return mode.kind === 'find' ? mode.text : null
}
