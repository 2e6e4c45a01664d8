// PSI of a week: from its rows, and from the counts that are kept by hour.
import { join } from 'node:path'
import { bundled } from './bundled.mjs'
import { median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

/** The candidate, of six features, is trained here, and measured a week after. */
const TRAINED = '2025-05-20'
const UNTIL = '2025-05-28'
const WARM = 20
const ROUNDS = 5
const RUNS_A_ROUND = 20
const ROWS_LIMIT_MS = 20
const COUNTS_LIMIT_MS = 1

const ENTRY = `
  export { Desks } from './src/room/desk/desks.ts'
  export { defaultConfig } from './src/room/config/config.ts'
  export { measurePsi, measurePsiFromRows } from './src/room/watch/measure-drift.ts'
  export { countRows } from './src/engine/drift/counts.ts'
  export { psiSnapshot } from './src/engine/drift/snapshot.ts'
  export { currentWindow } from './src/engine/drift/window.ts'
`

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchPsi() {
  const dir = temporary()
  const room = join(dir, 'room')
  const replay = ['replay', sample, '--symbol', SYMBOL, '--data-dir', room, '--json']
  await onay([...replay, '--until', TRAINED])
  await onay(['retrain', '--symbol', SYMBOL, '--version', 'v1.8.1', '--data-dir', room])
  await onay([...replay, '--until', UNTIL])
  const code = await bundled(join(dir, 'code'), ENTRY)
  const desks = new code.Desks({
    dataDir: room,
    evidenceDir: join(room, 'evidence'),
    mode: 'read',
    config: code.defaultConfig(),
    clockKind: 'replay',
    wall: { now: () => 0 },
    version: 'bench',
    symbols: [],
  })
  const desk = desks.of(SYMBOL)
  const { limits, store } = desks
  const model = desk.lineUp.candidate
  const atMs = desk.tape.momentMs
  const window = code.currentWindow(model.reference, atMs, limits.psi.windowMs)
  const table = store.features.table(SYMBOL, window.fromMs, window.untilMs)
  const fromRows = () => {
    const rows = code.countRows(model.reference.features, table, window.fromMs, window.untilMs)
    return code.psiSnapshot(model.reference, { ...window, n: rows.n, counts: rows.counts }, atMs, limits.psi)
  }
  const times = alternating([
    fromRows,
    () => code.measurePsi(desk, model, atMs),
    () => code.measurePsiFromRows(desk, model, atMs),
  ])
  desks.close()
  const [rowsMs = Number.NaN, countsMs = Number.NaN, readMs = Number.NaN] = times
  const features = Object.keys(model.reference.features).length
  return [
    row({
      what: `PSI of ${table.tsMs.length} rows, ${features} features, from rows`,
      measured: rowsMs,
      unit: 'ms',
      comparedTo: 'with reading them back',
      comparison: readMs,
      goal: `<= ${ROWS_LIMIT_MS} ms`,
      met: rowsMs <= ROWS_LIMIT_MS,
    }),
    row({
      what: '  the hourly one, from counts',
      measured: countsMs,
      unit: 'ms',
      comparedTo: 'from rows',
      comparison: rowsMs,
      goal: `<= ${COUNTS_LIMIT_MS} ms`,
      met: countsMs <= COUNTS_LIMIT_MS,
    }),
  ]
}

/** Median milliseconds of each, measured in turn. @param {(() => unknown)[]} works @returns {number[]} */
function alternating(works) {
  for (const work of works) for (let i = 0; i < WARM; i++) work()
  const times = works.map(() => /** @type {number[]} */ ([]))
  for (let round = 0; round < ROUNDS; round++) {
    works.forEach((work, i) => {
      const started = performance.now()
      for (let run = 0; run < RUNS_A_ROUND; run++) work()
      times[i]?.push((performance.now() - started) / RUNS_A_ROUND)
    })
  }
  return times.map(median)
}
