/** Times as people's programs write them. */
import { isoDate, type UnixMs } from '../engine/kernel/units.ts'
import { toMs, unitOf } from './bars-time.ts'

/** A date, with or without a time of day and a zone; without a zone it is UTC. */
const WRITTEN = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?)(\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$/

/** A number since 1970, in seconds, milli-, micro- or nanoseconds by its size, or a date; null for anything else. */
export function timeOf(value: unknown): UnixMs | null {
  if (value instanceof Date) return finite(value.getTime())
  if (typeof value === 'bigint') return timeOf(Number(value))
  if (typeof value === 'number') return Number.isFinite(value) ? finite(Math.floor(toMs(value, unitOf(value)))) : null
  if (typeof value !== 'string') return null
  const text = value.trim()
  if (/^\d+(\.\d+)?$/.test(text)) return timeOf(Number(text))
  const [, day, time = '00:00:00', fraction = '', zone = 'Z'] = WRITTEN.exec(text) ?? []
  if (day === undefined || !isDay(day)) return null
  const seconds = time.length === 5 ? `${time}:00` : time
  return finite(Date.parse(`${day}T${seconds}${fraction.slice(0, 4)}${zone === 'UTC' ? 'Z' : zone}`))
}

/** Whether there is such a day: 30 February would be read as one of March. */
export function isDay(text: string): boolean {
  const ms = Date.parse(text)
  return Number.isFinite(ms) && isoDate(ms) === text
}

function finite(ms: number): UnixMs | null {
  return Number.isFinite(ms) ? ms : null
}
