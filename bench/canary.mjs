// The ways back: an abort, a rollback and the kill switch at full load, serving again after kill -9, and a look of its judge.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { bundled } from './bundled.mjs'
import { DESKS, openDesks } from './candidate-room.mjs'
import { inRounds, median, ROUNDS, row } from './figures.mjs'
import { end, loadWith, onay, pause, post, sample, serve, SYMBOL, temporary } from './processes.mjs'

const CONNECTIONS = 20
const BACK_LIMIT_MS = 50
const AGAIN_LIMIT_S = 2
const LOOK_LIMIT_MS = 5
/** Fifty days after the sample's first bar, and a day before its last. */
const UNTIL = '2025-06-23'
const FORMER = 'v1.8.0'
const CANDIDATE = 'v1.8.1'
const BODY = JSON.stringify({ symbol: SYMBOL })
const WARM_LOOKS = 20
const LOOKS_A_ROUND = 100
const MINUTES_A_DAY = 1_440

const LOOKING = [...DESKS, 'room/release/canary.ts', 'room/canary/canary-figures.ts', 'room/canary/live-canaries.ts']

/** @typedef {{ url: string, child: import('node:child_process').ChildProcess, dataDir: string, seconds: number, answer: string }} Room */

/** @param {{ seconds: number }} options @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchCanary({ seconds }) {
  const dir = temporary()
  const config = join(dir, 'config.json')
  // One phase of a day in which every request counts, so that the next one says whether the share is 0.
  writeFileSync(config, JSON.stringify({ canary: { plans: { whole: [{ split: 1, duration_min: MINUTES_A_DAY }] } } }))
  const filled = join(dir, 'filled')
  await fill(filled, config)
  return [
    ...(await wayBack(dir, filled, ['--config', config], seconds)),
    await servingAgain(dir, filled, ['--config', config]),
    ...(await exposed(dir, filled, ['--config', config], seconds)),
    await look(dir, filled),
  ]
}

/** A directory of fifty days, its canary running, and a former model kept. @param {string} dataDir @param {string} config */
async function fill(dataDir, config) {
  await onay(['replay', sample, '--symbol', SYMBOL, '--data-dir', dataDir, '--until', UNTIL])
  for (const version of [FORMER, CANDIDATE]) {
    await onay(['retrain', '--symbol', SYMBOL, '--version', version, '--data-dir', dataDir])
  }
  const db = new Sqlite(join(dataDir, 'onay.db'))
  // A promotion waits for days of gates and validation; what a rollback does rests on the slot alone.
  db.prepare(
    "INSERT INTO slots SELECT symbol, 'former', ?, profile, since_ms, wall_ms FROM slots WHERE slot = 'candidate'",
  ).run(FORMER)
  db.close()
  const room = await serve(dataDir, ['--config', config])
  const asked = await change(room, '/canary/start', { plan: 'whole', live: true })
  await change(room, `/approvals/${asked.id}`, { decision: 'approve', phrase: 'ONAY', reason: 'the bench' })
  await kill(room)
}

/**
 * How long requests go on being counted after an abort was sent, and being answered by the model in charge after a rollback
 * was: at full load the last of them in the database says it to the millisecond.
 * @param {string} dir @param {string} filled @param {string[]} args @param {number} seconds
 */
async function wayBack(dir, filled, args, seconds) {
  const measured = await inRounds(async (i) => {
    const dataDir = join(dir, `back${i}`)
    cpSync(filled, dataDir, { recursive: true })
    const room = await serve(dataDir, args)
    const load = loadWith({ url: `${room.url}/ml/predict`, body: BODY, connections: CONNECTIONS, seconds })
    await pause((seconds * 1_000) / 3)
    const prediction = await timed(() => predict(room))
    const aborted = await timed(() => change(room, '/canary/abort', { reason: 'the bench' }))
    const next = await predict(room)
    await pause((seconds * 1_000) / 3)
    const rolledBack = await timed(() => change(room, '/rollback', { reason: 'the bench' }))
    const last = await predict(room)
    await pause((seconds * 1_000) / 6)
    const thrown = await timed(() => change(room, '/ml/kill?enabled=true', { reason: 'the bench' }))
    const killed = await predict(room)
    const { failed } = await load
    await end(room.child)
    const counted = lastCaller(dataDir, "phase <> ''")
    const retired = lastCaller(dataDir, 'model = ?', prediction.result.model_version)
    const other = lastCaller(dataDir, "decision <> 'abstain'")
    return {
      abortMs: Math.max(0, counted.wallMs - aborted.sentMs),
      abortedMs: aborted.ms,
      rollbackMs: Math.max(0, retired.wallMs - rolledBack.sentMs),
      rolledBackMs: rolledBack.ms,
      killMs: Math.max(0, other.wallMs - thrown.sentMs),
      killedMs: thrown.ms,
      predictMs: prediction.ms,
      right:
        failed === 0 &&
        aborted.result.share === 0 &&
        counted.rows > 0 &&
        !isCounted(dataDir, next.id) &&
        retired.rows > 0 &&
        last.model_version === FORMER &&
        other.rows > 0 &&
        killed.decision === 'abstain',
    }
  })
  const right = measured.every((one) => one.right)
  const limited = (what, name) => {
    const value = median(measured.map((one) => one[name]))
    return row({
      what: `${what}${right ? '' : ' (WRONG)'}`,
      measured: value,
      unit: 'ms',
      comparedTo: 'the longest',
      comparison: Math.max(...measured.map((one) => one[name])),
      goal: `<= ${BACK_LIMIT_MS} ms`,
      met: right && value <= BACK_LIMIT_MS,
    })
  }
  const answered = (name) =>
    row({
      what: '  until it was answered, stored and synced',
      measured: median(measured.map((one) => one[name])),
      unit: 'ms',
      comparedTo: 'a prediction beside it',
      comparison: median(measured.map((one) => one.predictMs)),
      goal: '',
      met: null,
    })
  return [
    limited(`abort at ${CONNECTIONS} connections, until the last request that counted`, 'abortMs'),
    answered('abortedMs'),
    limited(`rollback at ${CONNECTIONS} connections, until the last answer of the retired model`, 'rollbackMs'),
    answered('rolledBackMs'),
    limited(`kill switch at ${CONNECTIONS} connections, until the last answer that was not an abstention`, 'killMs'),
    answered('killedMs'),
  ]
}

/** @param {string} dir @param {string} filled @param {string[]} args */
async function servingAgain(dir, filled, args) {
  const dataDir = join(dir, 'killed')
  cpSync(filled, dataDir, { recursive: true })
  const seconds = []
  let room = await serve(dataDir, args)
  for (let i = 0; i < ROUNDS; i++) {
    const load = loadWith({ url: `${room.url}/ml/predict`, body: BODY, connections: CONNECTIONS, seconds: 2 })
    await pause(1_500)
    await kill(room)
    await load
    room = await serve(dataDir, args)
    seconds.push(room.seconds)
  }
  const { state } = await (await fetch(`${room.url}/canary`)).json()
  await end(room.child)
  const value = median(seconds)
  return row({
    what: `serving again after kill -9 in a canary, 50 days of data${state === 'ramping' ? '' : ` (WRONG: ${state})`}`,
    measured: value,
    unit: 's',
    goal: `<= ${AGAIN_LIMIT_S} s`,
    met: state === 'ramping' && value <= AGAIN_LIMIT_S,
  })
}

/**
 * Predictions while every caller gets the candidate's answer, beside a canary that observes them all.
 * @param {string} dir @param {string} filled @param {string[]} args @param {number} seconds
 */
async function exposed(dir, filled, args, seconds) {
  const dataDir = join(dir, 'exposed')
  cpSync(filled, dataDir, { recursive: true })
  const room = await serve(dataDir, args)
  const load = { url: `${room.url}/ml/predict`, body: BODY, connections: CONNECTIONS }
  // No judge ends what is measured.
  await change(room, '/speed', { speed: 'pause' })
  const as = async (mode) => {
    await change(room, '/canary/abort', { reason: 'the bench' })
    const asked = await change(room, '/canary/start', { plan: 'whole', mode, live: true })
    await change(room, `/approvals/${asked.id}`, { decision: 'approve', phrase: 'ONAY', reason: 'the bench' })
    const { served_by: by } = await predict(room)
    await loadWith({ ...load, seconds: 1 })
    return { ...(await loadWith({ ...load, seconds })), by }
  }
  const measured = await inRounds(async () => ({ observe: await as('observe'), serve: await as('serve') }))
  await end(room.child)
  const right = measured.every(
    ({ observe, serve: exposing }) => observe.failed + exposing.failed === 0 && exposing.by === 'canary',
  )
  const figures = (name, unit) =>
    row({
      what: `predict in a canary that answers callers, ${CONNECTIONS} connections, ${name}${right ? '' : ' (WRONG)'}`,
      measured: median(measured.map(({ serve: exposing }) => exposing[name])),
      unit,
      comparedTo: 'one that observes',
      comparison: median(measured.map(({ observe }) => observe[name])),
      goal: 'within noise',
      met: right ? null : false,
    })
  return [figures('perSecond', 'requests/s'), figures('p95Ms', 'ms')]
}

/** @param {string} dir @param {string} filled */
async function look(dir, filled) {
  const dataDir = join(dir, 'looked')
  cpSync(filled, dataDir, { recursive: true })
  const code = await bundled(join(dir, 'bundle'), LOOKING)
  const rollups = new Sqlite(join(dataDir, 'onay.db'))
  rollups.exec(DAY_OF_ROLLUPS)
  rollups.close()
  const desks = openDesks(code, dataDir, 'write')
  const desk = desks.of(SYMBOL)
  const untouched = new Proxy(
    {},
    {
      get: (_, name) => () => {
        throw new Error(`a look that finds nothing wrong asked for ${String(name)}`)
      },
    },
  )
  const live = new code.LiveCanaries(untouched, dataDir)
  const parts = { evidence: untouched, config: code.defaultConfig(), judge: untouched, live }
  const { tried } = code.phaseFigures(desk)
  const atMs = desk.tape.momentMs
  for (let i = 0; i < WARM_LOOKS; i++) code.look(parts, desk, atMs)
  const times = []
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now()
    for (let i = 0; i < LOOKS_A_ROUND; i++) code.look(parts, desk, atMs)
    times.push((performance.now() - started) / LOOKS_A_ROUND)
  }
  const { decision } = desk.canary.newest.lastLook
  desks.close()
  const value = median(times)
  return row({
    what: `a look of the judge, stored, over 24 h of roll-ups (${tried} tries)${decision === 'go on' ? '' : ` (WRONG: ${decision})`}`,
    measured: value,
    unit: 'ms',
    goal: `<= ${LOOK_LIMIT_MS} ms`,
    met: decision === 'go on' && value <= LOOK_LIMIT_MS,
  })
}

/** Requests, the room's own minute and probes of the running phase, for each minute of the last day. */
const DAY_OF_ROLLUPS = `
  WITH RECURSIVE minutes(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM minutes WHERE i < ${MINUTES_A_DAY})
  INSERT OR REPLACE INTO rollups (symbol, ts_ms, model, source, phase, requests, abstained, tried, errors, compared, matched,
                                  delta_sum, delta_max, timed, above_80, above_120, model_timed, model_above_60)
  SELECT symbol, ts_ms - i * 60000, candidate, source.value, run_id || '/1', 0, 0, 30, 0, 30, 30, 0.1, 0.01, 0, 0, 0, 30, 0
  FROM minutes, json_each('["minute", "caller", "probe"]') AS source,
       (SELECT * FROM canary_runs ORDER BY wall_ms DESC LIMIT 1)`

/** The last request of callers for which something holds. @param {string} dataDir @param {string} condition @param {string[]} values */
function lastCaller(dataDir, condition, ...values) {
  const sql = `SELECT count(*) AS rows, max(wall_ms) AS wallMs FROM predictions WHERE source = 'caller' AND ${condition}`
  return reading(dataDir, (db) => db.prepare(sql).get(...values))
}

/** Whether a canary's split picked a request. @param {string} dataDir @param {string} id */
function isCounted(dataDir, id) {
  return reading(dataDir, (db) => db.prepare('SELECT phase FROM predictions WHERE id = ?').pluck().get(id)) !== ''
}

/** @template T @param {string} dataDir @param {(db: Sqlite.Database) => T} read @returns {T} */
function reading(dataDir, read) {
  const db = new Sqlite(join(dataDir, 'onay.db'), { readonly: true })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** @param {Room} room @param {string} path @param {object} body */
async function change(room, path, body) {
  const token = readFileSync(join(room.dataDir, 'token'), 'utf8').trim()
  const { status, text } = await post(`${room.url}${path}`, JSON.stringify(body), { authorization: `Bearer ${token}` })
  if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`)
  return JSON.parse(text)
}

/** @param {Room} room */
async function predict(room) {
  const { text } = await post(`${room.url}/ml/predict`, BODY)
  return JSON.parse(text)
}

/** @template T @param {() => Promise<T>} work @returns {Promise<{ sentMs: number, ms: number, result: T }>} */
async function timed(work) {
  const sentMs = Date.now()
  const started = performance.now()
  const result = await work()
  return { sentMs, ms: performance.now() - started, result }
}

/** @param {Room} room */
async function kill(room) {
  const ended = new Promise((resolve) => room.child.once('exit', resolve))
  room.child.kill('SIGKILL')
  await ended
}
