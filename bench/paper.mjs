// Paper trading: a minute with many arms beside one with few, and two arms compared.
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { bundled } from './bundled.mjs'
import { inRounds, median, row } from './figures.mjs'
import { onay, sample, SYMBOL, temporary } from './processes.mjs'

const ARMS = 10
const UNTIL = '2025-06-01'
const MOST = 1.5
const TRADES = 35_719
const AB_LIMIT_S = 5

/** @returns {Promise<import('./figures.mjs').Row[]>} */
export async function benchPaper() {
  const dir = temporary()
  const withArms = (count) => ({
    paper: {
      sets: false,
      arms: Array.from({ length: count }, (_, i) => ({ label: `arm${i}`, model: 'fallback', threshold: 0.5 + i / 50 })),
    },
  })
  const played = await inRounds(async (round) => {
    const of = async (count) => {
      const config = join(dir, `config-${count}-${round}.json`)
      writeFileSync(config, JSON.stringify(withArms(count)))
      const args = ['--data-dir', join(dir, `room-${count}-${round}`), '--config', config, '--until', UNTIL, '--json']
      const printed = await onay(['replay', sample, '--symbol', SYMBOL, ...args])
      const { bars, seconds } = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
      return (1e6 * seconds) / bars
    }
    return { none: await of(0), many: await of(ARMS) }
  })
  const [none, many] = [median(played.map((one) => one.none)), median(played.map((one) => one.many))]
  return [
    row({
      what: `a bar with ${ARMS} more arms trading, the rest of the room included`,
      measured: many,
      unit: 'us',
      comparedTo: 'a bar with none of them',
      comparison: none,
      goal: `<= ${MOST} times`,
      met: many <= MOST * none,
    }),
    await comparedArms(dir),
  ]
}

/** @param {string} dir @returns {Promise<import('./figures.mjs').Row>} */
async function comparedArms(dir) {
  const code = await bundled(join(dir, 'parts'), ['engine/trading/ab.ts', 'engine/kernel/random.ts'])
  const random = code.seededRandom(1)
  const from = Date.parse('2025-01-01')
  const minute = 60_000
  const arm = (label) => ({
    label,
    trades: Array.from({ length: TRADES }, (_, i) => {
      const pnlGross = 2 * (random.next() - 0.5)
      const openedMs = from + i * 14 * minute
      return { openedMs, closedMs: openedMs + 13 * minute, pnl: pnlGross - 0.1, pnlGross, fees: 0.1, notional: 1_000 }
    }),
  })
  const [a, b] = [arm('a'), arm('b')]
  const untilMs = from + TRADES * 14 * minute
  const seconds = await inRounds(async (round) => {
    const started = performance.now()
    const options = {
      mode: 'concurrent',
      fromMs: from,
      untilMs,
      capital: 1_000,
      look: 3,
      random: code.seededRandom(round),
    }
    code.compareArms(a, b, options)
    return (performance.now() - started) / 1_000
  })
  return row({
    what: `A/B of two arms of ${TRADES.toLocaleString('en-US')} trades with bootstrap, in a process of its own`,
    measured: median(seconds),
    unit: 's',
    goal: `<= ${AB_LIMIT_S} s`,
    met: median(seconds) <= AB_LIMIT_S,
  })
}
