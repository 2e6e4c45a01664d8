import { DAY_MS, floorTo, HOUR_MS, isoTime, MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { SHADOW_LOG_DIR } from '../../evidence/shadow-log.ts'
import { keptFromMs, prunableLogs, ROTATED_PREFIX } from '../../evidence/retention.ts'
import type { JobResult } from '../../jobs/contract.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'

const DAY_OF_BARS = DAY_MS / MINUTE_MS

/**
 * Deletes raw rows and the complete feature and shadow logs of days older than `rawDays`, and says so in the chain; inside the caller's transaction.
 * Roll-ups, bars, rows and everything that was decided stay.
 */
export function retain(desk: Desk, evidence: EvidenceWriter, rawDays: number, atMs: UnixMs): JobResult {
  const { store, limits } = desk.parts
  // Whatever a clock says, the last day of bars keeps its raw rows.
  const keptMs = Math.min(keptFromMs(atMs, rawDays), store.bars.nthNewestMs(desk.symbol, DAY_OF_BARS) ?? 0)
  // By whole days: the digest of a day is then about all of its rows, or none of them is left.
  const beforeMs = floorTo(keptMs, DAY_MS)
  const gone = store.predictions.prune(desk.symbol, beforeMs)
  // A canary of days is judged by every check since it began.
  store.drift.pruneChecks(
    desk.symbol,
    Math.min(beforeMs, floorTo(desk.canary.phase?.state.sinceMs ?? beforeMs, DAY_MS)),
  )
  const entries = [ROTATED_PREFIX, SHADOW_LOG_DIR].flatMap((prefix) =>
    store.journal.entriesUnder(evidence.subject(desk.symbol, prefix)),
  )
  const logs = prunableLogs(entries, beforeMs)
  for (const entry of logs) evidence.pruneFile(entry, atMs)
  if (gone > 0)
    evidence.recordFact('retention', `${desk.symbol}/predictions`, atMs, { rows: gone, before: isoTime(beforeMs) })
  store.drift.dropHoursBefore(desk.symbol, atMs - limits.psi.windowMs - DAY_MS)
  desk.rollups.expire(atMs - HOUR_MS)
  return { ok: true, result: logs.length === 0 ? `${gone} rows` : `${gone} rows, ${logs.length} logs` }
}
