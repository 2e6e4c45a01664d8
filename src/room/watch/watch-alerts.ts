import { type AlertChange, evaluateRules } from '../../engine/alerts/evaluate.ts'
import { invalid, notFound } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { RuleInputs } from './rule-inputs.ts'

/** Evaluates the alert rules of one symbol at a moment; inside the caller's transaction. */
export function watchAlerts(desk: Desk, evidence: EvidenceWriter, inputs: RuleInputs, atMs: UnixMs): void {
  const { alerts } = desk
  const past = { active: alerts.active, evaluatedMs: alerts.heartbeat?.untilMs ?? null, changed: alerts.changed }
  const { active, changes } = evaluateRules(desk.parts.rules, past, inputs.of(desk, atMs), atMs)
  alerts.take(active, changes, atMs)
  for (const change of changes) record(desk, evidence, change, atMs)
}

/** Notes that a person has seen an alert. @throws OperatorError 404 when it is over, 422 without a reason */
export function acknowledge(
  desk: Desk,
  evidence: EvidenceWriter,
  rule: string,
  { by, reason }: { readonly by: string; readonly reason: string },
): string {
  const alert = desk.alerts.active.find((active) => active.rule === rule)
  if (alert === undefined)
    throw notFound(
      `${rule} is not firing`,
      'it is over, or there is no such rule',
      'see the alerts panel, or GET /alerts',
      'no_alert',
    )
  if (reason.trim() === '')
    throw invalid('the alert was not acknowledged', 'no reason was given', 'give a reason', 'reason')
  const { symbol } = desk
  const { store, wallNow } = desk.parts
  const atMs = desk.tape.momentMs
  const wallMs = wallNow()
  desk.transaction(() => {
    desk.alerts.acknowledge(alert, { by, reason, wallMs })
    const { severity } = alert
    store.watch.logAlertChange({ symbol, tsMs: atMs, wallMs, rule, change: 'acknowledged', severity, text: reason })
    evidence.recordFact('alert', `${symbol}/${rule}`, atMs, { rule, change: 'acknowledged', by, reason })
    desk.events.log('alert', 'info', `${rule} acknowledged by ${by}: "${reason}"`)
  })
  return `${rule} is acknowledged`
}

function record(desk: Desk, evidence: EvidenceWriter, change: AlertChange, atMs: UnixMs): void {
  const { store, wallNow } = desk.parts
  const flapping = desk.alerts.active.some((alert) => alert.rule === change.rule && alert.flapping)
  store.watch.logAlertChange({ symbol: desk.symbol, tsMs: atMs, wallMs: wallNow(), ...change })
  evidence.recordFact('alert', `${desk.symbol}/${change.rule}`, atMs, change)
  desk.events.log(
    'alert',
    change.change === 'fired' ? change.severity : 'info',
    `${change.rule} ${change.change}${flapping ? ' (flapping)' : ''}: ${change.text}`,
    change.severity,
  )
}
