/** Rows under headings, what matters most on the left: figures to the right, verdicts in their tone, the selected row inverse. */
import { cellsOf, clean, padLeft, padText } from '../cells.ts'
import { cellsOfLine, span, textLine, type Line } from '../line.ts'
import { toneOf, type Row } from './rows.ts'

const GAP = 2
/** A column of at most so many cells is not cut: it stands whole or has no room. A time has sixteen. */
const WHOLE_CELLS = 24
/** A longer one is cut to no less. */
const LEAST_CELLS = 12
/** A longer cell is cut: what it says stands whole in the detail of its row. */
const MAX_CELLS = 200

const FIGURE = /^[-+]?[\d.,]+( ?(%|ms|min|h|s|x))?$/

interface Column {
  readonly name: string
  readonly width: number
  /** Figures stand under each other by their ends. */
  readonly right: boolean
}

interface Table {
  readonly head: Line
  /** One line a row, of those that were asked for. */
  readonly rows: readonly Line[]
  /** Columns that had no room. */
  readonly hidden: readonly string[]
}

function columnOf(name: string, rows: readonly Row[]): Column {
  const cells = rows.map((row) => clean(row[name] ?? ''))
  const known = cells.filter((cell) => cell !== '' && cell !== '-')
  return {
    name,
    width: Math.min(MAX_CELLS, Math.max(1, cellsOf(clean(name)), ...cells.map(cellsOf))),
    right: known.length > 0 && known.every((cell) => FIGURE.test(cell)),
  }
}

/**
 * Columns whose widths sum up to `room` at most. Sentences give first, the longest before the others, since a figure or a time
 * that is cut says something else; where they have given all that they can, the last columns have no room.
 */
function fitted(columns: readonly Column[], room: number): readonly Column[] {
  const sentences = columns.filter(({ width }) => width > WHOLE_CELLS)
  const widths = new Map(columns.map((column) => [column, column.width]))
  const widthOf = (column: Column): number => widths.get(column) ?? column.width
  let over = columns.reduce((sum, { width }) => sum + width + GAP, -GAP) - room
  while (over > 0) {
    const longest = sentences
      .filter((column) => widthOf(column) > LEAST_CELLS)
      .toSorted((a, b) => widthOf(b) - widthOf(a))[0]
    if (longest === undefined) break
    widths.set(longest, widthOf(longest) - 1)
    over -= 1
  }
  // The first names the row.
  if (over > 0 && columns.length > 1) return fitted(columns.slice(0, -1), room)
  return columns.map((column) => ({ ...column, width: widthOf(column) }))
}

function cellText(row: Row, { name, width, right }: Column): string {
  const text = row[name] ?? ''
  return right ? padLeft(text, width) : padText(text, width)
}

/**
 * Widths come of all rows and not of the visible ones, so that columns stand still while one moves.
 * @param hide columns that stand in the detail of a row alone
 */
export function tableLines(
  all: readonly Row[],
  {
    from,
    count,
    selected,
    width,
    hide,
  }: {
    readonly from: number
    readonly count: number
    readonly selected: number
    readonly width: number
    readonly hide: readonly string[]
  },
): Table {
  const names = [...new Set(all.flatMap((row) => Object.keys(row)))].filter((name) => !hide.includes(name))
  const columns = fitted(
    names.map((name) => columnOf(name, all)),
    width - 1,
  )
  const gap = ' '.repeat(GAP)
  const heading = columns.map((column) => cellText({ [column.name]: column.name }, column)).join(gap)
  const rows = all.slice(from, from + count).map((row, i): Line => {
    const cells = columns.flatMap((column, at): Line => {
      const tone = toneOf(row[column.name] ?? '')
      return [span(at === 0 ? ' ' : gap), span(cellText(row, column), tone)]
    })
    if (from + i !== selected) return cells
    const text = cells.map((part) => part.text).join('')
    return [span(text + ' '.repeat(Math.max(0, width - cellsOfLine(cells))), 'inverse')]
  })
  return { head: textLine(` ${heading}`, 'dim'), rows, hidden: names.slice(columns.length) }
}
