import { DAY_MS, HOUR_MS, MINUTE_MS } from '../engine/kernel/units.ts'
import { countAnswer, countComparison, triedBy } from '../serving/record.ts'
import type { Desk } from './desk.ts'

/**
 * Reads the roll-ups of the last day back. The newest minutes are counted anew from raw rows: a crash may have come before
 * their roll-up was written.
 */
export function restoreRollups(desk: Desk): void {
  if (desk.latest === null) return
  const { store, limits } = desk.parts
  const { symbol, rollups, slots, feed } = desk
  const anewFromMs = desk.latest.tsMs - MINUTE_MS
  rollups.load(store.rollups.between(symbol, feed.clockMs - DAY_MS - HOUR_MS, feed.clockMs + HOUR_MS), anewFromMs)
  // What a reading command judges is 24 hours, and nothing expires what it has read.
  rollups.expire(feed.clockMs)
  const raw = store.predictions.rawSince(symbol, anewFromMs)
  const inCharge = slots.inCharge?.version ?? null
  for (const row of raw.predictions) countAnswer(rollups, row, triedBy(row, inCharge))
  for (const row of raw.comparisons) countComparison(rollups, row, limits.serving.matchTolerance)
}
