/** Values as the database keeps them, whole: what a test does not care about is filled in. */
import type { DailyReport, DriftDocument, OfflineReport, PsiDocument } from '../../src/evidence/documents/documents.ts'
import type { WeeklyReport } from '../../src/evidence/documents/weekly-document.ts'
import type { LogisticWeights } from '../../src/engine/models/contract.ts'
import type { Message } from '../../src/notify/channel.ts'

const AT = '2025-05-26T00:00:00.000Z'
const SPAN = { from: '2025-05-12T00:00:00.000Z', until: AT }
const INTERVAL = { value: 0.6, lo: 0.5, hi: 0.7 }
const SCORED = { rows: 100, auc: 0.6, precision_at_20: 0.5, recall_at_20: 0.4, log_loss: 0.6, brier: 0.2, ece: 0.05 }

/** A logistic model of one feature, the price itself. */
export function midWeights(version: string): LogisticWeights {
  return {
    version,
    kind: 'logistic',
    features: ['mid'],
    bias: 0,
    weights: { mid: 1 },
    mean: { mid: 100 },
    std: { mid: 1 },
    lo: { mid: 0 },
    hi: { mid: 1_000 },
    platt: { a: 1, b: 0 },
    threshold: 0.6,
    label: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
  }
}

export function psiDocument(known: Partial<PsiDocument> = {}): PsiDocument {
  return {
    symbol: 'BTCUSDT',
    model: 'base',
    at: AT,
    reference: { ...SPAN, n: 20_000 },
    current: { ...SPAN, n: 10_000 },
    overall_psi: 0.05,
    verdict: 'PASS',
    level: 'stable',
    worst: { feature: 'mid', psi: 0.05 },
    features: {
      mid: {
        psi: 0.05,
        level: 'stable',
        n_reference: 20_000,
        n_current: 10_000,
        chance_mean: 0.001,
        chance_p95: 0.002,
        within_reference_p95: null,
      },
    },
    within_reference_p95: null,
    reason: 'stable',
    ready_at: null,
    slo_check: { threshold: 0.2, feature_threshold: 0.3, pass: true },
    ...known,
  }
}

export function driftDocument(known: Partial<DriftDocument> = {}): DriftDocument {
  return {
    symbol: 'BTCUSDT',
    model: 'base',
    at: AT,
    reference: { ...SPAN, n: 20_000 },
    current: { ...SPAN, n: 1_440 },
    overall_psi: 0.15,
    kill_limit: 0.5,
    level: 'warning',
    beyond_kill: false,
    verdict: 'wait',
    asks_kill: false,
    features: {
      mid: {
        psi: { value: 0.15, warning: 0.1, critical: 0.2, level: 'warning' },
        ks: { value: 0.1, warning: 0.15, critical: 0.25, level: 'ok' },
        judged: true,
        level: 'warning',
      },
    },
    own_days: 313,
    ...known,
  }
}

const METRICS: DailyReport['metrics'] = {
  psi_score: 0.05,
  psi_by_feature: { mid: 0.05 },
  error_rate: 0,
  match_rate: null,
  predict_p95_ms: 3,
  mean_delta: null,
  requests: 1_440,
  auc_live: 0.6,
  precision_at_20_live: 0.5,
  log_loss_live: 0.6,
  ece: 0.05,
  base_rate: 0.3,
}

export function dailyReport(known: Partial<DailyReport> = {}): DailyReport {
  return {
    symbol: 'BTCUSDT',
    date: '2025-05-25',
    parts: [],
    arms: [],
    models: { baseline: 'base', candidate: null, candidate_since: null },
    metrics: METRICS,
    n: { requests: 1_440 },
    unmeasured: { match_rate: 'no comparison with a candidate' },
    promised: { auc: 0.6, ece: 0.05, base_rate: 0.3 },
    data_quality: { rows: 1_440, completeness: 1, gaps: [], missing: { mid: 0 } },
    alerts: [],
    gates: { verdict: 'BLOCKED', passed: 1, verdicts: ['PASS'] },
    anomalies: [],
    overall_status: 'OK',
    promote_eligible: false,
    action_required: [],
    chain_head: null,
    chain: { seq: 7, hash: 'h' },
    ...known,
  }
}

export function weeklyReport(known: Partial<WeeklyReport> = {}): WeeklyReport {
  const { metrics, n, unmeasured, date, overall_status } = dailyReport()
  return {
    symbol: 'BTCUSDT',
    date: '2025-05-25',
    week: SPAN,
    models: { baseline: 'base', candidate: null },
    metrics: {
      requests: 1_440,
      match_rate: null,
      mean_delta: null,
      auc_live: 0.6,
      ece: 0.05,
      log_loss_live: 0.6,
      base_rate: 0.3,
    },
    n: { days: 1, requests: 1_440, comparisons: 0, settled: 1_400 },
    unmeasured: {},
    shadow: [],
    psi: { model: 'base', n: 1, first: 0.05, last: 0.05, lowest: 0.05, highest: 0.05, course: [] },
    days: [{ date, overall_status, until: AT, metrics, n, unmeasured }],
    alerts: [],
    gates: [],
    decisions: [],
    overall_status: 'OK',
    ...known,
  }
}

export function offlineReport(known: Partial<OfflineReport> = {}): OfflineReport {
  const { rows: _, ...fold } = SCORED
  return {
    version: 'base',
    timestamp: AT,
    ...SCORED,
    base_rate: 0.3,
    dropped: { missing_features: 0, unknown_label: 0 },
    window: SPAN,
    folds: [{ test_from: 0, test_to: 1, train_rows: 50, test_rows: 50, base_rate: 0.3, ...fold }],
    forward: { rows: 50, auc: 0.6 },
    calibration: [{ n: 100, mean_score: 0.3, mean_label: 0.3 }],
    auc_interval: INTERVAL,
    against: { baseline: null, fallback: { ...SCORED, candidate_auc: 0.6 } },
    beats_baseline: null,
    beats_fallback: true,
    auc_difference: null,
    log_loss_difference: null,
    auc_difference_fallback: INTERVAL,
    log_loss_difference_fallback: INTERVAL,
    plain: 'base is better than the fallback.',
    slo_check: { auc: 0.55, precision_at_20: 0.3, pass: true },
    ...known,
  }
}

export function message(known: Partial<Message> = {}): Message {
  return {
    schema: 'notification/1',
    kind: 'alert',
    severity: 'critical',
    symbol: 'BTCUSDT',
    text: 'PSI is above 0.3',
    market_time: AT,
    wall_time: AT,
    clock: 'replay',
    chain_head: null,
    onay_version: '0.0.0',
    ...known,
  }
}
