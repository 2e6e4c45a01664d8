import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/db/store.ts'
import { JUDGE_LIMITS, livePlan } from '../../../src/engine/canary/plan.ts'
import { PROBE_LIMITS } from '../../../src/engine/canary/probes.ts'
import type { CanaryRun } from '../../../src/engine/canary/run.ts'
import type { CanaryState } from '../../../src/engine/canary/state.ts'
import { CanaryStanding } from '../../../src/room/desk/canary-standing.ts'
import { NO_FIGURES, runningCanary } from '../../kit/canary.ts'
import { eachSymbol } from '../../kit/each-symbol.ts'
import { HOUR, MINUTE, THREE_WEEKS_ON as T } from '../../kit/moments.ts'

const LIMITS = { judge: JUDGE_LIMITS, probes: PROBE_LIMITS }

let store: Store
let symbol: string
let canary: CanaryStanding

eachSymbol((database, named) => {
  store = database
  symbol = named
  canary = new CanaryStanding(symbol, store, LIMITS)
})

/** A run in the second of three phases of an hour each, at 10, 25 and 100 %. */
function run(change: Partial<CanaryRun> = {}): CanaryRun {
  return { ...runningCanary(symbol, { candidate: 'v2', baseline: 'v1', sinceMs: T }), ...change }
}

const RAMPING = { kind: 'ramping', phase: 1, sinceMs: T, measureErrors: 0 } as const
const LOOK = { atMs: T, decision: 'go on', reason: 'fine', figures: NO_FIGURES }

/** Of so many requests, each with a key of its own, how many the phase counts. */
function pick(n: number, killSwitch = false): number {
  return Array.from({ length: n }, (_, i) => canary.pick(`key ${i}`, killSwitch)).filter(({ phase }) => phase !== '')
    .length
}

describe('a canary as it stands', () => {
  it.each<[CanaryState, object]>([
    [RAMPING, { running: true, awaiting: false, underWay: true, phaseNumber: 2, stepMs: 10_000, probesPlanned: 300 }],
    [
      { ...RAMPING, kind: 'holding', phase: 2, untilMs: T + HOUR },
      { running: true, awaiting: false, underWay: true, phaseNumber: 3, stepMs: 10_000, probesPlanned: 2_000 },
    ],
    [
      { kind: 'awaitingOnay', promptId: 'p', expiresAtWallMs: T },
      { running: false, awaiting: true, underWay: true, phaseNumber: 0, stepMs: MINUTE, probesPlanned: 0 },
    ],
    [
      { kind: 'succeeded', atMs: T },
      { running: false, awaiting: false, underWay: false, phaseNumber: 0, stepMs: MINUTE, probesPlanned: 0 },
    ],
  ])('is under way while it waits or runs, and looked at between the minutes while it runs: %o', (state, said) => {
    canary.take(run({ state }))
    const { running, awaiting, underWay, phaseNumber, stepMs, probesPlanned } = canary
    expect({ running, awaiting, underWay, phaseNumber, stepMs, probesPlanned }).toEqual(said)
  })

  it('is nothing where none has ever run', () => {
    expect([canary.newest, canary.phase, canary.underWay, canary.share(false), canary.pick('key', false)]).toEqual([
      null,
      null,
      false,
      0,
      { phase: '', exposedTo: null },
    ])
    canary.countProbes(5)
    canary.noteLook(LOOK)
    expect([canary.newest, canary.probesMissing(T), canary.probesPlanned]).toEqual([null, 0, 0])
  })
})

describe('the share of a canary', () => {
  it('is that of its phase, and 0 while the kill switch is on', () => {
    canary.take(run())
    expect([canary.share(false), canary.share(true)]).toEqual([0.25, 0])
  })

  it('picks about that share of the requests, the same keys each time, and counts what came and what fell within', () => {
    canary.take(run())
    const inside = pick(400)
    expect(inside).toBeGreaterThan(60)
    expect(inside).toBeLessThan(140)
    expect(canary.split).toEqual({ inside, total: 400 })
    expect(pick(400)).toBe(inside)
    expect(canary.split).toEqual({ inside: 2 * inside, total: 800 })
    expect(pick(10, true)).toBe(0)
  })

  it('counts a request for the phase that runs, and for none while none does', () => {
    canary.take(run({ state: { ...RAMPING, phase: 2 } }))
    expect(canary.pick('any', false)).toEqual({ phase: 'run-1/3', exposedTo: null })
    canary.take(run({ state: { kind: 'succeeded', atMs: T } }))
    expect(canary.pick('any', false)).toEqual({ phase: '', exposedTo: null })
    expect(canary.split).toEqual({ inside: 0, total: 0 })
  })

  it('exposes those that it counts where it serves, and in a canary of days asks for a confident score', () => {
    const whole = { ...RAMPING, phase: 2 }
    canary.take(run({ mode: 'serve', state: whole }))
    expect(canary.pick('any', false).exposedTo).toEqual({ version: 'v2', margin: 0 })
    expect(canary.pick('any', true)).toEqual({ phase: '', exposedTo: null })
    const plan = livePlan(1, 7, { minConfidence: 0.75, sha256: 'abc' })
    canary.take(run({ mode: 'serve', plan, state: { ...RAMPING, phase: 0 } }))
    expect(canary.pick('any', false).exposedTo).toEqual({ version: 'v2', margin: 0.25 })
  })

  it('is counted from zero in each phase, and on through the looks of one', () => {
    canary.take(run())
    pick(20)
    canary.take(run({ state: { ...RAMPING, measureErrors: 1 } }))
    expect(canary.split.total).toBe(20)
    canary.take(run({ state: { ...RAMPING, phase: 2 } }))
    expect(canary.split).toEqual({ inside: 0, total: 0 })
    pick(20)
    canary.take(run({ state: { kind: 'idle' } }))
    expect(canary.split).toEqual({ inside: 0, total: 0 })
  })
})

describe('the probes of a canary', () => {
  it('are missing by what is due and was not sent, never by less than none', () => {
    canary.take(run())
    expect([0, 27 * MINUTE, HOUR].map((ms) => canary.probesMissing(T + ms))).toEqual([0, 150, 300])
    canary.countProbes(100)
    canary.countProbes(100)
    expect(canary.newest?.probesSent).toBe(200)
    expect([0, 27 * MINUTE, HOUR].map((ms) => canary.probesMissing(T + ms))).toEqual([0, 0, 100])
  })
})

describe('a canary that comes back from the database', () => {
  it('has its run, and the requests as its last look had them', () => {
    canary.take(run())
    pick(40)
    canary.noteLook(LOOK)
    const { split, newest } = canary
    if (newest === null) throw new Error('there is no run')
    expect(newest.lastLook).toEqual({ ...LOOK, ...split })
    pick(3)
    store.db.transaction(() => store.release.putRun(newest))
    canary.restore()
    expect([canary.newest, canary.split]).toEqual([newest, split])
  })

  it('counts from zero before its first look, and is none where none is stored', () => {
    canary.take(run())
    pick(40)
    store.db.transaction(() => store.release.putRun(run()))
    canary.restore()
    expect([canary.newest?.runId, canary.split]).toEqual(['run-1', { inside: 0, total: 0 }])
    const other = new CanaryStanding(`${symbol}/other`, store, LIMITS)
    other.take(run())
    other.restore()
    expect(other.newest).toBeNull()
  })
})
