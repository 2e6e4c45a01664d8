import type { AlertView } from '../../room/control-room.ts'
import { cellsOf, padText } from '../cells.ts'
import { shortTime } from '../format.ts'
import { EMPTY_LINE, span, textLine, type Line, type Tone } from '../line.ts'
import type { PanelOf } from './panel.ts'

const TONE: Readonly<Record<AlertView['severity'], Tone>> = { info: 'plain', warning: 'warn', critical: 'bad' }
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
    span(padText(alert.severity, 9), TONE[alert.severity]),
    span(`${padText(alert.state, 8)}${padText(since, timeCells)}  `),
    span(`${alert.rule}  ${alert.text}`),
  ]
}

/** What fires or is about to. */
export const alertsPanel: PanelOf = (view, _width, density) => {
  if (view.alerts.length === 0) {
    return { left: [span('ALERTS', 'strong'), span(' none')], right: EMPTY_LINE, lines: [] }
  }
  const sorted = [...view.alerts].sort(byGravity)
  const firing = sorted.filter((alert) => alert.state === 'firing').length
  const shown = density === 'compact' ? sorted.slice(0, 2) : sorted
  const times = shown.map((alert) => shortTime(alert.sinceMs, view.clock.marketMs))
  const timeCells = Math.max(...times.map(cellsOf))
  return {
    left: textLine('ALERTS', 'strong'),
    right: textLine(`${firing} firing, ${sorted.length - firing} pending`),
    lines: shown.map((alert, i) => alertLine(alert, times[i] ?? '', timeCells)),
  }
}
