import { describe, expect, it } from 'vitest'
import { type DeskKit } from '../../kit/a-desk.ts'
import { BETWEEN, canaryRuns, eachHeard, type HeardTimeline, NOON, rowsAt } from '../../kit/heard-timeline.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const MIDNIGHT = START + DAY

let kit: DeskKit
let heard: HeardTimeline
eachHeard((desk, timeline) => {
  kit = desk
  heard = timeline
})

const runs = () => canaryRuns(kit)

describe('a moment', () => {
  const whole = { bars: 1, watched: true, ranJobs: true, clock: NOON, moment: NOON, stored: 1 }

  it.each([
    ['live', ['score', 'train', 'probe', 'bake'], whole],
    ['push', ['score'], { ...whole, watched: false, ranJobs: false }],
    ['between', ['probe'], { bars: 0, watched: true, ranJobs: false, clock: 0, moment: NOON, stored: null }],
    ['waiting', ['train', 'probe', 'bake'], whole],
    ['history', [], whole],
  ] as const)('that is "%s" takes the steps of its kind', async (kind, asked, seen) => {
    heard.trainingDue = true
    runs()
    await heard.goThrough(kind, NOON)
    expect(heard.asked).toEqual(asked)
    expect(heard.happened()).toEqual(seen)
  })

  it('between two minutes looks at the canary alone: no rules, no jobs, no bake', async () => {
    runs()
    await heard.goThrough('live', BETWEEN, [])
    expect(heard.asked).toEqual(['probe'])
    expect(heard.happened()).toMatchObject({ watched: false, ranJobs: false, clock: BETWEEN })
    await heard.goThrough('history', BETWEEN, [])
    expect(heard.happened()).toMatchObject({ watched: false, ranJobs: false })
    runs()
    await heard.goThrough('between', BETWEEN - 20_000, [])
    expect(heard.asked).toEqual(['probe', 'probe'])
    expect(heard.happened().watched).toBe(false)
    await heard.goThrough('between', BETWEEN, [])
    expect(heard.happened().watched).toBe(true)
  })

  it('asks nobody to score what was scored before, to train, to probe or to look at the bake without a reason', async () => {
    await heard.goThrough('live', NOON - MINUTE)
    expect(heard.asked).toEqual(['score'])
    await heard.goThrough('live', NOON + MINUTE, [])
    expect(heard.asked).toEqual(['score'])
  })

  it('forgets what no day can reach', async () => {
    const { rollups } = kit.desk
    const key = (tsMs: number) => ({ tsMs, model: 'v1', source: 'caller', phase: '' }) as const
    for (const tsMs of [NOON - DAY - MINUTE, NOON - DAY]) rollups.answered(key(tsMs), false, 1)
    await heard.goThrough('live', NOON)
    expect(rollups.serviceDay().count).toBe(1)
  })

  it('settles the minute whose horizon ends with its bar', async () => {
    const { desk } = kit
    const { horizonMin } = desk.parts.limits.label
    heard.whileScoring = () => desk.settlement.scored(desk.tape.newestBar?.tsMs ?? 0, 'v1', 0.5)
    for (let i = 0; i <= horizonMin; i++) await heard.goThrough('live', NOON + i * MINUTE)
    const settled = [0, 1].map((i) => kit.desks.store.predictions.isSettled(SYMBOL, NOON + (i - 1) * MINUTE))
    expect(settled).toEqual([true, false])
  })
})

describe('what moments leave behind', () => {
  it('is written out, and the pages of reports that are owed are asked for', async () => {
    await heard.goThrough('live', NOON)
    heard.timeline.writeOut()
    expect(heard.asked).toEqual(['score', 'bake', 'pages'])
    expect(kit.desk.tape.unlogged).toEqual([])
  })
})

describe('a bar that comes before its minute has ended', () => {
  it('is taken when it was pushed, by a clock that is up to two seconds ahead, and from no recording', async () => {
    const { desk } = kit
    const { timeline } = heard
    const future = [{ ok: false, fault: 'future' }]
    expect(await timeline.live(desk, rowsAt(NOON), NOON - 1)).toEqual(future)
    expect(await timeline.push(desk, rowsAt(NOON), NOON - 2_001)).toEqual(future)
    expect(await timeline.push(desk, rowsAt(NOON), NOON - 2_000)).toEqual([{ ok: true }])
  })
})

describe('a bar that a process had scored before it died', () => {
  it.each(['live', 'waiting'] as const)(
    'is not scored again by the moment that is gone through anew: %s',
    async (kind) => {
      registerModel(kit.desk, 'baseline', 'v1', { sinceMs: NOON - HOUR })
      const { desk, desks, service } = kit
      // Scored, and the process dies before the moment is finished.
      const bar = wanderingBar(MIDNIGHT - MINUTE)
      desk.transaction(() => {
        desks.store.bars.insert(SYMBOL, bar, 0, false)
        desks.store.features.insert(SYMBOL, desk.tape.accept(bar), 0)
        desk.persist()
      })
      await service.predict(desk, { source: 'minute', acceptedMs: 0 })
      await service.drain()
      desk.undone()

      const before = desks.store.predictions.counts(SYMBOL)
      await heard.goThrough(kind, MIDNIGHT, [])
      expect(heard.asked).not.toContain('score')
      expect(desks.store.predictions.counts(SYMBOL)).toEqual(before)
      expect(desk.tape.feed.clockMs).toBe(MIDNIGHT)
    },
  )
})
