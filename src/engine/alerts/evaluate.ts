import { HOUR_MS, type UnixMs } from '../kernel/units.ts'
import type { AlertInputs, Rule, Severity } from './rule.ts'

/** A hole between two evaluations beyond this was not watched: whether what was pending held through it is not known. */
export const HEARTBEAT_MS = 90_000
/** Changes of one rule within an hour from which on it flaps. */
const FLAPPING_CHANGES = 4

/** A rule that is not quiet. */
export interface ActiveAlert {
  readonly rule: string
  readonly severity: Severity
  readonly state: 'pending' | 'firing'
  /** Since when the condition holds, holes in the watch not counted. */
  readonly sinceMs: UnixMs
  readonly firedMs: UnixMs | null
  /** Of one that fires: since when its condition no longer holds; null while it does. */
  readonly clearMs: UnixMs | null
  /** It toggles too often to be taken at its word. */
  readonly flapping: boolean
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

/** What went before this evaluation. */
interface AlertPast {
  readonly active: readonly ActiveAlert[]
  /** The evaluation before this one; null for the first. */
  readonly evaluatedMs: UnixMs | null
  /** When each rule changed; the last hour's at least. */
  readonly changed: ReadonlyMap<string, readonly UnixMs[]>
}

/**
 * One evaluation of all rules at one moment of the market clock. A rule fires when its condition has held for its whole
 * `for`, and is resolved once it has been over for its `clear`, as `for` and `keep_firing_for` of Prometheus; a reading that is
 * missing leaves the rule as it was, and time without a reading or an evaluation counts for neither.
 */
export function evaluateRules(rules: readonly Rule[], past: AlertPast, inputs: AlertInputs, atMs: UnixMs): AlertStep {
  const active: ActiveAlert[] = []
  const changes: AlertChange[] = []
  const elapsedMs = past.evaluatedMs === null ? 0 : Math.max(0, atMs - past.evaluatedMs)
  const holeMs = elapsedMs <= HEARTBEAT_MS ? 0 : elapsedMs
  for (const rule of rules) {
    const reading = rule.read(inputs)
    const was = shifted(
      past.active.find((alert) => alert.rule === rule.name),
      reading === null ? elapsedMs : holeMs,
    )
    const next = reading === null ? was : reading.holds ? holding(rule, was, reading.text, atMs) : over(rule, was, atMs)
    const text = reading?.text ?? next?.text ?? was?.text ?? ''
    const change =
      next?.state === 'firing' && was?.state !== 'firing'
        ? 'fired'
        : next === null && was?.state === 'firing'
          ? 'resolved'
          : null
    if (change !== null) changes.push({ rule: rule.name, severity: rule.severity, change, text })
    if (next !== null)
      active.push({ ...next, flapping: flaps(past.changed.get(rule.name) ?? [], change !== null, atMs) })
  }
  for (const { rule, severity, state } of past.active) {
    if (state === 'firing' && !rules.some(({ name }) => name === rule))
      changes.push({ rule, severity, change: 'resolved', text: 'the rule is off' })
  }
  return { active, changes }
}

function shifted(was: ActiveAlert | undefined, holeMs: number): ActiveAlert | null {
  if (was === undefined) return null
  if (holeMs === 0) return was
  // Since when a condition held that has fired is known; only what is still waited for moves.
  if (was.state === 'firing') return { ...was, clearMs: was.clearMs === null ? null : was.clearMs + holeMs }
  return { ...was, sinceMs: was.sinceMs + holeMs }
}

function holding(rule: Rule, was: ActiveAlert | null, text: string, atMs: UnixMs): ActiveAlert {
  const sinceMs = was?.sinceMs ?? atMs
  const fires = was?.state === 'firing' || atMs - sinceMs >= rule.forMs
  return {
    rule: rule.name,
    severity: rule.severity,
    state: fires ? 'firing' : 'pending',
    sinceMs,
    firedMs: fires ? (was?.firedMs ?? atMs) : null,
    clearMs: null,
    flapping: false,
    text,
  }
}

function over(rule: Rule, was: ActiveAlert | null, atMs: UnixMs): ActiveAlert | null {
  if (was === null || was.state === 'pending') return null
  const clearMs = was.clearMs ?? atMs
  return atMs - clearMs >= rule.clearMs ? null : { ...was, clearMs }
}

function flaps(changed: readonly UnixMs[], changesNow: boolean, atMs: UnixMs): boolean {
  const recent = changed.filter((ms) => ms > atMs - HOUR_MS).length
  return recent + (changesNow ? 1 : 0) >= FLAPPING_CHANGES
}
