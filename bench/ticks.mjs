// Ticks of some weeks, made by walking the sample's bars: taken in, and sampled.
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { createGunzip, createGzip, gunzipSync } from 'node:zlib'
import Sqlite from 'better-sqlite3'
import { median, ROUNDS, row } from './figures.mjs'
import { program, sample, SYMBOL, temporary } from './processes.mjs'

const TICKS = 28_000_000
const SAMPLED = 10_000
const GOAL_ROWS = 200_000
const MEMORY_LIMIT_MB = 300
const SAMPLE_LIMIT_MS = 100

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchTicks() {
  const dir = temporary()
  const file = join(dir, 'ticks.csv.gz')
  await writeTicks(file)
  const bareSeconds = await seconds(() => readBare(file))
  const taken = await imported(file, join(dir, 'room'))
  const path = join(dir, 'room', 'onay.db')
  const [seekMs, scanMs] = sampled(path)
  return [
    row({
      what: `importing ${TICKS.toLocaleString('en-US')} ticks`,
      measured: TICKS / taken.seconds,
      unit: 'rows/s',
      comparedTo: 'gunzip and split alone',
      comparison: TICKS / bareSeconds,
      goal: `>= ${GOAL_ROWS.toLocaleString('en-US')}`,
      met: TICKS / taken.seconds >= GOAL_ROWS,
    }),
    row({
      what: '  resident memory',
      measured: taken.memoryMb,
      unit: 'MB',
      goal: `< ${MEMORY_LIMIT_MB} MB`,
      met: taken.memoryMb < MEMORY_LIMIT_MB,
    }),
    row({
      what: `${SAMPLED.toLocaleString('en-US')} of them, a slice each`,
      measured: seekMs,
      unit: 'ms',
      comparedTo: 'a scan with modulo',
      comparison: scanMs,
      goal: `<= ${SAMPLE_LIMIT_MS} ms`,
      met: seekMs <= SAMPLE_LIMIT_MS,
    }),
  ]
}

/** @param {() => Promise<unknown>} work */
async function seconds(work) {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1_000
}

/** Walks from open to high, low and close within each minute, by a generator of its own. @param {string} file */
async function writeTicks(file) {
  const bars = gunzipSync(readFileSync(sample)).toString('utf8').trim().split('\n').slice(1)
  const each = Math.ceil(TICKS / bars.length)
  const gzip = createGzip({ level: 1 })
  const done = once(gzip.pipe(createWriteStream(file)), 'finish')
  gzip.write('id,price,qty,quote_qty,time,is_buyer_maker\n')
  let state = 1
  const chance = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
  let id = 0
  for (const bar of bars) {
    const [ts = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = bar.split(',').map(Number)
    const corners = [open, high, low, close]
    const lines = []
    for (let i = 0; i < each && id < TICKS; i++, id++) {
      const along = (3 * i) / Math.max(1, each - 1)
      const from = corners[Math.floor(along)] ?? close
      const to = corners[Math.floor(along) + 1] ?? close
      const price = from + (to - from) * (along % 1)
      const at = ts + Math.floor((60_000 * i) / each)
      const qty = (2 * chance() * volume) / each
      lines.push(`${id},${price.toFixed(2)},${qty.toFixed(5)},${(price * qty).toFixed(3)},${at},${chance() < 0.5}`)
    }
    if (lines.length > 0 && !gzip.write(`${lines.join('\n')}\n`)) await once(gzip, 'drain')
  }
  gzip.end()
  await done
}

/** @param {string} file */
async function readBare(file) {
  let rest = ''
  let fields = 0
  for await (const piece of createReadStream(file).pipe(createGunzip())) {
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) fields += line.split(',').length
  }
  return fields
}

/** @param {string} file @param {string} room @returns {Promise<{ seconds: number, memoryMb: number }>} */
async function imported(file, room) {
  const args = [program, 'import', 'ticks', file, '--symbol', SYMBOL, '--data-dir', room, '--json']
  const started = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  let memoryMb = 0
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      memoryMb = Math.max(memoryMb, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)
    } catch {
      // It has ended, or this system has no such file.
    }
  }, 200)
  const [code] = await once(child, 'exit')
  clearInterval(look)
  if (code !== 0) throw new Error(`the import ended with ${code}`)
  return { seconds: (performance.now() - started) / 1_000, memoryMb }
}

/** @param {string} path @returns {[number, number]} milliseconds by seeks and by a scan */
function sampled(path) {
  const db = new Sqlite(path, { readonly: true })
  const edge = (order) =>
    db.prepare(`SELECT ts_ms FROM ticks WHERE symbol = ? ORDER BY ts_ms ${order} LIMIT 1`).pluck().get(SYMBOL)
  const [from, until] = [edge('ASC'), edge('DESC') + 1]
  const seek = db.prepare(
    'SELECT ts_ms, seq, price, qty FROM ticks WHERE symbol = ? AND ts_ms >= ? AND ts_ms < ? ORDER BY ts_ms, seq LIMIT 1',
  )
  const at = (i) => from + Math.floor((i * (until - from)) / SAMPLED)
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    for (let i = 0; i < SAMPLED; i++) seek.get(SYMBOL, at(i), at(i + 1))
    times.push(performance.now() - started)
  }
  const started = performance.now()
  db.prepare(
    'SELECT ts_ms, price FROM (SELECT ts_ms, price, row_number() OVER (ORDER BY ts_ms, seq) AS n FROM ticks WHERE symbol = ?) WHERE n % ? = 1',
  ).all(SYMBOL, Math.floor(TICKS / SAMPLED))
  const scanMs = performance.now() - started
  db.close()
  return [median(times), scanMs]
}
