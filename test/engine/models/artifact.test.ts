import { describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../../src/engine/features/catalogue.ts'
import { parseLogisticWeights } from '../../../src/engine/models/artifact.ts'
import { SMALL_WEIGHTS } from './weights.ts'

/** The small model with one field replaced, as it would come out of a file. */
function fileWith(change: Record<string, unknown>): unknown {
  return { ...JSON.parse(JSON.stringify(SMALL_WEIGHTS)), ...change }
}

const both = (value: unknown): Record<string, unknown> => ({ mid_logret_1m: value, rsi14_z: value })

describe('a weights file', () => {
  it('comes back as it was written', () => {
    expect(parseLogisticWeights(fileWith({}), builtInCatalogue)).toEqual(SMALL_WEIGHTS)
  })

  it('may hold fields that a later version adds', () => {
    expect(parseLogisticWeights(fileWith({ trained_by: 'a later version' }), builtInCatalogue)).toEqual(SMALL_WEIGHTS)
  })

  it.each([
    ['null', null, TypeError, /weights file must be an object/],
    ['a list', [], TypeError, /weights file must be an object, not a list/],
    ['another kind', fileWith({ kind: 'trees' }), RangeError, /kind must be "logistic", not "trees"/],
    ['an empty version', fileWith({ version: '' }), RangeError, /version must not be empty/],
    ['no version', fileWith({ version: undefined }), TypeError, /version must be text, not missing/],
    ['no features', fileWith({ features: [] }), RangeError, /at least one column/],
    ['features that are no list', fileWith({ features: 'mid' }), TypeError, /features must be a list/],
    ['an unknown column', fileWith({ features: ['mid', 'moon'] }), RangeError, /features\[1\] is not a column.*"moon"/],
    ['a name that every object has', fileWith({ features: ['toString'] }), RangeError, /features\[0\] is not a column/],
    ['a column twice', fileWith({ features: ['mid', 'mid'] }), RangeError, /mid twice/],
    ['a bias that is a text', fileWith({ bias: '0' }), TypeError, /bias must be a number/],
    ['a bias that JSON could not hold', fileWith({ bias: null }), TypeError, /bias must be a number, not null/],
    ['an infinite bias', fileWith({ bias: Infinity }), RangeError, /bias must be finite/],
    ['a missing weight', fileWith({ weights: { rsi14_z: 1 } }), TypeError, /weights\.mid_logret_1m .* not missing/],
    ['a weight too many', fileWith({ weights: { ...both(1), mid: 1 } }), RangeError, /weights\.mid is not a feature/],
    ['a deviation of zero', fileWith({ std: both(0) }), RangeError, /std\.mid_logret_1m must be above 0/],
    ['limits the wrong way round', fileWith({ lo: both(9) }), RangeError, /lo\.mid_logret_1m \(9\)/],
    ['no calibration', fileWith({ platt: undefined }), TypeError, /platt must be an object, not missing/],
    ['half a calibration', fileWith({ platt: { a: 1 } }), TypeError, /platt\.b must be a number/],
    ['a threshold above 1', fileWith({ threshold: 1.5 }), RangeError, /threshold must lie between 0 and 1/],
    ['an unknown label', fileWith({ label: { kind: 'down' } }), RangeError, /label\.kind must be/],
    [
      'a horizon of no time',
      fileWith({ label: { ...SMALL_WEIGHTS.label, horizonMin: 0 } }),
      RangeError,
      /label\.horizonMin must be whole minutes/,
    ],
    [
      'a negative threshold of the label',
      fileWith({ label: { ...SMALL_WEIGHTS.label, thresholdBp: -1 } }),
      RangeError,
      /label\.thresholdBp must not be negative/,
    ],
  ])('with %s is refused, and the message names the field', (_what, value, kind, message) => {
    expect(() => parseLogisticWeights(value, builtInCatalogue)).toThrow(kind)
    expect(() => parseLogisticWeights(value, builtInCatalogue)).toThrow(message)
  })
})
