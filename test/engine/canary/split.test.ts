import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inShare, murmur3, splitTest, uniformOf } from '../../../src/engine/canary/split.ts'
import { chi2Cdf } from '../../../src/engine/stats/chi2.ts'

const KEYS = 100_000

/** How likely cells at least this uneven are by chance. */
function chance(cells: readonly number[]): number {
  const expected = cells.reduce((a, b) => a + b, 0) / cells.length
  const statistic = cells.reduce((sum, cell) => sum + (cell - expected) ** 2 / expected, 0)
  return 1 - chi2Cdf(statistic, cells.length - 1)
}

const NAMES: readonly [what: string, key: (i: number) => string][] = [
  ['numbered orders', (i) => `order-${i}`],
  ['bare numbers', (i) => String(i)],
  ['minutes', (i) => `BTCUSDT:${1_746_403_200_000 + i * 60_000}`],
  ['other scripts', (i) => `emir-ışık-${i}-é`],
]

describe('the hash', () => {
  it('turns over half of the bits when one character changes', () => {
    let flipped = 0
    for (let i = 0; i < 10_000; i++) {
      let bits = murmur3(`order-${i}a`, 7) ^ murmur3(`order-${i}b`, 7)
      for (; bits !== 0; bits &= bits - 1) flipped++
    }
    expect(flipped / 10_000 / 32).toBeCloseTo(0.5, 2)
  })
})

describe('the split', () => {
  it.each(NAMES)('spreads %s evenly over 100 cells', (_, key) => {
    const cells = Array<number>(100).fill(0)
    for (let i = 0; i < KEYS; i++) {
      const cell = Math.floor(uniformOf('run-1', key(i)) * 100)
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    expect(cells).toHaveLength(100)
    expect(chance(cells)).toBeGreaterThan(1e-4)
  })

  it.each(NAMES)('puts the planned share of %s inside', (_, key) => {
    for (const share of [0.05, 0.1, 0.25, 0.5]) {
      let inside = 0
      for (let i = 0; i < KEYS; i++) if (inShare('run-1', key(i), share)) inside++
      expect(splitTest({ inside, total: KEYS }, share)?.pValue).toBeGreaterThan(1e-4)
    }
  })

  it('is unrelated between salts', () => {
    const cells = Array<number>(100).fill(0)
    for (let i = 0; i < KEYS; i++) {
      const [a, b] = ['run-1', 'run-2'].map((salt) => Math.floor(uniformOf(salt, `order-${i}`) * 10))
      const cell = (a ?? 0) * 10 + (b ?? 0)
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    expect(chance(cells)).toBeGreaterThan(1e-4)
  })

  it('keeps a key on its side as the share grows, and gives the same side every time', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double({ min: 0, max: 1, noNaN: true }), (salt, key, share) => {
        const u = uniformOf(salt, key)
        expect(u).toBeGreaterThanOrEqual(0)
        expect(u).toBeLessThan(1)
        expect(uniformOf(salt, key)).toBe(u)
        expect(inShare(salt, key, 0)).toBe(false)
        expect(inShare(salt, key, 1)).toBe(true)
        if (inShare(salt, key, share / 2)) expect(inShare(salt, key, share)).toBe(true)
      }),
    )
  })
})
