// What the screen costs, and the memory of the whole room after a day and after the recording.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { inRounds, median, row } from './figures.mjs'
import { end, pause, serve, temporary } from './processes.mjs'
import { cpuShare, residentMb, startScreen } from './terminal.mjs'

const SETTLE_MS = 3_000
const LIMIT_SHARE = 5
const LIMIT_MB = 200
const FLAT = 1.25

/** @param {{ seconds: number }} options @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchScreen({ seconds }) {
  const dir = temporary()
  const filled = join(dir, 'filled')
  const first = await serve(filled)
  await end(first.child)
  const measured = await inRounds(async (i) => {
    const without = join(dir, `without${i}`)
    const withScreen = join(dir, `with${i}`)
    for (const to of [without, withScreen]) cpSync(filled, to, { recursive: true })
    const room = await serve(without)
    const plain = await settledShare(room.child.pid ?? 0, seconds)
    await end(room.child)
    const screen = await startScreen(withScreen)
    const whole = await settledShare(screen.pid, seconds)
    await screen.end()
    return { plain, whole }
  })
  const cost = median(measured.map(({ plain, whole }) => whole - plain))
  return [
    row({
      what: 'screen at 2 Hz, 120x40, playing at 60: its own part',
      measured: cost,
      unit: '% of a core',
      comparedTo: 'the whole room without it',
      comparison: median(measured.map(({ plain }) => plain)),
      goal: `<= ${LIMIT_SHARE} % of a core`,
      met: cost <= LIMIT_SHARE,
    }),
    ...(await memory(dir)),
  ]
}

/** @param {string} dir */
async function memory(dir) {
  const day = await residentAfter(join(dir, 'day'), ['--speed', 'max', '--until', '2025-05-05T16:00:00Z'])
  const all = await residentAfter(join(dir, 'all'), ['--speed', 'max', '--until', '2025-06-24T10:00:00Z'])
  return [
    row({
      what: 'resident memory of the room with its screen, after 50 days',
      measured: all,
      unit: 'MB',
      comparedTo: 'after one day',
      comparison: day,
      goal: `< ${LIMIT_MB} MB and flat (<= ${FLAT})`,
      met: all < LIMIT_MB && all <= FLAT * day,
    }),
  ]
}

/** @param {string} dataDir @param {string[]} args */
async function residentAfter(dataDir, args) {
  const screen = await startScreen(dataDir, args)
  await pause(SETTLE_MS)
  const samples = await inRounds(async () => {
    await pause(1_000)
    return residentMb(screen.pid)
  })
  await screen.end()
  return median(samples)
}

/** Percent of a core that a process takes once it has settled. @param {number} pid @param {number} seconds */
async function settledShare(pid, seconds) {
  await pause(SETTLE_MS)
  return cpuShare(pid, seconds)
}
