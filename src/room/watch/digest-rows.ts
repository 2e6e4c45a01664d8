import type { RowSpan } from '../../db/row-digests.ts'
import { HOUR_MS, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Desk } from '../desk/desk.ts'
import { digestDays } from '../record/day-digests.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { BusyDays } from './busy-days.ts'

/** Some ten milliseconds' worth. */
const MAX_ANSWERS = 10_000

/**
 * Records what the rows of each day come to that has ended by the clock and by the bars; inside the caller's transaction. A
 * clock that ran ahead ends no day whose bars are still to come.
 * @param busy makes the digests of days with more answers than `MAX_ANSWERS`; null where nobody waits for the next one
 */
export function digestRows(desk: Desk, evidence: EvidenceWriter, busy: BusyDays | null, atMs: UnixMs): JobResult {
  const barsUntilMs = (desk.tape.newestBar?.tsMs ?? Number.NEGATIVE_INFINITY) + MINUTE_MS
  const { horizonMin } = desk.parts.limits.label
  const isComplete = (untilMs: UnixMs): boolean =>
    atMs >= untilMs + HOUR_MS && barsUntilMs > untilMs + horizonMin * MINUTE_MS
  const { digests } = desk.parts.store
  const leaves = (table: string, span: RowSpan): boolean => busy !== null && digests.exceeds(table, span, MAX_ANSWERS)
  const days = digestDays(evidence, desk.symbol, { isComplete, leaves }, atMs)
  // What could not be made the day before is tried again with what was left now.
  busy?.owe()
  return { ok: true, result: days === 0 ? 'none due' : days === 1 ? '1 day' : `${days} days` }
}
