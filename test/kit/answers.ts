/** An answer to every command and every query, whole as the types have them. */
import type { Answers } from '../../src/control/commands.ts'
import type { Findings } from '../../src/control/queries.ts'
import { approval, RAMPING_CANARY, START_PROMPT } from './canary-documents.ts'
import { AT, DAY, EVAL, HASH, MODEL, OFFLINE, RUN, SMOKE, SPAN, WEEK } from './evidence-documents.ts'
import { BASELINE_DRIFT, gates } from './screen-documents.ts'
import { BLOCKED, SHADOW, TABLE } from './views.ts'

const said = { said: 'it was done' }
const LEFT = { version: 'v1.8.2', since: AT, comparisons: 8_940 }
const RETRAINED = { version: 'v1.8.1', slot: 'candidate', replaced: LEFT, offline: OFFLINE, seconds: 4.2 }

export const COMMAND_ANSWERS: Answers = {
  setSpeed: { ...said, speed: 60, market_time: AT, until: null },
  pushBars: { accepted: 1, duplicates: 0, late: 0, rejected: [{ index: 1, reason: 'not a number' }] },
  startRetrain: said,
  retrain: RETRAINED,
  startAddingModel: said,
  addModel: RETRAINED,
  retireModel: { symbol: 'BTCUSDT', ...LEFT, slot: 'retired', at: AT, reason: 'not needed' },
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
  addToken: { name: 'risk', person: 'ada', token: 'secret' },
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
  retrainChoices: { items: [{ features: 'v1.9', version: 'v1.9', refused: 'too few bars', replaces: null }] },
  tokens: { items: [{ name: 'operator', person: 'mia', created_wall_ms: 1, revoked: false }] },
  view: SHADOW,
  detail: TABLE,
}
