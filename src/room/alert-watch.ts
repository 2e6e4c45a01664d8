import { type ActiveAlert, type AlertChange, evaluateRules, HEARTBEAT_MS } from '../engine/alerts/evaluate.ts'
import type { Severity } from '../engine/alerts/rule.ts'
import { countsForSilence, ruleNamed, RULES } from '../engine/alerts/rules.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import { DAY_MS, HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import { alertInputs } from './alert-inputs.ts'
import type { Desk } from './desk.ts'
import type { EvidenceDesk } from './evidence-desk.ts'

/**
 * Evaluates the alert rules of one symbol at a moment; inside the caller's transaction. Returns what stops a canary that runs:
 * a decision, which is stored in a transaction of its own.
 */
export function watchAlerts(desk: Desk, evidence: EvidenceDesk, atMs: UnixMs): AlertChange | null {
  const before = desk.alerts
  const past = { active: before, evaluatedMs: desk.heartbeat?.untilMs ?? null, changed: desk.alertChanges }
  const { active, changes } = evaluateRules(RULES, past, alertInputs(desk, atMs), atMs)
  desk.alerts = active
  for (const alert of active) {
    const was = before.find((other) => other.rule === alert.rule)
    if (was === undefined || differs(was, alert)) put(desk, alert)
  }
  for (const { rule } of before) {
    if (active.some((alert) => alert.rule === rule)) continue
    desk.parts.store.watch.clearAlert(desk.symbol, rule)
    desk.acknowledged.delete(rule)
  }
  for (const change of changes) tell(desk, evidence, change, atMs)
  beat(desk, atMs)
  return changes.find(({ rule, change }) => change === 'fired' && ruleNamed(rule)?.canary === 'aborts') ?? null
}

/** Notes that a person has seen an alert. @throws OperatorError 404 when it is over, 422 without a reason */
export function acknowledge(
  desk: Desk,
  evidence: EvidenceDesk,
  rule: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): string {
  const alert = desk.alerts.find((active) => active.rule === rule)
  if (alert === undefined)
    throw new OperatorError(
      `${rule} does not fire`,
      'it is over, or there is no such rule',
      'look at the alerts panel, or GET /alerts',
      'no_alert',
      404,
    )
  if (reason.trim() === '')
    throw new OperatorError('the alert was not acknowledged', 'no reason was given', 'say why', 'reason', 422)
  const { store, wallNow } = desk.parts
  const atMs = desk.momentMs
  const wallMs = wallNow()
  store.db.transaction(() => {
    desk.acknowledged.set(rule, { by, reason, wallMs })
    put(desk, alert)
    const { severity } = alert
    store.watch.logAlertChange({
      symbol: desk.symbol,
      tsMs: atMs,
      wallMs,
      rule,
      change: 'acknowledged',
      severity,
      text: reason,
    })
    evidence.recordFact('alert', `${desk.symbol}/${rule}`, atMs, { rule, change: 'acknowledged', by, reason })
    desk.event('alert', 'info', `${rule} acknowledged by ${by}: "${reason}"`)
  })
  return `${rule} is acknowledged`
}

/** What the rules of a symbol were at when the process ended. */
export function restoreAlerts(desk: Desk): void {
  const { store } = desk.parts
  const { symbol } = desk
  const { clockMs } = desk.feed
  desk.alerts = store.watch.alerts(symbol).map(({ symbol: _, ackBy, ackReason, ackWallMs, flapping, ...row }) => {
    if (ackBy !== null) desk.acknowledged.set(row.rule, { by: ackBy, reason: ackReason ?? '', wallMs: ackWallMs ?? 0 })
    // What stands in the database was written from a rule.
    return { ...row, severity: row.severity as Severity, flapping: flapping === 1 }
  })
  desk.heartbeat = store.watch.heartbeats(symbol, clockMs - DAY_MS).at(-1) ?? null
  const changes = store.watch.alertChanges(symbol, clockMs - DAY_MS, clockMs + 1)
  desk.criticalFired = changes
    .filter((change) => change.change === 'fired' && countsForSilence(change.rule, change.severity))
    .map((change) => change.tsMs)
  for (const { rule, change, tsMs } of changes)
    if (change !== 'acknowledged' && tsMs > clockMs - HOUR_MS) noteChange(desk, rule, tsMs)
}

function differs(was: ActiveAlert, is: ActiveAlert): boolean {
  return (
    was.state !== is.state || was.clearMs !== is.clearMs || was.flapping !== is.flapping || was.sinceMs !== is.sinceMs
  )
}

function put(desk: Desk, { flapping, ...alert }: ActiveAlert): void {
  const ack = desk.acknowledged.get(alert.rule)
  desk.parts.store.watch.putAlert({
    symbol: desk.symbol,
    ...alert,
    flapping: flapping ? 1 : 0,
    ackBy: ack?.by ?? null,
    ackReason: ack?.reason ?? null,
    ackWallMs: ack?.wallMs ?? null,
  })
}

function tell(desk: Desk, evidence: EvidenceDesk, change: AlertChange, atMs: UnixMs): void {
  const { store, wallNow } = desk.parts
  noteChange(desk, change.rule, atMs)
  const flapping = desk.alerts.some((alert) => alert.rule === change.rule && alert.flapping)
  store.watch.logAlertChange({ symbol: desk.symbol, tsMs: atMs, wallMs: wallNow(), ...change })
  evidence.recordFact('alert', `${desk.symbol}/${change.rule}`, atMs, change)
  const severity = change.change === 'fired' ? change.severity : 'info'
  desk.event(
    'alert',
    severity,
    `${change.rule} ${change.change}${flapping ? ' (flapping)' : ''}: ${change.text}`,
    change.severity,
  )
  if (change.change === 'fired' && countsForSilence(change.rule, change.severity)) desk.criticalFired.push(atMs)
}

function noteChange(desk: Desk, rule: string, atMs: UnixMs): void {
  const recent = (desk.alertChanges.get(rule) ?? []).filter((ms) => ms > atMs - HOUR_MS)
  desk.alertChanges.set(rule, [...recent, atMs])
}

/** Coverage is kept as intervals: a hole between two evaluations ends one. */
function beat(desk: Desk, atMs: UnixMs): void {
  const last = desk.heartbeat
  if (last !== null && atMs - last.untilMs <= HEARTBEAT_MS) {
    last.untilMs = Math.max(last.untilMs, atMs)
    return
  }
  if (last !== null) desk.parts.store.watch.putHeartbeat(desk.symbol, last.fromMs, last.untilMs)
  desk.heartbeat = { fromMs: atMs, untilMs: atMs }
}
