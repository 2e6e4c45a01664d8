// The control room under a pseudo-terminal, and what its process costs.
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { spawn } from '@lydell/node-pty'
import { freePort, pause, post, program, SYMBOL } from './processes.mjs'

const COLUMNS = 120
const ROWS = 40
const START_LIMIT_MS = 120_000
const POLL_MS = 10
const END_LIMIT_MS = 15_000
const TICKS_A_SECOND = 100

/** @typedef {{ pid: number, progressSeconds: number | null, servingSeconds: number, bytes: () => number, end: () => Promise<void> }} Screen */

/** `onay start` until it answers predictions. @param {string} dataDir @param {string[]} args @returns {Promise<Screen>} */
export async function startScreen(dataDir, args = []) {
  const port = await freePort()
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1_000
  const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', HOME: process.env['HOME'] ?? '' }
  const pty = spawn(process.execPath, [program, 'start', '--port', String(port), '--data-dir', dataDir, ...args], {
    name: 'xterm-256color',
    cols: COLUMNS,
    rows: ROWS,
    cwd: tmpdir(),
    env,
  })
  let text = ''
  let bytes = 0
  /** @type {number | null} */
  let progressSeconds = null
  pty.onData((data) => {
    bytes += data.length
    if (progressSeconds !== null) return
    text += data
    if (/\d+ ?%/.test(text)) progressSeconds = seconds()
  })
  const state = { ended: false }
  pty.onExit(() => {
    state.ended = true
  })
  const body = JSON.stringify({ symbol: SYMBOL })
  while (!state.ended && performance.now() - started < START_LIMIT_MS) {
    const answered = await post(`http://127.0.0.1:${port}/ml/predict`, body).catch(() => null)
    if (answered?.status === 200) {
      const end = async () => {
        const from = performance.now()
        pty.kill('SIGTERM')
        while (!state.ended && performance.now() - from < END_LIMIT_MS) await pause(POLL_MS)
        if (!state.ended) pty.kill('SIGKILL')
      }
      return { pid: pty.pid, progressSeconds, servingSeconds: seconds(), bytes: () => bytes, end }
    }
    await pause(POLL_MS)
  }
  if (!state.ended) pty.kill('SIGKILL')
  throw new Error('onay start does not answer')
}

/** @typedef {{ pid: number, shows: (what: string) => Promise<number>, end: () => Promise<void> }} AttachedScreen */

/** `onay attach` to the room of a directory, once it shows its panels. @param {string} dataDir @returns {Promise<AttachedScreen>} */
export async function attachScreen(dataDir) {
  const env = { PATH: process.env['PATH'] ?? '', TERM: 'xterm-256color', HOME: process.env['HOME'] ?? '' }
  const pty = spawn(process.execPath, [program, 'attach', '--data-dir', dataDir], {
    name: 'xterm-256color',
    cols: COLUMNS,
    rows: ROWS,
    cwd: tmpdir(),
    env,
  })
  /** @type {Set<(text: string) => void>} */
  const readers = new Set()
  pty.onData((data) => {
    for (const read of readers) read(data)
  })
  const ended = new Promise((resolve) => pty.onExit(resolve))
  /** When it next writes this, on the clock of `performance`. @param {string} what @returns {Promise<number>} */
  const shows = (what) =>
    new Promise((resolve) => {
      let text = ''
      const read = (/** @type {string} */ data) => {
        text += data
        if (!text.includes(what)) return
        readers.delete(read)
        resolve(performance.now())
      }
      readers.add(read)
    })
  await shows('last 15 minutes')
  const end = async () => {
    pty.kill('SIGTERM')
    await ended
  }
  return { pid: pty.pid, shows, end }
}

/** Percent of a core that a process takes for so long. @param {number} pid @param {number} seconds */
export async function cpuShare(pid, seconds) {
  const before = cpuSeconds(pid)
  const started = performance.now()
  await pause(seconds * 1_000)
  return ((cpuSeconds(pid) - before) / ((performance.now() - started) / 1_000)) * 100
}

/** Processor seconds of a process so far. @param {number} pid */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

/** Resident memory of a process in MB. @param {number} pid */
export function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
}
