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
  export { Desks } from './src/room/desk/desks.ts'
  export { defaultConfig } from './src/room/config/config.ts'
  export { RuleInputs } from './src/room/watch/rule-inputs.ts'
  export { marketFigures } from './src/room/views/market-figures.ts'
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
  const { active, changed } = desk.alerts
  const { momentMs } = desk.tape
  const past = { active, changed, evaluatedMs: momentMs - 60_000 }
  const metrics = new code.Metrics()
  const inputs = new code.RuleInputs(metrics)
  const evaluate = () => code.evaluateRules(code.RULES, past, inputs.of(desk, momentMs), momentMs)
  const rulesMs = await timed(evaluate)
  const scrapeMs = await timed(() => metrics.scrape(code.marketFigures(desk, inputs)))
  metrics.close()
  desks.close()
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
