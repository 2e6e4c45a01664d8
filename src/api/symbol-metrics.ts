import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { MarketFigures } from '../control/figures.ts'
import { LATENCY_BUCKETS_MS, MODEL_BUCKETS_MS } from '../engine/alerts/rule-limits.ts'
import type { Verdict } from '../engine/kernel/verdict.ts'
import type { ModelFault } from '../engine/shadow/compare.ts'
import type { ShadowResult } from '../serving/contract.ts'

// Few: a symbol's metrics are to stay under a hundred lines.
const DELTA_BUCKETS = [0.05, 0.2]
const SCORE_BUCKETS = [0.5]
/** No alert has its limit here, as one has at the candidate's. */
const BASELINE_BUCKETS_MS = [5]
/** A first error is a rise only where the counter stood at 0 before. */
const FAULTS: readonly ModelFault[] = ['timeout', 'nan', 'range', 'throw']
/** Of a model behind HTTP alone. */
const REMOTE_FAULTS: readonly ModelFault[] = ['unreachable', 'status', 'garbage']

/** -1 while the window is not full. */
const CHECK_CODE = { wait: -1, ok: 0, warning: 1, critical: 2 } as const
const DRIFT_CODE = { stable: 0, warning: 1, critical: 2 } as const
const GATE_CODE: Readonly<Record<Verdict, number>> = { PASS: 1, WAIT: 0, FAIL: -1, ERROR: -2 }

/** Every metric, and what its line of help says. */
const HELP = {
  ml_predict_requests_total: 'Predictions answered',
  ml_predict_latency_ms: 'From a request accepted to its answer released, ms',
  ml_prediction_score: 'Scores answered',
  ml_model_errors_total: 'Times the model in charge gave no score',
  ml_shadow_success_total: 'Shadow runs that gave a score',
  ml_shadow_error_total: 'Shadow runs that gave none, by kind',
  ml_shadow_match_total: 'Comparisons within the tolerance',
  ml_shadow_mismatch_total: 'Comparisons beyond the tolerance',
  ml_shadow_abs_delta: 'Absolute difference of the two scores',
  ml_shadow_latency_ms: 'The candidate alone, failed runs too, ms',
  ml_baseline_latency_ms: 'The model in charge alone, ms',
  ml_shadow_latency_delta_ms: 'The candidate minus the model in charge, last run, ms',
  ml_shadow_match_rate: 'Share of comparisons within the tolerance, last 15 minutes',
  ml_psi_score: 'Overall PSI of the model in charge, last hourly snapshot',
  ml_psi_feature: 'PSI of the model in charge by feature',
  ml_gate_status: 'Gate: 1 pass, 0 wait, -1 fail, -2 error',
  ml_drift_level: 'Drift of the model in charge: 0 stable, 1 warning, 2 critical; -1 until its seven days are full',
  ml_drift_level_24h:
    'Last 24 hours of the model in charge, two of three checks: 0 ok, 1 warning, 2 critical, 3 asks for the kill switch; -1 with too few rows',
  ml_drift_psi_24h: 'PSI of the last 24 hours by feature',
  ml_drift_ks_24h: 'Two-sample Kolmogorov-Smirnov distance of the last 24 hours by feature',
  ml_ks_feature:
    'Two-sample Kolmogorov-Smirnov distance of the model in charge by feature, of the rows of its drift window',
  ml_drift_events_total: 'Snapshots and checks of the model in charge that reached a worse level',
  ml_shadow_meant_to_match:
    '1 while the candidate in the shadow is meant to agree, 0 while it is meant to differ or there is none',
  ml_model_ece: 'Expected calibration error of the model in charge, last 24 hours',
  ml_feature_missing_share: 'Share of the last 24 hours of rows that lack the feature missing most',
  ml_canary_errors: "Failed runs of the candidate in the canary's phase, as its judge has last seen them",
  ml_ensemble_weight: 'Weight of each member of the mix that has a role, by score',
  ml_canary_live_sharpe: 'Sharpe ratio on paper of each side of a canary of days, last 14 days',
  ml_canary_phase: 'Phase of the canary that runs, from 1; 0 while none does',
  ml_canary_psi: 'Overall PSI of the candidate of the canary that runs',
  ml_backup_age_seconds: 'How long a room on a real feed has been without a newer backup',
  ml_jobs_overdue: 'Jobs that have not succeeded for twice their period',
  ml_outcomes_overdue: 'Minutes of the last 24 hours that lack the outcome that the user brings, past their horizon',
  ml_canary_share: 'Share of the traffic that a canary counts',
  ml_canary_tries: "Runs of the candidate in the canary's phase, as its judge has last seen them",
  ml_kill_switch: '1 while the kill switch is on',
  ml_breaker_open: '1 while the breaker of the shadow is open',
  ml_feature_staleness_seconds: 'Age of the newest row on the market clock',
  ml_job_last_success_seconds: 'When a job last succeeded, Unix seconds of the market clock',
  ml_paper_trades_total: 'Trades on paper that the active arm has closed',
  ml_paper_expectancy_bp: 'Net result of a trade of the active arm, basis points of its value, last 14 days',
  ml_paper_sharpe: 'Yearly Sharpe ratio of the active arm, last 14 days',
  ml_paper_open: '1 while the active arm has an order or a trade going',
  ml_paper_drawdown:
    "Largest fall of the active arm's cumulative result, in multiples of a trade's value, last 14 days",
  ml_paper_retrain_failed: '1 while the last training of a set has failed',
  ml_execution_slippage_pct: 'Slippage of the active arm a side, per cent, last 14 days',
  ml_execution_slippage_excess_pct: 'By how much it is above what is assumed, at least and with certainty',
  ml_ab_swap_recommended: '1 while the last daily evaluation of the sets recommends a swap',
} as const

type MetricName = keyof typeof HELP

/** The metrics of one symbol, each with its label: counters of what is served, and gauges that are set when somebody scrapes. */
export class SymbolMetrics {
  readonly registry = new Registry()
  private readonly requests = this.counter('ml_predict_requests_total', ['model_version', 'status'])
  private readonly latency = this.histogram('ml_predict_latency_ms', LATENCY_BUCKETS_MS)
  private readonly score = this.histogram('ml_prediction_score', SCORE_BUCKETS)
  private readonly modelErrors = this.counter('ml_model_errors_total')
  private readonly shadowSuccess = this.counter('ml_shadow_success_total')
  private readonly shadowError = this.counter('ml_shadow_error_total', ['kind'])
  private readonly shadowMatch = this.counter('ml_shadow_match_total')
  private readonly shadowMismatch = this.counter('ml_shadow_mismatch_total')
  private readonly shadowDelta = this.histogram('ml_shadow_abs_delta', DELTA_BUCKETS)
  private readonly shadowLatency = this.histogram('ml_shadow_latency_ms', MODEL_BUCKETS_MS)
  private readonly baselineLatency = this.histogram('ml_baseline_latency_ms', BASELINE_BUCKETS_MS)
  private readonly latencyDelta = this.gauge('ml_shadow_latency_delta_ms')
  private readonly matchRate = this.gauge('ml_shadow_match_rate')
  private readonly psi = this.gauge('ml_psi_score')
  private readonly psiFeature = this.gauge('ml_psi_feature', ['feature'])
  private readonly gates = this.gauge('ml_gate_status', ['gate'])
  private readonly driftLevel = this.gauge('ml_drift_level')
  private readonly ksFeature = this.gauge('ml_ks_feature', ['feature'])
  private readonly checkLevel = this.gauge('ml_drift_level_24h')
  private readonly checkPsi = this.gauge('ml_drift_psi_24h', ['feature'])
  private readonly checkKs = this.gauge('ml_drift_ks_24h', ['feature'])
  private readonly driftEvents = this.counter('ml_drift_events_total', ['severity'])
  private readonly meantToMatch = this.gauge('ml_shadow_meant_to_match')
  private readonly ece = this.gauge('ml_model_ece')
  private readonly missing = this.gauge('ml_feature_missing_share')
  private readonly canaryErrors = this.gauge('ml_canary_errors')
  private readonly canaryTries = this.gauge('ml_canary_tries')
  private readonly canaryPhase = this.gauge('ml_canary_phase')
  private readonly canaryPsi = this.gauge('ml_canary_psi')
  private readonly backupAge = this.gauge('ml_backup_age_seconds')
  private readonly overdue = this.gauge('ml_jobs_overdue')
  private readonly overdueOutcomes = this.gauge('ml_outcomes_overdue')
  private readonly mixWeight = this.gauge('ml_ensemble_weight', ['model'])
  private readonly canarySharpe = this.gauge('ml_canary_live_sharpe', ['side'])
  private readonly canaryShare = this.gauge('ml_canary_share')
  private readonly killSwitch = this.gauge('ml_kill_switch')
  private readonly breaker = this.gauge('ml_breaker_open')
  private readonly staleness = this.gauge('ml_feature_staleness_seconds')
  private readonly jobs = this.gauge('ml_job_last_success_seconds', ['job'])
  private readonly paperTrades = this.counter('ml_paper_trades_total', ['arm'])
  private readonly paperExpectancy = this.gauge('ml_paper_expectancy_bp')
  private readonly paperSharpe = this.gauge('ml_paper_sharpe')
  private readonly paperOpen = this.gauge('ml_paper_open')
  private readonly drawdown = this.gauge('ml_paper_drawdown')
  private readonly retrainFailed = this.gauge('ml_paper_retrain_failed')
  private readonly slippage = this.gauge('ml_execution_slippage_pct')
  private readonly slippageExcess = this.gauge('ml_execution_slippage_excess_pct')
  private readonly swap = this.gauge('ml_ab_swap_recommended')

  constructor(symbol: string) {
    // Not on each observation: every one of them is on the way of an answer.
    this.registry.setDefaultLabels({ symbol })
    for (const kind of FAULTS) this.shadowError.inc({ kind }, 0)
  }

  answered(model: string, status: 'ok' | 'abstain', latencyMs: number, score: number | null): void {
    this.requests.inc({ model_version: model, status })
    this.latency.observe(latencyMs)
    if (score !== null) this.score.observe(score)
  }

  baselineRan(ok: boolean, modelMs: number | null): void {
    if (!ok) this.modelErrors.inc()
    if (modelMs !== null) this.baselineLatency.observe(modelMs)
  }

  shadowRan(result: ShadowResult, baselineMs: number | null): void {
    if (result.kind === 'skipped' || result.latencyMs === null) return
    // A run that took too long is an error: its latency counts all the same, or none would ever be beyond the budget.
    this.shadowLatency.observe(result.latencyMs)
    if (result.kind === 'fault') {
      this.shadowError.inc({ kind: result.fault })
      return
    }
    this.shadowSuccess.inc()
    if (result.kind !== 'compared') return
    if (result.matched) this.shadowMatch.inc()
    else this.shadowMismatch.inc()
    this.shadowDelta.observe(result.delta)
    if (baselineMs !== null) this.latencyDelta.set(result.latencyMs - baselineMs)
  }

  /** Takes what the room knows now. */
  set(figures: MarketFigures): void {
    this.setDrift(figures)
    this.setShadow(figures)
    this.setRoom(figures)
    this.setPaper(figures)
    for (const model_version of figures.answering)
      for (const status of ['ok', 'abstain']) this.requests.inc({ model_version, status }, 0)
  }

  private setDrift({ psi, driftLevel, drift, driftEvents, missingShare, ece }: MarketFigures): void {
    put(this.psi, psi?.overall_psi ?? null)
    this.driftLevel.set(driftLevel === null ? -1 : DRIFT_CODE[driftLevel])
    this.psiFeature.reset()
    this.ksFeature.reset()
    for (const [feature, figure] of Object.entries(psi?.features ?? {})) {
      this.psiFeature.set({ feature }, figure.psi)
      if (figure.ks !== undefined) this.ksFeature.set({ feature }, figure.ks)
    }
    this.checkLevel.set(drift?.asks_kill === true ? 3 : CHECK_CODE[drift?.verdict ?? 'wait'])
    this.checkPsi.reset()
    this.checkKs.reset()
    for (const [feature, { psi: checked, ks }] of Object.entries(drift?.features ?? {})) {
      this.checkPsi.set({ feature }, checked.value)
      if (ks !== null) this.checkKs.set({ feature }, ks.value)
    }
    this.driftEvents.reset()
    for (const [severity, events] of Object.entries(driftEvents)) this.driftEvents.inc({ severity }, events)
    put(this.missing, missingShare)
    put(this.ece, ece)
  }

  private setShadow({ matchRate, meantToMatch, isRemote, breakerOpen, canary }: MarketFigures): void {
    if (isRemote) for (const kind of REMOTE_FAULTS) this.shadowError.inc({ kind }, 0)
    put(this.matchRate, matchRate)
    this.meantToMatch.set(meantToMatch ? 1 : 0)
    this.breaker.set(breakerOpen ? 1 : 0)
    this.canaryShare.set(canary.share)
    this.canaryPhase.set(canary.phase)
    this.canarySharpe.reset()
    for (const [side, sharpe] of Object.entries(canary.sharpe ?? {}))
      if (sharpe !== null) this.canarySharpe.set({ side }, sharpe)
    putOrLeaveOut(this.canaryPsi, canary.psi)
    putOrLeaveOut(this.canaryTries, canary.seen?.tried ?? null)
    putOrLeaveOut(this.canaryErrors, canary.seen?.errors ?? null)
  }

  private setPaper({ arm }: MarketFigures): void {
    this.paperTrades.reset()
    if (arm !== null) this.paperTrades.inc({ arm: arm.name }, arm.trades)
    put(this.paperExpectancy, arm?.expectancyBp ?? null)
    put(this.paperSharpe, arm?.sharpe ?? null)
    put(this.paperOpen, arm === null ? null : Number(arm.isOpen))
    put(this.drawdown, arm?.drawdown ?? null)
    put(this.retrainFailed, arm === null ? null : Number(arm.retrainFailed))
    put(this.slippage, arm?.slippagePct ?? null)
    put(this.slippageExcess, arm?.slippageExcessPct ?? null)
    put(this.swap, arm === null ? null : Number(arm.swapRecommended))
  }

  private setRoom(figures: MarketFigures): void {
    const { mix, gates, killSwitch, stalenessSec, jobs, overdueJobs, overdueOutcomes, backupAgeSec } = figures
    this.mixWeight.reset()
    for (const { member, weight } of mix) this.mixWeight.set({ model: member }, weight)
    this.gates.reset()
    for (const { gate, verdict } of gates) this.gates.set({ gate }, GATE_CODE[verdict])
    this.killSwitch.set(killSwitch ? 1 : 0)
    put(this.staleness, stalenessSec)
    this.jobs.reset()
    for (const { name, lastOkMs } of jobs)
      if (lastOkMs !== null) this.jobs.set({ job: name.replaceAll(' ', '_') }, lastOkMs / 1_000)
    this.overdue.set(overdueJobs)
    putOrLeaveOut(this.overdueOutcomes, overdueOutcomes)
    putOrLeaveOut(this.backupAge, backupAgeSec)
  }

  private counter<T extends string = never>(name: MetricName, labelNames: readonly T[] = []): Counter<T> {
    return new Counter({ name, help: HELP[name], labelNames: [...labelNames], registers: [this.registry] })
  }

  private gauge<T extends string = never>(name: MetricName, labelNames: readonly T[] = []): Gauge<T> {
    return new Gauge({ name, help: HELP[name], labelNames: [...labelNames], registers: [this.registry] })
  }

  private histogram(name: MetricName, buckets: readonly number[]): Histogram {
    return new Histogram({ name, help: HELP[name], buckets: [...buckets], registers: [this.registry] })
  }
}

/** What does not go on has no line: there is nothing to know of a canary that does not run. */
function putOrLeaveOut(gauge: Gauge, value: number | null): void {
  if (value === null) gauge.remove()
  else gauge.set(value)
}

/** A gauge that is unknown is NaN, never 0. */
function put(gauge: Gauge, value: number | null): void {
  gauge.set(value ?? Number.NaN)
}
