import { describe, expect, it } from 'vitest'
import { retain } from '../../../src/room/watch/retain.ts'
import { aDesk, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { aDayOfBars, wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

describe('retention', () => {
  it('deletes raw rows older than the days that are kept, says so in the chain, and leaves all else', async () => {
    const kit = aDesk(fresh(), { serves: true })
    const { desk, desks } = kit
    registerModel(desk, 'baseline', 'v1')
    registerModel(desk, 'candidate', 'v2')
    await play(
      kit,
      Array.from({ length: 40 }, (_, i) => wanderingBar(START + i * MINUTE)),
    )
    const { store } = desks
    const before = { ...store.predictions.counts(SYMBOL), bars: desk.tape.feed.bars }
    expect(before.predictions).toBe(40)
    expect(before.comparisons).toBe(40)
    const facts = (): string[] =>
      store.journal
        .entries()
        .filter((entry) => entry.kind === 'retention')
        .map((entry) => entry.detail)

    // Raw rows go by whole days: two days after the first one's end nothing is old enough for three.
    aDayOfBars(kit, START + 3 * DAY)
    desk.transaction(() => retain(desk, desks.evidence, 3, START + 3 * DAY))
    expect(store.predictions.counts(SYMBOL).predictions).toBe(40)
    expect(facts()).toEqual([])
    const result = desk.transaction(() => retain(desk, desks.evidence, 3, START + 4 * DAY + HOUR))
    expect(result).toMatchObject({ ok: true, result: '40 rows' })
    expect(store.predictions.counts(SYMBOL)).toMatchObject({ predictions: 0, comparisons: 0 })
    expect(facts()).toEqual([expect.stringContaining('"rows":40')])
    expect([store.bars.span(SYMBOL).firstMs, store.rollups.between(SYMBOL, 0, START + DAY).length]).toEqual([
      START,
      expect.any(Number),
    ])
    expect(store.rollups.between(SYMBOL, 0, START + DAY).length).toBeGreaterThan(40)
    expect(store.predictions.isSettled(SYMBOL, START + 30 * MINUTE)).toBe(true)
    desks.close()
  })

  it('leaves the last day of bars its raw rows, whatever the clock says', async () => {
    const kit = aDesk(fresh(), { serves: true })
    const { desk, desks } = kit
    registerModel(desk, 'baseline', 'v1')
    await play(
      kit,
      Array.from({ length: 10 }, (_, i) => wanderingBar(START + i * MINUTE)),
    )
    const prune = (): unknown => desk.transaction(() => retain(desk, desks.evidence, 3, START + 1_500 * DAY))
    expect(prune()).toMatchObject({ result: '0 rows' })
    aDayOfBars(kit, START + DAY)
    expect(prune()).toMatchObject({ result: '10 rows' })
    desks.close()
  })
})
