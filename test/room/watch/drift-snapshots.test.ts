import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/engine/kernel/units.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { measureDrift } from '../../../src/room/watch/measure-drift.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel, type ModelOptions } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { valuesOf } from '../../kit/tables.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR
/** Hardly any row of this reference lies in three of its four bins. */
const ELSEWHERE = [970, 10, 10, 10, 0]

interface Models {
  readonly baseline?: ModelOptions
  readonly candidate?: ModelOptions
}

/** A desk whose window of drift is full after an hour, and an hour of rows that are spread evenly over the four bins. */
function desk({ baseline, candidate }: Models = {}): DeskKit {
  const shipped = defaultConfig()
  const config = { ...shipped, drift: { ...shipped.drift, window_days: 1 / 24, min_rows: 10 } }
  const kit = aDesk(fresh(), { config })
  if (baseline !== undefined) registerModel(kit.desk, 'baseline', 'v1', { sinceMs: NOON - HOUR, ...baseline })
  if (candidate !== undefined) registerModel(kit.desk, 'candidate', 'v2', { sinceMs: NOON - HOUR, ...candidate })
  anHourOfRows(kit, NOON - HOUR)
  kit.desk.tape.enterMoment(NOON)
  return kit
}

function anHourOfRows({ desk: counted }: DeskKit, fromMs: number): void {
  for (let i = 0; i < 60; i++)
    counted.drift.count({ tsMs: fromMs + i * MINUTE, values: valuesOf({ rsi14_z: [-1, -0.1, 0.1, 1][i % 4] ?? 0 }) })
}

const look = ({ desk: measured, desks }: DeskKit, atMs = NOON, only?: string) =>
  measured.transaction(() => measureDrift(measured, desks.evidence, atMs, only))

const events = ({ desks }: DeskKit): string[] => desks.store.journal.events(SYMBOL, 20).map(({ text }) => text)

describe('the look at drift', () => {
  it('has nothing to say while there is no model', () => {
    const kit = desk()
    expect(look(kit)).toEqual({ ok: true, result: 'no model yet' })
    expect(kit.desks.store.journal.entries()).toEqual([])
    kit.desks.close()
  })

  it('measures every model in a slot, and answers and writes of the one that the gates judge', () => {
    const kit = desk({ baseline: {}, candidate: { referenceCounts: ELSEWHERE } })
    const { desk: measured, desks } = kit
    const answer = look(kit)
    const [ours, theirs] = ['v1', 'v2'].map((version) => measured.drift.snapshotOf(version)?.overall_psi)
    expect(ours).toBe(0)
    expect(theirs).toBeGreaterThan(1)
    expect(answer).toEqual({ ok: true, result: theirs?.toFixed(3) })

    const subject = desks.evidence.subject(SYMBOL, 'psi_snapshot.json')
    const entries = desks.store.journal.entries().map((entry): unknown[] => [entry.subject, JSON.parse(entry.detail)])
    expect(entries).toEqual([[subject, { model_sha256: measured.lineUp.candidate?.sha256 }]])
    desks.drainOutbox()
    expect(JSON.parse(readFileSync(desks.evidence.pathOf(subject), 'utf8'))).toMatchObject({
      schema: 'psi/1',
      model: 'v2',
      at: isoTime(NOON),
      overall_psi: theirs,
      verdict: 'FAIL',
      slo_check: { pass: false },
    })
    expect(measured.drift.snapshotOf('v1')).toMatchObject({ verdict: 'PASS', slo_check: { pass: true } })
    kit.desks.close()
  })

  it('may be of one version alone, and leaves the others as they were', () => {
    const kit = desk({ baseline: {}, candidate: {} })
    expect(look(kit, NOON, 'v2')).toEqual({ ok: true, result: '0.000' })
    expect(kit.desk.drift.snapshotOf('v1')).toBeUndefined()
    expect(kit.desk.drift.snapshotOf('v2')).toMatchObject({ model: 'v2', at: isoTime(NOON) })
    kit.desks.close()
  })

  it('says that there are no rows instead of a figure', () => {
    const kit = desk({ baseline: {} })
    expect(look(kit, NOON + DAY)).toEqual({ ok: true, result: 'no rows' })
    kit.desks.close()
  })

  it.each([
    ['of the model in charge', { baseline: { referenceCounts: ELSEWHERE }, candidate: {} }, 'v1'],
    ['of a candidate', { baseline: {}, candidate: { referenceCounts: ELSEWHERE } }, null],
  ] as const)('tells drift that has become critical when it is %s', (_, models, told) => {
    const kit = desk(models)
    look(kit)
    expect(events(kit)).toEqual(
      told === null ? [] : [expect.stringContaining(`drift of ${told} became critical: PSI `)],
    )
    expect(kit.desk.drift.becameCriticalMs).toBe(told === null ? null : NOON)
    kit.desks.close()
  })

  it('knows of the model in charge what it was a day before', () => {
    const kit = desk({ baseline: { referenceCounts: ELSEWHERE }, candidate: {} })
    look(kit)
    const before = kit.desk.drift.snapshotOf('v1')?.overall_psi
    expect(kit.desk.drift.psiDayAgo).toBeNull()
    look(kit, NOON + DAY)
    expect(kit.desk.drift.psiDayAgo).toEqual({ model: 'v1', overall: before })
    kit.desks.close()
  })

  it('says when its window will be full, until it is', () => {
    const kit = desk({ baseline: {}, candidate: { sinceMs: NOON - 20 * MINUTE } })
    look(kit)
    const ready = ['v1', 'v2'].map((version) => kit.desk.drift.snapshotOf(version)?.ready_at)
    expect(ready).toEqual([null, isoTime(NOON + 40 * MINUTE)])
    kit.desks.close()
  })

  it('counts each row of a window that begins or ends within an hour', () => {
    const kit = aDesk(fresh())
    const { desk: measured, desks } = kit
    registerModel(measured, 'baseline', 'v1', { sinceMs: START })
    registerModel(measured, 'candidate', 'v2', { sinceMs: START + 30 * MINUTE })
    measured.transaction(() => {
      for (let i = 0; i < 120; i++) {
        const bar = wanderingBar(START + i * MINUTE)
        const row = measured.tape.accept(bar)
        desks.store.bars.insert(SYMBOL, bar, 0, false)
        desks.store.features.insert(SYMBOL, row, 0)
        measured.drift.count(row)
      }
    })
    const counted = [90, 120].map((minutes) => {
      look(kit, START + minutes * MINUTE)
      return ['v1', 'v2'].map((version) => measured.drift.snapshotOf(version)?.current.n)
    })
    expect(counted).toEqual([
      [90, 60],
      [120, 90],
    ])
    desks.close()
  })
})
