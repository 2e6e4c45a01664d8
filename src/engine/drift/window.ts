import type { UnixMs } from '../kernel/units.ts'

/** A stretch of time, its end not included. */
export interface TimeWindow {
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
}

/**
 * What is compared with the reference at `atMs`: the rows of the last `windowMs`, from the reference's end at the
 * earliest. Empty, at the reference's end, when that lies ahead.
 */
export function currentWindow(reference: { readonly window: TimeWindow }, atMs: UnixMs, windowMs: number): TimeWindow {
  const fromMs = Math.max(reference.window.untilMs, atMs - windowMs)
  return { fromMs, untilMs: Math.max(fromMs, atMs) }
}
