import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { type MixedMinutes, weighMoney, weighScores, worthOfMix } from '../../../src/engine/training/ensemble-look.ts'

/** Members that are so far from the truth. */
function minutes(n: number, noises: readonly number[], seed = 1): MixedMinutes {
  const random = seededRandom(seed)
  const truth = Array.from({ length: n }, () => 0.1 + 0.8 * random.next())
  const noisy = (p: number, noise: number): number => Math.min(0.95, Math.max(0.05, p + noise * (random.next() - 0.5)))
  return {
    scores: noises.map((noise) => truth.map((p) => noisy(p, noise))),
    labels: truth.map((p) => Number(random.next() < p)),
  }
}

const EQUAL = [0.5, 0.5]

describe('the weights by score', () => {
  it('move towards the better member, by 0.3 of the way and at most 0.1', () => {
    const { weights, target, kept } = weighScores(EQUAL, minutes(8_000, [0, 1.2]), minutes(1_440, [0, 1.2], 2))
    expect(kept).toBeNull()
    expect(weights[0]).toBeGreaterThan(0.5)
    expect(weights[0]).toBeLessThanOrEqual(0.6)
    // Half way to equal weights.
    expect(target?.[0]).toBeLessThanOrEqual(0.75)
  })

  it('stay with too few minutes, without a day to try them on, and where that day speaks against them', () => {
    expect(weighScores(EQUAL, minutes(1_439, [0, 1]), minutes(10, [0, 1]))).toEqual({
      weights: EQUAL,
      target: null,
      kept: '1 more minutes are needed that every member has scored',
    })
    const none = { labels: [], scores: [[], []] }
    expect(weighScores(EQUAL, minutes(8_000, [0, 1]), none).kept).toMatch(/has no settled minute/)
    const against = weighScores(EQUAL, minutes(8_000, [0, 1.2]), minutes(1_440, [1.2, 0], 2))
    expect(against.weights).toEqual(EQUAL)
    expect(against.kept).toMatch(/^on the newest day the new weights are worse: log loss/)
    expect(against.target).not.toBeNull()
  })
})

describe('the weights by money', () => {
  const good = Array.from({ length: 168 }, (_, i) => (i % 2 === 0 ? 0.002 : -0.001))
  const bad = good.map((x) => -x)
  const day = { good: good.slice(0, 24), bad: bad.slice(0, 24) }

  it('move towards who earned, stay with too few trades, and where the newest day speaks against them', () => {
    const moved = weighMoney(EQUAL, { week: [good, bad], day: [day.good, day.bad], trades: [30, 30] })
    expect(moved.weights[0]).toBeCloseTo(0.6, 12)
    expect(weighMoney(EQUAL, { week: [good, bad], day: [day.good, day.bad], trades: [30, 29] })).toEqual({
      weights: EQUAL,
      target: null,
      kept: 'a member has 29 of 30 trades on paper',
    })
    const against = weighMoney(EQUAL, { week: [good, bad], day: [day.bad, day.good], trades: [30, 30] })
    expect([against.weights, against.kept]).toEqual([EQUAL, 'on the newest day the new weights earn less'])
  })
})

describe('whether a mix beats its best member', () => {
  const say = (week: MixedMinutes, day: MixedMinutes, weights = EQUAL): string =>
    worthOfMix(['v1', 'v2'], weights, { week, day }, seededRandom(3))?.plain ?? ''

  it('is said in plain words, on the day that neither was chosen by', () => {
    const alike = [0.9, 0.9]
    expect(say(minutes(3_000, alike), minutes(1_440, alike, 2))).toMatch(
      /^the mix beats its best member v\d: log loss -0/,
    )
    expect(say(minutes(3_000, [0, 1.5]), minutes(1_440, [0, 1.5], 2))).toMatch(
      /^the mix does not beat its best member v1: log loss \+0/,
    )
    expect(say(minutes(3_000, [0, 0.02]), minutes(1_440, [0, 0.02], 2), [0.1, 0.9])).toMatch(
      /^it is not certain that the mix beats/,
    )
    expect(say(minutes(3_000, [0, 1]), { labels: [], scores: [[], []] })).toBe(
      'it is not known yet whether the mix beats v1',
    )
    expect(
      worthOfMix(
        ['v1', 'v2'],
        EQUAL,
        { week: { labels: [], scores: [[], []] }, day: minutes(9, [0, 1]) },
        seededRandom(1),
      ),
    ).toBeNull()
  })
})
