import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JUDGE_LIMITS as LIMITS } from '../../../src/engine/canary/plan.ts'
import type { CanaryProfile } from '../../../src/engine/canary/plan.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { type Validation, type ValidationHour, validateHours } from '../../../src/engine/canary/validation.ts'
import { cleanCounts, T } from './plan-figures.ts'
import { HOUR } from '../../kit/moments.ts'

type Hour = Omit<ValidationHour, 'hourMs'>

const clean = (n = 60, change: Partial<Hour> = {}): Hour => ({
  ...cleanCounts(n),
  above80Ms: 0,
  minutes: Math.min(60, change.comparisons ?? n),
  ...change,
})
const times = (n: number, hour = clean()): Hour[] => Array.from({ length: n }, () => hour)

/** Judges hours that follow one another; null where nothing is known of one. */
function validate(hours: readonly (Hour | null)[], profile: CanaryProfile = 'equivalent', needed = 24): Validation {
  const known = hours.flatMap((hour, i) => (hour === null ? [] : [{ ...hour, hourMs: T + i * HOUR }]))
  return validateHours(
    known,
    { sinceMs: T, untilMs: T + hours.length * HOUR },
    { hours: needed, minutesShare: 0.9 },
    LIMITS,
    profile,
  )
}

describe('the validation after a canary', () => {
  it('is done after the hours needed with nine tenths of their minutes compared', () => {
    expect(validate(times(24))).toEqual({ countedH: 24, neededH: 24, readyAtMs: null, missing: '' })
    expect(validate(times(23))).toEqual({
      countedH: 23,
      neededH: 24,
      readyAtMs: T + 24 * HOUR,
      missing: '1 more full hours needed, 1380 of 1296 minutes have a comparison',
    })
    expect(validate(times(24, clean(54))).missing).toBe('')
    expect(validate([])).toMatchObject({ countedH: 0, readyAtMs: T + 24 * HOUR })
    expect(validate([], 'equivalent', 0).missing).toBe('')
  })

  it.each([
    ['minutes without a comparison', [...times(23), clean(30)], null],
    ['two hours of which nothing is known', [...times(22), null, null], null],
    ['three of them', [...times(21), null, null, null], T + 25 * HOUR],
    ['ten of them', [...times(14), ...Array<null>(10).fill(null)], T + 32 * HOUR],
    ['an hour whose counts are impossible', [...times(21), clean(60, { errors: 61 }), null, null], T + 25 * HOUR],
  ] as const)('is only made longer, and by no more than is missing, by %s', (_, hours, readyAtMs) => {
    expect(validate(hours).readyAtMs).toBe(readyAtMs)
  })

  const breaches: readonly [what: string, hour: Hour, profiles: number, why: string][] = [
    ['errors', clean(60, { errors: 9, comparisons: 51, matched: 51 }), 2, 'errors 15 % of 60'],
    ['mismatches', clean(60, { matched: 40 }), 1, 'match 66.7 % of 60'],
    ['slow answers', clean(60, { above80Ms: 15, above120Ms: 15 }), 2, 'p95 unknown, 25 % of 60 beyond 120 ms'],
    ['nothing but errors', clean(0, { tried: 60, errors: 60 }), 2, 'errors 100 % of 60'],
  ]
  it.each(breaches)('starts anew after an hour that has certainly too many %s', (_, bad, profiles, why) => {
    const hours = [...times(30), bad, ...times(3)]
    const { missing, readyAtMs } = validate(hours)
    expect(missing).toMatch(/^21 more full hours needed, 180 of 1296 minutes have a comparison; started anew after /)
    expect(missing).toContain(why)
    expect(readyAtMs).toBe(T + (31 + 24) * HOUR)
    if (profiles === 1) expect(validate(hours, 'improve').missing).toBe('')
  })

  it.each([
    ['errors beyond the limit', clean(60, { errors: 3, comparisons: 57, matched: 57 })],
    ['mismatches beyond it', clean(60, { matched: 50 })],
    ['answers beyond it', clean(60, { above80Ms: 5, above120Ms: 5 })],
    ['too few tries to be certain of anything', clean(0, { tried: 58, errors: 58 })],
  ])('forgives one hour with %s that prove nothing', (_, hour) => {
    expect(validate([...times(99), hour]).missing).toBe('')
  })

  it.each([
    ['errors', clean(200, { errors: 2, comparisons: 198, matched: 198 }), 'errors 1 % of 4800, below 1 %'],
    ['mismatches', clean(200, { matched: 189 }), 'match 94.5 % of 4800, at least 95 %'],
    ['slow answers', clean(200, { above80Ms: 10 }), '5.0 % of 4800 beyond 80 ms, below 5.0 % needed'],
  ])('is not done while the whole stretch is outside the limits for going on: %s', (_, hour, why) => {
    const { missing, readyAtMs, countedH } = validate(times(24, hour))
    expect(missing).toContain(`not within the limits over the whole stretch: ${why}`)
    expect([countedH, readyAtMs]).toEqual([24, T + 25 * HOUR])
  })

  it('judges no latency that was not timed, as history’s is not', () => {
    expect(validate(times(24, clean(60, { timed: 0 }))).missing).toBe('')
  })

  it('lets a good model through: of 300 with 0.5 % errors at least nine in ten on the first day', () => {
    const random = seededRandom(5)
    const hour = (): Hour => {
      const errors = Array.from({ length: 60 }, () => random.next() < 0.005).filter(Boolean).length
      return clean(60, { errors, comparisons: 60 - errors, matched: 60 - errors })
    }
    const through = Array.from({ length: 300 }, () => validate(Array.from({ length: 24 }, hour))).filter(
      ({ missing }) => missing === '',
    )
    expect(through.length / 300).toBeGreaterThan(0.9)
  })

  it('is never done sooner for anything that is missing, whatever the hours are', () => {
    const anyHour = fc.option(
      fc.integer({ min: 0, max: 60 }).map((n) => clean(n)),
      { nil: null },
    )
    fc.assert(
      fc.property(fc.array(anyHour, { maxLength: 60 }), fc.nat(), (hours, at) => {
        const less = hours.map((hour, i) => (i === at % Math.max(1, hours.length) ? null : hour))
        if (validate(less).missing === '') expect(validate(hours).missing).toBe('')
        expect(validate(less).countedH).toBeLessThanOrEqual(validate(hours).countedH)
      }),
    )
  })

  it('refuses hours out of order or twice', () => {
    const at = (i: number): ValidationHour => ({ ...clean(), hourMs: T + i * HOUR })
    const judge = (...hours: readonly ValidationHour[]) =>
      validateHours(
        hours,
        { sinceMs: T, untilMs: T + 2 * HOUR },
        { hours: 24, minutesShare: 0.9 },
        LIMITS,
        'equivalent',
      )
    expect(() => judge(at(1), at(0))).toThrow(RangeError)
    expect(() => judge(at(0), at(0))).toThrow(RangeError)
  })
})
