// The daily report with its page: asked of a room over HTTP, and how long the room's own loop is held by it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { playWithCandidate } from './candidate-room.mjs'
import { median, row } from './figures.mjs'
import { end, post, serve, temporary } from './processes.mjs'

/** With a candidate in the shadow. */
const DAYS = ['2025-05-21', '2025-05-22', '2025-05-23', '2025-05-24', '2025-05-25', '2025-05-26', '2025-05-27']
const LIMIT_MS = 500

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchReport() {
  const dir = temporary()
  const dataDir = join(dir, 'room')
  await playWithCandidate(dataDir, { trained: '2025-05-20', until: '2025-05-28' })
  const room = await serve(dataDir, ['--speed', '1'])
  try {
    const headers = { authorization: `Bearer ${readFileSync(join(dataDir, 'token'), 'utf8').trim()}` }
    const asked = async (/** @type {object} */ body) => {
      const started = performance.now()
      const { status } = await post(`${room.url}/report/daily`, JSON.stringify(body), headers)
      if (status !== 200) throw new Error(`the report answered ${status}`)
      return performance.now() - started
    }
    const documents = []
    const pages = []
    for (const date of DAYS) {
      documents.push(await asked({ date }))
      pages.push(await asked({ date, html: true }))
    }
    const pageMs = median(pages)
    return [
      row({
        what: 'daily report with its page, in a process of its own',
        measured: pageMs,
        unit: 'ms',
        comparedTo: 'its slowest',
        comparison: Math.max(...pages),
        goal: `<= ${LIMIT_MS} ms`,
        met: pageMs <= LIMIT_MS,
      }),
      row({
        what: '  the document alone, as written before',
        measured: median(documents),
        unit: 'ms',
        goal: '',
        met: null,
      }),
    ]
  } finally {
    await end(room.child)
  }
}
