import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'

/** A run of one or more missing minutes. */
export interface Gap {
  /** The first missing minute. */
  readonly fromMs: UnixMs
  /** The minute of the next bar. */
  readonly untilMs: UnixMs
  readonly minutes: number
}

/**
 * The runs of missing minutes between the first bar and the last.
 * @param tsMs whole minutes, strictly ascending
 * @throws RangeError when they do not ascend
 */
export function findGaps(tsMs: ArrayLike<number>): Gap[] {
  const gaps: Gap[] = []
  for (let i = 1; i < tsMs.length; i++) {
    const before = tsMs[i - 1] ?? Number.NaN
    const untilMs = tsMs[i] ?? Number.NaN
    if (!(untilMs > before)) throw new RangeError(`times must ascend: ${untilMs} comes after ${before}`)
    const minutes = (untilMs - before) / MINUTE_MS - 1
    if (minutes >= 1) gaps.push({ fromMs: before + MINUTE_MS, untilMs, minutes })
  }
  return gaps
}

/**
 * Share of the minutes from `firstMs` to `lastMs`, both included, that have a row: 0 to 1.
 * @throws RangeError when `lastMs` lies before `firstMs`
 */
export function completeness(rows: number, firstMs: UnixMs, lastMs: UnixMs): number {
  if (!(lastMs >= firstMs)) throw new RangeError(`the last row (${lastMs}) lies before the first (${firstMs})`)
  return rows / ((lastMs - firstMs) / MINUTE_MS + 1)
}
