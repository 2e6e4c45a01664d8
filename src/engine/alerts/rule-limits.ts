import { MINUTE_MS } from '../kernel/units.ts'
import type { Rule } from './rule.ts'

/** What the figure of a rule is compared with unless the configuration says otherwise: shares of one, milliseconds, seconds, minutes, PSI, ECE, multiples of a trade's value. */
export const USUAL_LIMITS = {
  MLShadowMatchLow: 0.95,
  MLShadowErrorRateHigh: 0.02,
  MLPredictLatencyP95High: 80,
  MLPredictLatencyP95Critical: 120,
  MLShadowLatencyP95High: 60,
  MLModelErrorsHigh: 0.01,
  MLPoorCalibration: 0.06,
  MLPSIWarning: 0.2,
  MLPSICritical: 0.3,
  MLPSIJump: 0.15,
  MLFeatureStaleness: 120,
  MLDataGap: 300,
  MLFeatureMissing: 0.005,
  MLOutcomesOverdue: 60,
  MLCardinalityHigh: 10_000,
  MLCanaryShadowMatchLow: 0.95,
  MLCanaryModelErrorsHigh: 0.01,
  MLCanaryPSIWarning: 0.2,
  MLCanaryPSICritical: 0.3,
  MLPaperDrawdown: 1,
} as const satisfies Readonly<Record<string, number>>

export type LimitedRule = keyof typeof USUAL_LIMITS

export type LimitOf = (rule: LimitedRule) => number

/** Bounds of the histograms, few, and where the limits are: a share below one of them is exact, and a rule on latency needs one. */
export const LATENCY_BUCKETS_MS: readonly number[] = [5, 20, 60, 80, 120]
export const MODEL_BUCKETS_MS: readonly number[] = [5, 20, 60, 120]

/** What a user has changed of one rule. */
export interface RuleSettings {
  readonly off: boolean
  readonly limit?: number | undefined
  readonly for_min: number
  readonly clear_min: number
}

/** A rule with the times that it was given. */
export function timed(rule: Rule, settings: RuleSettings | undefined): Rule {
  if (settings === undefined) return rule
  return { ...rule, forMs: settings.for_min * MINUTE_MS, clearMs: settings.clear_min * MINUTE_MS }
}

export function isLimited(rule: string): rule is LimitedRule {
  return Object.hasOwn(USUAL_LIMITS, rule)
}
