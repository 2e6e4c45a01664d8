import { describe, expect, it } from 'vitest'
import { ece } from '../../../src/engine/stats/calibration.ts'
import { rowLogLoss } from '../../../src/engine/stats/calibration.ts'
import { Desk } from '../../../src/room/desk/desk.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { differingBooks } from '../../kit/book-contents.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const MINUTES = 1_100

/** Bars whose close jumps every other minute by so much that each label is known. */
function restless(minute: number): {
  tsMs: number
  open: number
  high: number
  low: number
  close: number
  volume: number
} {
  const close = minute % 10 < 5 ? 100 : 101
  return { tsMs: START + minute * MINUTE, open: close, high: close, low: close, close, volume: 1 }
}

/** A desk on which baseline and candidate have said this of each minute, settled as bars come. */
function settled(baseline: number, candidate: number, minutes = MINUTES): DeskKit {
  const kit = aDesk(fresh())
  const { desk } = kit
  const [inCharge, shadow] = [modelOf('v1', () => baseline), modelOf('v2', () => candidate)]
  desk.models.stand(new LineUp({ inCharge: loaded(inCharge), candidate: loaded(shadow) }))
  desk.transaction(() => {
    for (let minute = 0; minute < minutes; minute++) {
      const bar = restless(minute)
      desk.settlement.sawBar(bar)
      for (const [model, score] of [
        ['v1', baseline],
        ['v2', candidate],
        ['fallback', 0.5],
      ] as const)
        desk.settlement.scored(bar.tsMs, model === 'fallback' ? desk.fallback.version : model, score)
      desk.settlement.settle(bar, desk.lineUp, bar.tsMs + MINUTE)
    }
  })
  return kit
}

describe('minutes that are settled', () => {
  it("give the calibration of the model in charge, not of the candidate's, once a thousand are there", () => {
    const kit = settled(1, 0.2)
    const { settlement } = kit.desk
    // Every label is 1: a model that is sure of it is perfectly calibrated, and one that says 0.2 is off by 0.8.
    expect(ece(Array<number>(1_000).fill(1), Array<number>(1_000).fill(1))).toBe(0)
    expect(settlement.day.eceAt(START + MINUTES * MINUTE)).toBe(0)
    const few = settled(1, 0.2, 1_000)
    expect(few.desk.settlement.day.eceAt(START + 1_000 * MINUTE)).toBeNull()
    few.desks.close()
    kit.desks.close()
  })

  it('pair the losses of candidate, baseline and fallback from when the candidate came', () => {
    const kit = settled(0.9, 0.6, 20)
    const losses = kit.desk.settlement.losses()
    expect(losses.candidate).toHaveLength(15)
    expect([...losses.candidate]).toEqual(Array(15).fill(rowLogLoss(1, 0.6)))
    expect([...losses.baseline]).toEqual(Array(15).fill(rowLogLoss(1, 0.9)))
    expect([...losses.fallback]).toEqual(Array(15).fill(rowLogLoss(1, 0.5)))
    kit.desks.close()
  })

  it('are settled with the first bar of their horizon, once, and only where that very minute has a bar', () => {
    const kit = settled(0.9, 0.6, 6)
    const { predictions } = kit.desks.store
    expect([0, 1].map((minute) => predictions.isSettled(SYMBOL, START + minute * MINUTE))).toEqual([true, false])
    // The minute after is missing: what would have been settled by it never is.
    kit.desk.transaction(() => {
      for (const minute of [7, 8]) {
        kit.desk.settlement.sawBar(restless(minute))
        kit.desk.settlement.settle(restless(minute), kit.desk.lineUp, 0)
      }
    })
    expect([1, 2, 3].map((minute) => predictions.isSettled(SYMBOL, START + minute * MINUTE))).toEqual([
      false,
      true,
      true,
    ])
    kit.desks.close()
  })
})

describe('a room that ends after any minute', () => {
  it('comes back with the same minutes open, the same pairs and the same day', async () => {
    const kit = aDesk(fresh(), { serves: true })
    registerModel(kit.desk, 'baseline', 'v1')
    registerModel(kit.desk, 'candidate', 'v2', { bias: 0.4 })
    const minutes = Array.from({ length: 44 }, (_, i) => i).filter((minute) => minute < 30 || minute > 33)
    for (const bar of walk(minutes, 3)) {
      await play(kit, [bar])
      expect(differingBooks(kit.desk, new Desk(SYMBOL, kit.desk.parts)), `minute ${bar.tsMs}`).toEqual([])
    }
    expect(kit.desk.settlement.pairs).toBeGreaterThan(3)
    kit.desks.close()
  })
})
