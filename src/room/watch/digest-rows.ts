import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Desk } from '../desk/desk.ts'
import { digestDays } from '../record/day-digests.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

/**
 * Records what the rows of each day come to that has ended by the clock and by the bars; inside the caller's transaction. A
 * clock that ran ahead ends no day whose bars are still to come.
 */
export function digestRows(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): JobResult {
  const barsUntilMs = (desk.tape.newestBar?.tsMs ?? Number.NEGATIVE_INFINITY) + MINUTE_MS
  const { horizonMin } = desk.parts.limits.label
  const isComplete = (untilMs: UnixMs): boolean =>
    atMs >= untilMs + HOUR_MS && barsUntilMs > untilMs + horizonMin * MINUTE_MS
  const days = digestDays(evidence, desk.symbol, isComplete, atMs)
  return { ok: true, result: days === 0 ? 'none due' : days === 1 ? '1 day' : `${days} days` }
}
