import { afterEach, describe, expect, it, vi } from 'vitest'
import { LineUp } from '../../../src/serving/line-up.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { aDesk, type DeskKit, type DeskOptions } from '../../kit/a-desk.ts'
import { barAt } from '../../kit/bars.ts'
import { runningCanary } from '../../kit/canary.ts'
import { loaded, modelOf } from '../../kit/desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { FullDisk } from '../../kit/full-disk.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { psiDocument } from '../../kit/stored.ts'

const fresh = freshDirectories()
let kit: DeskKit
let desk: Desk

afterEach(() => {
  vi.restoreAllMocks()
  kit.desks.close()
})

function open(options: DeskOptions = {}, dir = fresh()): string {
  kit = aDesk(dir, options)
  desk = kit.desk
  return dir
}

/** Stored bars with their rows, and the clock after the last of them. */
function bars(minutes: number): void {
  desk.transaction(() => {
    for (let minute = 0; minute < minutes; minute++) {
      const bar = barAt(minute, 100)
      const row = desk.tape.accept(bar)
      kit.desks.store.bars.insert(SYMBOL, bar, 0, false)
      kit.desks.store.features.insert(SYMBOL, row, 0)
      desk.drift.count(row)
    }
    desk.tape.finishMoment(START + minutes * MINUTE)
    desk.persist()
  })
  desk.tape.clearArrived()
}

const count = (model = 'v1', tsMs = START) => desk.rollups.tried({ tsMs, model, source: 'minute', phase: '' }, true, 1)
const tried = () => desk.rollups.totals(START, START + DAY, ['minute']).tried

describe('the market clock of a desk', () => {
  it('is the last moment that was finished, and on a real feed the machine’s own time', () => {
    open()
    desk.tape.finishMoment(START)
    expect(desk.nowMs()).toBe(START)
    kit.desks.close()
    open({ clockKind: 'real' })
    desk.tape.finishMoment(START)
    expect(desk.nowMs()).toBe(kit.wall.now())
  })
})

describe('a transaction of a desk', () => {
  it('that is undone takes every book back to where the database stands', () => {
    open()
    registerModel(desk, 'baseline', 'v1')
    bars(3)
    const work = () =>
      desk.transaction(() => {
        desk.tape.accept(barAt(3, 100))
        desk.tape.finishMoment(START + 4 * MINUTE)
        desk.models.stand(new LineUp())
        desk.canary.take(runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: START }))
        desk.minuteScored(START + 3 * MINUTE, 'v1', 0.5)
        desk.drift.take(psiDocument({ symbol: SYMBOL, model: 'v1' }), START, 0)
        desk.alerts.take([], [], START)
        desk.jobs.gatesLogged('v1', 'PPPPPP')
        count()
        throw new Error('undone')
      })
    expect(work).toThrow('undone')
    expect([desk.nowMs(), desk.tape.newestBar?.tsMs]).toEqual([START + 3 * MINUTE, START + 2 * MINUTE])
    expect([desk.lineUp.inCharge?.version, desk.canary.newest]).toEqual(['v1', null])
    expect(desk.settlement.newest()?.tsMs ?? 0).toBeLessThan(START + 3 * MINUTE)
    expect([desk.drift.snapshotOf('v1'), desk.alerts.heartbeat, desk.jobs.gateVerdicts, tried()]).toEqual([
      undefined,
      null,
      null,
      0,
    ])
  })

  it('joins the one that is open, which alone decides whether it lasts', () => {
    open()
    const work = () =>
      desk.transaction(() => {
        desk.transaction(() => desk.events.log('gap', 'info', 'inner'))
        throw new Error('undone')
      })
    expect(work).toThrow('undone')
    expect(kit.desks.store.journal.events(SYMBOL, 5)).toEqual([])
    expect(desk.transaction(() => desk.transaction(() => 7))).toBe(7)
  })

  it('survives the death of the machine where it decides something, and of the process in any case', () => {
    open()
    const { db } = kit.desks.store
    const decided = vi.spyOn(db, 'decision')
    desk.transaction(() => desk.events.log('gap', 'info', 'a moment'))
    expect(decided).not.toHaveBeenCalled()
    desk.transaction(() => desk.events.log('gate', 'info', 'a decision'), 'decision')
    expect(decided).toHaveBeenCalledOnce()
    expect(kit.desks.store.journal.events(SYMBOL, 5)).toHaveLength(2)
  })

  it('takes memory back before anything else where that could not be done when it was undone', () => {
    open()
    bars(2)
    const { store } = kit.desks
    const read = vi.spyOn(store.feeds, 'get').mockImplementation(() => {
      throw new Error('the database cannot be read')
    })
    desk.tape.finishMoment(START + DAY)
    desk.undone()
    expect(desk.nowMs()).toBe(START + DAY)
    expect(() => desk.transaction(() => undefined)).toThrow('the database cannot be read')
    read.mockRestore()
    desk.transaction(() => expect(desk.nowMs()).toBe(START + 2 * MINUTE))
    // Once it is back nothing more is taken back: what is ahead by right stays.
    desk.tape.finishMoment(START + 3 * MINUTE)
    desk.transaction(() => undefined)
    expect(desk.nowMs()).toBe(START + 3 * MINUTE)
  })
})

describe('what a desk keeps that could not be stored', () => {
  function kept(): { held: string[]; disk: FullDisk } {
    open()
    const held: string[] = []
    const disk = new FullDisk(kit.desks.store.db.raw)
    disk.fill()
    desk.unsaved.writeOrKeep({
      what: 'an abort',
      hold: () => held.push('held'),
      write: () => desk.events.log('canary', 'critical', 'an abort'),
    })
    held.length = 0
    return { held, disk }
  }

  it('is stored with the next moment, and before any decision', () => {
    for (const durability of ['process', 'decision'] as const) {
      const { disk } = kept()
      if (durability === 'decision') expect(refusal(() => desk.transaction(() => 1, durability)).code).toBe('unsaved')
      disk.free()
      desk.transaction(() => desk.events.log('gap', 'info', 'later'), durability)
      expect(kit.desks.store.journal.events(SYMBOL, 5).map(({ text }) => text)).toEqual(['later', 'an abort'])
      kit.desks.close()
    }
    open()
  })

  it('holds again whenever memory is taken back, also where the database cannot be read to its end', () => {
    const { held } = kept()
    desk.undone()
    expect(held).toEqual(['held'])
    vi.spyOn(kit.desks.store.release, 'newestRun').mockImplementation(() => {
      throw new Error('the row is damaged')
    })
    desk.undone()
    expect(held).toEqual(['held', 'held'])
  })

  it('holds again when the slots are taken up, also where they cannot be', () => {
    const { held } = kept()
    desk.reloadSlots()
    expect(held).toEqual(['held'])
    vi.spyOn(kit.desks.store.models, 'slots').mockImplementation(() => {
      throw new Error('the row is damaged')
    })
    expect(() => desk.reloadSlots()).toThrow('the row is damaged')
    expect(held).toEqual(['held', 'held'])
  })
})

describe('what a desk writes with every bar', () => {
  it('is its clock, its counts, its drift, its heartbeat and its jobs', () => {
    const dir = open()
    registerModel(desk, 'baseline', 'v1')
    const { store } = kit.desks
    const job = {
      symbol: SYMBOL,
      name: 'daily',
      lastMs: START,
      lastOkMs: START,
      nextMs: null,
      result: '',
      ok: 1,
      wallMs: 0,
    }
    desk.alerts.take([], [], START)
    desk.jobs.ran(job)
    count()
    bars(3)
    expect(store.feeds.get(SYMBOL)).toMatchObject({ clockMs: START + 3 * MINUTE, bars: 3 })
    expect(store.watch.heartbeats(SYMBOL, 0)).toHaveLength(1)
    expect(store.jobs.list(SYMBOL)).toEqual([job])
    expect(store.drift.hours(SYMBOL, 'v1', 0)).toMatchObject([{ hourMs: START, n: 3 }])
    const written = store.db.raw.prepare('SELECT model, tried FROM rollups').all()
    expect(written).toEqual([{ model: 'v1', tried: 1 }])
    kit.desks.close()
    open({}, dir)
    expect([desk.nowMs(), desk.drift.countsOf('v1')?.hour(START)?.n]).toEqual([START + 3 * MINUTE, 3])
  })

  it('is no hour of drift before the first bar', () => {
    open()
    desk.transaction(() => desk.persist())
    expect(kit.desks.store.feeds.get(SYMBOL)?.bars).toBe(0)
  })
})

describe('a desk that serves', () => {
  it('picks requests for the phase of its canary, of which none is picked while none runs', () => {
    open()
    expect(desk.pick('key')).toEqual({ phase: '', exposedTo: null })
    const run = runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: START })
    desk.canary.take({ ...run, state: { kind: 'ramping', phase: 2, sinceMs: START, measureErrors: 0 } })
    expect(desk.pick('key')).toEqual({ phase: 'run-1/3', exposedTo: null })
    desk.canary.take({ ...run, mode: 'serve', state: { kind: 'ramping', phase: 2, sinceMs: START, measureErrors: 0 } })
    expect(desk.pick('key')).toEqual({ phase: 'run-1/3', exposedTo: { version: 'v2', margin: 0 } })
    expect(desk.killSwitch).toBe(false)
  })

  it('remembers what was said of a minute until that is settled', () => {
    open()
    desk.minuteScored(START, 'v1', 0.7)
    expect(desk.settlement.newest()).toEqual({ tsMs: START, scores: new Map([['v1', 0.7]]) })
  })

  it('measures and settles the models that have a role now, when a slot has changed', () => {
    open()
    bars(2)
    desk.models.stand(new LineUp({ inCharge: loaded(modelOf('v7', () => 0.5)) }))
    desk.transaction(() => {
      kit.desks.store.predictions.score(SYMBOL, START + MINUTE, 'v7', 0.7)
    })
    expect(desk.drift.countsOf('v7')).toBeUndefined()
    desk.takeUpSlots()
    expect(desk.drift.countsOf('v7')).toBeDefined()
    expect(desk.settlement.newest()?.scores.get('v7')).toBe(0.7)
    desk.reloadSlots()
    expect([desk.drift.countsOf('v7'), desk.lineUp.inCharge]).toEqual([undefined, null])
  })

  it('forgets what a job had measured that was undone alone', () => {
    open()
    desk.models.stand(new LineUp({ inCharge: loaded(modelOf('base', () => 0.5)) }))
    const of = (overall: number, hour: number) =>
      psiDocument({ symbol: SYMBOL, overall_psi: overall, at: new Date(START + hour * HOUR).toISOString() })
    desk.transaction(() => desk.drift.take(of(0.01, 0), START, 0))
    try {
      kit.desks.store.db.transaction(() => {
        desk.drift.take(of(0.9, 1), START + HOUR, 0)
        throw new Error('undone')
      })
    } catch {
      desk.jobUndone()
    }
    expect(desk.drift.snapshotOf('base')?.overall_psi).toBe(0.01)
  })
})
