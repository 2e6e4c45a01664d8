/** An answer to every command and every query: documents of rooms that are not there, whole as the types have them. */
import type { Answers } from '../../src/control/commands.ts'
import type { Findings } from '../../src/control/queries.ts'
import type { DailyReport, ModelDocument, OfflineReport, SmokeDocument } from '../../src/evidence/documents.ts'
import type { CanaryRunDocument } from '../../src/evidence/release-documents.ts'
import type { EvalResultDocument } from '../../src/evidence/validation-documents.ts'
import type { WeeklyReport } from '../../src/evidence/weekly-document.ts'
import { approval, RAMPING_CANARY, START_PROMPT } from './canary-documents.ts'
import { BASELINE_DRIFT, gates } from './screen-documents.ts'
import { BLOCKED, SHADOW, TABLE } from './views.ts'

const SPAN = { from: '2025-05-05T00:00:00.000Z', until: '2025-05-19T00:00:00.000Z' }
const AT = '2025-05-26T02:41:00.000Z'
const INTERVAL = { value: 0.013, lo: 0.001, hi: 0.025 }
const HASH = 'ab'.repeat(32)
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

const OFFLINE: OfflineReport = {
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

const MODEL: ModelDocument = {
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

const RUN: CanaryRunDocument = {
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
      counts: { tried: 240, errors: 0, comparisons: 0, matched: 0, timed: 240, above_120_ms: 0 },
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

const EVAL: EvalResultDocument = {
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

const METRICS: DailyReport['metrics'] = {
  psi_score: 1.391,
  psi_by_feature: { mid: 5.34 },
  error_rate: 0,
  match_rate: null,
  predict_p95_ms: 1.9,
  mean_delta: null,
  requests: 1_440,
  auc_live: 0.613,
  precision_at_20_live: 0.617,
  log_loss_live: 0.67,
  ece: 0.02,
  base_rate: 0.47,
}

const DAY: DailyReport = {
  ...HEADER,
  symbol: 'BTCUSDT',
  date: '2025-05-25',
  models: { baseline: 'v1.8-b0', candidate: null, candidate_since: null },
  metrics: METRICS,
  n: { psi_rows: 10_080 },
  unmeasured: { match_rate: 'no candidate' },
  promised: { auc: 0.613, ece: 0.02, base_rate: 0.47 },
  data_quality: { rows: 1_440, completeness: 1, gaps: [{ ...SPAN, minutes: 2 }], missing: { mid: 0 } },
  alerts: [{ rule: 'MLPSICritical', severity: 'critical', at: AT }],
  gates: { verdict: 'BLOCKED', passed: 2, verdicts: ['FAIL'] },
  anomalies: [],
  overall_status: 'CRITICAL',
  promote_eligible: false,
  action_required: ['retrain'],
  chain_head: HASH,
  chain: { seq: 12, hash: HASH },
}

const WEEK: WeeklyReport = {
  symbol: 'BTCUSDT',
  date: '2025-05-25',
  week: SPAN,
  models: { baseline: 'v1.8-b0', candidate: null },
  metrics: {
    requests: 10_080,
    match_rate: null,
    mean_delta: null,
    auc_live: 0.61,
    ece: 0.02,
    log_loss_live: 0.67,
    base_rate: 0.47,
  },
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

const SMOKE: SmokeDocument = {
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

const said = { said: 'it was done' }
const RETRAINED = { version: 'v1.8.1', slot: 'candidate', offline: OFFLINE, seconds: 4.2 }

export const COMMAND_ANSWERS: Answers = {
  setSpeed: { ...said, speed: 60, market_time: AT, until: null },
  pushBars: { accepted: 1, duplicates: 0, late: 0, rejected: [{ index: 1, reason: 'not a number' }] },
  startRetrain: said,
  retrain: RETRAINED,
  startAddingModel: said,
  addModel: RETRAINED,
  startValidation: said,
  validate: EVAL,
  cancelWork: said,
  preflight: {
    symbol: 'BTCUSDT',
    candidate: 'v1.8.1',
    checks: [{ check: 'disk', pass: true, said: '9 MiB' }],
    pass: true,
  },
  rehearseCanary: RUN,
  startCanary: START_PROMPT,
  abortCanary: RAMPING_CANARY,
  answerApproval: approval({ state: 'approved', given: [{ by: 'mia', reason: 'quiet', at: AT }] }),
  promote: approval({}),
  rollback: { symbol: 'BTCUSDT', baseline: 'v1.8-b0', former: null, at: AT, approval_id: null, bake_until: null },
  acknowledge: said,
  saveGates: gates('v1.8-b0', 1.391),
  reportDay: { ...DAY, page: '/tmp/report.html' },
  reportWeek: WEEK,
  exportEvidence: { symbol: 'BTCUSDT', files: ['evidence/ml/gates_now.json'], entries: 12, head: HASH },
  beginSmoke: { run: 'a-run' },
  finishSmoke: SMOKE,
  addToken: { name: 'risk', token: 'secret' },
  revokeToken: said,
  testChannels: { items: [{ channel: 'webhook', ok: true, said: 'delivered' }] },
}

export const QUERY_ANSWERS: Findings = {
  health: {
    ok: true,
    model: 'v1.8-b0',
    candidate: null,
    service: 'onay',
    version: '0.1.0',
    symbol: 'BTCUSDT',
    phase: 'open',
    feature_staleness_sec: 0,
    kill_switch: false,
    market_time: AT,
    troubles: [],
  },
  modelInCharge: MODEL,
  shadow: {
    symbol: 'BTCUSDT',
    candidate: 'v1.8.1',
    comparisons: 240,
    match_rate: 0.998,
    match_interval: { lo: 0.99, hi: 1 },
    mean_delta: 0.014,
    tried: 240,
    errors: 0,
    p95_ms: 1.8,
    breaker: 'closed',
    window_min: 15,
  },
  gates: gates('v1.8.1', 0.035),
  psi: BASELINE_DRIFT.snapshot,
  psiTrend: {
    symbol: 'BTCUSDT',
    model: 'v1.8-b0',
    items: [{ at: AT, overall_psi: null, verdict: 'WAIT', features: { mid: 5.34 } }],
  },
  features: {
    symbol: 'BTCUSDT',
    rows: 30_402,
    from: AT,
    until: AT,
    completeness: 1,
    gaps: [{ ...SPAN, minutes: 3 }],
    missing: { mid: 0 },
    duplicates: 0,
    late: 0,
    bad_rows: 0,
    anomalies: ['gap of 3 minutes'],
  },
  models: { items: [MODEL] },
  model: MODEL,
  jobs: { items: BLOCKED.room.jobs },
  alerts: { items: BLOCKED.watch.alerts },
  chain: { entries: 12, head: HASH, at: AT },
  canary: RAMPING_CANARY,
  approvals: { items: [approval({})] },
  retrainChoices: { items: [{ features: 'v1.9', version: 'v1.9', refused: 'too few bars' }] },
  tokens: { items: [{ name: 'operator', created_wall_ms: 1, revoked: false }] },
  view: SHADOW,
  detail: TABLE,
}
