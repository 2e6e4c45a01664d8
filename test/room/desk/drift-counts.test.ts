import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { PsiDocument } from '../../../src/evidence/documents/documents.ts'
import type { Column } from '../../../src/engine/features/catalogue.ts'
import { Desk } from '../../../src/room/desk/desk.ts'
import { LineUp, type LoadedModel } from '../../../src/serving/line-up.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import { loaded, modelOf, rowOf } from '../../kit/desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, THREE_WEEKS_ON as T } from '../../kit/moments.ts'
import { openDesks, SYMBOL } from '../../kit/room.ts'
import { psiDocument } from '../../kit/stored.ts'

const fresh = freshDirectories()
let desks: Desks
/** Each test has one of its own. */
let desk: Desk
let opened = 0

beforeAll(() => {
  desks = openDesks(fresh())
})

beforeEach(() => {
  desk = new Desk(`S${opened++}`, desks.of(SYMBOL).parts)
})

afterAll(() => desks.close())

/** A model whose reference ends there and bins one column at 10. */
function model(version: string, untilMs = T - DAY): LoadedModel {
  const rsi14 = { bins: { kind: 'edges', edges: [10] }, counts: [1, 1, 1] } as const
  const window = { fromMs: untilMs - DAY, untilMs }
  const reference = { version, window, n: 3, features: { rsi14 }, withinReference: null, ownDays: null }
  return { ...loaded(modelOf(version, () => 0.5)), reference }
}

function stand(...models: readonly LoadedModel[]): void {
  const [inCharge = null, candidate = null, former = null] = models
  desk.models.stand(new LineUp({ inCharge, candidate, former }))
  desk.takeUpSlots()
}

const row = (tsMs: number, missing: readonly Column[] = []) => rowOf(missing, tsMs)
const n = (version: string, hourMs = T) => desk.drift.countsOf(version)?.hour(hourMs)?.n ?? 0

type Said = Partial<PsiDocument>
const CALM: Said = { verdict: 'PASS', level: 'stable', overall_psi: 0.05 }
const WARNING: Said = { verdict: 'PASS', level: 'warning', overall_psi: 0.15 }
const CRITICAL: Said = { verdict: 'FAIL', level: 'critical', overall_psi: 0.9 }
const WAITING: Said = { verdict: 'WAIT', level: 'critical', overall_psi: 0.9 }

function take(atMs: number, said: Said, version = 'base'): void {
  const document = psiDocument({ ...said, symbol: desk.symbol, model: version, at: new Date(atMs).toISOString() })
  desk.transaction(() => {
    desk.drift.noteLevel(document, atMs)
    desk.drift.take(document, atMs, 0)
  })
}

const events = () => desks.store.journal.events(desk.symbol, 50).filter(({ kind }) => kind === 'drift')

describe('rows that are counted', () => {
  it('count for every model that stands, by hour', () => {
    stand(model('v1'), model('v2'))
    for (const minute of [0, 1, 60]) desk.drift.count(row(T + minute * MINUTE))
    expect([n('v1'), n('v2'), n('v1', T + HOUR)]).toEqual([2, 2, 1])
  })

  it('that come late count for models whose reference ends before them, unless they are too old for any window', () => {
    stand(model('v1', T - DAY), model('v2', T))
    const late = (tsMs: number, fromMs = 0) => desk.drift.countLate(row(tsMs), desk.standing, fromMs)
    expect(late(T - 1)).toBe(true)
    expect([n('v1', T - HOUR), n('v2', T - HOUR)]).toEqual([1, 0])
    expect(late(T)).toBe(true)
    expect([n('v1'), n('v2')]).toEqual([1, 1])
    expect(late(T - DAY - 1)).toBe(false)
    expect(late(T + MINUTE, T + MINUTE + 1)).toBe(false)
    expect(late(T + MINUTE, T + MINUTE)).toBe(true)
    expect(desk.drift.countLate(row(T), [model('v9')], 0)).toBe(false)
    expect([n('v1'), n('v2')]).toEqual([2, 2])
  })

  it('are written by the hour and read back by the next process, as far as its window reaches', () => {
    stand(model('v1'))
    const window = desks.limits.psi.windowMs
    const old = T - window - HOUR
    for (const tsMs of [old, T - window, T]) desk.drift.count(row(tsMs))
    desk.transaction(() => {
      for (const hourMs of [old, T - window, T, T + HOUR]) desk.drift.persistHour(hourMs)
    })
    expect(desks.store.drift.hours(desk.symbol, 'v1', 0).map(({ hourMs }) => hourMs)).toEqual([old, T - window, T])
    desk.drift.restore(desk.standing, null, T + 30 * MINUTE)
    expect([n('v1', old), n('v1', T - window), n('v1', T)]).toEqual([0, 1, 1])
  })

  it('are those of models that stand: of one that has left they are forgotten, of one that stays they are kept', () => {
    stand(model('v1'), model('v2'))
    desk.drift.count(row(T))
    stand(model('v2'), model('v3'))
    expect([desk.drift.countsOf('v1'), n('v2'), n('v3')]).toEqual([undefined, 1, 0])
    expect(desk.drift.countsOf('v3')).toBeDefined()
  })
})

describe('the level of drift', () => {
  it.each<[string, readonly Said[], { warning: number; critical: number }]>([
    ['a warning is reached once while it lasts', [CALM, WARNING, WARNING], { warning: 1, critical: 0 }],
    ['one that was critical does not reach a warning as it falls', [CRITICAL, WARNING], { warning: 0, critical: 1 }],
    ['each time anew after a calm hour', [WARNING, CALM, WARNING], { warning: 2, critical: 0 }],
    ['nothing while its window is not full', [WAITING, WAITING], { warning: 0, critical: 0 }],
    ['nothing while it is stable', [CALM, CALM], { warning: 0, critical: 0 }],
    ['both one after the other', [WARNING, CRITICAL], { warning: 1, critical: 1 }],
  ])('is counted when it is reached: %s', (_, course, reached) => {
    stand(model('base'))
    course.forEach((said, i) => take(T + i * HOUR, said))
    expect(desk.drift.levelsReached).toEqual(reached)
    expect(events()).toHaveLength(reached.critical)
  })

  it('that becomes critical is an event with its figure', () => {
    stand(model('base'))
    take(T, CRITICAL)
    expect(events()).toMatchObject([{ severity: 'warning', text: 'drift of base became critical: PSI 0.900' }])
  })
})

describe('the snapshots of drift', () => {
  it.each<[string, readonly [hours: number, said: Said][], { critical: number | null; before: number | null }]>([
    [
      'a day and an hour of calm',
      [
        [-24, CALM],
        [-1, CALM],
        [0, CRITICAL],
      ],
      { critical: T, before: 0.05 },
    ],
    [
      'critical already an hour before',
      [
        [-1, CRITICAL],
        [0, CRITICAL],
      ],
      { critical: null, before: null },
    ],
    [
      'a window that had not been full an hour before',
      [
        [-1, WAITING],
        [0, CRITICAL],
      ],
      { critical: T, before: null },
    ],
    [
      'a window that had not been full a day before',
      [
        [-24, WAITING],
        [0, CALM],
      ],
      { critical: null, before: null },
    ],
    ['nothing before', [[0, CRITICAL]], { critical: T, before: null }],
    [
      'calm now',
      [
        [-24, WARNING],
        [-1, CRITICAL],
        [0, CALM],
      ],
      { critical: null, before: 0.15 },
    ],
  ])('are read back with what they say of the day before: %s', (_, course, { critical, before }) => {
    stand(model('base'), model('v2'))
    for (const [hours, said] of course) take(T + hours * HOUR, said)
    take(T, WARNING, 'v2')
    desk.drift.restore(desk.standing, 'base', T)
    expect(desk.drift.becameCriticalMs).toBe(critical)
    expect(desk.drift.psiDayAgo).toEqual(before === null ? null : { model: 'base', overall: before })
    expect(desk.drift.snapshotOf('base')?.at).toBe(new Date(T).toISOString())
    expect(desk.drift.snapshotOf('v2')?.level).toBe('warning')
  })

  it('say nothing of a day before where no model is in charge, or it has none', () => {
    stand(model('base'))
    take(T - DAY, CALM)
    take(T, CRITICAL)
    desk.drift.lookBack('base', T)
    expect(desk.drift.psiDayAgo).not.toBeNull()
    desk.drift.lookBack(null, T)
    expect(desk.drift.psiDayAgo).toBeNull()
    for (const inCharge of [null, 'v9']) {
      desk.drift.restore(desk.standing, inCharge, T)
      expect([desk.drift.psiDayAgo, desk.drift.becameCriticalMs]).toEqual([null, null])
    }
  })

  it('of a measurement that was undone are forgotten, the rows counted since are not', () => {
    stand(model('base'))
    desk.drift.count(row(T))
    const document = psiDocument({ ...CRITICAL, symbol: desk.symbol, at: new Date(T).toISOString() })
    desk.drift.noteLevel(document, T)
    expect(() =>
      desks.store.db.transaction(() => {
        desk.drift.take(document, T, 0)
        throw new Error('undone')
      }),
    ).toThrow('undone')
    desk.jobUndone()
    expect([desk.drift.snapshotOf('base'), desk.drift.becameCriticalMs, n('base')]).toEqual([undefined, null, 1])
  })

  it('of a model that comes into a slot are known at once', () => {
    take(T, CALM, 'v2')
    desk.drift.restore([], null, T)
    expect(desk.drift.snapshotOf('v2')).toBeUndefined()
    stand(model('v1'), model('v2'))
    expect(desk.drift.snapshotOf('v2')?.level).toBe('stable')
  })
})
