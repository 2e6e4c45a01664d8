/** Figures, times and spans as the screen writes them. What is unknown is a dash, never 0. */
import { isoTime, type UnixMs } from '../engine/kernel/units.ts'

export const UNKNOWN = '-'

const MAX_DATE_MS = 8.64e15

export function fixed(value: number | null, digits: number): string {
  return value === null || !Number.isFinite(value) ? UNKNOWN : value.toFixed(digits)
}

/** `1,204` */
export function count(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `109,214.0`, `2,514.30`, `0.00002418`: as many decimals as a price of that size needs. */
export function price(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN
  const digits = value >= 10_000 ? 1 : value >= 100 ? 2 : Math.min(8, Math.max(2, 4 - Math.floor(Math.log10(value))))
  const [whole = '', rest = ''] = value.toFixed(digits).split('.')
  return `${count(Number(whole))}.${rest}`
}

/** A change as a share: `-0.31 %`, `+2.40 %`. */
export function change(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return UNKNOWN
  return `${share > 0 ? '+' : ''}${(share * 100).toFixed(2)} %`
}

/** A share of 0 to 1 as `99.8 %`. */
export function percent(share: number | null, digits: number): string {
  return share === null || !Number.isFinite(share) ? UNKNOWN : `${(share * 100).toFixed(digits)} %`
}

/** Milliseconds without the unit: `0.6`, `12.3`, `140`. */
export function millis(value: number | null): string {
  return fixed(value, value !== null && value >= 100 ? 0 : 1)
}

function iso(ms: UnixMs): string | null {
  return Number.isFinite(ms) && Math.abs(ms) <= MAX_DATE_MS ? isoTime(ms) : null
}

/** `2025-05-26 02:41` */
export function longTime(ms: UnixMs): string {
  return iso(ms)?.slice(0, 16).replace('T', ' ') ?? UNKNOWN
}

/** `05-26 02:41` */
export function dayTime(ms: UnixMs): string {
  return longTime(ms).slice(-11)
}

/** `02:41` within the UTC day of `nowMs`, `05-25 02:41` on another. */
export function shortTime(ms: UnixMs | null, nowMs: UnixMs): string {
  if (ms === null) return UNKNOWN
  const text = longTime(ms)
  return text.slice(0, 10) === longTime(nowMs).slice(0, 10) ? text.slice(11) : text.slice(-11)
}

function two(n: number): string {
  return String(n).padStart(2, '0')
}

/** Seconds as `0:42`, `12:05`, `3 h 07 min`, `2 d 4 h`. */
export function duration(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return UNKNOWN
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`
  const hours = Math.floor(whole / 3600)
  if (hours < 48) return `${hours} h ${two(Math.floor((whole % 3600) / 60))} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `1 alert`, `2 alerts`, `no alerts` */
export function plural(n: number, noun: string): string {
  return n === 0 ? `no ${noun}s` : `${count(n)} ${noun}${n === 1 ? '' : 's'}`
}
