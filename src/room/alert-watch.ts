import { evaluateRules } from '../engine/alerts/evaluate.ts'
import { countsForSilence, RULES, type SpanFigures } from '../engine/alerts/rules.ts'
import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { TIMED_SOURCES, COMPARED_SOURCES } from '../serving/rollups.ts'
import { noTotals } from '../serving/totals.ts'
import type { Desk } from './desk.ts'
import type { EvidenceDesk } from './evidence-desk.ts'

/** A hole between two evaluations beyond this ends an interval of coverage. */
const HEARTBEAT_MS = 90_000
const UNSEEN = { flapping: 0, ackBy: null, ackReason: null, ackWallMs: null }

/** Evaluates the alert rules of one symbol at a moment; inside the caller's transaction. */
export function watchAlerts(desk: Desk, evidence: EvidenceDesk, atMs: UnixMs): void {
  const { store, wallNow } = desk.parts
  const baseline = desk.slots.baseline
  const psi = baseline === null ? undefined : desk.psi.get(baseline.version)
  const inputs = {
    last5: spanFigures(desk, atMs - 5 * MINUTE_MS, atMs),
    last10: spanFigures(desk, atMs - 10 * MINUTE_MS, atMs),
    psi: psi === undefined || psi.verdict === 'WAIT' ? null : psi.overall_psi,
    psiDayAgo: desk.psiDayAgo,
    stalenessMs: desk.newestBar === null ? null : atMs - (desk.newestBar.tsMs + MINUTE_MS),
    breakerOpen: desk.breaker.open,
  }
  const before = desk.alerts
  const { active, changes } = evaluateRules(RULES, before, inputs, atMs)
  desk.alerts = active
  for (const alert of active) {
    const was = before.find((other) => other.rule === alert.rule)
    if (was?.state !== alert.state) store.watch.putAlert({ symbol: desk.symbol, ...alert, clearMs: null, ...UNSEEN })
  }
  for (const was of before)
    if (!active.some((alert) => alert.rule === was.rule)) store.watch.clearAlert(desk.symbol, was.rule)
  for (const change of changes) {
    store.watch.logAlertChange({ symbol: desk.symbol, tsMs: atMs, wallMs: wallNow(), ...change })
    evidence.recordFact('alert', `${desk.symbol}/${change.rule}`, atMs, change)
    desk.event(
      'alert',
      change.change === 'fired' ? change.severity : 'info',
      `${change.rule} ${change.change}: ${change.text}`,
      change.severity,
    )
    if (change.change === 'fired' && countsForSilence(change.rule, change.severity)) desk.criticalFired.push(atMs)
  }
  const beat = desk.heartbeat
  if (beat === null || atMs - beat.untilMs > HEARTBEAT_MS) {
    if (beat !== null) store.watch.putHeartbeat(desk.symbol, beat.fromMs, beat.untilMs)
    desk.heartbeat = { fromMs: atMs, untilMs: atMs }
  } else {
    beat.untilMs = Math.max(beat.untilMs, atMs)
  }
}

function spanFigures(desk: Desk, fromMs: UnixMs, untilMs: UnixMs): SpanFigures {
  const { rollups, slots } = desk
  const service = rollups.totals(fromMs, untilMs, TIMED_SOURCES)
  const own =
    slots.baseline === null ? noTotals() : rollups.totals(fromMs, untilMs, COMPARED_SOURCES, slots.baseline.version)
  const shadow =
    slots.candidate === null ? noTotals() : rollups.totals(fromMs, untilMs, COMPARED_SOURCES, slots.candidate.version)
  return {
    requests: service.requests,
    timed: service.timed,
    above80Ms: service.above80,
    above120Ms: service.above120,
    tried: own.tried,
    modelErrors: own.errors,
    shadowTried: shadow.tried,
    shadowErrors: shadow.errors,
    shadowTimed: shadow.modelTimed,
    shadowAbove60Ms: shadow.modelAbove60,
    compared: shadow.compared,
    matched: shadow.matched,
  }
}
