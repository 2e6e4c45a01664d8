// How fast the evidence chain is recomputed: entries a second of `onay evidence verify`, read from the database.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

const ENTRIES = 300_000
const RUNS = 3
const GOAL = 50_000
const ONE_DAY = '2025-05-06'

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex')
}

/** Changes of gates, as a room records them, linked to what is there. @param {string} dataDir */
function lengthen(dataDir) {
  const db = new Sqlite(join(dataDir, 'onay.db'))
  const last = db.prepare('SELECT seq, hash, ts_ms AS tsMs FROM chain ORDER BY seq DESC LIMIT 1').get()
  const insert = db.prepare(
    'INSERT INTO chain (seq, kind, subject, sha256, detail, ts_ms, wall_ms, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  let { seq, hash: prev } = /** @type {{ seq: number, hash: string, tsMs: number }} */ (last)
  const { tsMs } = /** @type {{ tsMs: number }} */ (last)
  db.transaction(() => {
    for (let i = 0; i < ENTRIES; i++) {
      const detail = JSON.stringify({ from: 'WAIT', model: 'v1.8.1', reason: `${i} more requests needed`, to: 'PASS' })
      // Keys in the order of canonical JSON.
      const entry = {
        detail,
        kind: 'gate',
        prev,
        seq: ++seq,
        sha256: sha256(detail),
        subject: `${SYMBOL}/p95`,
        tsMs,
        wallMs: tsMs,
      }
      prev = sha256(JSON.stringify(entry))
      insert.run(entry.seq, entry.kind, entry.subject, entry.sha256, detail, tsMs, tsMs, entry.prev, prev)
    }
  })()
  db.close()
}

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchVerify() {
  const dataDir = temporary()
  await onay(['replay', sample, '--symbol', SYMBOL, '--until', ONE_DAY, '--data-dir', dataDir])
  lengthen(dataDir)
  const rates = []
  for (let i = 0; i < RUNS; i++) {
    const said = JSON.parse(await onay(['evidence', 'verify', '--data-dir', dataDir, '--json']))
    if (!said.ok) throw new Error(`the chain does not hold: ${JSON.stringify(said.first)}`)
    rates.push(said.entries_per_sec)
  }
  const measured = median(rates)
  return [
    row({
      what: `evidence verify of ${ENTRIES.toLocaleString('en-US')} entries`,
      measured,
      unit: 'entries/s',
      goal: `>= ${GOAL.toLocaleString('en-US')}`,
      met: measured >= GOAL,
    }),
  ]
}
