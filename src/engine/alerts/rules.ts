import { CANARY_RULES } from './canary-rules.ts'
import { MARKET_RULES } from './market-rules.ts'
import { ROOM_RULES } from './room-rules.ts'
import type { Rule } from './rule.ts'
import { SERVING_RULES } from './serving-rules.ts'

/** The whole catalogue: the room evaluates it, and the rules of Prometheus and the runbook are made of it. */
export const RULES: readonly Rule[] = [...SERVING_RULES, ...MARKET_RULES, ...ROOM_RULES, ...CANARY_RULES]

export function ruleNamed(name: string): Rule | undefined {
  return RULES.find((rule) => rule.name === name)
}

/** Whether an alert of this rule counts for gate 3: critical ones do, those on drift are gate 1's. */
export function countsForSilence(name: string, severity: string): boolean {
  const known = ruleNamed(name)
  const onDrift =
    known === undefined ? name.startsWith('MLPSI') || name === 'MLDriftCritical' : known.driftRule === true
  return severity === 'critical' && !onDrift
}
