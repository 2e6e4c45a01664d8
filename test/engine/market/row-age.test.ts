import { describe, expect, it } from 'vitest'
import { QUIET } from '../../kit/alert-inputs.ts'
import { RULES } from '../../../src/engine/alerts/rules.ts'
import { MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { isStale, rowAgeMs, rowAgeText } from '../../../src/engine/market/row-age.ts'

const BAR = Date.parse('2026-01-10T06:00:00Z')

describe('the age of a row', () => {
  it('counts from the end of its minute, and below zero where the clock is behind it', () => {
    expect(rowAgeMs(BAR, BAR + MINUTE_MS)).toBe(0)
    expect(rowAgeMs(BAR, BAR + 3 * MINUTE_MS)).toBe(2 * MINUTE_MS)
    expect(rowAgeMs(BAR, BAR)).toBe(-MINUTE_MS)
  })

  it.each([
    [120_000, false],
    [120_001, true],
    [-120_000, false],
    [-120_001, true],
  ])('of %i ms is too much either way: %s', (ageMs, stale) => {
    expect(isStale(ageMs, 120_000)).toBe(stale)
  })

  it('is said in words that tell which way', () => {
    expect(rowAgeText(121_400)).toBe('the newest row is 121 s old')
    expect(rowAgeText(-10_800_000)).toBe('the newest row is 10800 s ahead of the clock')
  })

  it.each([
    ['MLFeatureStaleness', 2 * MINUTE_MS],
    ['MLDataGap', 5 * MINUTE_MS],
  ])('is what %s watches, either way', (name, limitMs) => {
    const rule = RULES.find((one) => one.name === name)
    for (const [rowAgeMs, holds] of [
      [limitMs, false],
      [limitMs + 1, true],
      [-limitMs, false],
      [-limitMs - 1, true],
    ] as const)
      expect(rule?.read({ ...QUIET, rowAgeMs })).toMatchObject({ holds })
  })
})
