import { DAY_MS, isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { DriftDocument } from '../../evidence/documents/documents.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { switchOn } from './kill-switch.ts'

/** How the name of a rehearsal's record begins. */
export const REHEARSAL = 'rehearsal_'
const REHEARSED_WITHIN_MS = 7 * DAY_MS

/**
 * Throws the kill switch where the check of this moment asks for it, and that is configured and was rehearsed: once for as long as the
 * drift of a model asks. A person who takes it back while the drift lasts is not overruled.
 */
export function killByDrift(evidence: EvidenceWriter, desk: Desk, atMs: UnixMs): void {
  const { lineUp, drift, kill, parts, symbol } = desk
  if (parts.limits.driftKill !== 'on' || lineUp.inCharge === null) return
  const { version: model } = lineUp.inCharge
  const check = drift.days.newestOf(model)
  if (check === undefined || check.at !== isoTime(atMs)) return
  const { facts } = parts.store
  const before = facts.of(symbol, 'driftKill')
  const keep = (step: 'told' | 'thrown' | null): void =>
    desk.transaction(() => facts.setOf(symbol, 'driftKill', step === null ? null : { model, step }))
  if (!check.asks_kill) {
    if (before !== null) keep(null)
    return
  }
  const step = before?.model === model ? before.step : null
  if (step === 'thrown') return
  // A drill ends by itself: the next check looks again.
  if (kill.on && kill.state.cause === 'drill') return
  if (kill.on || isRehearsed(evidence, desk)) {
    if (!kill.on) switchOn(evidence, desk, { by: 'onay', reason: reasonOf(check), cause: 'drift' })
    keep('thrown')
  } else if (step === null) {
    tell(desk, check)
    keep('told')
  }
}

function tell(desk: Desk, check: DriftDocument): void {
  const text = `${reasonOf(check)}: the switch is not thrown, for nothing was rehearsed in the last 7 days (onay rehearse); to throw it: K K or onay kill on`
  desk.transaction(() => desk.events.log('kill', 'critical', text, 'always'))
}

function reasonOf({ overall_psi: psi, kill_limit: limit }: DriftDocument): string {
  return `overall PSI of the last 24 hours ${psi?.toFixed(3)}, limit ${limit.toFixed(3)}`
}

/** By the machine's clock: it is about what people have looked at. */
function isRehearsed(evidence: EvidenceWriter, { symbol, parts: { store, wallNow } }: Desk): boolean {
  const entries = store.journal.entriesUnder(evidence.subject(symbol, REHEARSAL))
  return entries.some(({ wallMs }) => wallMs > wallNow() - REHEARSED_WITHIN_MS)
}
