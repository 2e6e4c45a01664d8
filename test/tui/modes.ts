/** Everything that can be open on the screen, once. */
import type { LargePage, Mode, ModeKind, PromptPage } from '../../src/tui/state.ts'
import { approval } from '../kit/canary-documents.ts'
import { TABLE } from '../kit/views.ts'

export const CHOICES = [
  { features: 'v1.8-b0', version: 'v1.8-b1', refused: 'price itself among its features', replaces: null },
  { features: 'v1.8.1', version: 'v1.8.1', refused: null, replaces: null },
  { features: 'v1.9', version: 'v1.9', refused: null, replaces: null },
]

/** A prompt as it opens, but for what is given. */
export function promptMode(given: Partial<PromptPage>): PromptPage {
  return {
    kind: 'prompt',
    shown: approval({}),
    field: 'reason',
    reason: '',
    phrase: '',
    scroll: 0,
    whole: false,
    sent: false,
    failed: null,
    ...given,
  }
}

/** A panel opened large, but for what is given. */
export function largeMode(given: Partial<LargePage>): LargePage {
  return { kind: 'large', panel: 'gates', detail: TABLE, selected: 0, find: '', least: 'all', ...given }
}

const OPEN: { readonly [K in ModeKind]: Extract<Mode, { readonly kind: K }> } = {
  panels: { kind: 'panels' },
  large: largeMode({}),
  find: { kind: 'find', below: largeMode({}), text: '' },
  symbols: { kind: 'symbols', chosen: 'BTCUSDT' },
  help: { kind: 'help', scroll: 0, glossary: false },
  form: { kind: 'form', choices: CHOICES, index: 1, profile: 'equivalent' },
  canaryForm: {
    kind: 'canaryForm',
    choice: { plan: 'mini', profile: 'equivalent', mode: 'observe', live: false },
    field: 0,
  },
  prompts: { kind: 'prompts', chosen: 'promote-1' },
  prompt: promptMode({}),
  ack: { kind: 'ack', rule: 'MLPSICritical', reason: '' },
  ask: {
    kind: 'ask',
    ask: { kind: 'cancel', id: 'retrain-1', what: 'retrain v1.8.1' },
    below: { kind: 'panels' },
  },
}

export const MODES = Object.keys(OPEN) as readonly ModeKind[]

export function modeOf(kind: ModeKind): Mode {
  return OPEN[kind]
}
