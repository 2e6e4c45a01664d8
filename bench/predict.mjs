// Predictions with a candidate in the shadow, each in the database before its answer leaves, beside a bare route.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRounds, median, row } from './figures.mjs'
import { end, loadWith, post, retrain, serve, serveBare, SYMBOL, temporary } from './processes.mjs'

const CONNECTIONS = 20
/** What the first service of this kind reported. */
const FORMER_P95_MS = 2.64

/** @param {{ seconds: number }} options @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchPredict({ seconds }) {
  const dir = temporary()
  const room = await serve(join(dir, 'room'))
  try {
    await retrain(room, 'v1.8.1')
    const plain = JSON.stringify({ symbol: SYMBOL })
    const latest = await features(room.url)
    const full = JSON.stringify({ symbol: SYMBOL, key: 'a-caller', features: latest })
    return [
      ...(await against(room.url, plain, 'latest row', dir, seconds)),
      ...(await against(room.url, full, 'features in the body', dir, seconds)),
    ]
  } finally {
    await end(room.child)
  }
}

/** Values by name as a caller would send them: one for each that the room says it needs. @param {string} url */
async function features(url) {
  const refused = await post(`${url}/ml/predict`, JSON.stringify({ features: {} }))
  const next = String(JSON.parse(refused.text).error.next)
  const names = (/send ([a-z0-9_, ]+), or/.exec(next)?.[1] ?? '').split(', ')
  return Object.fromEntries(names.map((name, i) => [name, 0.1 + i / 10]))
}

/** @param {string} url @param {string} body @param {string} label @param {string} dir @param {number} seconds */
async function against(url, body, label, dir, seconds) {
  const answerFile = join(dir, 'answer.json')
  writeFileSync(answerFile, (await post(`${url}/ml/predict`, body)).text)
  const bare = await serveBare(answerFile)
  try {
    const load = { body, connections: CONNECTIONS }
    const ours = { ...load, url: `${url}/ml/predict` }
    const theirs = { ...load, url: `${bare.url}/ml/predict` }
    await loadWith({ ...ours, seconds: 2 })
    await loadWith({ ...theirs, seconds: 2 })
    const measured = await inRounds(async () => ({
      bare: await loadWith({ ...theirs, seconds }),
      room: await loadWith({ ...ours, seconds }),
    }))
    return rowsOf(measured, label)
  } finally {
    await end(bare.child)
  }
}

/** @param {{ bare: import('./load.mjs').Loaded, room: import('./load.mjs').Loaded }[]} measured @param {string} label */
function rowsOf(measured, label) {
  const perSecond = median(measured.map(({ room }) => room.perSecond))
  const barePerSecond = median(measured.map(({ bare }) => bare.perSecond))
  const p95 = median(measured.map(({ room }) => room.p95Ms))
  const bareP95 = median(measured.map(({ bare }) => bare.p95Ms))
  const failed = measured.reduce((sum, { room }) => sum + room.failed, 0)
  const comparedTo = 'bare Fastify, same bytes'
  return [
    row({
      what: `predict with shadow, durable, ${CONNECTIONS} connections, ${label}${failed === 0 ? '' : ` (${failed} FAILED)`}`,
      measured: perSecond,
      unit: 'requests/s',
      comparedTo,
      comparison: barePerSecond,
      goal: '>= 0.65 of it',
      met: failed === 0 && perSecond >= 0.65 * barePerSecond,
    }),
    row({
      what: `  its p95 (the first service of this kind: ${FORMER_P95_MS} ms)`,
      measured: p95,
      unit: 'ms',
      comparedTo,
      comparison: bareP95,
      goal: `<= 1.6 of it, < ${FORMER_P95_MS} ms`,
      met: p95 <= 1.6 * bareP95 && p95 < FORMER_P95_MS,
    }),
  ]
}
