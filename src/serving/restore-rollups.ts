import type { Store } from '../db/store.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { ServingDesk } from './contract.ts'
import { countAnswer, countComparison, triedBy } from './record.ts'

/** Stored rows from here on are read back whole. */
export function restoredFromMs(clockMs: UnixMs): UnixMs {
  return clockMs - DAY_MS - HOUR_MS
}

/**
 * Reads the roll-ups of the last day back. The newest minutes are counted anew from raw rows: a crash may have come before
 * their roll-up was written.
 * @param clockMs the last moment that was finished, on the market clock
 */
export function restoreRollups(desk: ServingDesk, store: Store, clockMs: UnixMs, matchTolerance: number): void {
  if (desk.latest === null) return
  const { symbol, rollups, lineUp } = desk
  const anewFromMs = desk.latest.tsMs - MINUTE_MS
  rollups.load(store.rollups.between(symbol, restoredFromMs(clockMs), clockMs + HOUR_MS), anewFromMs)
  // What a reading command judges is 24 hours, and nothing expires what it has read.
  rollups.expire(clockMs)
  const raw = store.predictions.rawSince(symbol, anewFromMs)
  const inCharge = lineUp.inCharge?.version ?? null
  for (const row of raw.predictions) countAnswer(rollups, row, triedBy(row, inCharge))
  for (const row of raw.comparisons) countComparison(rollups, row, matchTolerance)
}
