/** What to do about one alert: what is seen, what to press, how one knows that it is over. */
import { playbookCaseOf } from '../../engine/alerts/playbook.ts'
import type { AlertView, RoomView } from '../../control/view.ts'
import { padText, wrapText } from '../cells.ts'
import { shortTime } from '../format.ts'
import { EMPTY_LINE, sides, span, textLine, type Line } from '../line.ts'
import { SEVERITY_TONE } from '../screens/release/alerts.ts'
import { rangeText, type PageBlock } from './page.ts'

const LABEL_CELLS = 10
const MAX_WRAPPED = 12
const RESOLVED = 'the alert is resolved by itself once its condition has ended, and the events say so'

/** @param rule of an alert of the room; where it is no longer one, the page says so */
export function runbookPage(rule: string, scroll: number, view: RoomView, width: number, height: number): PageBlock {
  const alert = view.watch.alerts.find((one) => one.rule === rule)
  const pageRows = Math.max(1, height - 1)
  const parts = alert === undefined ? goneParts(rule) : partsOf(alert)
  const spaced = parts.flatMap((part) => [EMPTY_LINE, ...partLines(part, width)])
  const all = spaced.length <= pageRows ? spaced : parts.flatMap((part) => partLines(part, width))
  const from = Math.min(scroll, Math.max(0, all.length - pageRows))
  const shown = all.slice(from, from + pageRows)
  const keys = [span('?', 'key'), span(' every key ', 'dim')]
  const right = all.length > pageRows ? textLine(`${rangeText(from, shown.length, all.length)} `, 'dim') : keys
  const title = sides(titleOf(rule, alert, view), right, width)
  return { lines: [title, ...shown], pageRows, listRows: all.length }
}

function titleOf(rule: string, alert: AlertView | undefined, view: RoomView): Line {
  if (alert === undefined) return [span(` ${rule}`, 'strong')]
  const { severity, state, sinceMs, firedMs } = alert
  const since = shortTime(firedMs ?? sinceMs, view.room.clock.marketMs)
  return [
    span(` ${rule}`, 'strong'),
    span(`   ${severity}`, SEVERITY_TONE[severity]),
    span(` ${state} since ${since}`, 'dim'),
  ]
}

interface Part {
  readonly label: string
  readonly texts: readonly string[]
}

function partsOf({ rule, text, next, acknowledged }: AlertView): readonly Part[] {
  const known = playbookCaseOf(rule)
  const seen = acknowledged === null ? [] : [`seen by ${acknowledged.by}: "${acknowledged.reason}"`]
  return [
    { label: 'you see', texts: [text, ...(known === undefined ? [] : [known.see]), ...seen] },
    ...(known === undefined ? [] : [{ label: 'press', texts: [known.press] }]),
    { label: 'to do', texts: [next === '' ? 'the rule does not say what to do' : next] },
    { label: 'over', texts: [known?.over ?? RESOLVED] },
  ]
}

function goneParts(rule: string): readonly Part[] {
  return [{ label: 'over', texts: [`${rule} does not fire any more`] }]
}

function partLines({ label, texts }: Part, width: number): readonly Line[] {
  const room = Math.max(16, width - LABEL_CELLS - 2)
  const lines = texts.flatMap((text) => wrapText(plain(text), room, MAX_WRAPPED))
  return lines.map((line, i) => [span(` ${padText(i === 0 ? label : '', LABEL_CELLS)}`, 'strong'), span(line)])
}

/** Without what marks keys and names on a page of the documentation. */
function plain(text: string): string {
  return text.replaceAll(/[`*]/g, '')
}
