import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { lookAheadOf } from '../../../src/engine/training/look-ahead.ts'

const ROWS = 4_000

/** Labels of single minutes, and features of them with a noise of their own. */
function drawn(seed: number): {
  labels: Float64Array
  of: (value: (i: number, noise: number) => number) => Float64Array
} {
  const random = seededRandom(seed)
  const labels = Float64Array.from({ length: ROWS }, () => (random.next() < 0.4 ? 1 : 0))
  return { labels, of: (value) => Float64Array.from(labels, (_, i) => value(i, random.next() - 0.5)) }
}

describe('a feature that may look ahead', () => {
  it('is one that says nothing any more when it comes a bar late, whichever way it points', () => {
    const { labels, of } = drawn(1)
    for (const sign of [1, -1]) {
      const found = lookAheadOf(
        of((i, noise) => sign * (labels[i] ?? 0) + 2 * noise),
        labels,
      )
      expect(Math.abs((found?.auc ?? 0.5) - 0.5)).toBeGreaterThan(0.2)
      expect(Math.abs((found?.lagged ?? 0) - 0.5)).toBeLessThan(0.03)
    }
  })

  it('is not one that lasts, one of chance, or one with too little to tell', () => {
    const { labels, of } = drawn(2)
    // A state of an hour that goes with the label.
    const state = of((i) => Math.sin(i / 60))
    const follows = Float64Array.from(state, (x) => (x > 0.3 ? 1 : 0))
    expect(lookAheadOf(state, follows)).toBeNull()
    expect(
      lookAheadOf(
        of((_, noise) => noise),
        labels,
      ),
    ).toBeNull()
    expect(lookAheadOf(labels.slice(0, 400), labels.slice(0, 400))).toBeNull()
    expect(lookAheadOf(labels, new Float64Array(ROWS).fill(1))).toBeNull()
    expect(lookAheadOf(new Float64Array(ROWS).fill(Number.NaN), labels)).toBeNull()
  })
})
