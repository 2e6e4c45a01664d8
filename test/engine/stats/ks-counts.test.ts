import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KsCounts, KsReference } from '../../../src/engine/stats/ks-counts.ts'
import { ksTwoSample } from '../../../src/engine/stats/ks.ts'

/** Ties within and between the samples, missing values, and more places than a block of them. */
const value = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.double({ min: -2, max: 32 }), fc.constant(Number.NaN))
const sample = (maxLength: number) => fc.array(value, { maxLength })

function counted(reference: KsReference, values: readonly number[]): KsCounts {
  const counts = new KsCounts(reference)
  for (const place of placesOf(reference, values)) counts.add(place)
  return counts
}

function placesOf(reference: KsReference, values: readonly number[]): number[] {
  return values.flatMap((each) => reference.placeOf(each) ?? [])
}

const known = (values: readonly number[]) => values.filter((each) => !Number.isNaN(each))

describe('the distance of counted values from a reference', () => {
  it('is the two-sample statistic, to the last bit', () => {
    fc.assert(
      fc.property(sample(900), sample(400), (then, now) => {
        const statistic = counted(new KsReference(then), now).statistic()
        if (known(then).length === 0 || known(now).length === 0) expect(statistic).toBeNull()
        else expect(statistic).toBe(ksTwoSample(then, now).statistic)
      }),
    )
  })

  it('is that of what is left once values are taken away', () => {
    fc.assert(
      fc.property(sample(300), sample(100), sample(100), (then, gone, kept) => {
        const reference = new KsReference(then)
        const counts = counted(reference, [...gone, ...kept])
        for (const place of placesOf(reference, gone)) counts.remove(place)
        expect(counts.statistic()).toBe(counted(reference, kept).statistic())
      }),
    )
  })

  it('is 1 where the samples lie apart, and 0 where they are alike', () => {
    const reference = new KsReference([1, 2, 2, 3])
    expect(counted(reference, [4, 5]).statistic()).toBe(1)
    expect(counted(reference, [0]).statistic()).toBe(1)
    expect(counted(reference, [3, 2, 1, 2]).statistic()).toBe(0)
  })
})
