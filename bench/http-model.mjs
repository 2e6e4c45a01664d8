// Callers of a room whose candidate is a model server that fails in every way, beside those of a room without a candidate.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inRounds, median, row } from './figures.mjs'
import { end, loadWith, onay, post, serve, serveHelper, SYMBOL, temporary } from './processes.mjs'

const CONNECTIONS = 20
const MANNERS = ['good', 'hangs', 'errs', 'NaN', 'garbage', 'closes']

/** @param {{ seconds: number }} options @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchHttpModel({ seconds }) {
  const dir = temporary()
  const server = await serveHelper('model-server.mjs')
  const plain = await serve(join(dir, 'plain'))
  const first = await serve(join(dir, 'shadowed'))
  await end(first.child)
  const file = join(dir, 'model.json')
  const features = ['rsi14_z', 'vol1m_log']
  writeFileSync(file, JSON.stringify({ version: 'book-7', kind: 'http', url: server.url, model: 'book', features }))
  await onay(['models', 'add', file, '--data-dir', first.dataDir])
  const shadowed = await serve(first.dataDir)
  try {
    const body = JSON.stringify({ symbol: SYMBOL })
    const load = (room) => ({ url: `${room.url}/ml/predict`, body, connections: CONNECTIONS, seconds })
    const rows = []
    for (const manner of MANNERS) {
      await post(`${server.url}/manner`, manner)
      await loadWith({ ...load(shadowed), seconds: 2 })
      await loadWith({ ...load(plain), seconds: 1 })
      const measured = await inRounds(async () => ({
        without: await loadWith(load(plain)),
        with: await loadWith(load(shadowed)),
      }))
      rows.push(rowOf(manner, measured))
    }
    return rows
  } finally {
    await Promise.all([plain.child, shadowed.child, server.child].map(end))
  }
}

/** @param {string} manner @param {{ without: import('./load.mjs').Loaded, with: import('./load.mjs').Loaded }[]} measured */
function rowOf(manner, measured) {
  const p95 = median(measured.map((round) => round.with.p95Ms))
  const without = median(measured.map((round) => round.without.p95Ms))
  const failed = measured.reduce((sum, round) => sum + round.with.failed, 0)
  const asked = manner !== 'good'
  return row({
    what: `p95 with an http candidate that ${manner === 'good' ? 'answers' : manner === 'NaN' || manner === 'garbage' ? `returns ${manner}` : manner}${failed === 0 ? '' : ` (${failed} FAILED)`}`,
    measured: p95,
    unit: 'ms',
    comparedTo: 'no candidate',
    comparison: without,
    goal: asked ? '<= 1.1 of it' : '',
    met: asked ? failed === 0 && p95 <= 1.1 * without : null,
  })
}
