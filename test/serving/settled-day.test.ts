import { describe, expect, it } from 'vitest'
import { SettledDay } from '../../src/serving/settled-day.ts'
import { DAY, HOUR, MINUTE, THREE_WEEKS_ON as T } from '../kit/moments.ts'

/** So many settled minutes up to `untilMs`, half of them events, all with one score. */
const minutes = (n: number, score: number, untilMs = T) =>
  Array.from({ length: n }, (_, i) => ({ tsMs: untilMs - (n - 1 - i) * MINUTE, label: i % 2, score }))

function dayOf(n: number, score: number): SettledDay {
  const day = new SettledDay(0)
  day.refill(minutes(n, score))
  return day
}

describe('the calibration of the last 24 hours', () => {
  it('is unknown below a thousand settled minutes, and known from there on', () => {
    expect(dayOf(999, 0.5).eceAt(T)).toBeNull()
    expect(dayOf(1_000, 0.5).eceAt(T)).toBeCloseTo(0, 12)
    expect(dayOf(1_000, 0.9).eceAt(T)).toBeCloseTo(0.4, 12)
  })

  it('leaves out what is 24 hours older than the last full hour', () => {
    const oldest = T - 999 * MINUTE
    const hour = Math.ceil((oldest + DAY) / HOUR) * HOUR
    expect(dayOf(1_000, 0.5).eceAt(hour - 1)).not.toBeNull()
    expect(dayOf(1_000, 0.5).eceAt(hour)).toBeNull()
    expect(dayOf(1_440, 0.5).eceAt(T + 2 * DAY)).toBeNull()
  })

  it('is the same whenever in the hour it is asked for first', () => {
    const asked = dayOf(1_000, 0.5)
    const early = asked.eceAt(T)
    for (const row of minutes(300, 0.9, T + 300 * MINUTE)) asked.add(row)
    const late = dayOf(1_000, 0.5)
    for (const row of minutes(300, 0.9, T + 300 * MINUTE)) late.add(row)
    expect(late.eceAt(T + HOUR - 1)).toBe(early)
  })

  it('counts a minute when its label is known', () => {
    const day = new SettledDay(6 * MINUTE)
    day.refill(minutes(1_006, 0.5))
    expect(day.eceAt(T)).not.toBeNull()
    day.refill(minutes(1_005, 0.5))
    expect(day.eceAt(T)).toBeNull()
  })

  it('is measured anew each hour, and not between', () => {
    const day = dayOf(1_000, 0.5)
    expect(day.eceAt(T)).toBeCloseTo(0, 12)
    for (const row of minutes(300, 0.9, T + 300 * MINUTE)) day.add(row)
    expect(day.eceAt(T + HOUR - 1)).toBeCloseTo(0, 12)
    expect(day.eceAt(T + HOUR)).toBeGreaterThan(0.02)
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
