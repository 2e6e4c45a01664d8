import { describe, expect, it } from 'vitest'
import { BAKE_LIMITS, type BakeInputs, bakeUntilMs, judgeBake } from '../../src/engine/canary/bake.ts'
import { JUDGE_LIMITS as LIMITS } from '../../src/engine/canary/plan.ts'
import type { JudgeCounts } from '../../src/engine/canary/readings.ts'
import { type ValidationHour, validateHours } from '../../src/engine/canary/validation.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { T } from './figures.ts'

const HOUR = 3_600_000

/** Counts of so many rows without a fault. */
const clean = (n: number, change: Partial<JudgeCounts> = {}): JudgeCounts => ({
  comparisons: n,
  matched: n,
  tried: n,
  errors: 0,
  timed: n,
  above120Ms: 0,
  ...change,
})
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

/** Log losses of so many minutes that differ by `by` and a noise of their own. */
function losses(n: number, by: number): BakeInputs['losses'] {
  const random = seededRandom(3)
  const former = Float64Array.from({ length: n }, () => 0.6 + 0.2 * random.next())
  return { former, current: former.map((loss) => loss + by + 0.02 * (random.next() - 0.5)) }
}

function bake(inputs: Partial<BakeInputs>, profile: 'equivalent' | 'improve' = 'equivalent') {
  const spans = [{ name: 'since the promotion', counts: clean(1_440) }]
  const all = { spans, losses: losses(1_440, 0), ...inputs }
  return judgeBake(all, { judge: LIMITS, bake: BAKE_LIMITS }, profile, seededRandom(1))
}

describe('the bake after a promotion', () => {
  it('lasts 48 hours, with 10,000 draws of 99.9 % from 1,440 settled minutes on', () => {
    expect(bakeUntilMs(T, BAKE_LIMITS)).toBe(T + 48 * HOUR)
    expect(BAKE_LIMITS).toMatchObject({ minRows: 1_440, margin: 0.005, draws: 10_000, confidence: 0.999 })
  })

  it('keeps a model that breaks nothing', () => {
    expect(bake({})).toMatchObject({ kind: 'keep', difference: { lo: expect.any(Number) } })
  })

  it('waits, and says for what, while there is too little', () => {
    const spans = [{ name: 'the last hour', counts: clean(60) }]
    expect(bake({ spans, losses: losses(1_439, 0.5) })).toEqual({
      kind: 'wait',
      reason: '40 more comparisons needed; 1 more settled minutes needed',
      difference: null,
    })
    expect(bake({ spans: [] }).kind).toBe('wait')
  })

  it('rolls back when the lower end of the interval lies above 0.005, and not before', () => {
    expect(bake({ losses: losses(1_440, 0.02) })).toMatchObject({
      kind: 'rollBack',
      reason: expect.stringMatching(/^log loss \+0.0[12]\d\d against the former model on 1440 settled minutes/),
    })
    expect(bake({ losses: losses(1_440, 0.005) }).kind).toBe('keep')
    expect(bake({ losses: losses(1_440, -0.02) }).kind).toBe('keep')
  })

  it('rolls back when an abort limit is broken with certainty in any span, before any minute has settled', () => {
    const spans = [
      { name: 'the last hour', counts: clean(100, { errors: 60, comparisons: 40, matched: 40 }) },
      { name: 'since the promotion', counts: clean(10_000) },
    ]
    expect(bake({ spans, losses: losses(0, 0) })).toMatchObject({
      kind: 'rollBack',
      reason: expect.stringMatching(/^the last hour: errors 60 % of 100, interval/),
    })
    const unsure = [{ name: 'the last hour', counts: clean(100, { errors: 3 }) }]
    expect(bake({ spans: unsure }).kind).toBe('keep')
  })

  it('judges match only where the profile was equivalent', () => {
    const spans = [{ name: 'since the promotion', counts: clean(1_440, { matched: 300 }) }]
    expect(bake({ spans }).kind).toBe('rollBack')
    expect(bake({ spans }, 'improve').kind).toBe('keep')
  })

  it('does not take figures that cannot be for good ones', () => {
    const spans = [{ name: 'the last hour', counts: clean(100, { matched: 101 }) }]
    expect(bake({ spans })).toMatchObject({ kind: 'measureError', reason: expect.stringContaining('the last hour') })
    const { current, former } = losses(1_440, 0)
    expect(bake({ losses: { current, former: former.subarray(1) } }).kind).toBe('measureError')
    expect(bake({ losses: { current: current.with(7, Number.NaN), former } }).kind).toBe('measureError')
  })
})
