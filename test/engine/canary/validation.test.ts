import { describe, expect, it } from 'vitest'
import { JUDGE_LIMITS as LIMITS } from '../../../src/engine/canary/plan.ts'
import type { JudgeCounts } from '../../../src/engine/canary/readings.ts'
import { type ValidationHour, validateHours } from '../../../src/engine/canary/validation.ts'
import { cleanCounts as clean, T } from './plan-figures.ts'
import { HOUR } from '../../kit/moments.ts'

const hours = (...counts: readonly JudgeCounts[]): ValidationHour[] =>
  counts.map((hour, i) => ({ ...hour, hourMs: T + i * HOUR }))
const validate = (all: readonly ValidationHour[], profile: 'equivalent' | 'improve' = 'equivalent', needed = 24) =>
  validateHours(all, needed, LIMITS, profile)

describe('the validation after a canary', () => {
  it('is done with 24 full hours of at least 59 comparisons within the limits', () => {
    const day = Array.from({ length: 24 }, () => clean(60))
    expect(validate(hours(...day))).toEqual({ countedH: 24, neededH: 24, brokenAtMs: null, done: true, missing: '' })
    expect(validate(hours(...day.slice(1)))).toMatchObject({
      countedH: 23,
      done: false,
      missing: '1 more full hours of at least 59 comparisons needed',
    })
    expect(validate([])).toMatchObject({ countedH: 0, done: false })
  })

  it('does not count an hour with fewer, nor one whose tries are not known, and counts one that nothing timed, and goes on after it', () => {
    expect(validate(hours(clean(59), clean(58), clean(60))).countedH).toBe(2)
    expect(validate(hours(clean(60), clean(0), clean(60))).countedH).toBe(2)
    expect(validate(hours(clean(60), clean(60, { timed: 0 }), clean(60))).countedH).toBe(3)
    expect(validate(hours(clean(60, { errors: Number.NaN }))).countedH).toBe(0)
    expect(validate(hours(clean(60, { comparisons: 58, matched: 58 }))).countedH).toBe(0)
    expect(validate(hours(clean(60, { tried: 58 }))).countedH).toBe(0)
  })

  const breaches: readonly [what: string, hour: JudgeCounts, profiles: number][] = [
    ['errors above 2 %', clean(100, { errors: 3 }), 2],
    ['match below 90 %', clean(100, { matched: 89 }), 1],
    ['more than 5 % of the answers beyond 120 ms', clean(100, { above120Ms: 6 }), 2],
    ['nothing but errors', clean(0, { tried: 60, errors: 60 }), 2],
  ]
  it.each(breaches)('starts anew after an hour with %s', (_, hour, profiles) => {
    const all = hours(clean(60), clean(60), hour, clean(60))
    expect(validate(all)).toMatchObject({ countedH: 1, brokenAtMs: T + 2 * HOUR, done: false })
    expect(validate(all).missing).toMatch(/^23 more full hours .*; started anew after 2025-05-26T04:00:00.000Z: /)
    expect(validate(all, 'improve').brokenAtMs === null).toBe(profiles === 1)
  })

  it.each([
    ['errors', clean(59, { errors: 2 }), clean(58, { errors: 2 }), 'errors 3.4 % of 59'],
    ['match', clean(59, { matched: 53 }), clean(58, { matched: 52 }), 'match 89.8 % of 59'],
    ['latency', clean(59, { above120Ms: 3 }), clean(58, { above120Ms: 3 }), 'p95 unknown, 5.1 % of 59 beyond 120 ms'],
  ] as const)('judges %s on 59 rows and not on 58, and says what broke', (_, enough, few, why) => {
    expect(validate(hours(enough)).missing).toContain(`: ${why}`)
    expect(validate(hours(few)).brokenAtMs).toBeNull()
  })

  it('counts an hour at the abort limits, which are not broken by being reached', () => {
    expect(validate(hours(clean(100, { errors: 2, matched: 90, above120Ms: 5 }))).countedH).toBe(1)
  })

  it('is undone by a breach after it was done', () => {
    const all = hours(clean(60), clean(60), clean(100, { errors: 50 }))
    expect(validate(all.slice(0, 2), 'equivalent', 2).done).toBe(true)
    expect(validate(all, 'equivalent', 2).done).toBe(false)
  })

  it('refuses hours out of order or twice', () => {
    const [a, b] = hours(clean(60), clean(60))
    if (a === undefined || b === undefined) throw new Error('two hours')
    expect(() => validate([b, a])).toThrow(RangeError)
    expect(() => validate([a, a])).toThrow(RangeError)
  })
})
