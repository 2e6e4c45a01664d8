import { describe, expect, it } from 'vitest'
import { executionNow, retrainGatesNow } from '../../../src/room/trading/paper-costs.ts'
import { takeTrades } from '../../../src/room/trading/own-trades.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { simulatedTrades } from '../../kit/simulated-arms.ts'

const fresh = freshDirectories()
const bars = walk(
  Array.from({ length: 260 }, (_, minute) => minute),
  3,
)

const answers = ({ desk }: DeskKit): unknown => [
  executionNow(desk, 'mybot'),
  retrainGatesNow(desk, 'mybot', false),
  executionNow(desk, 'mybot'),
]

describe('what is asked of a market again and again', () => {
  it('is what a room says that has just been opened, whatever was asked before and has come since', async () => {
    const dir = fresh()
    let kit = aDesk(dir)
    await play(kit, bars.slice(0, 130))
    const trades = simulatedTrades({ days: 1, perDay: 400, meanBp: 0, seed: 1 }).slice(30, 70)
    takeTrades(
      kit.desk,
      'mybot',
      trades.map(({ openedMs, closedMs }, i) => ({
        id: String(i),
        side: 1,
        openedMs,
        closedMs,
        qty: 1,
        filledEntry: 100,
        filledExit: 101,
        expectedEntry: 99.9,
        expectedExit: 101.1,
        notional: null,
        fees: null,
        pnl: null,
        exit: null,
        predictionId: null,
        key: null,
      })),
      new Map(),
    )
    // Within the hour, and into others.
    for (const [from, until] of [
      [130, 131],
      [131, 178],
      [178, 240],
      [240, 260],
    ] as const) {
      answers(kit)
      await play(kit, bars.slice(from, until))
      const seen = answers(kit)
      kit.desks.close()
      kit = aDesk(dir)
      expect(seen).toEqual(answers(kit))
    }
    kit.desks.close()
  })
})
