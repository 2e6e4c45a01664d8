/** Canaries and prompts of rooms that are not there. */
import { HOUR_MS, isoTime, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import type {
  ApprovalDocument,
  CanaryDocument,
  LiveCanaryDocument,
} from '../../src/evidence/documents/release-documents.ts'
import { NOW_MS } from './screen-documents.ts'

/** The room's wall clock in every view. */
export const WALL_MS = Date.UTC(2026, 0, 1)

const PHASES = [0.05, 0.25, 1].map((split) => ({ split, duration_min: 30 }))

/** A canary that has never run, but for what is given. */
export function canary(given: Partial<CanaryDocument>): CanaryDocument {
  return {
    symbol: 'BTCUSDT',
    state: 'idle',
    run_id: null,
    plan_name: null,
    plan: [],
    mode: 'observe',
    candidate: null,
    baseline: 'v1.8-b0',
    phase: null,
    share: 0,
    realised_share: null,
    split_p_value: null,
    since: null,
    until: null,
    live: 0,
    probes: 0,
    probes_planned: 0,
    p95_ms: null,
    error_rate: null,
    match_rate: null,
    psi: null,
    intervals: null,
    decision: null,
    reason: null,
    profile: 'equivalent',
    limits: {
      p95_ms: { go_on: 80, stop: 120 },
      error_rate: { go_on: 0.01, stop: 0.02 },
      match_rate: { go_on: 0.95, stop: 0.9 },
      min_comparisons: 100,
      min_live: 20,
    },
    validation: null,
    bake: null,
    live_canary: null,
    ...given,
  }
}

/** A canary of days after three of them. */
export const LIVE_CANARY: LiveCanaryDocument = {
  at: isoTime(NOW_MS),
  policy: { fraction: 0.2, min_confidence: 0.58, min_days: 7, sha256: 'ab' },
  policy_changed: false,
  days: 3,
  most_days: 28,
  minutes: 1_500,
  canary: {
    version: 'v1.8.1',
    trades: 36,
    sharpe: 1.2,
    max_drawdown: 9,
    net_pnl: 12,
    log_loss: 0.65,
    ece: 0.02,
    own_trades: 10,
    own_mean_bp: 3,
  },
  in_charge: {
    version: 'v1.8-b0',
    trades: 35,
    sharpe: 1,
    max_drawdown: 10,
    net_pnl: 11,
    log_loss: 0.66,
    ece: 0.03,
    own_trades: 30,
    own_mean_bp: -1,
  },
  difference: { value: 0.0012, lo: -0.001, hi: 0.0034 },
  log_loss_difference: { value: -0.01, lo: -0.0201, hi: -0.0005 },
  own_difference_bp: { value: 4, lo: 1.5, hi: 6.5 },
  critical_drift: 0,
  verdict: 'extend',
  reason: '3 of 7 days',
  missing: ['3 of 7 days'],
}

const RUN = { run_id: 'run-1', plan_name: 'mini', plan: PHASES, candidate: 'v1.8.1' } as const
const FIGURES = {
  live: 26,
  probes: 214,
  probes_planned: 300,
  p95_ms: 1.8,
  error_rate: 0,
  match_rate: 0.997,
  psi: 0.035,
}

export const AWAITING_CANARY = canary({ ...RUN, state: 'awaiting_onay' })

/** In its second phase, 11 minutes and 40 seconds of which are over. */
export const RAMPING_CANARY = canary({
  ...RUN,
  ...FIGURES,
  state: 'ramping',
  phase: 2,
  share: 0.25,
  realised_share: 0.246,
  split_p_value: 0.84,
  since: isoTime(NOW_MS - 700_000),
  until: isoTime(NOW_MS + 1_100_000),
  decision: 'go_on',
  reason: 'go on: match 99.7 %, errors 0.0 %, p95 1.8 ms',
})

export const HOLDING_CANARY = canary({
  ...RAMPING_CANARY,
  state: 'holding',
  live: 12,
  probes: 40,
  since: isoTime(NOW_MS - 45 * MINUTE_MS),
  until: isoTime(NOW_MS + 15 * MINUTE_MS),
  decision: 'hold',
  reason: '52 comparisons are too few: 48 more are needed',
})

export const ABORTED_CANARY = canary({
  ...RUN,
  ...FIGURES,
  state: 'aborted',
  phase: 1,
  candidate: 'v1.8.2',
  match_rate: 0.099,
  live: 3,
  probes: 131,
  decision: 'abort',
  reason:
    'stopped by the judge: match 9.9 % of 134, 99.9 % interval 3.8 to 22.5 %, lies wholly below the limit of 90 %',
})

export const SUCCEEDED_CANARY = canary({
  ...RUN,
  ...FIGURES,
  state: 'succeeded',
  phase: 3,
  decision: 'advance',
  validation: {
    needed_h: 24,
    counted_h: 14,
    until: isoTime(NOW_MS + 10 * HOUR_MS),
    missing: '10 more full hours of at least 59 comparisons',
  },
})

export const BAKING_CANARY = canary({
  ...RUN,
  state: 'succeeded',
  phase: 3,
  bake: { former: 'v1.8-b0', until: isoTime(NOW_MS + 46 * HOUR_MS), decision: 'no limit is broken' },
})

/** A promotion that waits, but for what is given. */
export function approval(given: Partial<ApprovalDocument>): ApprovalDocument {
  return {
    id: 'promote-1',
    action: 'promote',
    symbol: 'BTCUSDT',
    subject: 'v1.8.1',
    sha256: `3fa9${'0'.repeat(56)}71c0`,
    figures: { gates: { passed: 6, psi: 0.0351234 }, log_loss: [0.6732, 0.6708], note: null },
    figures_sha256: `9b22${'0'.repeat(56)}04ee`,
    against: [
      'settled log loss 0.6732 against 0.6708 for v1.8-b0 on 10,075 minutes',
      'the plain fallback ranks better than both: AUC .637 against .613',
    ],
    sentence: 'ONAY: Promote v1.8.1 to production',
    what_happens: 'v1.8.1 answers every caller at once; v1.8-b0 stays ready, rollback is one key',
    speaks_for: ['six gates pass', 'canary 3/3, 24 h of validation without a breach'],
    stops_it: 'match < 90 %, errors > 2 %, p95 > 120 ms, outcome worse with certainty, for 48 h',
    asked_by: 'operator',
    needs: 1,
    given: [],
    expires_at: isoTime(WALL_MS + 871_000),
    state: 'waiting',
    why: null,
    ...given,
  }
}

export const START_PROMPT = approval({
  id: 'start-1',
  action: 'canary_start',
  sentence: 'ONAY: Canary START 5 %/30 min observe (v1.8.1)',
  what_happens: 'a load ramp of 5, 25, 100 %; callers still get every answer from v1.8-b0',
  speaks_for: ['offline AUC 0.6226'],
  against: ['v1.8.1 has no settled minutes yet, so its worth is unknown'],
  stops_it: 'match < 90 %, errors > 2 %, p95 > 120 ms; a a at any time',
})
