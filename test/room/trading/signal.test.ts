import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signalNow } from '../../../src/room/trading/signal.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { standSets } from '../../kit/stored-sets.ts'

const fresh = freshDirectories()
let kit: DeskKit
const bars = walk(
  Array.from({ length: 30 }, (_, minute) => minute),
  3,
)

async function played(minutes: number): Promise<void> {
  kit = aDesk(fresh())
  await play(kit, bars.slice(0, minutes))
  registerModel(kit.desk, 'baseline', 'v1')
  kit.desk.reloadSlots()
}

beforeEach(() => played(bars.length))
afterEach(() => kit.desks.close())

const stored = (): unknown[] => kit.desks.store.db.raw.prepare('SELECT id, side, worth_it, reason FROM signals').all()

describe('the signal of a bot', () => {
  it('is what the active set says of the newest row, with what a trade would cost', () => {
    standSets(
      kit.desk,
      { v1_backtest: 'set-1' },
      { direction: 1, price: 30, risk: 12, momentum: -1, volatility: -8 },
      true,
    )
    const signal = signalNow(kit.desk)
    expect(signal).toMatchObject({
      arm: 'v1_backtest',
      set: 'set-1',
      side: 'long',
      price_bp: 30,
      risk_bp: 12,
      volatility: -8,
      size_multiplier: 1,
      // Fees of 5 bp and an assumed slippage of 0.05 %, a side.
      expected_cost_bp: 20,
      worth_it: true,
    })
    expect(signal.direction).toBeCloseTo(1 / (1 + Math.exp(-1)), 12)
    expect(signal.momentum).toBeCloseTo(1 / (1 + Math.exp(1)), 12)
    expect(stored()).toEqual([{ id: signal.id, side: 'long', worth_it: 1, reason: signal.reason }])
  })

  it.each<[string, number, boolean, number, string, boolean]>([
    ['short below an even chance', -0.1, true, -30, 'short', true],
    ['long from an even chance on', 0, true, 30, 'long', true],
    ['not worth it where the price moves less than it costs', 1, true, 19.9, 'long', false],
    ['not worth it where the price model is no better than naive', 1, false, 300, 'long', false],
  ])('is %s', (_, direction, useful, price, side, worth) => {
    standSets(kit.desk, { v1_backtest: 'set-1' }, { direction, price }, useful)
    expect(signalNow(kit.desk)).toMatchObject({ side, worth_it: worth })
  })

  it('abstains before the first set', () => {
    expect(signalNow(kit.desk)).toMatchObject({
      arm: null,
      set: null,
      side: 'none',
      direction: null,
      worth_it: false,
      reason: 'no set has been trained yet',
    })
    expect(stored()).toHaveLength(1)
  })

  it('abstains on an old row', () => {
    standSets(kit.desk, { v1_backtest: 'set-1' })
    const { desk } = kit
    desk.transaction(() => desk.tape.finishMoment(desk.tape.momentMs + 10 * MINUTE))
    expect(signalNow(desk)).toMatchObject({ side: 'none', price_bp: null, reason: 'the newest row is 600 s old' })
  })

  it('abstains where a feature is missing, and names it', async () => {
    kit.desks.close()
    await played(3)
    standSets(kit.desk, { v1_backtest: 'set-1' })
    expect(signalNow(kit.desk)).toMatchObject({ side: 'none', direction: null, reason: 'set-1 lacks rsi14_z' })
  })
})
