// How late the room's event loop is while it answers at full load and a candidate is trained, beside an idle room.
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { inRounds, median, row } from './figures.mjs'
import { end, loadWith, pause, retrain, serve, SYMBOL, temporary } from './processes.mjs'

const LIMIT_MS = 25
const monitor = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), 'loop-delay-monitor.mjs')).href

/** @param {{ seconds: number }} options @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchLoopDelay({ seconds }) {
  const dir = temporary()
  const file = join(dir, 'loop.json')
  process.env['ONAY_BENCH_LOOP_FILE'] = file
  const room = await serve(join(dir, 'room'), [], ['--import', monitor])
  const body = JSON.stringify({ symbol: SYMBOL })
  const load = { url: `${room.url}/ml/predict`, body, connections: 20, seconds }
  try {
    await retrain(room, 'v1.8.1')
    await loadWith({ ...load, seconds: 2 })
    const measured = await inRounds(async (i) => {
      await take(room.child, file)
      await pause(seconds * 1_000)
      const idle = await take(room.child, file)
      const loaded = loadWith(load)
      let trained = 0
      const until = performance.now() + seconds * 1_000
      while (performance.now() < until) await retrain(room, `v1.8.1-bench${i}-${trained++}`)
      await loaded
      return { idle, busy: await take(room.child, file) }
    })
    const busy = median(measured.map((one) => one.busy.p999))
    return [
      row({
        what: 'event loop delay, 99.9th percentile, at full load while retraining',
        measured: busy,
        unit: 'ms',
        comparedTo: 'idle',
        comparison: median(measured.map((one) => one.idle.p999)),
        goal: `<= ${LIMIT_MS} ms`,
        met: busy <= LIMIT_MS,
      }),
      row({
        what: '  its longest, median of the rounds',
        measured: median(measured.map((one) => one.busy.max)),
        unit: 'ms',
        comparedTo: 'idle',
        comparison: median(measured.map((one) => one.idle.max)),
        goal: '',
        met: null,
      }),
    ]
  } finally {
    delete process.env['ONAY_BENCH_LOOP_FILE']
    await end(room.child)
  }
}

/**
 * What the monitor has seen since it was last asked.
 * @param {import('node:child_process').ChildProcess} child @param {string} file
 * @returns {Promise<{ p50: number, p99: number, p999: number, max: number }>}
 */
async function take(child, file) {
  rmSync(file, { force: true })
  child.kill('SIGUSR2')
  while (!existsSync(file)) await pause(5)
  return JSON.parse(readFileSync(file, 'utf8'))
}
