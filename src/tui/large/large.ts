import { unreachable } from '../../engine/kernel/unreachable.ts'
import type { DetailView } from '../../control/panels.ts'
import { padText, wrapText } from '../cells.ts'
import { EMPTY_LINE, padLine, sides, span, textLine, type Line } from '../line.ts'
import type { LargePage } from '../state.ts'
import { chartLines } from './chart.ts'
import { rangeText, stillPage, type PageBlock } from './page.ts'
import { shownRows, toneOf, type Row } from './rows.ts'
import { tableLines } from './table.ts'

/** Title above, headings, note below. */
const AROUND = 3
/** From here on what is known of a row stands beside the rows, else below them. */
const BESIDE_FROM = 150
const BESIDE_SHARE = 0.4
/** So many rows are seen at least, however much there is to say of one. */
const MIN_ROWS = 4
const MAX_WRAPPED = 30
/** Of a note: it may hold what should be done. */
const MAX_NOTE_LINES = 5
/** Columns without room that are named. */
const MOST_NAMED = 3

function title(name: string, right: string, width: number): Line {
  return sides(textLine(` ${name}`, 'strong'), textLine(right === '' ? '' : `${right} `, 'dim'), width)
}

function noteLines(note: string, width: number): readonly Line[] {
  return wrapText(note, width - 2, MAX_NOTE_LINES).map((line) => textLine(` ${line}`, 'dim'))
}

/** Everything that is known of a row, each part whole. */
function rowDetail(row: Row, width: number): readonly Line[] {
  const known = Object.entries(row).filter(([, cell]) => cell !== '' && cell !== '-')
  const label = Math.min(16, Math.max(0, ...known.map(([name]) => name.length)) + 2)
  return known.flatMap(([name, cell]) =>
    wrapText(cell, Math.max(16, width - label - 2), MAX_WRAPPED).map((text, i) => [
      span(` ${padText(i === 0 ? name : '', label)}`, 'dim'),
      span(text, toneOf(cell)),
    ]),
  )
}

/** What narrows the rows, in words. */
function narrowed({ find, least }: LargePage): string {
  const word = find.trim() === '' ? [] : [`find "${find.trim()}"`]
  return [...word, ...(least === 'all' ? [] : [`${least} ${least === 'critical' ? 'only' : 'and above'}`])].join(', ')
}

function tablePage(
  page: LargePage,
  detail: Extract<DetailView, { kind: 'table' }>,
  width: number,
  height: number,
): PageBlock {
  const rows = shownRows(page)
  const selected = Math.min(page.selected, rows.length - 1)
  const row = rows[selected]
  const filter = narrowed(page)
  if (row === undefined) {
    const why = detail.rows.length === 0 ? 'nothing to show yet' : `no row: ${filter}; Esc shows all again`
    return stillPage([
      title(detail.title, '', width),
      EMPTY_LINE,
      textLine(` ${why}`),
      EMPTY_LINE,
      ...noteLines(detail.note, width),
    ])
  }
  const note = noteLines(detail.note, width)
  const room = Math.max(1, height - AROUND - note.length + 1)
  const beside = width >= BESIDE_FROM
  const detailWidth = beside ? Math.floor(width * BESIDE_SHARE) : width
  const known = rowDetail(row, detailWidth - 2)
  const below = beside ? 0 : Math.min(known.length + 1, Math.max(0, room - MIN_ROWS))
  const count = Math.max(1, room - below)
  const from = Math.max(0, Math.min(selected - Math.floor(count / 2), rows.length - count))
  const listWidth = beside ? width - detailWidth - 1 : width
  const table = tableLines(rows, { from, count, selected, width: listWidth, hide: detail.inDetail ?? [] })
  const filtered = filter === '' ? [] : [filter]
  const range = [...filtered, ...hiddenWords(table.hidden), rangeText(from, table.rows.length, rows.length)].join(', ')
  const list = [table.head, ...table.rows]
  const lines = beside
    ? Array.from({ length: Math.max(list.length, room) }, (_, y) => [
        ...padLine(list[y] ?? EMPTY_LINE, listWidth),
        span('│', 'dim'),
        ...(known[y] ?? EMPTY_LINE),
      ])
    : [...list, ...(below > 0 ? [textLine('─'.repeat(width), 'dim'), ...known.slice(0, below - 1)] : [])]
  return {
    lines: [title(detail.title, range, width), ...lines, ...note],
    pageRows: count,
    listRows: rows.length,
  }
}

/** What had no room stands in the detail of each row; many columns are counted. */
function hiddenWords(hidden: readonly string[]): readonly string[] {
  if (hidden.length === 0) return []
  return [hidden.length > MOST_NAMED ? `without ${hidden.length} columns` : `without ${hidden.join(', ')}`]
}

/** A chart with what belongs below it. */
function chartPage(detail: Extract<DetailView, { kind: 'chart' }>, width: number, height: number): PageBlock {
  const rows = detail.table ?? []
  const table = tableLines(rows, { from: 0, count: rows.length, selected: -1, width, hide: [] })
  const below = [
    ...(rows.length === 0 ? [] : [EMPTY_LINE, table.head, ...table.rows, EMPTY_LINE]),
    ...noteLines(detail.note, width),
  ]
  const lines = chartLines(detail, width, Math.max(4, height - 1 - below.length))
  return stillPage([title(detail.title, detail.unit, width), ...lines, ...below])
}

/** One panel over the whole window: a chart where there is a series, a table elsewhere. */
export function largePage(page: LargePage, width: number, height: number): PageBlock {
  const { detail } = page
  if (detail === null)
    return stillPage([title(page.panel.toUpperCase(), '', width), EMPTY_LINE, textLine(' asking the room ...')])
  switch (detail.kind) {
    case 'chart':
      return chartPage(detail, width, height)
    case 'table':
      return tablePage(page, detail, width, height)
    default:
      return unreachable(detail)
  }
}
