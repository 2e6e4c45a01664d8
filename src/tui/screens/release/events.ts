import type { EventView } from '../../../control/view.ts'
import { shortTime } from '../../format.ts'
import { padText } from '../../cells.ts'
import { EMPTY_LINE, span, type Tone } from '../../line.ts'
import type { PanelOf } from './panel.ts'

const TONE: Readonly<Record<EventView['severity'], Tone>> = { info: 'plain', warning: 'warn', critical: 'bad' }
const WORD: Readonly<Record<EventView['severity'], string>> = { info: '', warning: 'warning: ', critical: 'CRITICAL: ' }
const COMPACT_LINES = 2
const FULL_LINES = 6

/** What happened, newest first. The panel takes the rows that no other needs. */
export const eventsPanel: PanelOf = (view, _width, density) => {
  if (view.room.events.length === 0) {
    return { left: [span('EVENTS', 'strong'), span(' none yet')], right: EMPTY_LINE, lines: [] }
  }
  const limit = density === 'compact' ? COMPACT_LINES : density === 'full' ? FULL_LINES : view.room.events.length
  const now = view.room.clock.marketMs
  const times = view.room.events.slice(0, limit).map((event) => shortTime(event.tsMs, now))
  const timeCells = Math.max(5, ...times.map((time) => time.length)) + 2
  return {
    left: [span('EVENTS', 'strong'), span(' newest first', 'dim')],
    right: EMPTY_LINE,
    lines: view.room.events
      .slice(0, limit)
      .map((event, i) => [
        span(` ${padText(times[i] ?? '', timeCells)}`, 'dim'),
        span(WORD[event.severity], TONE[event.severity]),
        span(event.text),
      ]),
  }
}
