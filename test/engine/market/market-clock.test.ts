import { describe, expect, it } from 'vitest'
import { jumpText, LEAD_MS, marketTimeMs, standstill } from '../../../src/engine/market/market-clock.ts'
import { barAt } from '../../kit/bars.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'

const BAR = barAt(0, 100)
const KNOWN = BAR.tsMs + MINUTE
const YEARS = 1_500 * DAY

describe('the market clock of a real feed', () => {
  it.each([
    ['the machine says the next minute', KNOWN + MINUTE, KNOWN + MINUTE],
    ['no bar has come for a while', KNOWN + LEAD_MS, KNOWN + LEAD_MS],
    ['no bar has come for longer', KNOWN + LEAD_MS + 1, KNOWN + LEAD_MS],
    ['the machine is years ahead', KNOWN + YEARS, KNOWN + LEAD_MS],
    ['the machine is hours behind', KNOWN - 3 * HOUR, KNOWN - 3 * HOUR],
  ])('%s', (_, wallMs, at) => {
    expect(marketTimeMs(BAR, wallMs)).toBe(at)
  })

  it('is the machine’s before the first bar', () => {
    expect(marketTimeMs(null, START + YEARS)).toBe(START + YEARS)
  })

  it.each([
    ['runs while bars come', KNOWN, KNOWN + 90_000, null],
    ['runs through a short silence', KNOWN + LEAD_MS, KNOWN + LEAD_MS + MINUTE, null],
    [
      'stands still when no bar comes',
      KNOWN + LEAD_MS,
      KNOWN + LEAD_MS + MINUTE + 1,
      /^no bar since 2025-05-\d\d \d\d:\d\d UTC/,
    ],
    [
      'stands still when the machine is behind its bars',
      KNOWN - MINUTE,
      KNOWN - MINUTE - 1,
      /^this machine's clock says .* nothing is judged/,
    ],
    ['stands still when the machine is behind what was judged', KNOWN + LEAD_MS, KNOWN, /^this machine's clock says/],
  ])('%s', (_, clockMs, wallMs, said) => {
    const text = standstill(BAR, clockMs, wallMs)
    if (said === null) expect(text).toBeNull()
    else expect(text).toMatch(said)
  })

  it('does not stand still before the first bar', () => {
    expect(standstill(null, 0, START)).toBeNull()
  })
})

describe('a machine’s clock beside one that cannot be set', () => {
  const before = { wallMs: START, monotonicMs: 1_000 }
  it.each([
    [30_000, 30_000, null],
    [30_000 + MINUTE - 1, 30_000, null],
    [30_000 + MINUTE, 30_000, "this machine's clock was set forward by 1 min, to "],
    [30_000 - 3 * HOUR, 30_000, "this machine's clock was set back by 3.0 h, to "],
    // A process that was stopped for an hour: both clocks went on.
    [HOUR, HOUR, null],
  ])('goes on by %i ms while that goes on by %i', (wall, monotonic, said) => {
    const text = jumpText(before, { wallMs: START + wall, monotonicMs: 1_000 + monotonic })
    if (said === null) expect(text).toBeNull()
    else expect(text).toContain(said)
  })
})
