/** How far the newest row lies from now. A row of the future, after a clock was set back, is as wrong as an old one. */
import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'

/** How long a row has been known, in ms: since the end of its bar's minute. Negative where it lies ahead of the clock. */
export function rowAgeMs(barTsMs: UnixMs, nowMs: UnixMs): number {
  return nowMs - (barTsMs + MINUTE_MS)
}

/** Whether a row lies further from now than so many ms, either way. */
export function isStale(ageMs: number, limitMs: number): boolean {
  return Math.abs(ageMs) > limitMs
}

/** The age of the newest row in words, for whoever reads why nothing is decided. */
export function rowAgeText(ageMs: number): string {
  const seconds = Math.round(Math.abs(ageMs) / 1_000)
  return `the newest row is ${seconds} s ${ageMs < 0 ? 'ahead of the clock' : 'old'}`
}
