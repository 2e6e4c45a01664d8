/** Arms whose trades are drawn by chance, to see how often an A/B comparison errs. */
import { type Random, seededRandom } from '../../src/engine/kernel/random.ts'
import { DAY_MS, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { compareArms } from '../../src/engine/trading/ab.ts'
import type { ClosedTrade } from '../../src/engine/trading/arm-figures.ts'
import { START } from './moments.ts'

/** Of the result of a trade that is held for a quarter of an hour, in basis points: about that of the shipped recordings. */
const DEVIATION_BP = 18
const NOTIONAL = 1_000
/** What equal arms earn a trade, so that their difference alone decides. */
const BASE_BP = 5

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

/** Trades of 15 minutes, spread evenly over the days from `START` on. */
export function simulatedTrades({
  days,
  perDay,
  meanBp,
  seed,
}: {
  readonly days: number
  readonly perDay: number
  readonly meanBp: number
  readonly seed: number
}): ClosedTrade[] {
  const random = seededRandom(seed)
  return Array.from({ length: days * perDay }, (_, i) => {
    const openedMs = START + Math.floor((i * DAY_MS) / perDay)
    const pnl = ((meanBp + DEVIATION_BP * normal(random)) / 1e4) * NOTIONAL
    return { openedMs, closedMs: openedMs + 15 * MINUTE_MS, pnl, pnlGross: pnl, fees: 0, notional: NOTIONAL }
  })
}

/** Runs in which B took A's place at one of its daily looks, or of every so many days. */
export function falseSwaps({
  runs,
  looks,
  edgeBp,
  everyDays = 1,
  draws,
  seed,
}: {
  readonly runs: number
  readonly looks: number
  /** By how much B is better than A, a trade. */
  readonly edgeBp: number
  readonly everyDays?: number
  readonly draws: number
  readonly seed: number
}): number {
  let swaps = 0
  for (let run = 0; run < runs; run++) {
    const trades = (meanBp: number, which: number) =>
      simulatedTrades({ days: looks, perDay: 40, meanBp, seed: seed + 10 * run + which })
    const [a, b] = [trades(BASE_BP, 1), trades(BASE_BP + edgeBp, 2)]
    const random = seededRandom(seed + 10 * run + 3)
    for (let look = everyDays; look <= looks; look += everyDays) {
      const untilMs = START + look * DAY_MS
      const so = (all: readonly ClosedTrade[]) => all.filter(({ closedMs }) => closedMs < untilMs)
      const period = { mode: 'concurrent', fromMs: START, untilMs, capital: NOTIONAL } as const
      const sides = [
        { label: 'a', trades: so(a) },
        { label: 'b', trades: so(b) },
      ] as const
      const { rule, certain } = compareArms(...sides, { ...period, look, random, draws })
      if (rule && certain) {
        swaps++
        break
      }
    }
  }
  return swaps
}
