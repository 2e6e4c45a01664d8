/** The bottom line: the keys that matter now, made from the key table. */
import type { RoomView } from '../control/view.ts'
import { whyNotNow } from './keys/binding.ts'
import { BINDINGS } from './keys/keys.ts'
import { cellsOfLine, keyed, span, type Line } from './line.ts'
import type { UiState } from './state.ts'

const GAP = '   '

/** Hints of the usable keys in the table's order; those that do not fit are dropped, the highest rank first. */
export function hintLine(view: RoomView, ui: UiState, width: number): Line {
  const usable = BINDINGS.flatMap((binding) => {
    if (binding.hint === null || !binding.where.includes(ui.mode.kind) || whyNotNow(binding, view, ui) !== null)
      return []
    const text = binding.hint.text(view)
    return text === '' ? [] : [{ words: keyed(text, 'dim'), rank: binding.hint.rank }]
  })
  const cells = (hints: typeof usable): number =>
    hints.reduce((sum, hint) => sum + cellsOfLine(hint.words) + GAP.length, 0)
  let kept = usable
  while (kept.length > 1 && cells(kept) > width) {
    const highest = Math.max(...kept.map((hint) => hint.rank))
    kept = kept.filter((hint) => hint.rank !== highest)
  }
  return kept.flatMap(({ words }, i) => [span(i === 0 ? ' ' : GAP), ...words])
}

/** The question of a prompt, which stands on the message line. */
export function askText(ui: UiState): string | null {
  if (ui.mode.kind !== 'ask') return null
  const { ask } = ui.mode
  switch (ask.kind) {
    case 'quit': {
      const ends = ask.running.length === 0 ? '' : `, with ${ask.running.join(', ')}`
      return `Leave: \`d\` the room runs on without a screen, \`n\` stay, \`e\` it ends${ends}`
    }
    case 'cancel':
      return `Cancel ${ask.what}? \`y\` cancels it, \`n\` lets it run`
    case 'replace':
      return `Replace ${ask.what}. \`y\` retrains, \`n\` keeps it`
  }
}
