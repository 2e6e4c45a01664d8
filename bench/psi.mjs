// PSI and KS of a week: from its rows, and from what is kept by hour.
import { deskWithCandidate } from './candidate-room.mjs'
import { median, ROUNDS, row } from './figures.mjs'

const WARM = 20
const RUNS_A_ROUND = 20
const ROWS_LIMIT_MS = 20
const COUNTS_LIMIT_MS = 1

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchPsi() {
  // The candidate, of six features, has a week of rows after its training.
  const { code, desks, desk } = await deskWithCandidate({ trained: '2025-05-20', until: '2025-05-28' }, [
    'room/watch/measure-drift.ts',
    ...['counts', 'snapshot', 'window'].map((name) => `engine/drift/${name}.ts`),
  ])
  const { limits, store } = desks
  const model = desk.lineUp.candidate
  const atMs = desk.tape.momentMs
  const window = code.currentWindow(model.reference, atMs, limits.psi.windowMs)
  const table = store.features.table(desk.symbol, window.fromMs, window.untilMs)
  const of = (/** @type {{ n: number, counts: unknown }} */ { n, counts }, /** @type {unknown} */ ks) =>
    code.psiSnapshot(model.reference, { ...window, n, counts }, ks, atMs, limits.psi)
  const times = alternating([
    () =>
      of(
        code.countRows(model.reference.features, table, window.fromMs, window.untilMs),
        desk.drift.ks.ofRows(model, table, window),
      ),
    () =>
      of(desk.drift.countsOf(model.version).sum(window.fromMs, window.untilMs), desk.drift.ks.ofHours(model, window)),
    () => code.measurePsiFromRows(desk, model, atMs),
  ])
  desks.close()
  const [rowsMs = Number.NaN, countsMs = Number.NaN, readMs = Number.NaN] = times
  const features = Object.keys(model.reference.features).length
  return [
    row({
      what: `PSI and KS of ${table.tsMs.length} rows, ${features} features, from rows`,
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
