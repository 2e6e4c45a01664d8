// The alert rules over a day of roll-ups, and what a scrape of the metrics costs.
import { join } from 'node:path'
import { bundled } from './bundled.mjs'
import { median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

/** A candidate has been in the shadow for more than a day. */
const TRAINED = '2025-05-26'
const UNTIL = '2025-05-28'
const WARM = 50
const RUNS = 300
const RULES_LIMIT_MS = 10
const SCRAPE_LIMIT_MS = 5

const ENTRY = `
  export { openStore } from './src/db/store.ts'
  export { Desk } from './src/room/desk.ts'
  export { defaultConfig, limitsOf } from './src/room/config.ts'
  export { alertInputs } from './src/room/alert-inputs.ts'
  export { evaluateRules } from './src/engine/alerts/evaluate.ts'
  export { RULES } from './src/engine/alerts/rules.ts'
  export { Metrics } from './src/api/metrics.ts'
`

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchAlerts() {
  const dir = temporary()
  const room = join(dir, 'room')
  const replay = ['replay', sample, '--symbol', SYMBOL, '--data-dir', room, '--json']
  await onay([...replay, '--until', TRAINED])
  await onay(['retrain', '--symbol', SYMBOL, '--version', 'v1.8.1', '--data-dir', room])
  await onay([...replay, '--until', UNTIL])
  const code = await bundled(join(dir, 'bundle'), ENTRY)
  const store = code.openStore(room, 'read')
  const limits = code.limitsOf(code.defaultConfig())
  const parts = { store, limits, wallNow: () => 0, onTrouble: () => undefined, series: () => 100 }
  const desk = code.Desk.load(SYMBOL, 'replay', parts)
  const { alerts: active, alertChanges: changed, momentMs } = desk
  const past = { active, changed, evaluatedMs: momentMs - 60_000 }
  const evaluate = () => code.evaluateRules(code.RULES, past, code.alertInputs(desk, momentMs), momentMs)
  const rulesMs = await timed(evaluate)
  const metrics = new code.Metrics()
  const core = { station: () => ({ desk }) }
  const scrapeMs = await timed(() => metrics.scrape(core, SYMBOL))
  metrics.close()
  store.db.close()
  return [
    row({
      what: `alerts: all ${code.RULES.length} rules once, 24 h of roll-ups in memory`,
      measured: rulesMs,
      unit: 'ms',
      goal: `<= ${RULES_LIMIT_MS} ms`,
      met: rulesMs <= RULES_LIMIT_MS,
    }),
    row({
      what: '  a scrape of the metrics',
      measured: scrapeMs,
      unit: 'ms',
      goal: `< ${SCRAPE_LIMIT_MS} ms`,
      met: scrapeMs < SCRAPE_LIMIT_MS,
    }),
  ]
}

/** Median milliseconds. @param {() => unknown} work @returns {Promise<number>} */
async function timed(work) {
  for (let i = 0; i < WARM; i++) await work()
  const times = []
  for (let i = 0; i < RUNS; i++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return median(times)
}
