import { describe, expect, it } from 'vitest'
import { hasColumns, missingColumns } from '../../../src/engine/models/columns.ts'
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
