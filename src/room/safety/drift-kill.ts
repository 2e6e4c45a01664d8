import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { switchOn } from './kill-switch.ts'

/** How the name of a rehearsal's record begins. */
export const REHEARSAL = 'rehearsal_'
const REHEARSED_WITHIN_MS = 7 * DAY_MS

/**
 * Throws the kill switch when drift begins to ask for it, where that is configured and was rehearsed. A person who takes it back
 * while the drift lasts is not overruled: it is thrown again when drift asks anew.
 */
export function killByDrift(evidence: EvidenceWriter, desk: Desk, atMs: UnixMs): void {
  const { lineUp, drift, kill, parts } = desk
  if (parts.limits.driftKill !== 'on' || lineUp.inCharge === null || kill.on) return
  const [now, before] = drift.days.courseOf(lineUp.inCharge.version).slice(-2).reverse()
  if (now === undefined || now.at !== isoTime(atMs) || !now.asks_kill || before?.asks_kill === true) return
  const why = `overall PSI of the last 24 hours ${now.overall_psi?.toFixed(3)}, limit ${now.kill_limit.toFixed(3)}`
  if (isRehearsed(evidence, desk)) switchOn(evidence, desk, { by: 'onay', reason: why, cause: 'drift' })
  else
    desk.events.log(
      'kill',
      'critical',
      `${why}: the switch is not thrown, for nothing was rehearsed in the last 7 days (onay rehearse); to throw it: K K or onay kill on`,
      'always',
    )
}

/** By the machine's clock: it is about what people have looked at. */
function isRehearsed(evidence: EvidenceWriter, { symbol, parts: { store, wallNow } }: Desk): boolean {
  const entries = store.journal.entriesUnder(evidence.subject(symbol, REHEARSAL))
  return entries.some(({ wallMs }) => wallMs > wallNow() - REHEARSED_WITHIN_MS)
}
