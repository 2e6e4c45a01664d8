import { describe, expect, it } from 'vitest'
import { SettledDay } from '../../src/serving/settled-day.ts'
import { DAY, HOUR, MINUTE, THREE_WEEKS_ON as T } from '../kit/moments.ts'

/** So many settled minutes up to `untilMs`, half of them events, all with one score. */
const minutes = (n: number, score: number, untilMs = T) =>
  Array.from({ length: n }, (_, i) => ({ tsMs: untilMs - (n - 1 - i) * MINUTE, label: i % 2, score }))

function dayOf(n: number, score: number): SettledDay {
  const day = new SettledDay()
  day.refill(minutes(n, score))
  return day
}

describe('the calibration of the last 24 hours', () => {
  it('is unknown below a thousand settled minutes, and known from there on', () => {
    expect(dayOf(999, 0.5).eceAt(T)).toBeNull()
    expect(dayOf(1_000, 0.5).eceAt(T)).toBeCloseTo(0, 12)
    expect(dayOf(1_000, 0.9).eceAt(T)).toBeCloseTo(0.4, 12)
  })

  it('leaves out what is 24 hours old or older', () => {
    const day = dayOf(1_001, 0.5)
    const oldest = T - 1_000 * MINUTE
    expect(day.eceAt(oldest + DAY - 1)).not.toBeNull()
    expect(dayOf(1_000, 0.5).eceAt(T - 999 * MINUTE + DAY)).toBeNull()
    expect(dayOf(1_001, 0.5).eceAt(oldest + DAY)).not.toBeNull()
    expect(dayOf(1_440, 0.5).eceAt(T + 2 * DAY)).toBeNull()
  })

  it('is measured anew each hour, and not between', () => {
    const day = dayOf(1_000, 0.5)
    expect(day.eceAt(T)).toBeCloseTo(0, 12)
    for (const row of minutes(300, 0.9, T + 300 * MINUTE)) day.add(row)
    expect(day.eceAt(T + HOUR - 1)).toBeCloseTo(0, 12)
    expect(day.eceAt(T + HOUR)).toBeGreaterThan(0.05)
  })

  it('is that of the model in charge: another one begins with its own minutes', () => {
    const day = dayOf(1_000, 0.9)
    expect(day.eceAt(T)).toBeCloseTo(0.4, 12)
    day.refill(minutes(1_000, 0.5))
    expect(day.eceAt(T)).toBeCloseTo(0, 12)
    day.refill([])
    expect(day.eceAt(T)).toBeNull()
  })
})
