import { describe, expect, it } from 'vitest'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

/** Five hours of rows, of which the first three are the reference of two models. */
function aDeskWithReferences() {
  const kit = aDesk(fresh())
  const bars = Array.from({ length: 300 }, (_, i) => wanderingBar(START + i * MINUTE))
  kit.timeline.history(
    kit.desk,
    bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
  )
  const window = { sinceMs: START + 180 * MINUTE, windowMs: 180 * MINUTE }
  registerModel(kit.desk, 'baseline', 'v1', window)
  registerModel(kit.desk, 'candidate', 'v2', window)
  return kit
}

describe('the references of the models', () => {
  it('are read a feature at a time, each once, and are then those that a look at all of them reads', () => {
    const { desk, desks } = aDeskWithReferences()
    const { ks } = desk.drift
    const features = desk.standing.reduce((sum, { reference }) => sum + Object.keys(reference.features).length, 0)
    let steps = 0
    while (ks.prepareNext(desk.standing)) steps++
    expect(steps).toBe(features)
    const [model] = desk.standing
    if (model === undefined) throw new Error('there is no model')
    const prepared = ks.referencesOf(model)
    ks.clear()
    expect(ks.referencesOf(model)).toEqual(prepared)
    expect(prepared['rsi14_z']?.n).toBeGreaterThan(100)
    desks.close()
  })
})
