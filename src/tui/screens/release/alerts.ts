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
const INDENT = 3
const MAX_NEXT_LINES = 12
const RANK: Readonly<Record<AlertView['severity'], number>> = { critical: 0, warning: 1, info: 2 }

/** Firing before pending, what nobody has seen before what somebody has, the gravest first, then the oldest. */
export function byGravity(a: AlertView, b: AlertView): number {
  if (a.state !== b.state) return a.state === 'firing' ? -1 : 1
  const seen = Number(a.acknowledged !== null) - Number(b.acknowledged !== null)
  return seen || RANK[a.severity] - RANK[b.severity] || a.sinceMs - b.sinceMs
}

/** @param timeCells that the longest of the times takes: what an alert says gets the rest */
function alertLine(alert: AlertView, first: boolean, since: string, timeCells: number): Line {
  const { severity, state, acknowledged } = alert
  const quiet = state !== 'firing' || acknowledged !== null
  return [
    span(first ? ' ▸ ' : '   ', 'strong'),
    span(padText(severity, 9), quiet ? 'dim' : SEVERITY_TONE[severity]),
    span(`${padText(since, timeCells)}  `, 'dim'),
    span(alert.rule, quiet ? 'dim' : 'plain'),
    ...(state === 'firing' ? [] : [span('  pending', 'dim')]),
    ...(alert.flapping ? [span('  flapping', 'warn')] : []),
    ...(acknowledged === null ? [] : [span(`  seen by ${acknowledged.by}: "${acknowledged.reason}"`, 'dim')]),
    span(`  ${alert.text}`, quiet ? 'dim' : 'plain'),
  ]
}

/** What to do about the gravest alert, whole. */
function nextLines(alert: AlertView, width: number): readonly Line[] {
  if (alert.state !== 'firing' || alert.acknowledged !== null) return []
  return wrapText(alert.next, width - INDENT - 1, MAX_NEXT_LINES).map((line) =>
    textLine(`${' '.repeat(INDENT)}${line}`),
  )
}

/** What fires or is about to. */
export const alertsPanel: PanelOf = (view, width, density) => {
  const sorted = [...view.watch.alerts].sort(byGravity)
  const [gravest] = sorted
  if (gravest === undefined) {
    return { left: [span('ALERTS', 'strong'), span(' none', 'dim')], right: EMPTY_LINE, lines: [] }
  }
  const firing = sorted.filter((alert) => alert.state === 'firing').length
  const shown = density === 'compact' ? sorted.slice(0, 1) : sorted
  const times = shown.map((alert) => shortTime(alert.sinceMs, view.room.clock.marketMs))
  const timeCells = Math.max(...times.map(cellsOf))
  const [first, ...rest] = shown.map((alert, i) => alertLine(alert, i === 0, times[i] ?? '', timeCells))
  const next = density === 'roomy' ? nextLines(gravest, width) : []
  return {
    left: textLine('ALERTS', 'strong'),
    right: textLine(`${firing} firing, ${sorted.length - firing} pending`, 'dim'),
    lines: [...(first === undefined ? [] : [first]), ...next, ...rest],
  }
}
