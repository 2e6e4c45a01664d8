import { describe, expect, it } from 'vitest'
import { dayScoreOf } from '../../../src/engine/features/catalogue.ts'
import { aDesk, type DeskKit, play } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const FEATURES = ['mid_logret_1m', 'rsi14_z'].map(dayScoreOf)
const MINUTES = 200
const bars = Array.from({ length: MINUTES }, (_, i) => wanderingBar(START + i * MINUTE))

/** What was said of each minute from the one on that a model which needs day scores has been in charge. */
function scoresOf({ desk }: DeskKit): ReadonlyMap<number, number | null> {
  const { predictions } = desk.parts.store.predictions.rawSince(desk.symbol, 0)
  return new Map(predictions.filter(({ model }) => model === 'scaled').map(({ tsMs, score }) => [tsMs, score]))
}

/** The same worked out from the stored rows. */
function expected({ desk }: DeskKit, fromMs: number): ReadonlyMap<number, number> {
  const model = desk.lineUp.inCharge?.model
  if (model === undefined || model.kind === 'http') throw new Error('there is no such model')
  const rows = desk.parts.store.features.each(desk.symbol, fromMs, Number.MAX_SAFE_INTEGER, model.features)
  return new Map([...rows].map((row) => [row.tsMs, model.score(row.values)]))
}

function putInCharge({ desk }: DeskKit, minutes: number): void {
  registerModel(desk, 'baseline', 'scaled', { sinceMs: START + minutes * MINUTE, features: FEATURES })
}

describe('a model that is given z-scores over 24 hours', () => {
  it('scores each minute by what was known then, from the minute on that it got its role', async () => {
    const kit = aDesk(fresh(), { serves: true })
    await play(kit, bars.slice(0, 100))
    putInCharge(kit, 100)
    await play(kit, bars.slice(100))
    expect(scoresOf(kit)).toEqual(expected(kit, START + 100 * MINUTE))
    expect(scoresOf(kit).size).toBe(100)
    kit.desks.close()
  })

  it('says the same over a restart, and of history as of minutes that are lived through', async () => {
    const dir = fresh()
    let kit = aDesk(dir, { serves: true })
    await play(kit, bars.slice(0, 100))
    putInCharge(kit, 100)
    await play(kit, bars.slice(100, 150))
    kit.desks.close()
    kit = aDesk(dir)
    kit.timeline.history(
      kit.desk,
      bars.slice(150).map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
    )
    expect(scoresOf(kit)).toEqual(expected(kit, START + 100 * MINUTE))
    expect(scoresOf(kit).size).toBe(100)
    kit.desks.close()
  })

  it('is answered about by its newest row after a restart, and by features that a caller sends under their names', async () => {
    const dir = fresh()
    let kit = aDesk(dir, { serves: true })
    await play(kit, bars.slice(0, 150))
    putInCharge(kit, 150)
    const before = await kit.service.predict(kit.desk, { source: 'caller', acceptedMs: 0 })
    kit.desks.close()
    kit = aDesk(dir, { serves: true })
    const after = await kit.service.predict(kit.desk, { source: 'caller', acceptedMs: 0 })
    expect(before).toMatchObject({ served_by: 'baseline', model_version: 'scaled' })
    expect(after.score).toBe(before.score)
    const features = Object.fromEntries(FEATURES.map((name) => [name, 0]))
    const asked = await kit.service.predict(kit.desk, { source: 'caller', acceptedMs: 0, features })
    expect(asked.score).toBeCloseTo(1 / (1 + Math.exp(-0.2)), 14)
    kit.desks.close()
  })
})
