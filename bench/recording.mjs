// The recording at full speed with everything on, beside bare better-sqlite3 inserting as many rows of the same tables.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { inRounds, median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

const HALF = '2025-05-26'
const BARS_A_TRANSACTION = 360
const GOAL = 10_000
const GOAL_OF_BARE = 0.2
const YEAR_OF_MINUTES = 525_600
const YEAR_LIMIT_S = 60

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchRecording() {
  const dir = temporary()
  const measured = await inRounds(async (i) => {
    const room = join(dir, `room${i}`)
    const first = await replay(room, ['--until', HALF])
    await onay(['retrain', '--symbol', SYMBOL, '--version', 'v1.8.1', '--data-dir', room])
    cpSync(join(room, 'onay.db'), join(dir, `half${i}.db`))
    const rest = await replay(room, [])
    const bars = first.bars + rest.bars
    const firstBare = insertBare(join(dir, `half${i}.db`), join(dir, `bare-first${i}.db`), first.bars)
    const wholeBare = insertBare(join(room, 'onay.db'), join(dir, `bare-whole${i}.db`), bars)
    return {
      first: first.bars / first.seconds,
      firstBare: first.bars / firstBare,
      rest: rest.bars / rest.seconds,
      restBare: rest.bars / (wholeBare - firstBare),
      whole: bars / (first.seconds + rest.seconds),
      wholeBare: bars / wholeBare,
    }
  })
  const of = (name) => median(measured.map((one) => one[name]))
  const comparedTo = 'bare better-sqlite3, same rows'
  const line = (/** @type {string} */ what, /** @type {number} */ value, /** @type {number} */ comparison) =>
    row({
      what,
      measured: value,
      unit: 'bars/s',
      comparedTo,
      comparison,
      goal: `>= ${GOAL.toLocaleString('en-US')}`,
      met: value >= GOAL,
    })
  const yearSeconds = YEAR_OF_MINUTES / of('rest')
  return [
    line(`recording at full speed to ${HALF}, first training included`, of('first'), of('firstBare')),
    row({
      what: '  the rest, with a candidate in the shadow',
      measured: of('rest'),
      unit: 'bars/s',
      comparedTo,
      comparison: of('restBare'),
      goal: `>= ${GOAL_OF_BARE} of it`,
      met: of('rest') >= GOAL_OF_BARE * of('restBare'),
    }),
    row({
      what: '  a year of minutes at that pace',
      measured: yearSeconds,
      unit: 's',
      goal: `< ${YEAR_LIMIT_S} s`,
      met: yearSeconds < YEAR_LIMIT_S,
    }),
    line('  the whole', of('whole'), of('wholeBare')),
  ]
}

/** @param {string} room @param {string[]} args @returns {Promise<{ bars: number, seconds: number }>} */
async function replay(room, args) {
  const printed = await onay(['replay', sample, '--symbol', SYMBOL, '--data-dir', room, '--json', ...args])
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '')
}

/**
 * Inserts every row of every table of a room into an empty database of the same tables, as many a transaction as so many
 * bars bring. @param {string} from @param {string} to @param {number} bars @returns {number} seconds
 */
function insertBare(from, to, bars) {
  const source = new Sqlite(from, { readonly: true })
  const target = new Sqlite(to)
  target.pragma('journal_mode = WAL')
  target.pragma('synchronous = NORMAL')
  const names = source
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql IS NOT NULL",
    )
    .all()
  const tables = names.flatMap(({ name, sql }) => {
    target.exec(sql)
    const rows = source.prepare(`SELECT * FROM "${name}"`).raw(true).all()
    const width = rows[0]?.length
    if (width === undefined) return []
    const places = Array.from({ length: width }, () => '?').join(', ')
    return [{ rows, insert: target.prepare(`INSERT INTO "${name}" VALUES (${places})`) }]
  })
  const blocks = Math.ceil(bars / BARS_A_TRANSACTION)
  const started = performance.now()
  for (let block = 0; block < blocks; block++) {
    target.exec('BEGIN IMMEDIATE')
    for (const { rows, insert } of tables) {
      const until = Math.floor(((block + 1) * rows.length) / blocks)
      for (let i = Math.floor((block * rows.length) / blocks); i < until; i++) insert.run(rows[i])
    }
    target.exec('COMMIT')
  }
  const seconds = (performance.now() - started) / 1_000
  source.close()
  target.close()
  return seconds
}
