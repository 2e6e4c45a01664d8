import { cellsOf, clean } from '../cells.ts'
import { sides, span, type Line } from '../line.ts'

/** The end of what was typed: that is where a person types on. */
function tail(text: string, width: number): string {
  const chars = Array.from(clean(text))
  let shown = chars.join('')
  for (let from = 1; cellsOf(shown) > width && from <= chars.length; from++) shown = `…${chars.slice(from).join('')}`
  return shown
}

/** A line that a person types into, with something at its other end. */
export function inputLine(label: string, text: string, active: boolean, right: Line, width: number): Line {
  const head = `${active ? '▸' : ' '} ${label}  `
  const taken = cellsOf(head) + right.reduce((sum, part) => sum + cellsOf(part.text), 0) + 3
  const shown = tail(text, Math.max(4, width - taken))
  return sides([span(head, active ? 'strong' : 'plain'), span(`${shown}${active ? '_' : ''}`, 'strong')], right, width)
}
