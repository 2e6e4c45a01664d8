import { MINUTE_MS } from '../kernel/units.ts'
import { columnOf, type FeatureTable } from '../features/row.ts'
import type { LabelSpec } from '../models/contract.ts'

/** What came of each row of a table, by what is predicted. NaN where it is not known. */
export function outcomesIn(table: FeatureTable, spec: LabelSpec): Float64Array {
  if (spec.kind === 'pushed') return table.outcomes ?? new Float64Array(table.tsMs.length).fill(Number.NaN)
  return labelsOf(table.tsMs, columnOf(table, 'mid'), spec)
}

/**
 * What came of each row: 1 when the log return from its mid to that of the bar exactly `horizonMin` minutes later is the
 * event, 0 when not, NaN where that bar is missing. A gap is never bridged by a later bar.
 * @param tsMs strictly ascending
 * @param mid as long as `tsMs`; NaN is missing
 */
export function labelsOf(tsMs: ArrayLike<number>, mid: ArrayLike<number>, spec: LabelSpec): Float64Array {
  const labels = new Float64Array(tsMs.length).fill(Number.NaN)
  const horizonMs = spec.horizonMin * MINUTE_MS
  let later = 0
  for (let i = 0; i < tsMs.length; i++) {
    const dueMs = (tsMs[i] ?? Number.NaN) + horizonMs
    while (later < tsMs.length && (tsMs[later] ?? Number.NaN) < dueMs) later++
    if (tsMs[later] !== dueMs) continue
    const logReturn = Math.log(mid[later] ?? Number.NaN) - Math.log(mid[i] ?? Number.NaN)
    if (Number.isNaN(logReturn)) continue
    const moveBp = (spec.kind === 'move' ? Math.abs(logReturn) : logReturn) * 1e4
    labels[i] = moveBp > spec.thresholdBp ? 1 : 0
  }
  return labels
}
