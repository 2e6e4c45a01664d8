import { assert, array, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoTime } from '../../../src/engine/kernel/units.ts'
import { keptBackups } from '../../../src/room/readiness/backup-retention.ts'
import { DAY, HOUR } from '../../kit/moments.ts'

const MONDAY = Date.parse('2025-06-02T00:30:00Z')
const kept = (times: readonly number[]): string[] =>
  [...keptBackups(times)].toSorted((a, b) => a - b).map((ms) => isoTime(ms).slice(0, 13))

describe('the backups that stay', () => {
  it('are one of each of the last seven days, and of each of the last four weeks', () => {
    const daily = Array.from({ length: 60 }, (_, i) => MONDAY - 59 * DAY + i * DAY)
    expect(kept(daily)).toEqual([
      // The Sundays that end the three weeks before this one.
      '2025-05-18T00',
      '2025-05-25T00',
      ...['27', '28', '29', '30', '31'].map((day) => `2025-05-${day}T00`),
      '2025-06-01T00',
      '2025-06-02T00',
    ])
  })

  it('are the newest of their day', () => {
    expect(kept([MONDAY, MONDAY + HOUR, MONDAY + 9 * HOUR])).toEqual(['2025-06-02T09'])
  })

  it('count days that have one, so that a room that was off keeps what it has', () => {
    const old = Array.from({ length: 5 }, (_, i) => MONDAY - 100 * DAY + i * DAY)
    expect(keptBackups([...old, MONDAY]).size).toBe(6)
  })

  it('always have the newest among them, and are eleven at most', () => {
    assert(
      property(array(integer({ min: 0, max: 400 * 24 }), { minLength: 1, maxLength: 100 }), (hours) => {
        const times = hours.map((hour) => MONDAY + hour * HOUR)
        const stays = keptBackups(times)
        expect(stays.has(Math.max(...times))).toBe(true)
        expect(stays.size).toBeLessThanOrEqual(11)
      }),
    )
  })
})
