import type { UnixMs } from '../kernel/units.ts'
import type { AlertInputs, Rule, Severity } from './rules.ts'

/** A rule that is not quiet. */
export interface ActiveAlert {
  readonly rule: string
  readonly severity: Severity
  readonly state: 'pending' | 'firing'
  /** Since when the condition holds. */
  readonly sinceMs: UnixMs
  readonly firedMs: UnixMs | null
  readonly text: string
}

export interface AlertChange {
  readonly rule: string
  readonly severity: Severity
  readonly change: 'fired' | 'resolved'
  readonly text: string
}

export interface AlertStep {
  readonly active: readonly ActiveAlert[]
  readonly changes: readonly AlertChange[]
}

/**
 * One evaluation of all rules at one moment of the market clock. A rule fires when its condition has held for its whole
 * `for`; a reading that is missing leaves the rule as it was.
 */
export function evaluateRules(
  rules: readonly Rule[],
  before: readonly ActiveAlert[],
  inputs: AlertInputs,
  atMs: UnixMs,
): AlertStep {
  const active: ActiveAlert[] = []
  const changes: AlertChange[] = []
  for (const rule of rules) {
    const was = before.find((alert) => alert.rule === rule.name)
    const reading = rule.read(inputs)
    if (reading === null) {
      if (was !== undefined) active.push(was)
      continue
    }
    if (!reading.holds) {
      if (was?.state === 'firing')
        changes.push({ rule: rule.name, severity: rule.severity, change: 'resolved', text: reading.text })
      continue
    }
    const sinceMs = was?.sinceMs ?? atMs
    const fires = atMs - sinceMs >= rule.forMs
    if (fires && was?.state !== 'firing')
      changes.push({ rule: rule.name, severity: rule.severity, change: 'fired', text: reading.text })
    active.push({
      rule: rule.name,
      severity: rule.severity,
      state: fires ? 'firing' : 'pending',
      sinceMs,
      firedMs: fires ? (was?.firedMs ?? atMs) : null,
      text: reading.text,
    })
  }
  return { active, changes }
}
