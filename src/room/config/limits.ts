import { type LimitedRule, USUAL_LIMITS } from '../../engine/alerts/rule-limits.ts'
import { BAKE_LIMITS, type BakeLimits } from '../../engine/canary/bake.ts'
import { JUDGE_LIMITS, type JudgeLimits } from '../../engine/canary/plan.ts'
import type { ProbeLimits } from '../../engine/canary/probes.ts'
import type { ValidationNeeds } from '../../engine/canary/validation.ts'
import type { DriftLimits } from '../../engine/drift/check.ts'
import type { PsiLimits } from '../../engine/drift/snapshot.ts'
import type { GateLimits } from '../../engine/gates/catalogue.ts'
import { OUTCOME_LIMITS, type OutcomeLimits } from '../../engine/gates/outcome.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../engine/kernel/units.ts'
import type { LabelSpec } from '../../engine/models/contract.ts'
import type { BreakerLimits } from '../../engine/shadow/breaker.ts'
import type { ServingLimits } from '../../serving/contract.ts'
import type { LatencyBounds } from '../../serving/totals.ts'
import type { Config } from './config.ts'
import { paperLimits, type PaperLimits } from './paper-config.ts'

/** What a smoke needs to pass. */
export interface SmokeLimits {
  /** Share of the requests that are answered, 0 to 1: at least. */
  readonly successRate: number
  readonly p95Ms: number
  /** Share of the shadow's runs: below. */
  readonly shadowErrorRate: number
  /** Share of the comparisons, of a model that is meant to agree: at least. */
  readonly matchRate: number
  readonly meanDelta: number
}

/** The configuration in the engine's and the services' own terms. */
export interface Limits {
  readonly serving: ServingLimits
  readonly breaker: BreakerLimits
  readonly gates: GateLimits
  readonly outcome: OutcomeLimits
  readonly smoke: SmokeLimits
  readonly judge: JudgeLimits
  readonly latency: LatencyBounds
  readonly probes: ProbeLimits
  readonly validation: ValidationNeeds
  readonly bake: BakeLimits
  readonly psi: PsiLimits
  /** Of the last 24 hours. */
  readonly drift: DriftLimits
  /** What drift beyond every limit does: nothing, an alert, or the kill switch. */
  readonly driftKill: Config['drift']['kill']
  readonly label: LabelSpec
  readonly paper: PaperLimits
}

/** The configuration as the limits that the engine and the services take. */
export function limitsOf(config: Config): Limits {
  const limitFor = (rule: LimitedRule): number => config.alerts[rule]?.limit ?? USUAL_LIMITS[rule]
  const { serving, breaker, gates, smoke, judge, canary, validation, bake, drift, label } = config
  return {
    serving: {
      stalenessBars: serving.staleness_bars,
      shadowBudgetMs: serving.shadow_budget_ms,
      matchTolerance: serving.match_tolerance,
      fallbackDecides: serving.fallback_decides,
      durability: serving.durability,
    },
    breaker: {
      window: breaker.window,
      minTries: breaker.min_tries,
      maxErrorShare: breaker.max_error_share,
      probeEvery: breaker.probe_every,
      cleanToClose: breaker.clean_to_close,
    },
    gates: {
      psiOverall: gates.psi,
      psiFeature: gates.psi_feature,
      psiMaxAgeMs: gates.psi_max_age_min * MINUTE_MS,
      p95Ms: gates.p95_ms,
      p95MinRequests: gates.p95_min_requests,
      alertCoverage: gates.alert_coverage,
      auc: gates.auc,
      precisionAt20: gates.precision_at_20,
      meanDelta: gates.mean_delta,
      deltaMinComparisons: gates.delta_min_comparisons,
      windowMs: 24 * HOUR_MS,
    },
    outcome: { ...OUTCOME_LIMITS, minRows: gates.outcome_min_rows, margin: gates.outcome_margin },
    smoke: {
      successRate: smoke.success_rate,
      p95Ms: gates.p95_ms,
      shadowErrorRate: smoke.shadow_error_rate,
      matchRate: smoke.match_rate,
      meanDelta: gates.mean_delta,
    },
    judge: {
      errorRate: { within: judge.error_rate_within, abort: judge.error_rate_abort },
      matchRate: { within: judge.match_rate_within, abort: judge.match_rate_abort },
      p95Ms: { within: judge.p95_ms_within, abort: judge.p95_ms_abort },
      tailShare: JUDGE_LIMITS.tailShare,
      minComparisons: judge.min_comparisons,
      minLive: canary.min_live,
      confidence: judge.confidence,
    },
    latency: {
      answers: [limitFor('MLPredictLatencyP95High'), limitFor('MLPredictLatencyP95Critical')],
      shadow: limitFor('MLShadowLatencyP95High'),
      model: [judge.p95_ms_within, judge.p95_ms_abort],
    },
    probes: { least: canary.min_probes, atFullSplit: canary.probes_at_full_split },
    validation: { hours: validation.hours, minutesShare: validation.minutes_share },
    bake: {
      ...BAKE_LIMITS,
      durationMs: bake.hours * HOUR_MS,
      minRows: bake.min_rows,
      margin: bake.margin,
      confidence: bake.confidence,
    },
    psi: {
      warning: drift.warning,
      critical: drift.critical,
      feature: drift.feature,
      minRows: drift.min_rows,
      windowMs: drift.window_days * DAY_MS,
    },
    drift: {
      psiWarning: drift.psi_warning,
      psiCritical: drift.psi,
      ksWarning: drift.ks_warning,
      ksCritical: drift.ks,
      kill: drift.kill_psi,
    },
    driftKill: drift.kill,
    label: labelSpec(label),
    paper: paperLimits(config.paper),
  }
}

function labelSpec({ kind, name, horizon_min, threshold_bp }: Config['label']): LabelSpec {
  if (kind !== 'pushed') return { kind, horizonMin: horizon_min, thresholdBp: threshold_bp }
  return { kind, horizonMin: horizon_min, thresholdBp: 0, name }
}
