import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Column } from '../../../src/engine/features/catalogue.ts'
import { SCHEDULE } from '../../../src/jobs/schedule.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { measureDrift } from '../../../src/room/watch/measure-drift.ts'
import { overdueJobs, RuleInputs } from '../../../src/room/watch/rule-inputs.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary } from '../../kit/canary.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { valuesOf } from '../../kit/tables.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

const inputs = ({ desk }: DeskKit, atMs: number) => new RuleInputs(null).of(desk, atMs)

describe('the drift that the alert rules look at', () => {
  it('is of no candidate when the canary that runs has lost it', () => {
    const kit = aDesk(fresh())
    registerModel(kit.desk, 'baseline', 'v1')
    kit.desk.canary.take(runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: NOON }))
    expect(inputs(kit, NOON)).toMatchObject({ candidate: null, canary: { psi: null } })
    kit.desks.close()
  })

  it('is compared with a day before only while the same model is in charge', () => {
    const config = defaultConfig()
    const kit = aDesk(fresh(), { config: { ...config, drift: { ...config.drift, window_days: 1 / 24, min_rows: 10 } } })
    const { desk, desks } = kit
    registerModel(desk, 'baseline', 'v1', { sinceMs: NOON - HOUR, referenceCounts: [970, 10, 10, 10, 0] })
    for (let i = 0; i < 60; i++)
      desk.drift.count({ tsMs: NOON - HOUR + i * MINUTE, values: valuesOf({ rsi14_z: i % 2 }) })
    for (const atMs of [NOON, NOON + DAY]) desk.transaction(() => measureDrift(desk, desks.evidence, atMs))
    const [noon] = desks.store.drift.snapshots(SYMBOL, 'v1', NOON, NOON)
    expect(noon?.document.overall_psi).toBeGreaterThan(1)
    expect(inputs(kit, NOON + DAY).psiDayAgo).toBe(noon?.document.overall_psi)
    registerModel(desk, 'baseline', 'v3', { sinceMs: NOON + DAY })
    expect(inputs(kit, NOON + DAY).psiDayAgo).toBeNull()
    kit.desks.close()
  })
})

describe('the feature that is missing most', () => {
  let kit: DeskKit
  beforeEach(() => {
    kit = aDesk(fresh())
  })
  afterEach(() => kit.desks.close())

  const FEATURES: readonly Column[] = ['mid', 'rsi14', 'rsi14_z']
  const REFERENCE = {
    version: 'v1',
    window: { fromMs: START, untilMs: START + MINUTE },
    n: 10,
    features: Object.fromEntries(
      FEATURES.map((name) => [name, { bins: { kind: 'edges' as const, edges: [0] }, counts: [5, 5, 0] }]),
    ),
    withinReference: null,
    ownDays: null,
  }

  it.each([
    ['the first', [3, 2, 1], 'mid', 0.3],
    ['one between', [1, 3, 2], 'rsi14', 0.3],
    ['the last', [0, 1, 10], 'rsi14_z', 1],
    ['the first of equals', [0, 2, 2], 'rsi14', 0.2],
  ] as const)('may be %s of the model in charge', (version, missing, feature, share) => {
    kit.desk.models.stand(new LineUp({ inCharge: { ...loaded(modelOf(version, () => 0.5)), reference: REFERENCE } }))
    kit.desk.takeUpSlots()
    for (let i = 0; i < 10; i++) {
      const known = FEATURES.filter((__, at) => i >= (missing[at] ?? 0))
      const values = valuesOf(Object.fromEntries(known.map((name) => [name, 1])))
      kit.desk.drift.count({ tsMs: NOON - 10 * MINUTE + i * MINUTE, values })
    }
    expect(inputs(kit, NOON).missing).toEqual({ feature, share })
  })
})

describe('a job that is overdue', () => {
  /** A desk whose first bar came so long ago, all of whose jobs have just succeeded but for one. */
  function desk(begunAgoMs: number, name: string, lastOkAgoMs: number | null | 'never ran'): DeskKit {
    const kit = aDesk(fresh())
    vi.spyOn(kit.desk.tape, 'begunMs', 'get').mockReturnValue(NOON - begunAgoMs)
    for (const job of SCHEDULE) {
      const agoMs = job.name === name ? lastOkAgoMs : 0
      if (agoMs === 'never ran') continue
      const lastOkMs = agoMs === null ? null : NOON - agoMs
      const row = { symbol: SYMBOL, lastMs: NOON, lastOkMs, nextMs: NOON + MINUTE, result: '', ok: 0, wallMs: 0 }
      kit.desk.jobs.ran({ ...row, name: job.name })
    }
    return kit
  }

  it.each([
    ['gates', 2 * MINUTE, false],
    ['gates', 2 * MINUTE + 1, true],
    ['psi hourly', 2 * HOUR, false],
    ['psi hourly', 2 * HOUR + 1, true],
    ['daily report', 2 * DAY, false],
    ['daily report', 2 * DAY + 1, true],
    ['weekly report', 14 * DAY + 1, true],
  ] as const)('has not succeeded for more than twice its period: %s, %d ms: %s', (name, agoMs, overdue) => {
    const kit = desk(60 * DAY, name, agoMs)
    expect(overdueJobs(kit.desk, NOON)).toEqual(overdue ? [name] : [])
    kit.desks.close()
  })

  it.each([
    ['has never run', 'never ran'],
    ['has run and never succeeded', null],
  ] as const)('%s since the first bar, twice its period ago', (_, lastOk) => {
    for (const [name, periodMs] of [
      ['gates', MINUTE],
      ['daily report', DAY],
    ] as const) {
      const begun = [2 * periodMs, 2 * periodMs + 1].map((agoMs) => desk(agoMs, name, lastOk))
      expect(begun.map(({ desk: one }) => overdueJobs(one, NOON))).toEqual([[], [name]])
      for (const kit of begun) kit.desks.close()
    }
  })

  it('is none before the first bar', () => {
    const kit = aDesk(fresh())
    expect(overdueJobs(kit.desk, NOON)).toEqual([])
    kit.desks.close()
  })
})
