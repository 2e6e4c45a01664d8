import type { FeatureRow } from '../engine/features/row.ts'
import { randomInt, type Random } from '../engine/kernel/random.ts'
import { DAY_MS, type UnixMs } from '../engine/kernel/units.ts'
import { missingColumns } from '../serving/answer.ts'
import type { Desk } from './desk.ts'

/**
 * Rows of the last 24 hours, drawn without repetition, that both models can score: what probes are sent with. Fewer than
 * asked for when the day has fewer.
 */
export function drawRows(desk: Desk, atMs: UnixMs, count: number, random: Random): FeatureRow[] {
  const { candidate, baseline } = desk.slots
  if (candidate === null || baseline === null) return []
  const rows = [...desk.parts.store.features.each(desk.symbol, atMs - DAY_MS, atMs)].filter(
    (row) =>
      missingColumns(candidate.model, row.values).length === 0 &&
      missingColumns(baseline.model, row.values).length === 0,
  )
  // A partial Fisher-Yates shuffle: each draw is uniform among what is left.
  const drawn = Math.min(count, rows.length)
  for (let i = 0; i < drawn; i++) {
    const j = i + randomInt(random, rows.length - i)
    const [a, b] = [rows[i], rows[j]]
    if (a !== undefined && b !== undefined) [rows[i], rows[j]] = [b, a]
  }
  return rows.slice(0, drawn)
}
