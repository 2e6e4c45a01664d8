import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inShare, murmur3, splitTest, uniformOf } from '../../../src/engine/canary/split.ts'
import { chi2Cdf } from '../../../src/engine/stats/chi2.ts'

const KEYS = 100_000

/** Bytes as the UTF-16 code units that hold them, low byte first. */
const units = (...bytes: readonly number[]): string =>
  Array.from({ length: bytes.length / 2 }, (_, i) =>
    String.fromCharCode((bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8)),
  ).join('')

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
  it('gives the published values of MurmurHash3_x86_32', () => {
    expect(murmur3('', 0)).toBe(0)
    expect(murmur3('', 1)).toBe(0x514e28b7)
    expect(murmur3('', 0xffffffff)).toBe(0x81f16f39)
    expect(murmur3(units(0xff, 0xff, 0xff, 0xff), 0)).toBe(0x76293b50)
    expect(murmur3(units(0x21, 0x43, 0x65, 0x87), 0)).toBe(0xf55b516b)
    expect(murmur3(units(0x21, 0x43, 0x65, 0x87), 0x5082edee)).toBe(0x2362f9de)
    expect(murmur3(units(0x21, 0x43), 0)).toBe(0xa0f7b07a)
    expect(murmur3(units(0, 0, 0, 0), 0)).toBe(0x2362f9de)
    expect(murmur3(units(0, 0), 0)).toBe(0x30f4c306)
  })

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

  it('is shown beside the plan with a chi-square test of one degree of freedom', () => {
    expect(splitTest({ inside: 25, total: 100 }, 0.25)).toEqual({ realised: 0.25, pValue: 1 })
    // (30 - 25)^2 / (100 x 0.25 x 0.75) = 1.3333
    expect(splitTest({ inside: 30, total: 100 }, 0.25)?.pValue).toBeCloseTo(0.248213, 6)
    expect(splitTest({ inside: 500, total: 1_000 }, 0.25)?.pValue).toBeLessThan(1e-12)
    expect(splitTest({ inside: 100, total: 100 }, 1)).toEqual({ realised: 1, pValue: 1 })
    expect(splitTest({ inside: 99, total: 100 }, 1)).toEqual({ realised: 0.99, pValue: 0 })
    expect(splitTest({ inside: 0, total: 0 }, 0.25)).toBeNull()
    expect(() => splitTest({ inside: 2, total: 1 }, 0.25)).toThrow(RangeError)
    expect(() => splitTest({ inside: 1, total: 2 }, 1.5)).toThrow(RangeError)
  })
})
