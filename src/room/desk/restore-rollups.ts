import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../engine/kernel/units.ts'
import { compareScores } from '../../engine/shadow/compare.ts'
import type { Source } from '../../serving/rollups.ts'
import type { Desk } from './desk.ts'

/**
 * Reads the roll-ups of the last day back. The newest minutes are counted anew from raw rows: a crash may have come before
 * their roll-up was written.
 */
export function restoreRollups(desk: Desk): void {
  if (desk.latest === null) return
  const { store, limits } = desk.parts
  const { symbol, rollups, slots } = desk
  const { feed } = desk.tape
  const anewFromMs = desk.latest.tsMs - MINUTE_MS
  rollups.load(store.rollups.between(symbol, feed.clockMs - DAY_MS - HOUR_MS, feed.clockMs + HOUR_MS), anewFromMs)
  // What a reading command judges is 24 hours, and nothing expires what it has read.
  rollups.expire(feed.clockMs)
  const raw = store.predictions.rawSince(symbol, anewFromMs)
  for (const row of raw.predictions) {
    if (row.source === 'smoke') continue
    const key = { tsMs: row.tsMs, model: row.model, source: row.source as Source, phase: '' }
    rollups.answered(key, row.decision === 'abstain', row.latencyMs)
    const failed = row.fault !== null && row.fault !== 'missing'
    const tried = row.servedBy === 'baseline' ? row.model : failed ? (slots.baseline?.version ?? null) : null
    if (tried !== null) rollups.tried({ ...key, model: tried }, row.fault === null, row.modelMs)
  }
  for (const row of raw.comparisons) {
    if (row.source === 'smoke' || (row.score === null && row.fault === null)) continue
    const key = { tsMs: row.tsMs, model: row.model, source: row.source as Source, phase: row.phase }
    rollups.tried(key, row.fault === null, row.latencyMs)
    if (row.score === null || row.baselineScore === null) continue
    const { delta, matched } = compareScores(row.baselineScore, row.score, limits.serving.matchTolerance)
    rollups.compared(key, delta, matched)
  }
}
