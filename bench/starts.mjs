// From the command to the first answer: on an empty directory with the sample, and once more.
import { join } from 'node:path'
import { inRounds, median, row } from './figures.mjs'
import { end, serve, temporary } from './processes.mjs'
import { startScreen } from './terminal.mjs'

const FIRST_LIMIT_S = 8
const FRAME_LIMIT_S = 1
const SECOND_LIMIT_S = 1

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchStarts() {
  const dir = temporary()
  const measured = await inRounds(async (i) => {
    const room = join(dir, `room${i}`)
    const first = await startScreen(room)
    await first.end()
    const second = await serve(room)
    await end(second.child)
    return {
      first: first.servingSeconds,
      frame: first.progressSeconds ?? Number.POSITIVE_INFINITY,
      second: second.seconds,
    }
  })
  const line = (what, name, limit) => {
    const value = median(measured.map((one) => one[name]))
    return row({ what, measured: value, unit: 's', goal: `<= ${limit} s`, met: value <= limit })
  }
  return [
    line('first start on the sample, to the first answer', 'first', FIRST_LIMIT_S),
    line('  its first frame with progress', 'frame', FRAME_LIMIT_S),
    line('second start, to the first answer', 'second', SECOND_LIMIT_S),
  ]
}
