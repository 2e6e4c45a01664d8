import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'

describe('canonical JSON', () => {
  it('sorts keys by their UTF-16 units and writes numbers at their shortest', () => {
    // The example of RFC 8785, section 3.2.3, and some numbers of its appendix B.
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 }
    expect(canonicalJson(keys)).toBe('{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\ud83d\ude00":5,"\ufb33":3}')
    expect(canonicalJson([-0, 1e21, 1e-7, Number('333333333.33333329'), 4.5, 0.002, 1e-27])).toBe(
      '[0,1e+21,1e-7,333333333.3333333,4.5,0.002,1e-27]',
    )
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"')
  })

  it('is the same for the same value, in whatever order its keys were set, and reads back as it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(canonicalJson(reversed(value))).toBe(text)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('leaves out a property that is undefined', () => {
    expect(canonicalJson({ b: undefined, a: null })).toBe('{"a":null}')
  })

  const circle: { inner: object[] } = { inner: [] }
  circle.inner.push(circle)
  const unfit: readonly [string, unknown, string][] = [
    ['NaN', { a: [1, { b: Number.NaN }] }, 'NaN at $.a[1].b'],
    ['an infinity', [Number.NEGATIVE_INFINITY], '-Infinity at $[0]'],
    ['undefined at the top', undefined, 'undefined at $'],
    ['undefined in an array', { a: [undefined] }, 'undefined at $.a[0]'],
    ['a hole in an array', Object.assign([], { length: 1 }), 'undefined at $[0]'],
    ['a function', { a: () => 1 }, 'function at $.a'],
    ['a bigint', { a: 1n }, 'bigint at $.a'],
    ['a typed array', { a: new Float64Array(1) }, 'a Float64Array at $.a'],
    ['a map', new Map(), 'a Map at $'],
    ['half of a surrogate pair', { a: '\ud800' }, 'half of a surrogate pair at $.a'],
    ['a circle', circle, 'a circle at $.inner[0]'],
  ]
  it.each(unfit)('refuses %s and names its path', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(message)
  })
})

describe('SHA-256', () => {
  it('is the same for a text and for its bytes in UTF-8', () => {
    expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(sha256Hex('onay ✓')).toBe(sha256Hex(Buffer.from('onay ✓', 'utf8')))
  })
})

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([key, member]) => [key, reversed(member)]))
}
