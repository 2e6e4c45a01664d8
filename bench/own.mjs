// Columns of a user's own: what they cost a bar, and what a large file of them costs.
import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { inRounds, median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

const COLUMNS = 200
const FILE_COLUMNS = 50
const FILE_ROWS = 1_000_000
const MINUTE_MS = 60_000
const PIECE = 10_000
const FROM_MS = Date.parse('2025-05-04T15:33:00Z')
const UNTIL = '2025-05-10'
const MOST_TIMES = 2
const MOST_OF_READING = 5

const named = (/** @type {number} */ count) => Array.from({ length: count }, (_, i) => `c${i}`)

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchOwn() {
  const dir = temporary()
  const declared = (/** @type {number} */ count) => {
    const path = join(dir, `columns${count}.json`)
    writeFileSync(path, JSON.stringify(named(count).map((name) => ({ name, max_age_s: 600 }))))
    return path
  }
  const values = written(join(dir, 'values.csv'), named(COLUMNS), 8_000)
  const bars = await inRounds(async (i) => {
    const [none, own] = [join(dir, `none${i}`), join(dir, `own${i}`)]
    const without = await replayed(none)
    await onay(['features', 'add', declared(COLUMNS), '--symbol', SYMBOL, '--data-dir', own])
    await onay(['import', 'features', values, '--symbol', SYMBOL, '--data-dir', own])
    return { without, with: await replayed(own) }
  })
  const large = written(join(dir, 'large.csv'), named(FILE_COLUMNS), FILE_ROWS)
  const began = performance.now()
  await readAlone(large)
  const reading = performance.now() - began
  const room = join(dir, 'large')
  await onay(['features', 'add', declared(FILE_COLUMNS), '--symbol', SYMBOL, '--data-dir', room])
  const importing = performance.now()
  await onay(['import', 'features', large, '--symbol', SYMBOL, '--data-dir', room])
  const imported = performance.now() - importing
  const [without, withOwn] = [median(bars.map((one) => one.without)), median(bars.map((one) => one.with))]
  return [
    row({
      what: `a bar with ${COLUMNS} own columns`,
      measured: withOwn * 1_000,
      unit: 'us',
      comparedTo: 'a bar with none',
      comparison: without * 1_000,
      goal: `at most ${MOST_TIMES} times`,
      met: withOwn <= MOST_TIMES * without,
    }),
    row({
      what: `import of ${FILE_ROWS.toLocaleString('en-US')} rows of ${FILE_COLUMNS} own columns`,
      measured: imported / 1_000,
      unit: 's',
      comparedTo: 'reading the file alone',
      comparison: reading / 1_000,
      goal: `at most ${MOST_OF_READING} times`,
      met: imported <= MOST_OF_READING * reading,
    }),
  ]
}

/** @returns {Promise<number>} milliseconds a bar */
async function replayed(/** @type {string} */ room) {
  const printed = await onay(['replay', sample, '--symbol', SYMBOL, '--until', UNTIL, '--data-dir', room, '--json'])
  const { bars, seconds } = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
  return (seconds * 1_000) / bars
}

function written(/** @type {string} */ path, /** @type {readonly string[]} */ names, /** @type {number} */ rows) {
  // Minutes for a room, milliseconds where there are more rows than the recording has.
  const stepMs = rows > 100_000 ? 1_000 : MINUTE_MS
  const line = (/** @type {number} */ i) =>
    `${FROM_MS + i * stepMs},${names.map((_name, c) => ((i * 31 + c * 7) % 1_000) / 8).join(',')}`
  writeFileSync(path, `ts_ms,${names.join(',')}\n`)
  for (let at = 0; at < rows; at += PIECE) {
    const lines = Array.from({ length: Math.min(PIECE, rows - at) }, (_, i) => line(at + i))
    writeFileSync(path, `${lines.join('\n')}\n`, { flag: 'a' })
  }
  return path
}

async function readAlone(/** @type {string} */ path) {
  let rows = 0
  for await (const _ of createReadStream(path).pipe(parse({ bom: true, skip_empty_lines: true, trim: true }))) rows++
  return rows
}
