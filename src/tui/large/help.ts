import type { RoomView } from '../../control/view.ts'
import { whyNotNow } from '../keys/binding.ts'
import { cellsOf, padText, wrapText } from '../cells.ts'
import { KEY_GROUPS } from '../keys/keys.ts'
import { EMPTY_LINE, sides, span, textLine, type Line } from '../line.ts'
import type { ModeKind, Page, UiState } from '../state.ts'
import { GLOSSARY } from './glossary.ts'
import { rangeText, type PageBlock } from './page.ts'

const KEY_CELLS = 20
const DOES_CELLS = 38
const WORD_CELLS = 14

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
  find: 'finding',
  symbols: 'all symbols',
}

function whereText(where: readonly ModeKind[]): string {
  return where.map((mode) => WHERE[mode]).join(', ')
}

/** Every binding of the key table in its group, and why it cannot be used now. */
function keyLines(view: RoomView, ui: UiState, width: number): readonly Line[] {
  const below: UiState = { ...ui, mode: { kind: 'panels' } }
  return KEY_GROUPS.flatMap(({ name, keys }, i) => [
    ...(i === 0 ? [] : [EMPTY_LINE]),
    textLine(` ${name}`, 'strong'),
    ...keys.flatMap((binding): readonly Line[] => {
      const why = whyNotNow(binding, view, below)
      const typed = binding.where.every((mode) => mode !== 'panels' && mode !== 'large')
      const where = typed ? `${whereText(binding.where)}: ` : ''
      const does = `${where}${binding.does}`
      const line = [span(`   ${padText(binding.shown, KEY_CELLS)}`, 'key'), span(does)]
      if (why === null) return [line]
      const reason = `not now: ${why}`
      const besides = Math.max(DOES_CELLS, cellsOf(does)) + 1
      if (3 + KEY_CELLS + besides + cellsOf(reason) <= width)
        return [[...line, span(' '.repeat(besides - cellsOf(does))), span(reason, 'dim')]]
      const indent = ' '.repeat(3 + KEY_CELLS)
      return [line, ...wrapText(reason, width - indent.length, 3).map((text) => textLine(indent + text, 'dim'))]
    }),
  ])
}

function glossaryLines(width: number): readonly Line[] {
  return GLOSSARY.flatMap(([word, meaning]) =>
    wrapText(meaning, Math.max(16, width - WORD_CELLS - 2), 4).map((text, i) => [
      span(` ${padText(i === 0 ? word : '', WORD_CELLS)}`, 'strong'),
      span(text),
    ]),
  )
}

/** The keys in groups; `?` once more, and it is what the words mean. */
export function helpPage(
  view: RoomView,
  ui: UiState,
  { scroll, glossary }: Extract<Page, { kind: 'help' }>,
  width: number,
  height: number,
): PageBlock {
  const all = glossary ? glossaryLines(width) : keyLines(view, ui, width)
  const pageRows = Math.max(1, height - 1)
  const from = Math.min(scroll, Math.max(0, all.length - pageRows))
  const shown = all.slice(from, from + pageRows)
  const name = glossary
    ? [span(' WORDS', 'strong')]
    : [span(' KEYS', 'strong'), span('   ?', 'key'), span(' what the words mean', 'dim')]
  const title = sides(name, textLine(`${rangeText(from, shown.length, all.length)} `, 'dim'), width)
  return { lines: [title, ...shown], pageRows, listRows: all.length }
}
