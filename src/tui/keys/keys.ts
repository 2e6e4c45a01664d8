/**
 * The one table of keys: it dispatches, it makes the help, and it writes the bottom line. A key that cannot be used now
 * says why.
 */
import type { Binding } from './binding.ts'
import { cellsOf, clean } from '../cells.ts'
import { FORM_KEYS } from './keys-forms.ts'
import { PROMPT_KEYS } from './keys-prompts.ts'
import { ROOM_KEYS } from './keys-room.ts'
import { LEAVING_KEYS, MOVING_KEYS, SCROLL_KEYS, SYMBOL_KEYS, TABLE_KEYS } from './keys-screen.ts'
import type { ModeKind } from '../state.ts'

interface KeyGroup {
  readonly name: string
  readonly keys: readonly Binding[]
}

const OF_TIME: readonly string[] = ['next', 'pause', 'faster', 'slower', 'symbol']

/** As the help lists them. */
export const KEY_GROUPS: readonly KeyGroup[] = [
  { name: 'Models, prompts and alerts', keys: ROOM_KEYS.filter(({ action }) => !OF_TIME.includes(action)) },
  { name: 'Time and symbols', keys: [...ROOM_KEYS.filter(({ action }) => OF_TIME.includes(action)), ...SYMBOL_KEYS] },
  { name: 'Panels', keys: MOVING_KEYS },
  { name: 'In an opened panel', keys: TABLE_KEYS },
  { name: 'Help and leaving', keys: [...LEAVING_KEYS, ...SCROLL_KEYS] },
  { name: 'In the forms', keys: FORM_KEYS },
  { name: 'In a prompt, and with an alert', keys: PROMPT_KEYS },
]

export const BINDINGS: readonly Binding[] = KEY_GROUPS.flatMap(({ keys }) => keys)

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
  if (elsewhere !== undefined && mode === 'prompt') return `${name} types nothing here; Esc leaves the prompt waiting`
  if (elsewhere !== undefined && mode !== 'panels')
    return `${name}: ${elsewhere.does} works on the panels; Esc goes back there`
  return `${name} is not a key here; ? lists them`
}
