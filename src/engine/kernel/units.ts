/** Unix time in milliseconds, UTC. */
export type UnixMs = number

export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** The last multiple of `stepMs` at or before `ms`. Days and hours of UTC begin at such multiples. */
export function floorTo(ms: UnixMs, stepMs: number): UnixMs {
  return Math.floor(ms / stepMs) * stepMs
}

/** `2025-05-26T02:41:00.000Z` */
export function isoTime(ms: UnixMs): string {
  return new Date(ms).toISOString()
}

/** `2025-05-26T024100Z`, with milliseconds where it has some: for the names of files. */
export function fileTime(ms: UnixMs): string {
  return isoTime(ms).replaceAll(':', '').replace('.000', '')
}

/** `2025-05-26`, the UTC day that `ms` falls in. */
export function isoDate(ms: UnixMs): string {
  return isoTime(ms).slice(0, 10)
}

/** `2025-05-26 02:41`, UTC. @param at Unix ms, or an ISO time as documents have it */
export function minuteText(at: UnixMs | string): string {
  return (typeof at === 'string' ? at : isoTime(at)).slice(0, 16).replace('T', ' ')
}

/** `2025-05-26 02:41 UTC`, as texts that stand alone say it. */
export function minuteUtc(at: UnixMs | string): string {
  return `${minuteText(at)} UTC`
}

/** `02:41`, UTC, of a day that is named elsewhere. @param at Unix ms, or an ISO time as documents have it */
export function clockText(at: UnixMs | string): string {
  return (typeof at === 'string' ? at : isoTime(at)).slice(11, 16)
}

/** A span in the largest unit that it is whole in: `2 h`, `90 min`, `45 s`, `0.3 s`. */
export function spanText(ms: number): string {
  if (ms >= HOUR_MS && ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`
  if (ms >= MINUTE_MS && ms % MINUTE_MS === 0) return `${ms / MINUTE_MS} min`
  return `${ms / 1_000} s`
}

/** The moment as the object that packages ask for. */
export function dateOf(ms: UnixMs): Date {
  return new Date(ms)
}

/** Day of the month (1 to 31), month (1 to 12) and weekday (0 is Sunday) of the UTC day that `ms` falls in. */
export function utcCalendar(ms: UnixMs): { date: number; month: number; weekday: number } {
  const day = new Date(ms)
  return { date: day.getUTCDate(), month: day.getUTCMonth() + 1, weekday: day.getUTCDay() }
}
