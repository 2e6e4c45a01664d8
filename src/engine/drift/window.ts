import type { UnixMs } from '../kernel/units.ts'
import type { DriftReference, TimeWindow } from './reference.ts'

/**
 * What is compared with the reference at `atMs`: the rows of the last `windowMs`, from the reference's end at the
 * earliest. Empty, at the reference's end, when that lies ahead.
 */
export function currentWindow(reference: Pick<DriftReference, 'window'>, atMs: UnixMs, windowMs: number): TimeWindow {
  const fromMs = Math.max(reference.window.untilMs, atMs - windowMs)
  return { fromMs, untilMs: Math.max(fromMs, atMs) }
}
