import type { EventView } from '../../../control/view.ts'
import { dayTime } from '../../format.ts'
import { padText } from '../../cells.ts'
import { EMPTY_LINE, span, type Line } from '../../line.ts'
import { SEVERITY_TONE } from './alerts.ts'
import { jobsInOneLine } from './jobs.ts'
import type { PanelOf } from './panel.ts'

const COMPACT_LINES = 2
const FULL_LINES = 4
const DAY_CELLS = 7
/** From here on the severity is a column of its own; in a narrower panel it stands before the text. */
const COLUMNS_FROM = 100

/** `05-26  01:00  critical  text`: the day stands where it changes, the severity where it is one. */
function eventLine(event: EventView, before: EventView | undefined, wide: boolean): Line {
  const at = dayTime(event.tsMs)
  const sameDay = before !== undefined && dayTime(before.tsMs).slice(0, 5) === at.slice(0, 5)
  const { severity } = event
  const word = severity === 'info' ? '' : severity
  const said = wide ? padText(word, 10) : word === '' ? '' : `${word}: `
  return [
    span(` ${padText(sameDay ? '' : at.slice(0, 5), DAY_CELLS)}${at.slice(6)}  `, 'dim'),
    span(said, SEVERITY_TONE[severity]),
    span(event.text),
  ]
}

/** What happened, newest first, and in half a line how the jobs are. The panel takes the rows that no other needs. */
export const eventsPanel: PanelOf = (view, width, density) => {
  const { events } = view.room
  const right = width < COLUMNS_FROM && density === 'compact' ? EMPTY_LINE : jobsInOneLine(view)
  if (events.length === 0) return { left: [span('EVENTS', 'strong'), span(' none yet', 'dim')], right, lines: [] }
  const limit = density === 'compact' ? COMPACT_LINES : density === 'full' ? FULL_LINES : events.length
  return {
    left: [span('EVENTS', 'strong')],
    right,
    lines: events.slice(0, limit).map((event, i) => eventLine(event, events[i - 1], width >= COLUMNS_FROM)),
  }
}
