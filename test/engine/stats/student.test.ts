import { describe, expect, it } from 'vitest'
import { studentAbove, studentTail } from '../../../src/engine/stats/student.ts'

/** Of scipy.stats.t 1.10.1: the values above which these shares of the distribution lie. */
const TAILS = [0.25, 0.025, 1e-3, 1e-6]
const ABOVE: readonly (readonly [number, readonly number[]])[] = [
  [1, [1.0000000000000002, 12.706204736174705, 318.30883898555044, 318309.8861827435]],
  [3.5, [0.7509370293940778, 2.9400886379827296, 8.315567604516117, 61.04512120772062]],
  [13, [0.6938293042354406, 2.160368656462793, 3.8519823911683875, 8.08184437200472]],
  [60, [0.6786007206481355, 2.0002978220142604, 3.23170912602436, 5.263554854652544]],
  [1_000, [0.6747351646070093, 1.9623390808264085, 3.0984021639129233, 4.781608620458351]],
]

describe("Student's t", () => {
  it.each(ABOVE)('with %d degrees of freedom lies above what scipy says', (df, values) => {
    for (const [i, value] of values.entries()) {
      const seen = studentAbove(TAILS[i] ?? Number.NaN, df)
      expect(Math.abs(seen / value - 1)).toBeLessThan(1e-9)
    }
  })

  it.each([
    [0, 5, 0.5],
    [0.5, 2, 0.33333333333333337],
    [3, 13, 0.005119448856941233],
    [12, 59, 9.002032693391572e-18],
    [40, 4, 1.1670081613006339e-6],
  ])('P(T > %d) with %d degrees of freedom', (t, df, tail) => {
    expect(Math.abs(studentTail(t, df) / tail - 1)).toBeLessThan(1e-9)
  })

  it('refuses what is no tail', () => {
    for (const tail of [0, -1, 0.6, Number.NaN]) expect(() => studentAbove(tail, 5)).toThrow(RangeError)
    expect(() => studentTail(1, 0)).toThrow(RangeError)
  })
})
