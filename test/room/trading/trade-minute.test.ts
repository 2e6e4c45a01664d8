import { describe, expect, it, vi } from 'vitest'
import type { Position } from '../../../src/engine/trading/paper-trade.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { barAt } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const RULE = { threshold: 0.5, horizonMin: 3, stopBp: null, targetBp: null, feeBp: 5, notional: 1_000 }

/** A trade that was opened in the minute 5, and is out at the open of the minute 8. */
const OPEN: Position = {
  kind: 'open',
  entry: {
    model: 'then',
    side: 1,
    rowMs: START + 4 * MINUTE,
    openedMs: START + 5 * MINUTE,
    expectedEntry: 100,
    filledEntry: 100,
    spreadBp: 1,
    rv60mLog: -7,
    rule: RULE,
  },
}
const bars = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, i) => barAt(from + i, 100 + from + i))

/** A desk that has gone through the minutes 0 to 5, with a trade open of an arm whose model has left. */
async function opened(dir: string): Promise<DeskKit> {
  const kit = aDesk(dir)
  await play(kit, bars(0, 6))
  const { desk } = kit
  desk.transaction(() => {
    desk.paper.moved({ arm: 'left', position: OPEN })
    desk.persist()
  })
  return kit
}

const closed = ({ desk }: DeskKit) => desk.parts.store.trading.closedBy(SYMBOL, 'left')

describe('an arm that may open nothing any more', () => {
  it('ends what it has going, by the rule that it was opened under', async () => {
    const kit = await opened(fresh())
    await play(kit, bars(6, 10))
    expect(closed(kit)).toMatchObject([
      { exit: 'horizon', closedMs: START + 8 * MINUTE, expectedExit: 107, modelVersion: 'then' },
    ])
    expect(kit.desk.paper.busy).toEqual([])
    kit.desks.close()
  })

  it('ends it at the first bar after a gap that a restart lies in', async () => {
    const dir = fresh()
    const before = await opened(dir)
    before.desks.close()
    const kit = aDesk(dir)
    await play(kit, bars(20, 22))
    expect(closed(kit)).toMatchObject([{ exit: 'gap', closedMs: START + 20 * MINUTE, expectedExit: 105 }])
    kit.desks.close()
  })

  it.each([6, 7, 8, 9])(
    'trades once when the process dies within minute %i, its trades stored and the minute not finished',
    async (dies) => {
      const dir = fresh()
      const kit = await opened(dir)
      await play(kit, bars(6, dies))
      const finish = vi.spyOn(kit.desk.tape, 'finishMoment').mockImplementation(() => {
        throw new Error('the process dies here')
      })
      await expect(play(kit, bars(dies, dies + 1))).rejects.toThrow('the process dies here')
      finish.mockRestore()
      kit.desks.close()
      const next = aDesk(dir)
      await play(next, bars(dies, 12))
      expect(closed(next)).toMatchObject([{ exit: 'horizon', closedMs: START + 8 * MINUTE, expectedExit: 107 }])
      next.desks.close()
    },
  )
})

describe('an order that meets ticks', () => {
  const ordered = (): Position => {
    if (OPEN.kind !== 'open') throw new Error('it is open')
    const { openedMs: _, filledEntry: __, ...order } = OPEN.entry
    return { kind: 'ordered', order }
  }

  it.each<[string, readonly (readonly [afterMs: number, price: number])[], number]>([
    [
      'at the first one at least the latency later',
      [
        [199, 90],
        [200, 91],
        [300, 92],
      ],
      91,
    ],
    [
      'at the open where none comes in its minute',
      [
        [199, 90],
        [60_000, 91],
      ],
      105,
    ],
  ])('is filled %s, against us by half of the spread', async (_, ticks, price) => {
    const kit = aDesk(fresh())
    await play(kit, bars(0, 5))
    const { desk } = kit
    const at = START + 5 * MINUTE
    desk.transaction(() => {
      desk.paper.moved({ arm: 'left', position: ordered() })
      kit.desks.store.ticks.insert(SYMBOL, {
        tsMs: ticks.map(([afterMs]) => at + afterMs),
        seq: ticks.map(() => 0),
        price: ticks.map(([, paid]) => paid),
        qty: ticks.map(() => 1),
        buyerMaker: ticks.map(() => null),
      })
    })
    await play(kit, bars(5, 6))
    const position = desk.paper.of('left')
    expect(position).toMatchObject({ kind: 'open', entry: { filledEntry: price * 1.000_05 } })
    kit.desks.close()
  })
})
