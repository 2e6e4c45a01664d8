import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { DEFAULT_FOLDS, forwardFolds, purgedFolds } from '../../../src/engine/training/folds.ts'
import { minutesWithGaps } from '../../kit/bars.ts'

function minutes(count: number, from = 0): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => (from + i) * MINUTE_MS)
}

describe('purged folds', () => {
  it('cut the time from the first row to a minute after the last into equal blocks that hold each row once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 3000 }), fc.integer({ min: 2, max: 8 }), (count, folds) => {
        const tsMs = minutes(count, 777)
        const made = purgedFolds(tsMs, { ...DEFAULT_FOLDS, folds })
        expect(made.flatMap(({ test }) => [...test])).toEqual([...tsMs.keys()])
        expect(made[0]?.testFromMs).toBe(tsMs[0])
        expect(made.at(-1)?.testUntilMs).toBe((tsMs.at(-1) ?? NaN) + MINUTE_MS)
        made.slice(1).forEach((fold, i) => expect(fold.testFromMs).toBe(made[i]?.testUntilMs))
      }),
    )
  })

  it('train before a - 5 min and from b + 65 min on: the label is purged, then comes the embargo', () => {
    const tsMs = minutes(1000)
    const fold = purgedFolds(tsMs)[2]
    const trained = new Set(fold?.train)
    const expected = [...tsMs.keys()].filter((minute) => minute < 400 - 5 || minute >= 600 + 65)
    expect([...trained]).toEqual(expected)
  })

  it('keep apart by time and not by row number, so that a gap changes nothing', () => {
    const tsMs = minutes(1000).filter((_, i) => i % 10 !== 0 || i === 0)
    const fold = purgedFolds(tsMs)[2]
    const trained = [...(fold?.train ?? [])].map((row) => (tsMs[row] ?? NaN) / MINUTE_MS)
    expect(trained.every((minute) => minute < 395 || minute >= 665)).toBe(true)
    expect(trained.length).toBe([...tsMs].filter((ms) => ms < 395 * MINUTE_MS || ms >= 665 * MINUTE_MS).length)
  })

  it('are refused with the number of the fold when one has no rows', () => {
    const twoEnds = Float64Array.of(...minutes(100), ...minutes(100, 10_000))
    expect(() => purgedFolds(twoEnds)).toThrow(/fold 2 of 5 has no test rows/)
    expect(() => purgedFolds(minutes(60), { folds: 2, horizonMin: 5, embargoMin: 60 })).toThrow(
      /fold 1 of 2 has no training rows/,
    )
    expect(() => purgedFolds([])).toThrow(RangeError)
    expect(() => purgedFolds(minutes(100), { ...DEFAULT_FOLDS, folds: 1 })).toThrow(RangeError)
  })
})

describe('forward folds', () => {
  it('train on what came before only, and leave out the block that has nothing before it', () => {
    const folds = forwardFolds(minutes(1000))
    expect(folds.map(({ test }) => [test[0], test.at(-1)])).toEqual([
      [200, 399],
      [400, 599],
      [600, 799],
      [800, 999],
    ])
    expect(folds.map(({ train }) => [train[0], train.at(-1)])).toEqual([
      [0, 194],
      [0, 394],
      [0, 594],
      [0, 794],
    ])
  })

  it('leave no training row whose outcome lies in the block that is tested, whatever gaps there are', () => {
    fc.assert(
      fc.property(minutesWithGaps, (at) => {
        const tsMs = Float64Array.from(at, (minute) => minute * MINUTE_MS)
        for (const fold of forwardFolds(tsMs)) {
          expect(fold.train.every((row) => (tsMs[row] ?? NaN) + 5 * MINUTE_MS < fold.testFromMs)).toBe(true)
        }
      }),
    )
  })
})
