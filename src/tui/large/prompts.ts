import type { RoomView } from '../../control/view.ts'
import { expiryText, promptName } from '../top/waiting.ts'
import { EMPTY_LINE, span, textLine, type Line } from '../line.ts'
import { waitingPrompts } from '../release.ts'
import { stillPage, type PageBlock } from './page.ts'

/** The prompts that wait, the oldest first; those that do not fit scroll with the chosen one. */
export function promptsPage(chosen: string, view: RoomView, _width: number, height: number): PageBlock {
  const waiting = waitingPrompts(view)
  const at = Math.max(
    0,
    waiting.findIndex((prompt) => prompt.id === chosen),
  )
  const room = Math.max(1, height - 4)
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), waiting.length - room))
  const lines = waiting.slice(from, from + room).map((prompt, i): Line => {
    const here = from + i === at
    return [
      span(` ${here ? '▸' : ' '} `, 'strong'),
      span(promptName(prompt, view), here ? 'strong' : 'plain'),
      span(`  ${expiryText(prompt, view.room.clock)}, asked by ${prompt.asked_by}`),
    ]
  })
  return stillPage([
    [span(' ONAY', 'strong'), span(`  ${waiting.length} prompts wait; answering one never answers another`)],
    EMPTY_LINE,
    ...lines,
    EMPTY_LINE,
    textLine('   Enter opens one', 'dim'),
  ])
}
