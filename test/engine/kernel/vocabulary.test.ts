import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOfDoubles } from '../../../src/engine/kernel/doubles.ts'
import { grouped, percent, shortPercent, signed } from '../../../src/engine/kernel/figures.ts'
import { isRecord, tryJson } from '../../../src/engine/kernel/json.ts'
import { drawWithout, seededRandom } from '../../../src/engine/kernel/random.ts'
import { clockText, isoTime, minuteText } from '../../../src/engine/kernel/units.ts'
import { lettersOf, verdictOf, type Verdict } from '../../../src/engine/kernel/verdict.ts'

describe('figures for people', () => {
  it('write a share as a percentage, with or without zeros that say nothing', () => {
    expect([percent(0.9512), percent(0.9512, 2), percent(1)]).toEqual(['95.1 %', '95.12 %', '100.0 %'])
    expect([shortPercent(0.05), shortPercent(0.9512), shortPercent(0.125, 0)]).toEqual(['5 %', '95.12 %', '13 %'])
  })

  it('write a difference with its sign, and a count with its thousands apart', () => {
    expect([signed(0.01234), signed(-0.00044), signed(0), signed(2, 1)]).toEqual([
      '+0.0123',
      '-0.0004',
      '+0.0000',
      '+2.0',
    ])
    expect([grouped(999), grouped(10_075), grouped(1_234_567)]).toEqual(['999', '10,075', '1,234,567'])
  })

  it('write a moment to the minute, of Unix ms and of an ISO time alike', () => {
    const ms = Date.UTC(2025, 4, 26, 2, 41, 59)
    expect([minuteText(ms), minuteText(isoTime(ms))]).toEqual(['2025-05-26 02:41', '2025-05-26 02:41'])
    expect([clockText(ms), clockText(isoTime(ms))]).toEqual(['02:41', '02:41'])
  })
})

describe('numbers as bytes', () => {
  it('are those of the doubles, and the same for every NaN', () => {
    const values = Float64Array.of(0, -0, 1.5, Number.NEGATIVE_INFINITY, 5e-324, 0, 0, 0)
    const bits = new BigUint64Array(values.buffer)
    // Negative as a division of 0 by 0 makes it, with a payload, and signalling.
    bits.set([0xfff8000000000000n, 0x7ff8000000000001n, 0x7ff4000000000000n], 5)
    const same = Float64Array.of(0, -0, 1.5, Number.NEGATIVE_INFINITY, 5e-324, Number.NaN, Number.NaN, Number.NaN)
    expect(bytesOfDoubles(values)).toEqual(bytesOfDoubles(same))
    expect(bytesOfDoubles(same).toString('hex')).toBe(
      '00000000000000000000000000000080000000000000f83f000000000000f0ff0100000000000000' + '000000000000f87f'.repeat(3),
    )
    expect(bits[5]).toBe(0xfff8000000000000n)
  })

  it('leave out what the array does not show of its memory', () => {
    expect(bytesOfDoubles(new Float64Array(Float64Array.of(1, 2, 3).buffer, 8, 1))).toEqual(
      bytesOfDoubles(Float64Array.of(2)),
    )
  })
})

describe('a row of verdicts', () => {
  it('is stored as letters and comes back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom<Verdict>('PASS', 'FAIL', 'WAIT', 'ERROR')), (verdicts) => {
        expect(lettersOf(verdicts).split('').map(verdictOf)).toEqual(verdicts)
      }),
    )
  })

  it('takes a letter that is missing or unknown for an error, never for a pass', () => {
    expect([verdictOf(undefined), verdictOf(''), verdictOf('p'), verdictOf('X')]).toEqual(Array(4).fill('ERROR'))
  })
})

describe('text that may be JSON', () => {
  it('gives its value, and undefined for anything else', () => {
    expect([tryJson('{"a":1}'), tryJson('null'), tryJson('{"a":'), tryJson('')]).toEqual([
      { a: 1 },
      null,
      undefined,
      undefined,
    ])
  })

  it('is a record when it is an object, and neither a list nor null', () => {
    expect([{}, { a: 1 }, [], null, 'a', undefined].map(isRecord)).toEqual([true, true, false, false, false, false])
  })
})

describe('drawing without putting back', () => {
  it('draws each item once at most, as many as asked for or as there are, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(20), fc.nat(), (items, count, seed) => {
        const places = items.map((item, i) => ({ item, i }))
        const drawn = drawWithout(places, count, seededRandom(seed))
        expect(drawn).toHaveLength(Math.min(count, items.length))
        expect(new Set(drawn.map(({ i }) => i)).size).toBe(drawn.length)
        expect(drawn.every(({ item, i }) => items[i] === item)).toBe(true)
        expect(drawWithout(places, count, seededRandom(seed))).toEqual(drawn)
      }),
    )
  })

  it('draws every item as often as the others', () => {
    const random = seededRandom(3)
    const counts = [0, 0, 0, 0, 0]
    for (let i = 0; i < 20_000; i++)
      for (const j of drawWithout([0, 1, 2, 3, 4], 2, random)) counts[j] = (counts[j] ?? 0) + 1
    for (const count of counts) expect(Math.abs(count - 8_000)).toBeLessThan(400)
  })
})
