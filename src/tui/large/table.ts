/**
 * Rows cut so that ink-table can draw them: it counts UTF-16 units instead of cells and never cuts, so every cell is
 * made of characters of one unit and one cell, and columns share the width beforehand.
 */
import { cellsOfChar, clean } from '../cells.ts'

/** Top border, headings, the rule below them, bottom border. */
export const BORDER_LINES = 4
/** A blank on each side of a cell, and the bar before it. */
const CELL_EXTRA = 3
const MIN_CELLS = 6

interface FittedTable {
  readonly columns: readonly string[]
  readonly rows: readonly Readonly<Record<string, string>>[]
  /** Columns that had no room. */
  readonly hiddenColumns: readonly string[]
}

/** Text with one UTF-16 unit a cell: what is wider or narrower becomes a question mark or nothing. */
export function singleCells(text: string): string {
  let out = ''
  for (const char of clean(text)) {
    const cells = cellsOfChar(char)
    if (cells === 0) continue
    out += cells === 1 && char.length === 1 ? char : '?'
  }
  return out
}

function cutTo(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}

/** Widths that sum up to `room` at most: the widest column gives first. */
function shrink(wanted: readonly number[], room: number): readonly number[] {
  const widths = [...wanted]
  let over = widths.reduce((sum, width) => sum + width, 0) - room
  while (over > 0) {
    const widest = widths.indexOf(Math.max(...widths))
    const width = widths[widest]
    if (width === undefined || width <= 1) break
    widths[widest] = width - 1
    over -= 1
  }
  return widths
}

/** The rows from `from` on, cut so that the table with its borders is at most `width` cells wide. */
export function fitTable(
  all: readonly Readonly<Record<string, string>>[],
  from: number,
  count: number,
  width: number,
): FittedTable {
  const names = [...new Set(all.flatMap((row) => Object.keys(row)))]
  const most = Math.max(1, Math.floor((width - 1) / (MIN_CELLS + CELL_EXTRA)))
  const shown = names.slice(0, most)
  // Widths come of all rows, not of the visible ones, so that columns stand still while one scrolls.
  const wanted = shown.map((name) =>
    Math.max(1, ...all.map((row) => singleCells(row[name] ?? '').length), singleCells(name).length),
  )
  const widths = shrink(wanted, width - 1 - shown.length * CELL_EXTRA)
  const headings = headingsOf(shown, widths)
  const rows = all.slice(from, from + count).map((row) =>
    Object.fromEntries(
      shown.map((name, i) => {
        const cell = cutTo(singleCells(row[name] ?? ''), widths[i] ?? 1)
        return [headings[i] ?? name, cell.padEnd(widths[i] ?? 1)]
      }),
    ),
  )
  return { columns: headings, rows, hiddenColumns: names.slice(most) }
}

/** Cut headings are keys of the rows as well, so two of them may not become equal. */
function headingsOf(names: readonly string[], widths: readonly number[]): readonly string[] {
  const headings: string[] = []
  for (const [i, name] of names.entries()) {
    const width = widths[i] ?? 1
    let heading = cutTo(singleCells(name), width)
    for (let n = 2; headings.includes(heading); n++)
      heading = `${heading.slice(0, Math.max(0, width - String(n).length))}${n}`
    headings.push(heading)
  }
  return headings
}
