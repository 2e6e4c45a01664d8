import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  equalWeights,
  maxSharpeWeights,
  shrunk,
  stackWeights,
  stepTowards,
} from '../../../src/engine/training/ensemble-weights.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { logLoss } from '../../../src/engine/stats/calibration.ts'

/** Origin: golden/live.json of make_golden_live.py, by scipy's SLSQP. */
const golden = z
  .object({
    max_sharpe: z.object({
      returns: z.array(z.array(z.number())),
      weights: z.array(z.number()),
      no_mean_positive: z.array(z.number()),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../kit/golden/live.json', import.meta.url), 'utf8')))

/** Of each member. */
const columns = (rows: readonly (readonly number[])[]): number[][] =>
  (rows[0] ?? []).map((_, j) => rows.map((row) => row[j] ?? Number.NaN))
const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0)
const mixOf = (members: readonly (readonly number[])[], weights: readonly number[]): number[] =>
  (members[0] ?? []).map((_, i) => sum(weights.map((w, j) => w * (members[j]?.[i] ?? 0))))

describe('the mix with the greatest Sharpe ratio', () => {
  const members = columns(golden.max_sharpe.returns)

  it('is that of scipy, and equal weights where no mean is positive', () => {
    // SLSQP stops within about 1e-6 of the ratio's flat top.
    maxSharpeWeights(members).forEach((w, i) => expect(w).toBeCloseTo(golden.max_sharpe.weights[i] ?? 0, 5))
    const losing = members.map((of) => of.map((x) => -Math.abs(x)))
    expect(maxSharpeWeights(losing)).toEqual(golden.max_sharpe.no_mean_positive)
  })

  it('is at least 0 each, sums to 1, and no other mix on the way to a member is better', () => {
    const returns = fc.integer({ min: 2, max: 5 }).chain((k) =>
      fc.array(fc.array(fc.double({ min: -2, max: 3, noNaN: true }), { minLength: 12, maxLength: 12 }), {
        minLength: k,
        maxLength: k,
      }),
    )
    fc.assert(
      fc.property(returns, (given) => {
        const weights = maxSharpeWeights(given)
        expect(sum(weights)).toBeCloseTo(1, 9)
        expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
        if (given.every((of) => sum(of) <= 0)) return
        const ratio = (w: readonly number[]): number => shrunkSharpe(given, w)
        for (let j = 0; j < given.length; j++) {
          const other = weights.map((w, i) => 0.99 * w + (i === j ? 0.01 : 0))
          expect(ratio(other)).toBeLessThanOrEqual(ratio(weights) + 1e-7 * (1 + Math.abs(ratio(weights))))
        }
      }),
    )
  })
})

/** Mean over deviation, the covariance drawn to its diagonal by 0.2. */
function shrunkSharpe(members: readonly (readonly number[])[], weights: readonly number[]): number {
  const n = members[0]?.length ?? 0
  const means = members.map((of) => sum(of) / n)
  let variance = 0
  members.forEach((a, p) => {
    members.forEach((b, q) => {
      const own = sum(a.map((x, i) => (x - (means[p] ?? 0)) * ((b[i] ?? 0) - (means[q] ?? 0)))) / n
      variance += (weights[p] ?? 0) * (weights[q] ?? 0) * (p === q ? own + 1e-12 : 0.8 * own)
    })
  })
  return sum(means.map((m, i) => m * (weights[i] ?? 0))) / Math.sqrt(variance)
}

/** Members that know the truth more or less. */
function members(seed: number, noises: readonly number[], n = 600): { scores: number[][]; labels: number[] } {
  const random = seededRandom(seed)
  const truth = Array.from({ length: n }, () => 0.1 + 0.8 * random.next())
  const noisy = (p: number, noise: number): number => Math.min(0.98, Math.max(0.02, p + noise * (random.next() - 0.5)))
  return {
    scores: noises.map((noise) => truth.map((p) => noisy(p, noise))),
    labels: truth.map((p) => Number(random.next() < p)),
  }
}

describe('the mix with the least log loss', () => {
  it('is at least 0 each, sums to 1, and no other mix on the way to a member is better', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        // Among them members that are alike, or almost.
        fc.array(
          fc.oneof(
            fc.double({ min: 0, max: 1.5, noNaN: true }),
            fc.integer({ min: 1, max: 14 }).map((digits) => 10 ** -digits),
          ),
          { minLength: 1, maxLength: 6 },
        ),
        (seed, noises) => {
          const { scores, labels } = members(seed, noises)
          const weights = stackWeights(scores, labels)
          expect(sum(weights)).toBeCloseTo(1, 9)
          expect(Math.min(...weights)).toBeGreaterThanOrEqual(0)
          const loss = logLoss(labels, mixOf(scores, weights))
          for (let j = 0; j < noises.length; j++) {
            const other = weights.map((w, i) => 0.99 * w + (i === j ? 0.01 : 0))
            expect(logLoss(labels, mixOf(scores, other))).toBeGreaterThanOrEqual(loss - 1e-9)
          }
          expect(loss).toBeLessThanOrEqual(logLoss(labels, mixOf(scores, equalWeights(noises.length))) + 1e-12)
        },
      ),
      { numRuns: 40, examples: [[1, [0, 1.4e-10, 0, 0, 0.373]]] },
    )
  })

  it('gives nothing to a member that knows nothing, and shares among those that are alike', () => {
    const { scores, labels } = members(3, [0.1, 0.1])
    const coin = labels.map(() => 0.5)
    expect(stackWeights([scores[0] ?? [], coin], labels)[1]).toBeLessThan(0.2)
    const twin = scores[0] ?? []
    expect(sum(stackWeights([twin, twin], labels))).toBeCloseTo(1, 12)
  })

  it('is the only member there is, whatever it says', () => {
    expect(stackWeights([[0, 1, 0.5]], [1, 1, 0])).toEqual([1])
    expect(() => stackWeights([], [1])).toThrow(RangeError)
    expect(() => stackWeights([[]], [])).toThrow(RangeError)
  })
})

describe('a step of the weights', () => {
  const simplex = fc
    .array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
    .map((raw) => raw.map((x) => x / sum(raw)))

  it('goes 0.3 of the way, none by more than 0.1, and stays among weights', () => {
    fc.assert(
      fc.property(simplex, simplex, (now, target) => {
        const next = stepTowards(now, target)
        expect(sum(next)).toBeCloseTo(1, 9)
        next.forEach((w, i) => {
          expect(w).toBeGreaterThanOrEqual(-1e-12)
          expect(Math.abs(w - (now[i] ?? 0))).toBeLessThanOrEqual(0.1 + 1e-12)
          expect(Math.abs(w - (now[i] ?? 0))).toBeLessThanOrEqual(
            0.3 * Math.abs((target[i] ?? 0) - (now[i] ?? 0)) + 1e-12,
          )
        })
      }),
    )
    expect(stepTowards([0.5, 0.5], [0.6, 0.4])[0]).toBeCloseTo(0.53, 12)
    expect(stepTowards([1, 0], [0, 1])[0]).toBeCloseTo(0.9, 12)
  })

  it('is towards weights that are half way to equal ones', () => {
    expect(shrunk([1, 0])).toEqual([0.75, 0.25])
  })
})
