import type { AlertView, RoomView } from '../../control/view.ts'
import { padText, wrapText } from '../cells.ts'
import { shortTime } from '../format.ts'
import { EMPTY_LINE, span, textLine, type Line } from '../line.ts'
import { SEVERITY_TONE } from '../screens/release/alerts.ts'
import { acknowledgeable } from '../reasons.ts'
import type { Page } from '../state.ts'
import { inputLine } from './input-line.ts'
import { stillPage, type PageBlock } from './page.ts'

type Form = Extract<Page, { kind: 'ack' }>

/** Title, blanks, the note that the alert is gone, and the reason. */
const FIXED_ROWS = 6
/** Of what to do: more than any rule says. */
const NEXT_ROWS = 8

function alertLine(alert: AlertView, chosen: boolean, nowMs: number): Line {
  return [
    span(` ${chosen ? '▸' : ' '} `, 'strong'),
    span(padText(alert.severity, 9), SEVERITY_TONE[alert.severity]),
    span(padText(shortTime(alert.firedMs ?? alert.sinceMs, nowMs), 12)),
    span(`${alert.rule}  ${alert.text}`, chosen ? 'strong' : 'plain'),
  ]
}

/** The firing alerts that are not acknowledged; those that do not fit scroll with the chosen one. */
export function acknowledgePage(form: Form, view: RoomView, width: number, height: number): PageBlock {
  const open = acknowledgeable(view)
  const at = open.findIndex(({ rule }) => rule === form.rule)
  const next = wrapText(open[at]?.next || 'the rule does not say what to do', width - 12, NEXT_ROWS)
  const room = Math.max(1, height - FIXED_ROWS - next.length)
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), open.length - room))
  const gone = textLine(
    `   ${form.rule} is no longer firing, or was acknowledged elsewhere; Up and Down choose another`,
    'warn',
  )
  return stillPage([
    [span(' ACKNOWLEDGE', 'strong'), span(' an alert: it was seen, and keeps firing until its condition ends')],
    EMPTY_LINE,
    ...(at < 0 ? [gone] : []),
    ...open.slice(from, from + room).map((alert, i) => alertLine(alert, from + i === at, view.room.clock.marketMs)),
    EMPTY_LINE,
    ...next.map((line, i) => textLine(`   ${i === 0 ? 'to do   ' : '        '}${line}`)),
    EMPTY_LINE,
    inputLine('Reason', form.reason, true, textLine('recorded with your name ', 'dim'), width),
  ])
}
