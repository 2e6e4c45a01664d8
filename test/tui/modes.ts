/** Everything that can be open on the screen, once. */
import { unreachable } from '../../src/engine/kernel/unreachable.ts'
import type { Mode, ModeKind, PromptPage } from '../../src/tui/state.ts'
import { approval } from '../kit/canary-documents.ts'
import { TABLE } from '../kit/views.ts'

export const MODES: readonly ModeKind[] = [
  'panels',
  'large',
  'help',
  'form',
  'canaryForm',
  'prompts',
  'prompt',
  'ack',
  'ask',
]

export const CHOICES = [
  { features: 'v1.8-b0', version: 'v1.8-b1', refused: 'price itself among its features' },
  { features: 'v1.8.1', version: 'v1.8.1', refused: null },
  { features: 'v1.9', version: 'v1.9', refused: null },
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
    sent: false,
    failed: null,
    ...given,
  }
}

export function modeOf(kind: ModeKind): Mode {
  switch (kind) {
    case 'panels':
      return { kind }
    case 'large':
      return { kind, panel: 'gates', detail: TABLE, scroll: 0 }
    case 'help':
      return { kind, scroll: 0 }
    case 'form':
      return { kind, choices: CHOICES, index: 1, profile: 'equivalent' }
    case 'canaryForm':
      return { kind, choice: { plan: 'mini', profile: 'equivalent', live: false }, field: 0 }
    case 'prompts':
      return { kind, chosen: 'promote-1' }
    case 'prompt':
      return promptMode({})
    case 'ack':
      return { kind, rule: 'MLPSICritical', reason: '' }
    case 'ask':
      return { kind, ask: { kind: 'cancel', id: 'retrain-1', what: 'retrain v1.8.1' }, below: { kind: 'panels' } }
    default:
      return unreachable(kind)
  }
}
