import { unreachable } from '../../engine/kernel/unreachable.ts'
import { EMPTY_LINE, sides, textLine, type Line } from '../line.ts'
import type { Page } from '../state.ts'
import { chartLines } from './chart.ts'
import { rangeText, stillPage, type PageBlock } from './page.ts'
import { BORDER_LINES, fitTable } from './table.ts'

type Large = Extract<Page, { kind: 'large' }>

/** Title above, note below. */
const AROUND = 2

function title(name: string, right: string, width: number): Line {
  return sides(textLine(` ${name}`, 'strong'), textLine(right === '' ? '' : `${right} `, 'dim'), width)
}

function noteLine(note: string): Line {
  return note === '' ? EMPTY_LINE : textLine(` ${note}`, 'dim')
}

/** One panel over the whole window: a chart where there is a series, a table elsewhere. */
export function largePage(page: Large, width: number, height: number): PageBlock {
  const { detail } = page
  if (detail === null)
    return stillPage([title(page.panel.toUpperCase(), '', width), EMPTY_LINE, textLine(' asking the room ...')])
  switch (detail.kind) {
    case 'chart': {
      const lines = chartLines(detail, width, Math.max(4, height - AROUND))
      return stillPage([title(detail.title, detail.unit, width), ...lines, noteLine(detail.note)])
    }
    case 'table': {
      const pageRows = Math.max(1, height - AROUND - BORDER_LINES)
      const from = Math.min(page.scroll, Math.max(0, detail.rows.length - pageRows))
      const table = fitTable(detail.rows, from, pageRows, width)
      if (table.columns.length === 0) {
        return stillPage([
          title(detail.title, '', width),
          EMPTY_LINE,
          textLine(' nothing to show yet'),
          EMPTY_LINE,
          noteLine(detail.note),
        ])
      }
      const blank = Array.from({ length: table.rows.length + BORDER_LINES }, () => EMPTY_LINE)
      const hidden = table.hiddenColumns.length === 0 ? '' : `, without ${table.hiddenColumns.join(', ')}`
      const range = rangeText(from, table.rows.length, detail.rows.length) + hidden
      return {
        lines: [title(detail.title, range, width), ...blank, noteLine(detail.note)],
        pageRows,
        listRows: detail.rows.length,
        table: { at: 1, height: blank.length, columns: table.columns, rows: table.rows },
      }
    }
    default:
      return unreachable(detail)
  }
}
