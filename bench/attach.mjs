// What three attached screens and a listener that does not read cost the room, and how soon the screens show an event.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { inRounds, median, row } from './figures.mjs'
import { end, loadWith, pause, post, retrain, serve, SYMBOL, temporary } from './processes.mjs'
import { attachScreen, cpuShare } from './terminal.mjs'

const SCREENS = 3
const EVENTS = 15
const EVENT_LIMIT_MS = 100
const CONNECTIONS = 20
/** At 60 times real speed two events so far apart are of different minutes, so that their lines differ. */
const BETWEEN_EVENTS_MS = 1_300

/** @typedef {{ screens: import('./terminal.mjs').AttachedScreen[], deaf: import('node:net').Socket }} Watchers */

/** @param {{ seconds: number }} options @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchAttach({ seconds }) {
  const room = await serve(join(temporary(), 'room'))
  try {
    await retrain(room, 'v1.8.1')
    return [...(await delays(room)), ...(await slowdown(room, seconds))]
  } finally {
    await end(room.child)
  }
}

/** @param {{ url: string, dataDir: string }} room @returns {Promise<Watchers>} */
async function watch(room) {
  const screens = await Promise.all(Array.from({ length: SCREENS }, () => attachScreen(room.dataDir)))
  const deaf = connect(Number(new URL(room.url).port), '127.0.0.1')
  deaf.pause()
  deaf.write('GET /events?last-event-id=0 HTTP/1.1\r\nhost: onay\r\n\r\n')
  return { screens, deaf }
}

/** @param {Watchers} watchers */
async function leave({ screens, deaf }) {
  deaf.destroy()
  await Promise.all(screens.map((screen) => screen.end()))
}

/** A dry run writes an event at its end, just before its answer leaves. @param {{ url: string, dataDir: string }} room */
async function delays(room) {
  const token = readFileSync(join(room.dataDir, 'token'), 'utf8').trim()
  const watchers = await watch(room)
  const measured = []
  for (let i = 0; i < EVENTS; i++) {
    await pause(BETWEEN_EVENTS_MS)
    const started = performance.now()
    const shown = watchers.screens.map((screen) => screen.shows('canary dry run'))
    const answered = await post(`${room.url}/canary/start`, JSON.stringify({ symbol: SYMBOL, plan: 'mini' }), {
      authorization: `Bearer ${token}`,
    })
    if (answered.status !== 200) throw new Error(`a dry run answered ${answered.status}: ${answered.text}`)
    const answerMs = performance.now() - started
    const last = Math.max(...(await Promise.all(shown)))
    measured.push({ answerMs, screenMs: last - started })
  }
  await leave(watchers)
  const value = median(measured.map(({ screenMs }) => screenMs))
  return [
    row({
      what: `an event on ${SCREENS} attached screens, the last of them, from the request that causes it`,
      measured: value,
      unit: 'ms',
      comparedTo: 'the answer to that request',
      comparison: median(measured.map(({ answerMs }) => answerMs)),
      goal: `< ${EVENT_LIMIT_MS} ms`,
      met: value < EVENT_LIMIT_MS,
    }),
    row({
      what: '  the slowest of its rounds',
      measured: Math.max(...measured.map(({ screenMs }) => screenMs)),
      unit: 'ms',
      goal: '',
      met: null,
    }),
  ]
}

/** @typedef {{ url: string, dataDir: string, child: import('node:child_process').ChildProcess }} Room */

/** @param {Room} room @param {number} seconds */
async function slowdown(room, seconds) {
  const load = { url: `${room.url}/ml/predict`, body: JSON.stringify({ symbol: SYMBOL }), connections: CONNECTIONS }
  await loadWith({ ...load, seconds: 2 })
  const pid = room.child.pid ?? 0
  const measured = await inRounds(async () => {
    const idle = await cpuShare(pid, seconds)
    const without = await loadWith({ ...load, seconds })
    const watchers = await watch(room)
    const part = (await cpuShare(pid, seconds)) - idle
    const watched = await loadWith({ ...load, seconds })
    await leave(watchers)
    return { without, watched, part }
  })
  const line = (/** @type {'without' | 'watched'} */ name) => measured.map((one) => one[name].perSecond)
  const failed = measured.reduce((sum, { watched }) => sum + watched.failed, 0)
  const value = median(line('watched'))
  const least = Math.min(...line('without'))
  return [
    row({
      what: `predict while ${SCREENS} screens are attached and one listener does not read${failed === 0 ? '' : ` (${failed} FAILED)`}`,
      measured: value,
      unit: 'requests/s',
      comparedTo: 'nobody attached',
      comparison: median(line('without')),
      goal: `within its noise (>= ${Math.round(least)})`,
      met: failed === 0 && value >= least,
    }),
    row({
      what: `  what ${SCREENS} screens take of the room's process, without load`,
      measured: median(measured.map(({ part }) => part)),
      unit: '% of a core',
      goal: '',
      met: null,
    }),
  ]
}
