import type { RoomView } from '../../control/view.ts'
import { whyNotNow } from '../keys/binding.ts'
import { padText } from '../cells.ts'
import { BINDINGS } from '../keys/keys.ts'
import { sides, span, textLine, type Line } from '../line.ts'
import type { ModeKind, UiState } from '../state.ts'
import { rangeText, type PageBlock } from './page.ts'

const KEY_CELLS = 20
const DOES_CELLS = 38

const WHERE: Readonly<Record<ModeKind, string>> = {
  panels: 'panels',
  large: 'opened panel',
  help: 'help',
  form: 'retrain form',
  canaryForm: 'canary form',
  prompts: 'list of prompts',
  prompt: 'prompt',
  ack: 'alert',
  ask: 'question',
}

function whereText(where: readonly ModeKind[]): string {
  return where.map((mode) => WHERE[mode]).join(', ')
}

/** Every binding of the key table, one a line, and why it cannot be used now. */
export function helpPage(view: RoomView, ui: UiState, scroll: number, width: number, height: number): PageBlock {
  const below: UiState = { ...ui, mode: { kind: 'panels' } }
  const all = BINDINGS.map((binding): Line => {
    const why = whyNotNow(binding, view, below)
    const where = binding.where.includes('panels') ? '' : `${whereText(binding.where)}: `
    const does = `${where}${binding.does}`
    const reason = why === null ? '' : `not now: ${why}`
    return [
      span(` ${padText(binding.shown, KEY_CELLS)}`, 'strong'),
      span(why === null ? does : `${padText(does, DOES_CELLS)} `),
      span(reason, 'dim'),
    ]
  })
  const pageRows = Math.max(1, height - 1)
  const from = Math.min(scroll, Math.max(0, all.length - pageRows))
  const shown = all.slice(from, from + pageRows)
  const title = sides(
    textLine(' KEYS', 'strong'),
    textLine(`${rangeText(from, shown.length, all.length)} `, 'dim'),
    width,
  )
  return { lines: [title, ...shown], pageRows, listRows: all.length, table: null }
}
