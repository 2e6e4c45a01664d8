import { describe, expect, it } from 'vitest'
import { inShare, murmur3, splitTest, uniformOf } from '../../../src/engine/canary/split.ts'

/** Bytes as the UTF-16 code units that hold them, low byte first. */
const units = (...bytes: readonly number[]): string =>
  Array.from({ length: bytes.length / 2 }, (_, i) =>
    String.fromCharCode((bytes[2 * i] ?? 0) | ((bytes[2 * i + 1] ?? 0) << 8)),
  ).join('')

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

  it('is of the whole text, an odd last character and an even one alike', () => {
    for (const text of ['a', 'ab', 'abc', 'abcd'])
      for (let i = 0; i < text.length; i++)
        expect(murmur3(`${text.slice(0, i)}z${text.slice(i + 1)}`, 0), `${text} at ${i}`).not.toBe(murmur3(text, 0))
  })
})

describe('the place of a key', () => {
  it('is its hash under the hash of the salt, between 0 and 1, and the share ends before it', () => {
    const place = uniformOf('run-1', 'order-1')
    expect(place * 2 ** 32).toBe(murmur3('order-1', murmur3('run-1', 0)))
    expect([place, place + 2 ** -32].map((share) => inShare('run-1', 'order-1', share))).toEqual([false, true])
  })
})

describe('the realised split', () => {
  it('is shown beside the plan with a chi-square test of one degree of freedom', () => {
    expect(splitTest({ inside: 25, total: 100 }, 0.25)).toEqual({ realised: 0.25, pValue: 1 })
    // (30 - 25)^2 / (100 x 0.25 x 0.75) = 1.3333
    expect(splitTest({ inside: 30, total: 100 }, 0.25)?.pValue).toBeCloseTo(0.248213, 6)
    expect(splitTest({ inside: 500, total: 1_000 }, 0.25)?.pValue).toBeLessThan(1e-12)
    expect(splitTest({ inside: 100, total: 100 }, 1)).toEqual({ realised: 1, pValue: 1 })
    expect(splitTest({ inside: 99, total: 100 }, 1)).toEqual({ realised: 0.99, pValue: 0 })
    expect(splitTest({ inside: 0, total: 100 }, 0)).toEqual({ realised: 0, pValue: 1 })
    expect(splitTest({ inside: 1, total: 100 }, 0)).toEqual({ realised: 0.01, pValue: 0 })
    expect(splitTest({ inside: 0, total: 0 }, 0.25)).toBeNull()
    expect(() => splitTest({ inside: 2, total: 1 }, 0.25)).toThrow(RangeError)
    expect(() => splitTest({ inside: -1, total: 1 }, 0.25)).toThrow(RangeError)
    expect(() => splitTest({ inside: 1, total: 2 }, 1.5)).toThrow(RangeError)
    expect(() => splitTest({ inside: 1, total: 2 }, -0.5)).toThrow(RangeError)
  })
})
