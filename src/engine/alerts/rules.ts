import { JUDGE_LIMITS, type JudgeLimits } from '../canary/plan.ts'
import { canaryRules } from './canary-rules.ts'
import { marketRules } from './market-rules.ts'
import { paperRules } from './paper-rules.ts'
import { roomRules } from './room-rules.ts'
import type { Rule } from './rule.ts'
import { type LimitOf, type RuleSettings, timed, USUAL_LIMITS } from './rule-limits.ts'
import { servingRules } from './serving-rules.ts'

/** The rules by name, as they are configured. */
export type AlertSettings = Readonly<Record<string, RuleSettings>>

/** The whole catalogue as configured: the room evaluates it, and the rules of Prometheus and the runbook are made of it. */
export function rulesOf(settings: AlertSettings, judge: JudgeLimits): readonly Rule[] {
  const limit: LimitOf = (rule) => settings[rule]?.limit ?? USUAL_LIMITS[rule]
  return [
    ...servingRules(limit),
    ...marketRules(limit),
    ...roomRules(limit),
    ...canaryRules(limit, judge),
    ...paperRules(limit),
  ].flatMap((rule) => (settings[rule.name]?.off === true ? [] : [timed(rule, settings[rule.name])]))
}

/** The catalogue without a configuration. */
export const RULES: readonly Rule[] = rulesOf({}, JUDGE_LIMITS)

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
