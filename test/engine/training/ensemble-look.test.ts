import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { REGIMES, regimeOf } from '../../../src/engine/market/regime.ts'
import { eachRegime } from '../../../src/engine/models/mix-shares.ts'
import {
  type MarketMinutes,
  weighMoney,
  weighRegimes,
  weighScores,
  worthOfMix,
} from '../../../src/engine/training/ensemble-look.ts'

const UNKNOWN = { rv60mLog: [], efficiency: [] }

/** Members that are so far from the truth. */
function minutes(n: number, noises: readonly number[], seed = 1): MarketMinutes {
  const random = seededRandom(seed)
  const truth = Array.from({ length: n }, () => 0.1 + 0.8 * random.next())
  const noisy = (p: number, noise: number): number => Math.min(0.95, Math.max(0.05, p + noise * (random.next() - 0.5)))
  return {
    scores: noises.map((noise) => truth.map((p) => noisy(p, noise))),
    labels: truth.map((p) => Number(random.next() < p)),
    ...UNKNOWN,
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

/** The first member knows where the market trends, the second where it is volatile; of every tenth minute nothing is known. */
function market(n: number, seed = 1): MarketMinutes {
  const [well, badly] = [minutes(n, [0, 1.2], seed), minutes(n, [1.2, 0], seed)]
  const rv60mLog = well.labels.map((_, i) => (i % 10 === 9 ? Number.NaN : i % 10 < 2 ? -5 - i / n : -8))
  const efficiency = well.labels.map((_, i) => (i % 10 < 5 ? 0.5 : 0.1))
  const of = (i: number): MarketMinutes => (i % 10 < 2 ? badly : well)
  return {
    labels: well.labels.map((_, i) => of(i).labels[i] ?? 0),
    scores: [0, 1].map((member) => well.labels.map((_, i) => of(i).scores[member]?.[i] ?? 0)),
    rv60mLog,
    efficiency,
  }
}

describe('the weights of each regime', () => {
  const now = { common: EQUAL, regimes: null }
  const asIs = <T>(weighed: T): T => weighed

  it('are those of its own minutes by the same rules, and of a regime with too few the common ones', () => {
    const [week, day] = [market(9_000), market(3_000, 2)]
    const found = weighRegimes(now, week, day, asIs)
    const { volatileAbove } = found.shares
    for (const regime of REGIMES) {
      const own = ({ labels, scores, rv60mLog, efficiency }: MarketMinutes) => {
        const isIn = (_: unknown, i: number): boolean =>
          regimeOf(rv60mLog[i] ?? NaN, efficiency[i] ?? NaN, volatileAbove) === regime
        return { labels: labels.filter(isIn), scores: scores.map((of) => of.filter(isIn)) }
      }
      const wanted = weighScores(EQUAL, own(week), own(day))
      expect(found.of[regime].minutes).toBe(own(week).labels.length)
      expect(found.shares.of[regime]).toEqual(wanted.weights)
    }
    // What is unknown has no part in any.
    expect(REGIMES.reduce((sum, regime) => sum + found.of[regime].minutes, 0)).toBe(8_100)
    expect(found.shares.of.trending?.[0]).toBeGreaterThan(0.5)
    expect(found.shares.of.volatile?.[0]).toBeLessThan(0.5)
    const few = weighRegimes(now, market(5_000), day, asIs)
    expect(few.shares.of.volatile).toBeNull()
    expect(few.of.volatile.kept).toMatch(/^\d+ more minutes are needed/)
  })

  it('go on from where the last look left them, each within what it may be', () => {
    const [week, day] = [market(9_000), market(3_000, 2)]
    const first = weighRegimes(now, week, day, asIs)
    const second = weighRegimes({ common: EQUAL, regimes: first.shares }, week, day, asIs)
    expect(second.shares.of.trending?.[0]).toBeGreaterThan(first.shares.of.trending?.[0] ?? 1)
    const bound = weighRegimes(now, week, day, (weighed, from) => ({ ...weighed, weights: from, kept: 'too far' }))
    expect(bound.shares.of).toEqual(eachRegime(() => EQUAL))
    expect(bound.of.ranging.kept).toBe('too far')
  })

  it('are what the mix is compared by', () => {
    const [week, day] = [market(9_000), market(3_000, 2)]
    const volatileAbove = -6
    const best = { trending: [1, 0], ranging: [1, 0], volatile: [0, 1] }
    const worth = (regimes: typeof best | null): number =>
      worthOfMix(
        ['v1', 'v2'],
        { common: [1, 0], regimes: regimes === null ? null : { volatileAbove, of: regimes } },
        { week, day },
        seededRandom(3),
      )?.difference?.value ?? Number.NaN
    expect(worth(null)).toBe(0)
    expect(worth(best)).toBeLessThan(-0.01)
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
  const say = (week: MarketMinutes, day: MarketMinutes, common = EQUAL): string =>
    worthOfMix(['v1', 'v2'], { common, regimes: null }, { week, day }, seededRandom(3))?.plain ?? ''

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
    expect(say(minutes(3_000, [0, 1]), { labels: [], scores: [[], []], ...UNKNOWN })).toBe(
      'it is not known yet whether the mix beats v1',
    )
    expect(
      worthOfMix(
        ['v1', 'v2'],
        { common: EQUAL, regimes: null },
        { week: { labels: [], scores: [[], []] }, day: minutes(9, [0, 1]) },
        seededRandom(1),
      ),
    ).toBeNull()
  })
})
