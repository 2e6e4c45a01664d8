// Predictions at a fixed rate for two minutes in which the room does what it does beside answering: the daily report with its
// page, hourly PSI, retention, the digest of a day, checkpoints of the database, and a retraining.
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { row } from './figures.mjs'
import {
  end,
  onay,
  pause,
  post,
  retrain,
  sample,
  serve,
  serveBare,
  steadyLoad,
  SYMBOL,
  temporary,
} from './processes.mjs'

const RATE = 1_000
const SECONDS = 120
const BARE_SECONDS = 30
const RETRAIN_AFTER_MS = 35_000
const P999_LIMIT_MS = 5
const LONGEST_LIMIT_MS = 25
const HALF = '2025-05-24'
/** At a minute of the market a second, two minutes reach over midnight, to 01:40. */
const FROM = '2025-05-26T23:40'
const MIDNIGHT_MS = Date.parse('2025-05-27')
const DUE = ['daily report', 'psi hourly', 'retention', 'day digest']

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchSteady() {
  const dir = temporary()
  const dataDir = join(dir, 'room')
  const config = join(dir, 'config.json')
  // So that there is a day of raw rows for retention to delete.
  writeFileSync(config, JSON.stringify({ retention: { raw_days: 3 } }))
  const replay = ['replay', sample, '--symbol', SYMBOL, '--data-dir', dataDir]
  await onay([...replay, '--until', HALF])
  await onay(['retrain', '--symbol', SYMBOL, '--version', 'v1.8.1', '--data-dir', dataDir])
  await onay([...replay, '--until', FROM])
  const room = await serve(dataDir, ['--config', config, '--speed', '60'])
  try {
    const body = JSON.stringify({ symbol: SYMBOL })
    const answerFile = join(dir, 'answer.json')
    writeFileSync(answerFile, (await post(`${room.url}/ml/predict`, body)).text)
    const bare = await serveBare(answerFile)
    const theirs = await steadyLoad({ url: `${bare.url}/ml/predict`, body, rate: RATE, seconds: BARE_SECONDS })
    await end(bare.child)
    const before = statSync(join(dataDir, 'onay.db')).size
    const load = steadyLoad({ url: `${room.url}/ml/predict`, body, rate: RATE, seconds: SECONDS })
    await pause(RETRAIN_AFTER_MS)
    await retrain(room, 'v1.8.1-steady')
    const ours = await load
    return rowsOf(ours, theirs, lacking(dataDir, before))
  } finally {
    await end(room.child)
  }
}

/** What was to happen meanwhile and did not. @param {string} dataDir @param {number} bytesBefore of the database without its log */
function lacking(dataDir, bytesBefore) {
  const db = new Sqlite(join(dataDir, 'onay.db'), { readonly: true })
  const ran = db.prepare('SELECT name, last_ok_ms AS atMs FROM jobs').all()
  db.close()
  const late = DUE.filter((name) => !ran.some((job) => job.name === name && job.atMs >= MIDNIGHT_MS))
  return statSync(join(dataDir, 'onay.db')).size > bytesBefore ? late : [...late, 'checkpoint']
}

/** @param {import('./steady-load.mjs').Steady} ours @param {import('./steady-load.mjs').Steady} theirs @param {string[]} late */
function rowsOf(ours, theirs, late) {
  const right = ours.failed === 0 && late.length === 0
  const wrong = right ? '' : ` (WRONG: ${ours.failed} failed${late.map((what) => `, no ${what}`).join('')})`
  const line = (/** @type {string} */ what, /** @type {'p999Ms' | 'maxMs'} */ name, /** @type {number} */ limit) =>
    row({
      what,
      measured: ours[name],
      unit: 'ms',
      comparedTo: 'bare Fastify, the same rate',
      comparison: theirs[name],
      goal: `<= ${limit} ms`,
      met: right && ours[name] <= limit,
    })
  return [
    line(
      `predict at ${RATE} requests/s for ${SECONDS} s with reports, PSI, retention, checkpoints and a retraining, p99.9${wrong}`,
      'p999Ms',
      P999_LIMIT_MS,
    ),
    line(`  its longest, after ${Math.round(ours.maxAtSeconds)} s`, 'maxMs', LONGEST_LIMIT_MS),
  ]
}
