import { MINUTE_MS, minuteText, type UnixMs } from '../../engine/kernel/units.ts'
import { staleAfterMs } from '../../engine/models/columns.ts'
import { isStale, rowAgeMs, rowAgeText } from '../../engine/market/row-age.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { switchOn } from './kill-switch.ts'

/**
 * Throws the kill switch of a real feed that has stood still for so long, or asks people to, as is configured.
 * @param nowMs of the machine's clock: the market's waits for a feed that stands still
 */
export function watchStaleRows(evidence: EvidenceWriter, desk: Desk, { kill, serving }: Config, nowMs: UnixMs): void {
  const { newestBar, feed } = desk.tape
  if (kill.staleness === 'off' || feed.clockKind !== 'real' || newestBar === null) return
  const ageMs = rowAgeMs(newestBar.tsMs, nowMs)
  if (!isStale(ageMs, staleAfterMs(desk.lineUp.inCharge?.model ?? null, serving.staleness_bars)))
    return desk.kill.fresh()
  const { forMs, told } = desk.kill.stale(nowMs)
  if (forMs < kill.staleness_for_min * MINUTE_MS || desk.kill.on || told) return
  desk.kill.toldOfStaleness()
  const why = `${rowAgeText(ageMs)}, the last is of ${minuteText(newestBar.tsMs)} UTC`
  if (kill.staleness === 'on') switchOn(evidence, desk, { by: 'onay', reason: why, cause: 'staleness' })
  else
    desk.transaction(() =>
      desk.events.log('kill', 'critical', `${why}: to stop every answer, K K or onay kill on`, 'always'),
    )
}
