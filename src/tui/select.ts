/** Moving in a large table: which row is selected, what is looked for, what is copied. */
import { unreachable } from '../engine/kernel/unreachable.ts'
import { open } from './focus-and-scroll.ts'
import { only, say, type Context, type Step } from './intents.ts'
import { shownRows } from './large/rows.ts'
import { pageOf, type LargePage, type Least, type UiState } from './state.ts'
import { edited } from './text-field.ts'

const MAX_FIND = 60
const LEASTS: readonly Least[] = ['all', 'warning', 'critical']

export type SelectKey =
  | 'rowUp'
  | 'rowDown'
  | 'rowsUp'
  | 'rowsDown'
  | 'firstRow'
  | 'lastRow'
  | 'find'
  | 'severity'
  | 'copy'
  | 'backFromLarge'

const STEPS = (page: number): Readonly<Record<string, number>> => ({
  rowUp: -1,
  rowDown: 1,
  rowsUp: -page,
  rowsDown: page,
  firstRow: -Infinity,
  lastRow: Infinity,
})

/** A key in an open panel. */
export function selectKey(ui: UiState, action: SelectKey, context: Context): Step {
  if (ui.mode.kind !== 'large') return action === 'find' ? findEvents(ui, context) : only(ui)
  const { mode } = ui
  switch (action) {
    case 'rowUp':
    case 'rowDown':
    case 'rowsUp':
    case 'rowsDown':
    case 'firstRow':
    case 'lastRow': {
      const last = Math.max(0, shownRows(mode).length - 1)
      const by = STEPS(Math.max(1, context.pageRows))[action] ?? 0
      const selected = Math.min(last, Math.max(0, Math.min(mode.selected, last) + by))
      return only({ ...ui, mode: { ...mode, selected } })
    }
    case 'find':
      return only({ ...ui, mode: { kind: 'find', below: mode, text: mode.find } })
    case 'severity': {
      const least = LEASTS[(LEASTS.indexOf(mode.least) + 1) % LEASTS.length] ?? 'all'
      return only({ ...ui, mode: { ...mode, least, selected: 0 } })
    }
    case 'copy':
      return copy(ui, mode, context)
    case 'backFromLarge': {
      const narrowed = mode.find !== '' || mode.least !== 'all'
      return only({ ...ui, mode: narrowed ? { ...mode, find: '', least: 'all', selected: 0 } : { kind: 'panels' } })
    }
    default:
      return unreachable(action)
  }
}

/** From the panels: in everything that happened. */
function findEvents(ui: UiState, context: Context): Step {
  const opened = open(ui, 'events', context.view)
  const { mode } = opened.ui
  if (mode.kind !== 'large') return opened
  return { ...opened, ui: { ...opened.ui, mode: { kind: 'find', below: mode, text: '' } } }
}

/** The selected row as `name: value` lines, to the clipboard of whoever looks, by the terminal. */
function copy(ui: UiState, page: LargePage, context: Context): Step {
  const row = shownRows(page)[page.selected]
  if (row === undefined) return only(say(ui, 'there is no row to copy', false, context))
  const text = Object.entries(row)
    .filter(([, cell]) => cell !== '' && cell !== '-')
    .map(([name, cell]) => `${name}: ${cell}`)
    .join('\n')
  const said = say(ui, 'the row was given to the terminal to copy; not every terminal takes it', true, context)
  return only(said, { kind: 'copy', text })
}

export type FindKey = 'typeFind' | 'eraseFind' | 'clearFind' | 'keepFind' | 'leaveFind'

/** A key while a word is typed that is looked for; the rows follow each letter. */
export function findKey(ui: UiState, action: FindKey, text: string | null): Step {
  const { mode } = ui
  if (mode.kind !== 'find') return only(ui)
  const typed = (edit: 'type' | 'erase' | 'clear'): Step =>
    only({ ...ui, mode: { ...mode, text: edited(mode.text, edit, text, MAX_FIND) } })
  switch (action) {
    case 'typeFind':
      return typed('type')
    case 'eraseFind':
      return typed('erase')
    case 'clearFind':
      return typed('clear')
    case 'keepFind': {
      const page = pageOf(ui)
      return only(page.kind === 'large' ? { ...ui, mode: page } : ui)
    }
    case 'leaveFind':
      return only({ ...ui, mode: { ...mode.below, find: '' } })
    default:
      return unreachable(action)
  }
}
