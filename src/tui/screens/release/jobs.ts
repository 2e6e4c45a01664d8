import type { JobView } from '../../../control/view.ts'
import { padText } from '../../cells.ts'
import { plural, shortTime } from '../../format.ts'
import { EMPTY_LINE, span, type Line, type Tone } from '../../line.ts'
import type { PanelOf } from './panel.ts'

const TIME_CELLS = 12

function toneOf(job: JobView): Tone {
  return job.ok === false ? 'bad' : 'plain'
}

function nextDue(jobs: readonly JobView[]): JobView | undefined {
  return jobs
    .filter((job) => job.nextMs !== null)
    .reduce<JobView | undefined>(
      (first, job) => (first === undefined || (job.nextMs ?? 0) < (first.nextMs ?? 0) ? job : first),
      undefined,
    )
}

/** What runs by schedule: when it did, when it will, and what came of it. */
export const jobsPanel: PanelOf = (view, width, density) => {
  const now = view.room.clock.marketMs
  const failed = view.room.jobs.filter((job) => job.ok === false)
  const next = nextDue(view.room.jobs)
  if (density === 'compact') {
    const due = next === undefined ? '' : `, next ${next.name} ${shortTime(next.nextMs, now)}`
    const bad =
      failed.length === 0 ? [] : [span(`, ${failed.map((job) => `${job.name} ${job.result}`).join(', ')}`, 'bad')]
    return {
      left: [span('JOBS', 'strong'), span(` ${plural(view.room.jobs.length, 'job')}${due}`), ...bad],
      right: EMPTY_LINE,
      lines: [],
    }
  }
  const nameCells = Math.max(8, Math.min(22, width - 2 * TIME_CELLS - 14))
  const lines = view.room.jobs.map(
    (job): Line => [
      span(` ${padText(job.name, nameCells)} `),
      span(padText(shortTime(job.lastMs, now), TIME_CELLS)),
      span(padText(shortTime(job.nextMs, now), TIME_CELLS)),
      span(job.result, toneOf(job)),
    ],
  )
  const titles = `${padText('last', TIME_CELLS)}${padText('next', TIME_CELLS)}result`
  return {
    left: [span('JOBS', 'strong'), span(`${' '.repeat(Math.max(1, nameCells - 3))}${titles}`, 'dim')],
    right: EMPTY_LINE,
    lines,
  }
}
