/** What time a real feed has. A machine's clock may be wrong by hours or years; the bars say where the market is. */
import { HOUR_MS, MINUTE_MS, minuteText, type UnixMs } from '../kernel/units.ts'
import { knownAt, type Bar } from './bar.ts'

/**
 * A market clock runs this far ahead of the newest bar, and then waits for the next one: long enough for every alert about
 * missing bars to fire, and so short that a room whose machine had a wrong clock is back within minutes.
 */
export const LEAD_MS = 10 * MINUTE_MS
/** A machine whose clock moves by more than this beside one that cannot be set has had it set. */
const JUMP_MS = MINUTE_MS

/** The market clock of a real feed: the machine's, as far as the bars bear it out. Before the first bar there is only that. */
export function marketTimeMs(newest: Bar | null, wallMs: UnixMs): UnixMs {
  return newest === null ? wallMs : Math.min(wallMs, knownAt(newest) + LEAD_MS)
}

/**
 * Why a market clock stands still, for people; null while it runs.
 * @param clockMs the newest moment that was gone through
 */
export function standstill(newest: Bar | null, clockMs: UnixMs, wallMs: UnixMs): string | null {
  if (newest === null) return null
  if (wallMs + MINUTE_MS < Math.max(clockMs, knownAt(newest)))
    return `this machine's clock says ${minuteText(wallMs)} UTC and the newest bar is of ${minuteText(newest.tsMs)} UTC: nothing is judged until the clock is right`
  if (wallMs - MINUTE_MS > knownAt(newest) + LEAD_MS)
    return `no bar since ${minuteText(newest.tsMs)} UTC: the market clock waits for the next one; check the feed, and that this machine's clock is right`
  return null
}

/** Two clocks at one moment: one that can be set, and one that cannot. */
export interface ClockReading {
  readonly wallMs: UnixMs
  readonly monotonicMs: number
}

/** How a machine's clock was set between two readings, for people; null where it was not. */
export function jumpText(before: ClockReading, now: ClockReading): string | null {
  const jumpMs = now.wallMs - before.wallMs - (now.monotonicMs - before.monotonicMs)
  if (Math.abs(jumpMs) < JUMP_MS) return null
  const far = Math.abs(jumpMs) / HOUR_MS
  const by = far >= 1 ? `${far.toFixed(1)} h` : `${Math.round(far * 60)} min`
  return `this machine's clock was set ${jumpMs > 0 ? 'forward' : 'back'} by ${by}, to ${minuteText(now.wallMs)} UTC`
}
