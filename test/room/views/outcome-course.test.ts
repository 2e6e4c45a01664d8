import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowLogLoss } from '../../../src/engine/stats/calibration.ts'
import { outcomeCourse } from '../../../src/room/views/outcome-course.ts'
import { MINUTE } from '../../kit/moments.ts'

const minutes = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i * MINUTE)
const score = fc.double({ min: 0.01, max: 0.99, noNaN: true })
const rows = fc.array(fc.record({ label: fc.constantFrom(0, 1), ours: score, theirs: score, plain: score }), {
  minLength: 1,
  maxLength: 400,
})

describe('the course of the outcome', () => {
  it('ends at the sums of the differences of log loss, at 96 points at most, each within its band', () => {
    fc.assert(
      fc.property(rows, (settled) => {
        const labels = settled.map(({ label }) => label)
        const course = outcomeCourse(
          { tsMs: minutes(labels.length), labels, fallback: settled.map(({ plain }) => plain) },
          settled.map(({ ours }) => ours),
          settled.map(({ theirs }) => theirs),
        )
        const sum = (other: (row: (typeof settled)[number]) => number): number =>
          settled.reduce((all, row) => all + rowLogLoss(row.label, row.ours) - rowLogLoss(row.label, other(row)), 0)
        expect(course?.againstInCharge.at(-1)).toBeCloseTo(sum(({ theirs }) => theirs))
        expect(course?.againstFallback.at(-1)).toBeCloseTo(sum(({ plain }) => plain))
        expect(course?.againstInCharge).toHaveLength(Math.min(96, labels.length))
        for (const [i, { lo, hi }] of (course?.band ?? []).entries()) {
          expect(lo).toBeLessThanOrEqual(course?.againstInCharge[i] ?? Number.NaN)
          expect(hi).toBeGreaterThanOrEqual(course?.againstInCharge[i] ?? Number.NaN)
        }
        expect([course?.fromMs, course?.untilMs]).toEqual([0, labels.length * MINUTE])
      }),
    )
  })

  it('has a band that widens with the root of the minutes once hours differ, and nothing without minutes', () => {
    const labels = minutes(600).map((_, i) => (Math.floor(i / 60) % 2 === 0 ? 1 : 0))
    const same = labels.map(() => 0.5)
    const band =
      outcomeCourse(
        { tsMs: minutes(600), labels, fallback: same },
        labels.map(() => 0.7),
        same,
      )?.band ?? []
    const width = (at: number): number => (band[at]?.hi ?? 0) - (band[at]?.lo ?? 0)
    expect(width(95) / width(23)).toBeCloseTo(2, 1)
    expect(outcomeCourse({ tsMs: [], labels: [], fallback: [] })).toBeNull()
  })
})
