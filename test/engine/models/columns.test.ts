import { describe, expect, it } from 'vitest'
import { hasColumns, missingColumns, staleAfterMs } from '../../../src/engine/models/columns.ts'
import type { Model } from '../../../src/engine/models/contract.ts'

const FEATURES = ['a', 'b', 'c']
const model = (needed?: readonly number[]): Model => ({
  version: 'v1',
  kind: 'trees',
  features: FEATURES,
  places: Int32Array.of(2, 0, 1),
  ...(needed === undefined ? {} : { needed: Int32Array.from(needed) }),
  threshold: 0.5,
  score: () => 0.5,
})
const { NaN: none } = Number

describe('the columns of a row that a model needs', () => {
  // A row has b, c and a, in this order.
  it.each<[string, Model, number[], boolean, string[]]>([
    ['all of them', model(), [1, 1, 1], true, []],
    ['one is missing', model(), [1, none, 1], false, ['c']],
    ['one that it may lack is missing', model([2]), [none, 1, 1], true, ['b']],
    ['one that it needs is missing', model([2]), [none, 1, none], false, ['a']],
    ['all that it may lack are missing', model([2]), [none, none, 1], true, ['b', 'c']],
    ['it needs none, and has one', model([]), [none, none, 1], true, ['b', 'c']],
    ['it needs none, and has none', model([]), [none, none, none], false, ['a', 'b', 'c']],
  ])('where %s', (_, one, row, has, lacks) => {
    expect(hasColumns(one, Float64Array.from(row))).toBe(has)
    expect(missingColumns(one, Float64Array.from(row))).toEqual(lacks)
  })
})

describe('the age from which on a row is too old', () => {
  it.each<[features: readonly string[], minutes: number]>([
    [['mid@15m', 'rsi14@15m'], 30],
    [['mid@60m'], 120],
    [['mid@60m', 'rsi14@5m'], 10],
    [['mid@60m', 'rsi14'], 2],
    [['funding_bp'], 2],
    [[], 2],
  ])('of a model of %j is %d minutes where two bars are allowed', (features, minutes) => {
    expect(staleAfterMs({ ...model(), features }, 2)).toBe(minutes * 60_000)
  })

  it('of a mix is that of its members, and not of the columns that tell the regime', () => {
    const features = ['mid@15m', 'rsi14@15m', 'rv_60m_log']
    const mix: Model = { ...model(), kind: 'ensemble', features, needed: Int32Array.of(2, 0) }
    expect(staleAfterMs(mix, 2)).toBe(30 * 60_000)
  })

  it('is that of minutes where no model is in charge', () => {
    expect(staleAfterMs(null, 2)).toBe(120_000)
  })
})
