import * as fc from 'fast-check'
import { parse } from 'node-cron'
import { describe, expect, it } from 'vitest'
import { isoTime, utcCalendar } from '../../src/engine/kernel/units.ts'
import { Due } from '../../src/jobs/due.ts'
import { SCHEDULE } from '../../src/jobs/schedule.ts'

/** The first minute after `ms` that fits the fields as node-cron reads them, looked for one by one. */
function searched(expression: string, ms: number, minutes: number): number | null {
  const fields = parse(expression)
  for (let i = 1; i <= minutes; i++) {
    const at = (Math.floor(ms / 60_000) + i) * 60_000
    const { date, month, weekday } = utcCalendar(at)
    const time = at % 86_400_000
    const fits =
      fields.minute.includes((time / 60_000) % 60) &&
      fields.hour.includes(Math.floor(time / 3_600_000)) &&
      fields.dayOfMonth.includes(date) &&
      fields.month.includes(month) &&
      fields.dayOfWeek.includes(weekday)
    if (fits) return at
  }
  return null
}

const time = fc.integer({ min: Date.parse('2024-02-01T00:00:00Z'), max: Date.parse('2029-01-01T00:00:00Z') })

describe('what is due next', () => {
  it('is what a search minute by minute finds', () => {
    const expression = fc.constantFrom(
      '* * * * *',
      '0 * * * *',
      '0 0 * * *',
      '10 0 * * *',
      '59 23 * * 0',
      '*/15 * * * *',
      '5,35 3-5 * * *',
      '0 12 * * 1-5',
      '30 6 */2 * *',
      '0 0 * * 7',
    )
    fc.assert(
      fc.property(expression, time, (text, ms) => {
        expect(new Due(text).after(ms)).toBe(searched(text, ms, 8 * 1_440))
      }),
      { numRuns: 150 },
    )
  })

  it('comes after the moment asked, never at it', () => {
    const at = Date.parse('2025-05-26T00:00:00Z')
    expect(isoTime(new Due('0 0 * * *').after(at - 1))).toBe('2025-05-26T00:00:00.000Z')
    expect(isoTime(new Due('0 0 * * *').after(at))).toBe('2025-05-27T00:00:00.000Z')
  })

  it('is told in UTC, whatever the machine keeps', () => {
    const before = process.env.TZ
    const at = Date.parse('2025-03-30T00:30:00Z')
    try {
      for (const zone of ['Europe/Istanbul', 'America/New_York', 'Pacific/Chatham', 'UTC']) {
        process.env.TZ = zone
        expect(isoTime(new Due('0 0 * * *').after(at))).toBe('2025-03-31T00:00:00.000Z')
        expect(isoTime(new Due('59 23 * * 0').after(at))).toBe('2025-03-30T23:59:00.000Z')
      }
    } finally {
      if (before === undefined) delete process.env.TZ
      else process.env.TZ = before
    }
  })

  it('reaches over a leap day, a month and the end of a year', () => {
    const due = new Due('0 0 29 2 *')
    expect(isoTime(due.after(Date.parse('2025-01-01T00:00:00Z')))).toBe('2028-02-29T00:00:00.000Z')
    const january = new Due('0 0 1 1 *')
    expect(isoTime(january.after(Date.parse('2025-12-31T23:59:59Z')))).toBe('2026-01-01T00:00:00.000Z')
  })

  it('is refused for what is never due, and for what is no expression', () => {
    expect(() => new Due('0 0 31 2 *').after(0)).toThrow()
    for (const text of ['', 'soon', '61 * * * *', '* * *']) expect(() => new Due(text)).toThrow()
  })
})

describe('the schedule', () => {
  it('has the feature log and the gates each minute, PSI hourly, the last 24 hours every quarter of an hour, the answers every six hours, the weights of a mix after midnight, the report at midnight, retention ten minutes after, the digest of the day an hour and a half after, the week on Sundays a minute before midnight, a set at one in the afternoon, arm against arm at one at night, a backup half an hour after midnight', () => {
    expect(SCHEDULE.map((job) => [job.name, job.expression, job.stage])).toEqual([
      ['feature logger', '* * * * *', 'log'],
      ['psi hourly', '0 * * * *', 'drift'],
      ['drift check', '*/15 * * * *', 'drift'],
      ['calibration', '20 */6 * * *', 'jobs'],
      ['ensemble', '40 0 * * *', 'jobs'],
      ['gates', '* * * * *', 'gates'],
      ['retention', '10 0 * * *', 'jobs'],
      ['day digest', '30 1 * * *', 'jobs'],
      ['daily report', '0 0 * * *', 'reports'],
      ['weekly report', '59 23 * * 0', 'reports'],
      ['paper retrain', '0 13 * * *', 'long'],
      ['ab eval', '0 1 * * *', 'long'],
      ['tick retention', '20 0 * * *', 'long'],
      ['backup', '30 0 * * *', 'long'],
    ])
  })
})
