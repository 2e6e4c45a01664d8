import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { type AbOptions, compareArms, levelOf, MIN_AB_TRADES } from '../../../src/engine/trading/ab.ts'
import { armFigures, type ClosedTrade } from '../../../src/engine/trading/arm-figures.ts'
import { ArmHours } from '../../../src/engine/trading/arm-hours.ts'
import { falseSwaps, simulatedTrades } from '../../kit/simulated-arms.ts'
import { START } from '../../kit/moments.ts'

const options = (change: Partial<AbOptions> = {}): AbOptions => ({
  mode: 'concurrent',
  fromMs: START,
  untilMs: START + 30 * DAY_MS,
  capital: 1_000,
  look: 1,
  random: seededRandom(1),
  draws: 400,
  ...change,
})
const arm = (label: string, meanBp: number, seed: number, days = 30) => ({
  label,
  trades: simulatedTrades({ days, perDay: 40, meanBp, seed }),
})

describe('the hours of an arm', () => {
  it('come to the figures of its trades when each day is drawn once, in its order', () => {
    const { trades } = arm('a', 2, 5)
    const hours = new ArmHours(trades, START, START + 30 * DAY_MS)
    const seen = hours.figures(Uint32Array.from({ length: 30 }, (_, day) => 24 * day))
    const whole = armFigures(trades, 1_000, 30)
    expect(seen.trades).toBe(whole.trades)
    for (const name of [
      'expectancy',
      'winRate',
      'profitFactor',
      'sharpe',
      'maxDrawdown',
      'dailyReturnPerExposure',
    ] as const)
      expect(seen[name]).toBeCloseTo(whole[name] ?? Number.NaN, 9)
  })

  it('of a drawdown over several days find its whole fall', () => {
    const at = (hour: number, pnl: number): ClosedTrade => {
      const closedMs = START + hour * HOUR_MS
      return { openedMs: closedMs - MINUTE_MS, closedMs, pnl, pnlGross: pnl, fees: 0, notional: 1 }
    }
    const trades = [at(1, 5), at(2, -1), at(30, -3), at(31, 1), at(60, -4), at(70, 9)]
    const hours = new ArmHours(trades, START, START + 3 * DAY_MS)
    expect(hours.figures(Uint32Array.of(0, 24, 48)).maxDrawdown).toBe(7)
    expect(hours.figures(Uint32Array.of(48, 0)).maxDrawdown).toBe(4)
  })
})

describe('an A/B comparison', () => {
  it('waits while either arm has too few closed trades, and says how many are missing', () => {
    const few = arm('b', 100, 2, 2)
    const compared = compareArms(arm('a', 0, 1), few, options())
    expect(compared).toMatchObject({ missing: MIN_AB_TRADES - few.trades.length, rule: false, certain: false })
    const none = compareArms({ label: 'a', trades: [] }, { label: 'b', trades: [] }, options())
    expect(none).toMatchObject({ missing: 200, difference: { value: null, lo: null }, rule: false, certain: false })
  })

  it('is certain of an arm that is far better, and not of one that is a little better', () => {
    expect(compareArms(arm('a', 0, 1), arm('b', 10, 2), options())).toMatchObject({ rule: true, certain: true })
    expect(compareArms(arm('a', 1, 1), arm('b', 1.5, 2), options())).toMatchObject({ certain: false })
  })

  it('asks of B that it earns, however much better than A it is', () => {
    const compared = compareArms(arm('a', -30, 1), arm('b', -10, 2), options())
    expect(compared.certainAbove.difference).toBeGreaterThan(0)
    expect(compared).toMatchObject({ rule: false, certain: false })
  })

  it('has figures that lie within their intervals, the same for the same seed', () => {
    const compare = (seed: number) =>
      compareArms(arm('a', 0, 1), arm('b', 3, 2), options({ random: seededRandom(seed) }))
    const { a, b, difference } = compare(1)
    for (const { value, lo, hi } of [a.sharpe, a.winRate, b.expectancy, b.profitFactor, difference]) {
      expect(value).toBeGreaterThan(lo ?? Number.NaN)
      expect(value).toBeLessThan(hi ?? Number.NaN)
    }
    expect(compare(1)).toEqual(compare(1))
    expect(compare(2)).not.toEqual(compare(1))
  })

  it('is sharper of two arms that see the same market than of two that do not', () => {
    const a = arm('a', 0, 1)
    // The same trades, each a little better: only the comparison hour by hour sees that.
    const b = { label: 'b', trades: a.trades.map((trade) => ({ ...trade, pnl: trade.pnl + 0.05 })) }
    const width = (mode: AbOptions['mode']): number => {
      const { lo, hi } = compareArms(a, b, options({ mode })).difference
      return (hi ?? Number.NaN) - (lo ?? Number.NaN)
    }
    expect(width('concurrent')).toBeLessThan(width('labelled') / 10)
  })

  it('compares arms of different times over their own days', () => {
    const early = {
      label: 'a',
      trades: arm('a', 0, 1, 20).trades.map((trade) => ({
        ...trade,
        openedMs: trade.openedMs - 100 * DAY_MS,
        closedMs: trade.closedMs - 100 * DAY_MS,
      })),
    }
    const { a, b } = compareArms(early, arm('b', 0, 2, 10), options({ mode: 'labelled' }))
    expect([a.days, b.days]).toEqual([20, 10])
  })
})

describe('many looks at one pair', () => {
  it('share an error of one in twenty', () => {
    let error = 0
    for (let look = 1; look <= 100_000; look++) error += 1 - levelOf(look)
    expect(error).toBeLessThan(0.05)
    expect(error).toBeGreaterThan(0.0499)
    expect(levelOf(2)).toBeGreaterThan(levelOf(1))
  })

  it('swap equal arms hardly ever, and find one that is better by 3 bp a trade', () => {
    // A small share of what `npm run odds` draws.
    const drawn = { runs: 20, looks: 60, everyDays: 4, draws: 100, seed: 7 }
    expect(falseSwaps({ ...drawn, edgeBp: 0 })).toBeLessThanOrEqual(1)
    expect(falseSwaps({ ...drawn, edgeBp: 3 })).toBeGreaterThanOrEqual(14)
  })
})
