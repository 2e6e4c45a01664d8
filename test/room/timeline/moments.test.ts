import { describe, expect, it } from 'vitest'
import { Desk } from '../../../src/room/desk/desk.ts'
import { type DeskKit } from '../../kit/a-desk.ts'
import { differingBooks } from '../../kit/book-contents.ts'
import { runningCanary, runOf } from '../../kit/canary.ts'
import { BETWEEN, canaryRuns, eachHeard, type HeardTimeline, NOON, rowsAt } from '../../kit/heard-timeline.ts'
import { HOUR, MINUTE } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'

let kit: DeskKit
let heard: HeardTimeline
eachHeard((desk, timeline) => {
  kit = desk
  heard = timeline
})

const runs = () => canaryRuns(kit)

describe('a canary that runs', () => {
  it('is not stopped by an alert: that is for its judge', async () => {
    runs()
    heard.inputs.said = { canarySeen: { tried: 1_000, errors: 100, certain: true } }
    await heard.goThrough('between', NOON, [])
    expect(kit.desk.alerts.active.map(({ rule, state }) => [rule, state])).toContainEqual([
      'MLCanaryShadowErrorRateHigh',
      'firing',
    ])
    expect(kit.desk.canary.newest?.state).not.toMatchObject({ reason: { by: 'person' } })
  })

  it('is looked at by its judge after its probes are sent', async () => {
    registerModel(kit.desk, 'baseline', 'v1')
    const sha256 = registerModel(kit.desk, 'candidate', 'v2')
    kit.desk.canary.take({ ...runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON }), sha256 })
    await heard.goThrough('live', BETWEEN, [])
    expect(heard.asked).toEqual(['probe'])
    expect(runOf(kit.desk).lastLook).toMatchObject({ atMs: BETWEEN })
  })
})

describe('a moment that fails outside a transaction', () => {
  it('leaves the desk where the database stands, and can be gone through again', async () => {
    heard.whileScoring = ({ rollups }) =>
      rollups.answered({ tsMs: NOON - MINUTE, model: 'v1', source: 'minute', phase: '' }, false, 1)
    heard.failing = 'score'
    await expect(heard.goThrough('live', NOON)).rejects.toThrow('score failed')
    const { desk } = kit
    expect(differingBooks(desk, new Desk(SYMBOL, desk.parts))).toEqual([])
    expect(heard.happened()).toMatchObject({ bars: 1, stored: 1, watched: false })

    await heard.goThrough('live', NOON, [])
    expect(heard.asked).toEqual(['score', 'score', 'bake'])
    expect(desk.rollups.totals(NOON - MINUTE, NOON, ['minute']).requests).toBe(1)
  })

  it('does not run again the jobs that were stored with it', async () => {
    registerModel(kit.desk, 'baseline', 'v1')
    runs()
    heard.failing = 'probe'
    await expect(heard.goThrough('live', NOON)).rejects.toThrow('probe failed')
    await heard.goThrough('live', NOON, [])
    const measured = kit.desks.store.journal.entries().filter(({ subject }) => subject.endsWith('psi_snapshot.json'))
    expect(measured).toHaveLength(1)
  })
})

describe('history', () => {
  it('is stored whole, or not at all', () => {
    const moments = [0, 1, 2].map((i) => ({ rows: rowsAt(NOON + i * MINUTE), atMs: NOON + i * MINUTE }))
    function* broken() {
      yield* moments
      throw new Error('the recording ends within a line')
    }
    expect(() => heard.timeline.history(kit.desk, broken())).toThrow('within a line')
    expect(heard.happened()).toEqual({ bars: 0, watched: false, ranJobs: false, clock: 0, moment: 0, stored: null })
    heard.timeline.history(kit.desk, moments)
    expect(heard.happened()).toMatchObject({ bars: 3, clock: NOON + 2 * MINUTE, stored: 3 })
    expect(differingBooks(kit.desk, new Desk(SYMBOL, kit.desk.parts))).toEqual([])
  })

  it('is scored by the models that stood there, under an id a minute', () => {
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: NOON - HOUR })
    const moments = Array.from({ length: 3 }, (_, i) => NOON + i * MINUTE)
    heard.timeline.history(
      kit.desk,
      moments.map((atMs) => ({ rows: rowsAt(atMs), atMs })),
    )
    const { predictions } = kit.desks.store.predictions.rawSince(SYMBOL, 0)
    expect(predictions.map(({ tsMs, source }) => [tsMs, source])).toEqual(
      moments.map((atMs) => [atMs - MINUTE, 'history']),
    )
    expect(new Set(predictions.map(({ id }) => id)).size).toBe(3)
    expect(heard.asked).toEqual([])
  })
})
