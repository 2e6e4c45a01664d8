import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { RollingWindow } from '../../../src/engine/stats/rolling.ts'
import { MINUTE } from '../../kit/moments.ts'

type Point = { tsMs: number; value: number }

function naive(points: readonly Point[], spanMs: number): { count: number; mean: number; std: number } {
  const newest = points.at(-1)?.tsMs ?? 0
  const kept = points.filter(({ tsMs }) => tsMs > newest - spanMs).map(({ value }) => value)
  const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length
  const std = Math.sqrt(kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / kept.length)
  return { count: kept.length, mean, std }
}

/** Points with gaps between them, some longer than the window. */
const walk = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 40 })),
      fc.double({ min: 1, max: 1e5, noNaN: true }),
    ),
    {
      minLength: 1,
      maxLength: 200,
    },
  )
  .map((steps) => {
    let tsMs = 0
    return steps.map(([minutes, value]): Point => ({ tsMs: (tsMs += minutes * MINUTE), value }))
  })

describe('the rolling window', () => {
  it('equals a recomputation from scratch after every push, gaps included', () => {
    fc.assert(
      fc.property(walk, fc.integer({ min: 1, max: 30 }), (points, minutes) => {
        const window = new RollingWindow(minutes * MINUTE)
        points.forEach(({ tsMs, value }, i) => {
          window.push(tsMs, value)
          const expected = naive(points.slice(0, i + 1), minutes * MINUTE)
          expect(window.count).toBe(expected.count)
          expect(Math.abs(window.mean() - expected.mean)).toBeLessThanOrEqual(1e-9)
          expect(Math.abs(window.std() - expected.std)).toBeLessThanOrEqual(1e-9 * Math.max(1, expected.mean))
        })
      }),
      { numRuns: 50 },
    )
  })

  it('gives the very same figures, to the last bit, when it is begun anew with what it holds', () => {
    const span = 1440 * MINUTE
    const random = seededRandom(11)
    const ran = new RollingWindow(span)
    const points: Point[] = []
    let price = 100_000
    for (let i = 0; i < 31 * 1440; i++) {
      price *= 1 + (random.next() - 0.5) / 500
      if (random.next() < 0.01) continue
      points.push({ tsMs: i * MINUTE, value: price })
      ran.push(i * MINUTE, price)
      if (i % 5000 !== 4999) continue
      const anew = new RollingWindow(span)
      for (const { tsMs, value } of points.filter(({ tsMs }) => tsMs > i * MINUTE - span)) anew.push(tsMs, value)
      expect([anew.count, anew.mean(), anew.std()]).toEqual([ran.count, ran.mean(), ran.std()])
    }
    const expected = naive(points, span)
    expect(ran.mean()).toBeCloseTo(expected.mean, 8)
    expect(Math.abs(ran.std() / expected.std - 1)).toBeLessThan(1e-10)
  })

  it('has exactly the mean and deviation 0 of equal values', () => {
    const window = new RollingWindow(100 * MINUTE)
    for (let i = 0; i < 250; i++) window.push(i * MINUTE, 0.1)
    expect([window.mean(), window.std()]).toEqual([0.1, 0])
  })

  it('keeps its digits when the newest value lies far from all others', () => {
    const window = new RollingWindow(1440 * MINUTE)
    const points = Array.from({ length: 1440 }, (_, i) => ({ tsMs: i * MINUTE, value: i === 1439 ? 5e6 : 1 + i / 1e4 }))
    for (const { tsMs, value } of points) window.push(tsMs, value)
    expect(Math.abs(window.std() / naive(points, 1440 * MINUTE).std - 1)).toBeLessThan(1e-11)
  })

  it('drops a value once it is as old as the window is long', () => {
    const window = new RollingWindow(2 * MINUTE)
    window.push(0, 1)
    window.push(MINUTE, 3)
    window.push(2 * MINUTE, 5)
    expect([window.count, window.mean()]).toEqual([2, 4])
  })

  it('says NaN when it is empty, and refuses what goes back in time or is no number', () => {
    const window = new RollingWindow(MINUTE)
    expect([window.count, window.mean(), window.std()]).toEqual([0, NaN, NaN])
    window.push(5, 1)
    expect(() => window.push(5, 1)).toThrow(RangeError)
    expect(() => window.push(6, NaN)).toThrow(RangeError)
    expect(() => new RollingWindow(0)).toThrow(RangeError)
  })
})
