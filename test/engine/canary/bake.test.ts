import { describe, expect, it } from 'vitest'
import { BAKE_LIMITS, type BakeInputs, bakeUntilMs, judgeBake } from '../../../src/engine/canary/bake.ts'
import { JUDGE_LIMITS as LIMITS } from '../../../src/engine/canary/plan.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { HOUR } from '../../kit/moments.ts'
import { cleanCounts as clean, T } from './plan-figures.ts'

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
  it('lasts 48 hours', () => {
    expect(bakeUntilMs(T, BAKE_LIMITS)).toBe(T + 48 * HOUR)
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
    const untimed = [{ name: 'the last hour', counts: clean(1_440, { timed: 30 }) }]
    expect(bake({ spans: untimed })).toMatchObject({ kind: 'wait', reason: '70 more comparisons needed' })
  })

  it('rolls back when the lower end of the interval lies above 0.005, and not before', () => {
    expect(bake({ losses: losses(1_440, 0.02) })).toMatchObject({
      kind: 'rollBack',
      reason: expect.stringMatching(/^log loss \+0.0[12]\d\d against the former model on 1440 settled minutes/),
    })
    expect(bake({ losses: losses(1_440, 0.005) }).kind).toBe('keep')
    expect(bake({ losses: losses(1_440, -0.02) }).kind).toBe('keep')
  })

  it.each([
    [2 ** -7, 2 ** -7, 'keep', ''],
    [2 ** -6, 2 ** -7, 'rollBack', 'log loss +0.0156'],
    [-(2 ** -6), -(2 ** -5), 'rollBack', 'log loss -0.0156'],
    [0, -(2 ** -5), 'rollBack', 'log loss +0.0000'],
  ] as const)('of a difference of %f, without any doubt, with a margin of %f says %s', (by, margin, kind, reason) => {
    // Powers of two: neither the sums nor the mean are rounded.
    const former = new Float64Array(1_440).fill(0.5)
    const limits = { judge: LIMITS, bake: { ...BAKE_LIMITS, margin, draws: 20 } }
    const spans = [{ name: 'since the promotion', counts: clean(1_440) }]
    const inputs = { spans, losses: { former, current: former.map((loss) => loss + by) } }
    const verdict = judgeBake(inputs, limits, 'equivalent', seededRandom(1))
    expect(verdict).toMatchObject({ kind, difference: { value: by, lo: by, hi: by } })
    expect(verdict.reason).toContain(reason)
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
