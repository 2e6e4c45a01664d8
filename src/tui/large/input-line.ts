import { cellsOf, clean } from '../cells.ts'
import { sides, span, type Line } from '../line.ts'

/** The end of what was typed: that is where a person types on. */
function tail(text: string, width: number): string {
  const whole = clean(text)
  if (cellsOf(whole) <= width) return whole
  const chars = Array.from(whole)
  let shown = ''
  let cells = cellsOf('…')
  for (let at = chars.length - 1; at >= 0; at--) {
    const char = chars[at] ?? ''
    cells += cellsOf(char)
    if (cells > width) break
    shown = char + shown
  }
  return `…${shown}`
}

/** A line that a person types into, with something at its other end. */
export function inputLine(label: string, text: string, active: boolean, right: Line, width: number): Line {
  const head = `${active ? '▸' : ' '} ${label}  `
  const taken = cellsOf(head) + right.reduce((sum, part) => sum + cellsOf(part.text), 0) + 3
  const shown = tail(text, Math.max(4, width - taken))
  return sides([span(head, active ? 'strong' : 'plain'), span(`${shown}${active ? '_' : ''}`, 'strong')], right, width)
}
