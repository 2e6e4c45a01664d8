/** Documents of evidence of rooms that are not there, whole as the types have them. */
import type {
  DailyReport,
  ModelDocument,
  OfflineReport,
  SmokeDocument,
} from '../../src/evidence/documents/documents.ts'
import type { CanaryRunDocument } from '../../src/evidence/documents/release-documents.ts'
import type { EvalResultDocument } from '../../src/evidence/documents/validation-documents.ts'
import type { WeeklyReport } from '../../src/evidence/documents/weekly-document.ts'
import { RAMPING_CANARY, START_PROMPT } from './canary-documents.ts'
import { dailyReport, weeklyReport } from './stored.ts'

export const SPAN = { from: '2025-05-05T00:00:00.000Z', until: '2025-05-19T00:00:00.000Z' }
export const AT = '2025-05-26T02:41:00.000Z'
const INTERVAL = { value: 0.013, lo: 0.001, hi: 0.025 }
export const HASH = 'ab'.repeat(32)
const SCORES = {
  rows: 20_155,
  auc: 0.6226,
  precision_at_20: 0.672,
  recall_at_20: 0.31,
  log_loss: 0.661,
  brier: 0.234,
  ece: 0.014,
}
const { rows: _, ...FOLD_SCORES } = SCORES
const HEADER = { schema: 'some/1', generated_at: AT, clock: 'replay', onay_version: '0.1.0' } as const

export const OFFLINE: OfflineReport = {
  ...SCORES,
  version: 'v1.8.1',
  timestamp: AT,
  base_rate: 0.47,
  dropped: { missing_features: 5, unknown_label: 5 },
  window: SPAN,
  folds: [{ ...FOLD_SCORES, test_from: 0, test_to: 4_031, train_rows: 16_124, test_rows: 4_031, base_rate: 0.47 }],
  forward: { rows: 10_080, auc: 0.61 },
  calibration: [{ n: 2_015, mean_score: 0.31, mean_label: 0.3 }],
  auc_interval: INTERVAL,
  against: { baseline: { ...SCORES, version: 'v1.8-b0', candidate_auc: 0.62 }, fallback: null },
  beats_baseline: true,
  beats_fallback: null,
  auc_difference: INTERVAL,
  log_loss_difference: INTERVAL,
  auc_difference_fallback: null,
  log_loss_difference_fallback: null,
  plain: 'better than v1.8-b0',
  slo_check: { auc: 0.62, precision_at_20: 0.58, pass: true },
}

export const MODEL: ModelDocument = {
  ...HEADER,
  symbol: 'BTCUSDT',
  version: 'v1.8.1',
  kind: 'logistic',
  sha256: HASH,
  slot: 'candidate',
  profile: 'equivalent',
  features: ['vol1m_log', 'rsi14'],
  window: SPAN,
  offline: OFFLINE,
  weights: { bias: 0.1 },
}

export const RUN: CanaryRunDocument = {
  ...HEADER,
  symbol: 'BTCUSDT',
  run_id: 'dry-1',
  mode: 'observe',
  profile: 'equivalent',
  dry_run: true,
  candidate: 'v1.8.1',
  baseline: 'v1.8-b0',
  plan: RAMPING_CANARY.plan,
  limits: RAMPING_CANARY.limits,
  approvals: [{ by: 'mia', reason: 'quiet', at: AT, sentence: START_PROMPT.sentence }],
  phases: [
    {
      phase: 1,
      split: 0.05,
      started_at: AT,
      ended_at: null,
      requests: 240,
      live: 26,
      probes: 214,
      p95_ms: 1.8,
      error_rate: 0,
      match_rate: null,
      psi: null,
      intervals: { error_rate: { lo: 0, hi: 0.01 }, match_rate: null, above_120_ms: null },
      counts: { tried: 240, errors: 0, comparisons: 0, live_compared: 0, matched: 0, timed: 240, above_120_ms: 0 },
      decision: 'advance',
      reason: 'nothing to stop it was found',
    },
  ],
  status: 'SUCCESS',
  aborted: false,
  abort_reason: null,
  promote_eligible: false,
  total_requests: 240,
  shadow_errors: 0,
}

export const EVAL: EvalResultDocument = {
  symbol: 'BTCUSDT',
  version: 'v1.8.1',
  sha256: HASH,
  slot: 'candidate',
  profile: 'improve',
  verdict: 'PASS',
  auc: 0.6226,
  precision_at_20: 0.672,
  slo_check: { auc: 0.62, precision_at_20: 0.58, pass: true },
  checks: [{ check: 'shadow_smoke', pass: true, said: 'match 99.8 %' }],
  psi: {
    own: {
      model: 'v1.8.1',
      overall_psi: 0.03,
      level: 'stable',
      verdict: 'PASS',
      worst: { feature: 'rsi14', psi: 0.1 },
    },
    halves: null,
    former: null,
  },
  plain: 'better than v1.8-b0',
  files: ['evidence/ml/eval_result_v1.8.1.json'],
  missing: [{ file: 'shadow_smoke_1k.json', why: 'no candidate' }],
}

const LIVE = { auc_live: 0.613, log_loss_live: 0.67, ece: 0.02, base_rate: 0.47 }
const METRICS: DailyReport['metrics'] = {
  ...dailyReport().metrics,
  ...LIVE,
  psi_score: 1.391,
  psi_by_feature: { mid: 5.34 },
  predict_p95_ms: 1.9,
  precision_at_20_live: 0.617,
}

export const DAY: DailyReport = {
  ...HEADER,
  ...dailyReport({
    models: { baseline: 'v1.8-b0', candidate: null, candidate_since: null },
    metrics: METRICS,
    n: { psi_rows: 10_080 },
    unmeasured: { match_rate: 'no candidate' },
    promised: { auc: 0.613, ece: 0.02, base_rate: 0.47 },
    data_quality: { rows: 1_440, completeness: 1, gaps: [{ ...SPAN, minutes: 2 }], missing: { mid: 0 } },
    alerts: [{ rule: 'MLPSICritical', severity: 'critical', at: AT }],
    gates: { verdict: 'BLOCKED', passed: 2, verdicts: ['FAIL'] },
    overall_status: 'CRITICAL',
    action_required: ['retrain'],
    chain_head: HASH,
    chain: { seq: 12, hash: HASH },
  }),
}

export const WEEK: WeeklyReport = {
  ...weeklyReport(),
  week: SPAN,
  models: { baseline: 'v1.8-b0', candidate: null },
  metrics: { ...weeklyReport().metrics, ...LIVE, requests: 10_080, auc_live: 0.61 },
  n: { days: 7, requests: 10_080, comparisons: 0, settled: 10_000 },
  unmeasured: { match_rate: 'no candidate' },
  shadow: [{ model: 'v1.8.1', comparisons: 10, match_rate: 1, mean_delta: 0 }],
  psi: {
    model: 'v1.8-b0',
    n: 168,
    first: 0.1,
    last: 1.4,
    lowest: 0.1,
    highest: 1.4,
    course: [{ at: AT, overall_psi: null, n: 0 }],
  },
  days: [
    { date: '2025-05-25', overall_status: null, until: AT, metrics: METRICS, n: { requests: 1_440 }, unmeasured: {} },
  ],
  alerts: [{ at: AT, rule: 'MLPSICritical', change: 'fired', severity: 'critical', text: 'PSI 1.391' }],
  gates: [{ at: AT, gate: 'psi', model: 'v1.8-b0', from: null, to: 'FAIL', reason: 'PSI 1.391' }],
  decisions: [{ at: AT, kind: 'rollback', subject: 'v1.8-b0', what: '', by: ['mia'], reason: null }],
  overall_status: 'WARNING',
}

export const SMOKE: SmokeDocument = {
  ...HEADER,
  symbol: 'BTCUSDT',
  model: 'v1.8.1',
  requests: 1_000,
  success: 1_000,
  success_rate: 1,
  latency_ms: { p50: 1, p95: 2, p99: 3, max: 4 },
  seconds: 2.5,
  match_rate: null,
  mean_delta: null,
  max_delta: null,
  shadow_errors: null,
  shadow_error_rate: null,
  slo_check: { pass: true, why: [] },
}
