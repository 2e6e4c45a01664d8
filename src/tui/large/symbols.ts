import type { RoomView, SymbolView } from '../../control/view.ts'
import { change, count, fixed, price, UNKNOWN } from '../format.ts'
import { EMPTY_LINE, keyed, sides, textLine } from '../line.ts'
import { rangeText, type PageBlock } from './page.ts'
import type { Row } from './rows.ts'
import { tableLines } from './table.ts'

/** Title, headings, a blank and what Enter does. */
const AROUND = 4

function rowOf(of: SymbolView): Row {
  return {
    symbol: of.symbol,
    price: price(of.price),
    '24 h': change(of.dayChange),
    'in charge': of.inCharge ?? 'none',
    shadow: of.shadow ?? 'none',
    gates: of.gatesPassed === null ? UNKNOWN : `${of.gatesPassed}/6`,
    alerts: count(of.alerts),
    worst: of.critical > 0 ? 'critical' : of.alerts > 0 ? 'warning' : '',
    PSI: fixed(of.psi, 3),
    canary: of.canary === 'idle' ? UNKNOWN : of.canary.replace('_', ' '),
  }
}

/** Every market of the room, a line each. */
export function symbolsPage(chosen: string, view: RoomView, width: number, height: number): PageBlock {
  const { overview } = view.room
  const rows = overview.map(rowOf)
  const selected = Math.max(
    0,
    overview.findIndex(({ symbol }) => symbol === chosen),
  )
  const shown = Math.max(1, height - AROUND)
  const from = Math.max(0, Math.min(selected - Math.floor(shown / 2), rows.length - shown))
  const table = tableLines(rows, { from, count: shown, selected, width, hide: [] })
  return {
    lines: [
      sides(
        textLine(' SYMBOLS', 'strong'),
        textLine(`${rangeText(from, table.rows.length, rows.length)} `, 'dim'),
        width,
      ),
      table.head,
      ...table.rows,
      EMPTY_LINE,
      keyed(' `Enter` shows one', 'dim'),
    ],
    pageRows: table.rows.length,
    listRows: rows.length,
  }
}
