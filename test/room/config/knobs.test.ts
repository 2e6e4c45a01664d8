import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isLimited, USUAL_LIMITS } from '../../../src/engine/alerts/rule-limits.ts'
import { RULES, rulesOf } from '../../../src/engine/alerts/rules.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { CONFIG_FILE, loadConfig } from '../../../src/room/config/load-config.ts'
import { limitsOf } from '../../../src/room/config/limits.ts'
import { planNamed } from '../../../src/room/config/canary-plans.ts'
import { promotionRules } from '../../../src/room/release/promotion-needs.ts'
import { thresholdsOf } from '../../../src/room/reports/write-reports.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { barLines } from '../../kit/room.ts'

const fresh = freshDirectories()

const ANSWERS_MS: Readonly<Record<string, number>> = {
  MLPredictLatencyP95High: 120,
  MLPredictLatencyP95Critical: 60,
  MLShadowLatencyP95High: 20,
}

/** Each rule off, its limit and its times other than they are. */
const ALERTS = Object.fromEntries(
  RULES.map(({ name, forMs, clearMs }) => {
    const times = { off: true, for_min: forMs / MINUTE_MS + 1, clear_min: clearMs / MINUTE_MS + 1 }
    if (!isLimited(name)) return [name, times]
    return [name, { ...times, limit: ANSWERS_MS[name] ?? USUAL_LIMITS[name] / 2 }]
  }),
)

/** Every value differs from its default, and from every other of its kind, so that no two can be mistaken for each other. */
const CHANGED: Omit<Config, 'notify'> = {
  serving: {
    staleness_bars: 3,
    shadow_budget_ms: 61,
    match_tolerance: 0.051,
    fallback_decides: true,
    durability: 'power',
  },
  kill: { staleness: 'ask', staleness_for_min: 6 },
  breaker: { window: 201, min_tries: 51, max_error_share: 0.021, probe_every: 21, clean_to_close: 52 },
  paper: {
    notional: 1_001,
    fee_bp: 5.5,
    horizon_min: 16,
    stop_bp: 31,
    target_bp: 46,
    latency_ms: 201,
    assumed_slippage_pct: 0.06,
    sets: false,
    set_threshold: 0.55,
    arms: [{ label: 'f60', model: 'fallback', threshold: 0.6, stop_bp: 32, target_bp: null, horizon_min: 17 }],
  },
  ab: { require_certain: false, swap: 'auto' },
  label: { kind: 'up', name: 'mine', horizon_min: 6, threshold_bp: 7 },
  training: { window_days: 15, folds: 6, embargo_min: 62, seed: 2, scaler: 'rolling_zscore_24h', threads: 3 },
  drift: {
    window_days: 8,
    warning: 0.11,
    critical: 0.22,
    feature: 0.33,
    min_rows: 501,
    psi_warning: 0.12,
    psi: 0.24,
    ks_warning: 0.16,
    ks: 0.26,
    kill_psi: 0.35,
    kill: 'off',
  },
  gates: {
    psi: 0.23,
    psi_feature: 0.34,
    psi_max_age_min: 121,
    p95_ms: 81,
    p95_min_requests: 63,
    alert_coverage: 0.98,
    auc: 0.63,
    precision_at_20: 0.59,
    mean_delta: 0.053,
    delta_min_comparisons: 502,
    outcome: 'block',
    outcome_min_rows: 1_441,
    outcome_margin: 0.006,
  },
  smoke: { timeout_ms: 10_001, success_rate: 0.96, shadow_error_rate: 0.024, match_rate: 0.97 },
  judge: {
    error_rate_within: 0.011,
    error_rate_abort: 0.023,
    match_rate_within: 0.94,
    match_rate_abort: 0.91,
    p95_ms_within: 82,
    p95_ms_abort: 122,
    min_comparisons: 101,
    confidence: 0.998,
  },
  canary: {
    min_live: 22,
    min_probes: 303,
    probes_at_full_split: 1_001,
    plans: { mine: [{ split: 1, duration_min: 45 }] },
  },
  validation: { hours: 25, minutes_share: 0.93 },
  bake: { hours: 47, min_rows: 1_442, margin: 0.007, confidence: 0.997 },
  approvals: { expires_min: 16, promote: 2 },
  alerts: ALERTS,
  features: {
    completeness: 0.994,
    gap_min: 9,
    missing_share: 0.006,
    columns: [{ name: 'basis_bp', max_age_s: 900, unit: 'bp', about: '' }],
  },
  history: { open_after_days: 9 },
  retention: { raw_days: 31, tick_days: 31 },
  evidence: { shadow_log: true, signing_key: '/keys/id' },
  feed: { exchange_url: 'http://127.0.0.1:8080' },
  http: { body_limit_bytes: 65_537, feed_body_limit_bytes: 8_388_609 },
}

/** Which option each limit comes from, and the unit of the option where the limit is in milliseconds. */
const LIMITS: readonly (readonly [limit: string, option: string, unitMs?: number])[] = [
  ['paper.rule.notional', 'paper.notional'],
  ['paper.rule.feeBp', 'paper.fee_bp'],
  ['paper.rule.horizonMin', 'paper.horizon_min'],
  ['paper.rule.stopBp', 'paper.stop_bp'],
  ['paper.rule.targetBp', 'paper.target_bp'],
  ['paper.assumedSlippagePct', 'paper.assumed_slippage_pct'],
  ['paper.latencyMs', 'paper.latency_ms'],
  ['paper.sets', 'paper.sets'],
  ['paper.setThreshold', 'paper.set_threshold'],
  ['serving.stalenessBars', 'serving.staleness_bars'],
  ['serving.shadowBudgetMs', 'serving.shadow_budget_ms'],
  ['serving.matchTolerance', 'serving.match_tolerance'],
  ['serving.fallbackDecides', 'serving.fallback_decides'],
  ['serving.durability', 'serving.durability'],
  ['breaker.window', 'breaker.window'],
  ['breaker.minTries', 'breaker.min_tries'],
  ['breaker.maxErrorShare', 'breaker.max_error_share'],
  ['breaker.probeEvery', 'breaker.probe_every'],
  ['breaker.cleanToClose', 'breaker.clean_to_close'],
  ['gates.psiOverall', 'gates.psi'],
  ['gates.psiFeature', 'gates.psi_feature'],
  ['gates.psiMaxAgeMs', 'gates.psi_max_age_min', MINUTE_MS],
  ['gates.p95Ms', 'gates.p95_ms'],
  ['gates.p95MinRequests', 'gates.p95_min_requests'],
  ['gates.alertCoverage', 'gates.alert_coverage'],
  ['gates.auc', 'gates.auc'],
  ['gates.precisionAt20', 'gates.precision_at_20'],
  ['gates.meanDelta', 'gates.mean_delta'],
  ['gates.deltaMinComparisons', 'gates.delta_min_comparisons'],
  ['outcome.minRows', 'gates.outcome_min_rows'],
  ['outcome.margin', 'gates.outcome_margin'],
  ['smoke.successRate', 'smoke.success_rate'],
  ['smoke.p95Ms', 'gates.p95_ms'],
  ['smoke.shadowErrorRate', 'smoke.shadow_error_rate'],
  ['smoke.matchRate', 'smoke.match_rate'],
  ['smoke.meanDelta', 'gates.mean_delta'],
  ['judge.errorRate.within', 'judge.error_rate_within'],
  ['judge.errorRate.abort', 'judge.error_rate_abort'],
  ['judge.matchRate.within', 'judge.match_rate_within'],
  ['judge.matchRate.abort', 'judge.match_rate_abort'],
  ['judge.p95Ms.within', 'judge.p95_ms_within'],
  ['judge.p95Ms.abort', 'judge.p95_ms_abort'],
  ['judge.minComparisons', 'judge.min_comparisons'],
  ['judge.minLive', 'canary.min_live'],
  ['judge.confidence', 'judge.confidence'],
  ['probes.least', 'canary.min_probes'],
  ['probes.atFullSplit', 'canary.probes_at_full_split'],
  ['validation.hours', 'validation.hours'],
  ['validation.minutesShare', 'validation.minutes_share'],
  ['bake.durationMs', 'bake.hours', HOUR_MS],
  ['bake.minRows', 'bake.min_rows'],
  ['bake.margin', 'bake.margin'],
  ['bake.confidence', 'bake.confidence'],
  ['psi.warning', 'drift.warning'],
  ['psi.critical', 'drift.critical'],
  ['psi.feature', 'drift.feature'],
  ['psi.minRows', 'drift.min_rows'],
  ['psi.windowMs', 'drift.window_days', DAY_MS],
  ['drift.psiWarning', 'drift.psi_warning'],
  ['drift.psiCritical', 'drift.psi'],
  ['drift.ksWarning', 'drift.ks_warning'],
  ['drift.ksCritical', 'drift.ks'],
  ['drift.kill', 'drift.kill_psi'],
  ['driftKill', 'drift.kill'],
  ['label.kind', 'label.kind'],
  ['label.horizonMin', 'label.horizon_min'],
  ['label.thresholdBp', 'label.threshold_bp'],
]

/** Limits that no option changes. */
const FIXED = {
  // Its own threshold, stop, target and horizon; the rest is that of every arm.
  'paper.arms': [
    {
      label: 'f60',
      model: 'fallback',
      rule: { notional: 1_001, feeBp: 5.5, threshold: 0.6, stopBp: 32, targetBp: null, horizonMin: 17 },
    },
  ],
  'gates.windowMs': 24 * HOUR_MS,
  'outcome.block': 60,
  'outcome.draws': 500,
  'judge.tailShare': 0.05,
  // The limits of three alert rules.
  'latency.answers': [120, 60],
  'latency.shadow': 20,
  // The judge's own two.
  'latency.model': [82, 122],
  'bake.block': 60,
  'bake.draws': 10_000,
}

function loaded(): Config {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, CONFIG_FILE), JSON.stringify(CHANGED))
  return loadConfig(undefined, dir)
}

/** Each value by its path: `gates.auc`. */
function leaves(value: unknown, path = ''): [path: string, value: unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]]
  return Object.entries(value).flatMap(([name, of]) => leaves(of, path === '' ? name : `${path}.${name}`))
}

describe('a configuration in which every value is another than its default', () => {
  const config = loaded()

  it('is loaded as it stands, and none of its values is the default', () => {
    const { notify: _, ...own } = config
    expect(own).toEqual(CHANGED)
    const { notify: __, ...usual } = defaultConfig()
    const before = new Map(leaves(usual))
    expect(leaves(own).filter(([path, value]) => before.get(path) === value)).toEqual([])
    expect(leaves(usual).map(([path]) => path)).toEqual(
      leaves(own)
        .map(([path]) => (path === 'canary.plans.mine' ? 'canary.plans' : path))
        .filter((path) => before.has(path)),
    )
  })

  it('reaches the engine and the services: each limit is its own value', () => {
    const given = new Map(leaves(CHANGED))
    const limits = LIMITS.map(([limit, option, unitMs]) => {
      const value = given.get(option)
      return [limit, unitMs === undefined ? value : Number(value) * unitMs]
    })
    expect(Object.fromEntries(leaves(limitsOf(config)))).toEqual({ ...Object.fromEntries(limits), ...FIXED })
    expect(thresholdsOf(config)).toEqual({ completeness: 0.994, missingShare: 0.006, gapMin: 9 })
  })

  it('reaches the alert rules: off means that they are not looked at, and the others have their own limits and times', () => {
    const { judge } = limitsOf(config)
    expect(rulesOf(config.alerts, judge)).toEqual([])
    const on = Object.fromEntries(Object.entries(config.alerts).map(([name, rule]) => [name, { ...rule, off: false }]))
    const rules = rulesOf(on, judge)
    expect(rules.map(({ forMs, clearMs }) => [forMs, clearMs])).toEqual(
      RULES.map(({ forMs, clearMs }) => [forMs + MINUTE_MS, clearMs + MINUTE_MS]),
    )
    const limited = rules.filter(({ name }) => isLimited(name) || name === 'MLCanaryShadowErrorRateHigh')
    const usual = new Map(RULES.map((rule) => [rule.name, rule.expr]))
    expect(limited.filter(({ name, expr }) => usual.get(name) === expr).map(({ name }) => name)).toEqual([])
  })

  it('reaches the release: hours of validation, a blocking outcome, plans of the operator', () => {
    expect(promotionRules(config)).toEqual({ neededH: 25, outcomeBlocks: true })
    expect(planNamed(config, 'mine')).toMatchObject({ name: 'mine', phases: [{ split: 1, durationMs: 45 * MINUTE }] })
  })

  it('reaches the desk: its breaker, its label, its fallback and what it serves with', () => {
    const kit = aDesk(fresh(), { config: { ...config, evidence: { shadow_log: true, signing_key: null } } })
    const { desk } = kit
    expect(desk.parts.limits).toEqual(limitsOf(config))
    for (let i = 0; i < 50; i++) desk.breaker.record(false)
    expect(desk.breaker.open).toBe(false)
    desk.breaker.record(false)
    expect(desk.breaker.open).toBe(true)
    kit.desks.close()
  })

  it('reaches the intake: which gaps are worth an event', () => {
    const kit = aDesk(fresh(), { config: { ...config, evidence: { shadow_log: true, signing_key: null } } })
    const lines = barLines(40)
    const gapOf = (missing: number, from: number): number[] => [from, from + missing + 1]
    const at = [...gapOf(9, 0), ...gapOf(10, 20)]
    expect(lines.length).toBeGreaterThan(at.length)
    kit.timeline.history(
      kit.desk,
      at.map((minute) => {
        const tsMs = START + minute * MINUTE
        return {
          atMs: tsMs + MINUTE,
          rows: [{ line: 0, bar: { tsMs, open: 1, high: 1, low: 1, close: 1, volume: 1 } }],
        }
      }),
    )
    const gaps = kit.desks.store.journal.events(kit.desk.symbol, 100).filter(({ kind }) => kind === 'gap')
    expect(gaps.map(({ text }) => text.slice(0, 23))).toEqual(['gap: 10 minutes missing'])
    kit.desks.close()
  })
})
