import type { AlertView } from '../../../control/view.ts'
import { cellsOf, padText, wrapText } from '../../cells.ts'
import { shortTime } from '../../format.ts'
import { EMPTY_LINE, span, textLine, type Line, type Tone } from '../../line.ts'
import type { PanelOf } from './panel.ts'

export const SEVERITY_TONE: Readonly<Record<AlertView['severity'], Tone>> = {
  info: 'plain',
  warning: 'warn',
  critical: 'bad',
}
/** Under the alert's text. */
const INDENT = 10
const NEXT_ROWS = 2
const RANK: Readonly<Record<AlertView['severity'], number>> = { critical: 0, warning: 1, info: 2 }

/** Firing before pending, the gravest first, then the oldest. */
function byGravity(a: AlertView, b: AlertView): number {
  if (a.state !== b.state) return a.state === 'firing' ? -1 : 1
  return RANK[a.severity] - RANK[b.severity] || a.sinceMs - b.sinceMs
}

/** @param timeCells that the longest of the times takes: what an alert says gets the rest */
function alertLine(alert: AlertView, since: string, timeCells: number): Line {
  return [
    span(' '),
    span(padText(alert.severity, 9), SEVERITY_TONE[alert.severity]),
    span(`${padText(alert.state, 8)}${padText(since, timeCells)}  `),
    span(`${alert.rule}  ${alert.text}`),
    ...(alert.flapping ? [span('  flapping', 'warn')] : []),
    ...(alert.acknowledged === null
      ? []
      : [span(`  seen by ${alert.acknowledged.by}: "${alert.acknowledged.reason}"`, 'dim')]),
  ]
}

/** What to do about an alert that nobody has seen. */
function nextLines(alert: AlertView, width: number): readonly Line[] {
  if (alert.state !== 'firing' || alert.acknowledged !== null || alert.next === '') return []
  return wrapText(alert.next, width - INDENT, NEXT_ROWS).map((line) => textLine(`${' '.repeat(INDENT)}${line}`, 'dim'))
}

/** What fires or is about to. */
export const alertsPanel: PanelOf = (view, width, density) => {
  if (view.watch.alerts.length === 0) {
    return { left: [span('ALERTS', 'strong'), span(' none')], right: EMPTY_LINE, lines: [] }
  }
  const sorted = [...view.watch.alerts].sort(byGravity)
  const firing = sorted.filter((alert) => alert.state === 'firing').length
  const shown = density === 'compact' ? sorted.slice(0, 2) : sorted
  const times = shown.map((alert) => shortTime(alert.sinceMs, view.room.clock.marketMs))
  const timeCells = Math.max(...times.map(cellsOf))
  return {
    left: textLine('ALERTS', 'strong'),
    right: textLine(`${firing} firing, ${sorted.length - firing} pending`),
    lines: shown.flatMap((alert, i) => [
      alertLine(alert, times[i] ?? '', timeCells),
      ...(density === 'roomy' ? nextLines(alert, width) : []),
    ]),
  }
}
