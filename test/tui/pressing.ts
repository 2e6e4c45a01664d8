/** Keys at a screen of which nothing is drawn. */
import { reduce } from '../../src/tui/reducer.ts'
import { parseKeys, type Input } from '../../src/tui/keys/input.ts'
import { firstState, type Mode, type ModeKind, type UiState } from '../../src/tui/state.ts'
import type { Context, Intent, Step } from '../../src/tui/intents.ts'
import { modeOf } from './modes.ts'

/** The names of the keys that these bytes are. */
export function keyNames(text: string): readonly string[] {
  return parseKeys(text).inputs.map((input) => (input.kind === 'key' ? input.name : input.text))
}

/** As a terminal sends them. */
export function keysOf(...names: readonly string[]): readonly Input[] {
  return names.map((name) => ({ kind: 'key', name }))
}

/** A screen that has just begun, with this open on it. */
export function uiIn(mode: ModeKind | Mode): UiState {
  return { ...firstState(undefined), mode: typeof mode === 'string' ? modeOf(mode) : mode }
}

/** Presses keys one after the other, each in its own context. @returns where they lead, and everything that they asked for */
export function pressKeys(from: UiState, keys: readonly (readonly [name: string, context: Context])[]): Step {
  let ui = from
  const intents: Intent[] = []
  for (const [name, context] of keys) {
    const step = reduce(ui, { kind: 'key', name }, context)
    ui = step.ui
    intents.push(...step.intents)
  }
  return { ui, intents }
}
