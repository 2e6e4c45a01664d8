/** Panels on a grid: rows of cells beside each other, titles in the rules between them, and the joints where rules meet. */
import { cellsOf } from './cells.ts'
import { cellsOfLine, fitLine, padLine, span, type Line, type Span } from './line.ts'

interface Cell {
  readonly line: Line
  readonly width: number
  /** Whether it is a title, which is drawn into a rule. */
  readonly rule: boolean
}

/** Cells beside each other, with a bar of one cell between them. */
export type GridRow = readonly Cell[]

/** `─ 1 GATES of v1.8 ───────── BLOCKED 2/6 ─` in exactly `width` cells. */
export function titleLine(left: Line, right: Line, width: number): Line {
  const ends = right.length === 0 ? [] : [span(' '), ...right, span(' ')]
  const rightFitted = fitLine(ends, Math.max(0, width - 14))
  const room = width - cellsOfLine(rightFitted) - 4
  const leftFitted = fitLine(left, Math.max(1, room))
  const fill = Math.max(0, width - cellsOfLine(rightFitted) - cellsOfLine(leftFitted) - 3)
  return [span('─', 'dim'), ...leftFitted, span(' '), span('─'.repeat(fill), 'dim'), ...rightFitted, span('─', 'dim')]
}

/** Where the bars of a row stand. */
function barsOf(row: GridRow | undefined): readonly number[] {
  const bars: number[] = []
  let x = 0
  for (const cell of row?.slice(0, -1) ?? []) {
    x += cell.width
    bars.push(x)
    x += 1
  }
  return bars
}

function joint(left: boolean, right: boolean, up: boolean, down: boolean): string {
  if (!left && !right) return '│'
  if (left !== right) return left ? '┤' : '├'
  if (up && down) return '┼'
  return up ? '┴' : '┬'
}

/** The line with another glyph where it has a rule at that cell; text there stays. */
function jointedAt(line: Line, at: number, glyph: string): Line {
  let x = 0
  return line.flatMap((part): readonly Span[] => {
    const from = x
    x += cellsOf(part.text)
    if (at < from || at >= x || part.tone !== 'dim' || !/^─+$/.test(part.text)) return [part]
    return [span('─'.repeat(at - from), 'dim'), span(glyph, 'dim'), span('─'.repeat(x - at - 1), 'dim')]
  })
}

/** The rows as lines: each cell fitted to its width, bars and joints between them. */
export function gridLines(rows: readonly GridRow[]): readonly Line[] {
  return rows.map((row, y) => {
    const [above, below] = [barsOf(rows[y - 1]), barsOf(rows[y + 1])]
    const own = barsOf(row)
    const line = row.flatMap((cell, i): Line => {
      const x = own[i]
      const next = row[i + 1]
      const filled = i === row.length - 1 ? fitLine(cell.line, cell.width) : padLine(cell.line, cell.width)
      if (x === undefined || next === undefined) return filled
      return [...filled, span(joint(cell.rule, next.rule, above.includes(x), below.includes(x)), 'dim')]
    })
    const met = [...new Set([...above, ...below])].filter((x) => !own.includes(x))
    return met.reduce<Line>(
      (jointed, x) => jointedAt(jointed, x, joint(true, true, above.includes(x), below.includes(x))),
      line,
    )
  })
}
