import { parse, type ParsedFields } from 'node-cron'
import { DAY_MS, floorTo, HOUR_MS, MINUTE_MS, utcCalendar, type UnixMs } from '../engine/kernel/units.ts'

/** Days looked ahead before an expression counts as one that is never due. */
const MAX_DAYS = 1_500

/** The times of a cron expression on any clock: node-cron reads the expression, and knows only the machine's own time. */
export class Due {
  private readonly fields: ParsedFields
  private readonly hours: readonly number[]
  private readonly minutes: readonly number[]

  /** @throws when the expression is not one. */
  constructor(expression: string) {
    this.fields = parse(expression)
    this.hours = ascending(this.fields.hour)
    this.minutes = ascending(this.fields.minute)
  }

  /** The first moment after `ms` at which it is due, UTC. @throws RangeError when there is none within four years. */
  after(ms: UnixMs): UnixMs {
    const from = floorTo(ms, MINUTE_MS) + MINUTE_MS
    for (let day = floorTo(from, DAY_MS), i = 0; i < MAX_DAYS; day += DAY_MS, i++) {
      if (!this.onDay(day)) continue
      for (const hour of this.hours) {
        if (day + (hour + 1) * HOUR_MS <= from) continue
        for (const minute of this.minutes) {
          const at = day + hour * HOUR_MS + minute * MINUTE_MS
          if (at >= from) return at
        }
      }
    }
    throw new RangeError('the expression is never due')
  }

  /** The time between two moments at which it is due. */
  get periodMs(): number {
    const first = this.after(0)
    return this.after(first) - first
  }

  private onDay(dayMs: UnixMs): boolean {
    const { date, month, weekday } = utcCalendar(dayMs)
    const { dayOfMonth, month: months, dayOfWeek } = this.fields
    return months.includes(month) && dayOfMonth.includes(date) && dayOfWeek.includes(weekday)
  }
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}
