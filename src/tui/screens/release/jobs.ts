import type { JobView, RoomView } from '../../../control/view.ts'
import { padText } from '../../cells.ts'
import { shortTime } from '../../format.ts'
import { span, textLine, type Line, type Tone } from '../../line.ts'
import type { PanelOf } from './panel.ts'

const TIME_CELLS = 12

function toneOf(job: JobView): Tone {
  return job.ok === false ? 'bad' : 'plain'
}

/** The next job that is not due every minute. */
function nextDue(jobs: readonly JobView[], nowMs: number): JobView | undefined {
  return jobs
    .filter(({ nextMs }) => nextMs !== null && nextMs - nowMs > 60_000)
    .sort((a, b) => (a.nextMs ?? 0) - (b.nextMs ?? 0))[0]
}

/** `jobs 6 ok, next psi hourly 02:00`; those that failed by name. */
export function jobsInOneLine({ room: { jobs, clock } }: RoomView): Line {
  const failed = jobs.filter((job) => job.ok === false)
  const next = nextDue(jobs, clock.marketMs)
  const due = next === undefined ? '' : `, next ${next.name} ${shortTime(next.nextMs, clock.marketMs)}`
  if (failed.length === 0) return [span(`jobs ${jobs.length} ok${due}`, 'dim')]
  return [
    span('jobs ', 'dim'),
    span(failed.map((job) => `${job.name} ${job.result}`).join(', '), 'bad'),
    span(due, 'dim'),
  ]
}

/** What runs by schedule: when it did, when it will, and what came of it. */
export const jobsPanel: PanelOf = (view, width, density) => {
  const now = view.room.clock.marketMs
  if (density === 'compact') {
    const [first = span(''), ...rest] = jobsInOneLine(view)
    return {
      left: [span('JOBS', 'strong'), span(first.text.replace(/^jobs/, ''), first.tone), ...rest],
      right: [],
      lines: [],
    }
  }
  const nameCells = Math.max(8, Math.min(22, width - 2 * TIME_CELLS - 14))
  const lines = view.room.jobs.map(
    (job): Line => [
      span(` ${padText(job.name, nameCells)} `),
      span(padText(shortTime(job.lastMs, now), TIME_CELLS)),
      span(padText(shortTime(job.nextMs, now), TIME_CELLS), 'dim'),
      span(job.result, toneOf(job)),
    ],
  )
  const head = ` ${padText('', nameCells)} ${padText('last', TIME_CELLS)}${padText('next', TIME_CELLS)}result`
  return { left: textLine('JOBS', 'strong'), right: [], lines: [textLine(head, 'dim'), ...lines] }
}
