/** Sets of what can be open, for the key table. */
import type { ModeKind } from '../state.ts'

export const EVERYWHERE: readonly ModeKind[] = [
  'panels',
  'large',
  'find',
  'symbols',
  'help',
  'form',
  'canaryForm',
  'prompts',
  'prompt',
  'ack',
  'ask',
]
/** Where letters are text: only keys with Ctrl are keys. */
export const TYPED: readonly ModeKind[] = ['prompt', 'ack', 'find']
/** Where letters are keys and not text. */
export const KEYED = EVERYWHERE.filter((mode) => !TYPED.includes(mode))
export const ON_PANELS: readonly ModeKind[] = ['panels', 'large']
export const OPENED: readonly ModeKind[] = ['large', 'help']
