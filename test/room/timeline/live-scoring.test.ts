import { readFileSync, readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ServiceScoring } from '../../../src/room/timeline/scoring.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary, runOf } from '../../kit/canary.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

let kit: DeskKit
beforeEach(() => {
  kit = aDesk(fresh(), { serves: true })
})
afterEach(() => kit.desks.close())

/** So many minutes that end at noon. */
const minutes = (count: number) => Array.from({ length: count }, (_, i) => wanderingBar(NOON - (count - i) * MINUTE))

describe('a minute that is lived through', () => {
  it('is answered and compared, and both are stored when it is over', async () => {
    const { desk, desks } = kit
    registerModel(desk, 'baseline', 'v1')
    registerModel(desk, 'candidate', 'v2', { bias: 0.4 })
    await play(kit, minutes(3))
    const { predictions, comparisons } = desks.store.predictions.rawSince(SYMBOL, 0)
    const expected = minutes(3).map(({ tsMs }) => [tsMs, 'minute'])
    expect(predictions.map(({ tsMs, source }) => [tsMs, source])).toEqual(expected)
    expect(comparisons.map(({ tsMs, source }) => [tsMs, source])).toEqual(expected)
  })

  it('is scored by the fallback too, which every outcome is held against', async () => {
    const { desk } = kit
    registerModel(desk, 'baseline', 'v1')
    for (const bar of minutes(90)) desk.tape.accept(bar)
    desk.tape.clearArrived()
    await play(kit, [wanderingBar(NOON)])
    const scored = desk.settlement.newest()
    expect(scored?.tsMs).toBe(NOON)
    expect([...(scored?.scores.keys() ?? [])].toSorted()).toEqual([desk.fallback.version, 'v1'].toSorted())
  })

  it('asks nobody while there is no row', async () => {
    const { desk, desks, service } = kit
    await new ServiceScoring(service, () => 0).score(desk)
    expect(desks.store.predictions.counts(SYMBOL)).toEqual({ predictions: 0, comparisons: 0 })
  })
})

describe('the probes of a canary', () => {
  it('are rows of the last day, answered and compared, and stored when they are sent', async () => {
    const { desk, desks, service } = kit
    registerModel(desk, 'baseline', 'v1')
    registerModel(desk, 'candidate', 'v2')
    desk.transaction(() => {
      for (const bar of minutes(40)) desks.store.features.insert(SYMBOL, desk.tape.accept(bar), 0)
    })
    desk.canary.take(runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON }))
    await new ServiceScoring(service, () => 0).probe(desk, NOON + MINUTE)
    const { predictions, comparisons } = desks.store.predictions.rawSince(SYMBOL, 0)
    const sent = runOf(desk).probesSent
    expect(sent).toBeGreaterThan(0)
    expect(predictions.map(({ source }) => source)).toEqual(Array(sent).fill('probe'))
    expect(comparisons).toHaveLength(sent)
  })
})

describe('what moments leave behind', () => {
  it('is written out: the rows into the feature log, what the outbox holds onto the disk', async () => {
    const { desks, timeline, desk } = kit
    registerModel(desk, 'baseline', 'v1')
    await play(kit, minutes(2))
    timeline.writeOut()
    const { evidence, store } = desks
    expect(store.outbox.pending().files).toEqual([])
    const dir = evidence.logDir(SYMBOL)
    expect(readdirSync(dir)).toEqual(expect.arrayContaining(['features_raw.log', 'psi_snapshot.json']))
    // A header line, then a line a row.
    expect(readFileSync(`${dir}/features_raw.log`, 'utf8').trimEnd().split('\n')).toHaveLength(3)
  })
})
