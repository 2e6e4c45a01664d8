import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CanaryPlan, livePlan, marginOf, PLANS, validatePlan } from '../../../src/engine/canary/plan.ts'
import { PROBE_LIMITS as LIMITS, probesDue, probesOf, probesPlanned } from '../../../src/engine/canary/probes.ts'
import { HALF_HOUR, T } from './plan-figures.ts'
import { MINUTE } from '../../kit/moments.ts'

const plan = (...phases: readonly [split: number, minutes: number][]): CanaryPlan => ({
  name: 'own',
  phases: phases.map(([split, minutes]) => ({ split, durationMs: minutes * MINUTE })),
})

const ramping = (phase: number) => ({ kind: 'ramping', phase, sinceMs: T, measureErrors: 0 }) as const

describe('the plans', () => {
  it('are full with 5, 10, 25, 50, 100 % and mini with 5, 25, 100 %, half an hour each', () => {
    expect(PLANS.full.phases.map(({ split }) => split)).toEqual([0.05, 0.1, 0.25, 0.5, 1])
    expect(PLANS.mini.phases.map(({ split }) => split)).toEqual([0.05, 0.25, 1])
    for (const { phases } of Object.values(PLANS)) {
      expect(phases.every(({ durationMs }) => durationMs === HALF_HOUR)).toBe(true)
    }
    expect(Object.values(PLANS).flatMap(validatePlan)).toEqual([])
  })

  it('of the user are named fault by fault', () => {
    expect(validatePlan(plan([0.2, 1], [1, 1_440]))).toEqual([])
    expect(validatePlan(plan())).toEqual(['a plan has 1 to 20 phases, not 0'])
    expect(validatePlan({ name: '', phases: plan([1, 5]).phases })).toEqual(['the plan has no name'])
    const many = Array.from({ length: 21 }, (_, i): [number, number] => [(i + 1) / 21, 5])
    expect(validatePlan(plan(...many))).toEqual(['a plan has 1 to 20 phases, not 21'])
    expect(validatePlan(plan(...many.slice(1)))).toEqual([])
    expect(validatePlan(plan([1, 0.5]))).toEqual(['phase 1: it lasts 1 minute to 24 hours, not 0.5 minutes'])
    for (const split of [0, -0.1, 1.1, Number.NaN]) {
      expect(validatePlan(plan([split, 5], [1, 5])).join(), String(split)).toContain('above 0 and at most 1')
    }
    for (const minutes of [0.5, 1_441, Number.NaN]) {
      expect(validatePlan(plan([1, minutes])).join(), String(minutes)).toContain('1 minute to 24 hours')
    }
    expect(validatePlan(plan([0.5, 5], [0.5, 5], [1, 5]))).toEqual([
      'phase 2: its split 0.5 is not above the 0.5 before it',
    ])
    expect(validatePlan(plan([0.5, 5]))).toEqual(['the last split is 1, not 0.5'])
  })
})

describe('the plan of a canary of days', () => {
  const policy = { minConfidence: 0.58, sha256: 'abc' }

  it('is one phase of that share and of whole days', () => {
    const live = livePlan(0.1, 7, policy)
    expect(live).toEqual({ name: 'live', phases: [{ split: 0.1, durationMs: 7 * 24 * 60 * MINUTE }], live: policy })
    expect(validatePlan(live)).toEqual([])
    expect(marginOf(live)).toBeCloseTo(0.08, 12)
    expect(marginOf(PLANS.mini)).toBe(0)
  })

  it('is named fault by fault, and its name is its own', () => {
    expect(validatePlan(livePlan(0, 7, policy))).toEqual(['a share is above 0 and at most 1, not 0'])
    expect(validatePlan(livePlan(1, 29, policy))).toEqual(['it lasts 1 to 28 days, not 29'])
    expect(validatePlan(livePlan(1, 28, policy))).toEqual([])
    expect(validatePlan({ ...livePlan(1, 2, policy), phases: [] })).toEqual(['a live plan has one phase, not 0'])
    expect(validatePlan({ ...plan([1, 5]), name: 'live' })).toEqual(['live is the name of the canary of days'])
  })
})

describe('probes', () => {
  it('are 1,000 times the split and at least 300, over the first nine tenths of the phase', () => {
    expect(PLANS.full.phases.map((_, i) => probesOf(i, PLANS.full, LIMITS))).toEqual([300, 300, 300, 500, 1_000])
    expect(PLANS.full.phases.map((_, i) => probesOf(i, PLANS.full, { least: 120, atFullSplit: 400 }))).toEqual([
      120, 120, 120, 200, 400,
    ])
    expect(() => probesOf(3, PLANS.mini, LIMITS)).toThrow(RangeError)
  })

  it('of a canary of days are spread over its planned days, and not sent anew as it is extended', () => {
    const live = livePlan(0.1, 7, { minConfidence: 0.58, sha256: 'abc' })
    const day = 24 * 60 * MINUTE
    const held = { kind: 'holding', phase: 0, sinceMs: T, untilMs: T + 9 * day, measureErrors: 0 } as const
    expect(probesDue(ramping(0), live, LIMITS, T + 3.15 * day)).toBe(150)
    expect([probesPlanned(ramping(0), live, LIMITS), probesPlanned(held, live, LIMITS)]).toEqual([300, 300])
    for (const days of [7, 8, 8.5]) expect(probesDue(held, live, LIMITS, T + days * day)).toBe(300)
  })

  it('are due evenly, all of them after nine tenths', () => {
    const due = (minutes: number) => probesDue(ramping(0), PLANS.mini, LIMITS, T + minutes * MINUTE)
    expect([-5, 0, 2.7, 13.5, 26.99, 27, 30, 60].map(due)).toEqual([0, 0, 30, 150, 299, 300, 300, 300])
    expect(probesDue(ramping(0), PLANS.mini, LIMITS, Number.NaN)).toBe(0)
  })

  it('of a phase that is held are as many again, spread over its extension in the same way', () => {
    // It was looked at late: the extension begins when it is held, and not when the phase should have ended.
    const held = { kind: 'holding', phase: 0, sinceMs: T, untilMs: T + 65 * MINUTE, measureErrors: 0 } as const
    const due = (minutes: number) => probesDue(held, PLANS.mini, LIMITS, T + minutes * MINUTE)
    expect([30, 35, 37.7, 48.5, 62, 65, 90].map(due)).toEqual([300, 300, 330, 450, 600, 600, 600])
    expect(probesPlanned(held, PLANS.mini, LIMITS)).toBe(600)
    expect(probesPlanned(ramping(0), PLANS.mini, LIMITS)).toBe(300)
  })

  it('never become fewer as time goes on, nor when a phase is held', () => {
    fc.assert(
      fc.property(fc.nat(4), fc.integer({ min: -1e6, max: 1e7 }), fc.nat(1e6), (phase, at, later) => {
        const [a, b] = [at, at + later].map((ms) => probesDue(ramping(phase), PLANS.full, LIMITS, T + ms))
        expect(b).toBeGreaterThanOrEqual(a ?? Number.NaN)
        const held = { ...ramping(phase), kind: 'holding', untilMs: T + at + HALF_HOUR } as const
        expect(probesDue(held, PLANS.full, LIMITS, T + at + later)).toBeGreaterThanOrEqual(a ?? Number.NaN)
      }),
    )
  })
})
