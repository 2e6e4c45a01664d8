/** Documents of gates and drift for rooms that are not there. */
import type { DriftLevel } from '../../src/engine/drift/snapshot.ts'
import type { DriftView, MarketPart, ModelView, OutcomeCourse, SymbolView } from '../../src/control/view.ts'
import type { GateDocument, GatesDocument, PsiDocument } from '../../src/evidence/documents/documents.ts'

export const NOW_MS = Date.UTC(2025, 4, 26, 2, 41)

const SPAN = { from: '2025-05-05T00:00:00.000Z', until: '2025-05-19T00:00:00.000Z' }

function level(psi: number): DriftLevel {
  if (psi > 0.3) return 'critical'
  return psi > 0.1 ? 'warning' : 'stable'
}

/** Rises over the week to the figure of today. */
export function course(psi: number): readonly (number | null)[] {
  return Array.from({ length: 168 }, (_, hour) => (hour < 12 ? null : (psi * (hour + 8 * Math.sin(hour / 6))) / 168))
}

export function drift(model: string, features: Readonly<Record<string, number>>, reason: string): DriftView {
  const values = Object.values(features)
  const overall = values.reduce((sum, psi) => sum + psi, 0) / values.length
  const worst = Object.entries(features).reduce((a, b) => (b[1] > a[1] ? b : a))
  const snapshot: PsiDocument = {
    symbol: 'BTCUSDT',
    model,
    at: '2025-05-26T02:00:00.000Z',
    reference: { ...SPAN, n: 20160 },
    current: { from: '2025-05-19T00:00:00.000Z', until: '2025-05-26T00:00:00.000Z', n: 10080 },
    overall_psi: overall,
    verdict: overall >= 0.2 ? 'FAIL' : 'PASS',
    level: level(overall),
    worst: { feature: worst[0], psi: worst[1] },
    features: Object.fromEntries(
      Object.entries(features).map(([name, psi]) => [
        name,
        {
          psi,
          level: level(psi),
          n_reference: 20160,
          n_current: 10080,
          chance_mean: 0.0013,
          chance_p95: 0.0025,
          within_reference_p95: 1.57,
        },
      ]),
    ),
    within_reference_p95: 0.6,
    reason,
    ready_at: null,
    slo_check: { threshold: 0.2, feature_threshold: 0.3, pass: overall < 0.2 },
  }
  const courses = Object.entries(features).map(([name, psi]) => [name, course(psi)] as const)
  return { model, snapshot, course: Object.fromEntries([['overall', course(overall)], ...courses]) }
}

export const BASELINE_DRIFT = drift(
  'v1.8-b0',
  { mid: 5.34, vol1m: 0.194, spread_bp: 0.027, rsi14: 0.003 },
  'overall 1.391 is not below 0.2; mid alone is 5.340',
)

export const CANDIDATE_DRIFT = drift(
  'v1.8.1',
  {
    mid_logret_1m: 0.011,
    mid_logret_5m: 0.014,
    spread_bp: 0.02,
    vol1m_log: 0.123,
    rsi14_z: 0.004,
    zscore_mid_24h: 0.038,
  },
  'within the limits',
)

function gate(number: GateDocument['gate'], rest: Omit<GateDocument, 'gate' | 'ready_at'>): GateDocument {
  return { gate: number, ready_at: null, ...rest }
}

export function gates(model: string, psi: number): GatesDocument {
  const list: readonly GateDocument[] = [
    gate(1, {
      name: 'psi',
      verdict: psi < 0.2 ? 'PASS' : 'FAIL',
      value: psi,
      threshold: 0.2,
      reason: `overall ${psi}, worst mid 5.340 (limit 0.3)`,
    }),
    gate(2, {
      name: 'p95',
      verdict: 'WAIT',
      value: null,
      threshold: 80,
      reason: '59 more requests that somebody waits for',
    }),
    gate(3, { name: 'alert_silence', verdict: 'PASS', value: 0, threshold: 0, reason: '24 h covered' }),
    gate(4, {
      name: 'offline',
      verdict: 'FAIL',
      value: { auc: 0.613, precision_at_20: 0.617 },
      threshold: { auc: 0.62, precision_at_20: 0.58 },
      reason: 'AUC 0.613 is below 0.62',
    }),
    gate(5, { name: 'delta', verdict: 'WAIT', value: null, threshold: 0.05, reason: 'no candidate' }),
    gate(6, {
      name: 'evidence',
      verdict: 'ERROR',
      value: {
        present: 5,
        required: 13,
        missing: [{ file: 'canary_preflight_v1.8.1.json', make: 'onay canary preflight' }],
      },
      threshold: null,
      reason: '8 files are missing, first canary_preflight_v1.8.1.json: onay canary preflight',
    }),
  ]
  const passed = list.filter((one) => one.verdict === 'PASS').length
  return {
    label: 'now',
    symbol: 'BTCUSDT',
    model,
    at: '2025-05-26T02:41:00.000Z',
    verdict: 'BLOCKED',
    passed,
    of: 6,
    gates: list,
    outcome: {
      verdict: 'too_early',
      n: 0,
      log_loss: { candidate: null, baseline: null, fallback: null },
      difference: null,
      against_fallback: null,
      text: '1,440 more settled minutes are needed to compare',
    },
  }
}

/** A model that was trained on two weeks of May and has had its role for a week. */
export function model(version: string, auc: number | null, given: Partial<ModelView> = {}): ModelView {
  return {
    version,
    sha256: 'ab'.repeat(32),
    auc,
    trained: { fromMs: Date.parse(SPAN.from), untilMs: Date.parse(SPAN.until) },
    sinceMs: Date.parse(SPAN.until),
    settled: { auc: 0.613, logLoss: 0.6708, n: 1512 },
    ...given,
  }
}

/** A day that falls, rises and falls again, with signals all over it. */
export const MARKET: MarketPart = {
  price: 109_214,
  dayChange: -0.0031,
  course: Array.from({ length: 96 }, (_, i) => ({
    close: i < 2 ? null : 109_214 + 400 * Math.sin(i / 9) - 3 * (i - 95),
    cameTrue: i % 11 === 0 ? 2 : 0,
    didNot: i % 17 === 0 ? 1 : 0,
  })),
  predicts: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
  threshold: 0.64,
  baseRate: 0.466,
}

/** The model in the shadow gets worse than the one in charge, and better than the fallback. */
export const OUTCOME: OutcomeCourse = {
  fromMs: Date.parse(SPAN.until),
  untilMs: NOW_MS,
  againstInCharge: Array.from({ length: 96 }, (_, i) => i * 0.02 + Math.sin(i / 5)),
  againstFallback: Array.from({ length: 96 }, (_, i) => 0.1 - i * 0.05),
  band: Array.from({ length: 96 }, (_, i) => ({ lo: i * 0.02 - Math.sqrt(i), hi: i * 0.02 + Math.sqrt(i) })),
}

/** A market of a room in a line. */
export function symbolLine(symbol: string, given: Partial<SymbolView> = {}): SymbolView {
  return {
    symbol,
    price: 109_214,
    dayChange: -0.0031,
    inCharge: 'v1.8-b0',
    shadow: null,
    canary: 'idle',
    gatesPassed: 2,
    psi: 1.391,
    alerts: 1,
    critical: 1,
    ...given,
  }
}
