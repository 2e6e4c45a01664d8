/**
 * The one table of keys: it dispatches, it makes the help, and it writes the bottom line. A key that cannot be used now
 * says why.
 */
import type { Binding } from './binding.ts'
import { cellsOf, clean } from '../cells.ts'
import { FORM_KEYS } from './keys-forms.ts'
import { PROMPT_KEYS } from './keys-prompts.ts'
import { ROOM_KEYS } from './keys-room.ts'
import { LEAVING_KEYS, MOVING_KEYS } from './keys-screen.ts'
import type { ModeKind } from '../state.ts'

export const BINDINGS: readonly Binding[] = [
  ...ROOM_KEYS,
  ...MOVING_KEYS,
  ...FORM_KEYS,
  ...PROMPT_KEYS,
  ...LEAVING_KEYS,
]

/** The character that a key types; null for those that type none. */
export function textOf(name: string): string | null {
  if (name === 'space') return ' '
  const code = name.codePointAt(0)
  const single = code !== undefined && name === String.fromCodePoint(code)
  return single && cellsOf(name) > 0 && clean(name) === name ? name : null
}

/** The binding of a key where one is. */
export function bindingFor(mode: ModeKind, name: string): Binding | undefined {
  const here = BINDINGS.filter((binding) => binding.where.includes(mode))
  const named = here.find((binding) => binding.keys.includes(name))
  if (named !== undefined || textOf(name) === null) return named
  return here.find((binding) => binding.keys.length === 0)
}

/** What to say of a key that does nothing here. */
export function unboundText(mode: ModeKind, name: string): string {
  const elsewhere = BINDINGS.find((binding) => binding.keys.includes(name) && binding.where.includes('panels'))
  if (elsewhere !== undefined && mode === 'ack') return `${name} types nothing here; Esc goes back to the panels`
  if (elsewhere !== undefined && mode === 'prompt')
    return `${name} types nothing here; Ctrl+O leaves the prompt waiting`
  if (elsewhere !== undefined && mode !== 'panels')
    return `${name}: ${elsewhere.does} works on the panels; Esc goes back there`
  return `${name} is not a key here; ? lists them`
}
