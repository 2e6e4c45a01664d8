// The alert rules over a day of roll-ups, and what a scrape of the metrics costs.
import { deskWithCandidate } from './candidate-room.mjs'
import { median, row } from './figures.mjs'

const WARM = 50
const RUNS = 300
const RULES_LIMIT_MS = 10
const SCRAPE_LIMIT_MS = 5

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchAlerts() {
  // More than a day in the shadow.
  const days = { trained: '2025-05-26', until: '2025-05-28' }
  const { code, desks, desk } = await deskWithCandidate(days, [
    'room/watch/rule-inputs.ts',
    'room/views/market-figures.ts',
    'engine/alerts/evaluate.ts',
    'engine/alerts/rules.ts',
    'api/metrics.ts',
  ])
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
