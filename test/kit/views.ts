/** Views of rooms that are not there: one for each situation that the screen must be able to show. */
import { HOUR_MS, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import type { DetailView } from '../../src/control/panels.ts'
import type {
  JobView,
  MarketPart,
  ModelsPart,
  PlanView,
  RoomPart,
  RoomView,
  ServingView,
  WatchPart,
  WorkView,
} from '../../src/control/view.ts'
import { approval, canary } from './canary-documents.ts'
import {
  BASELINE_DRIFT,
  CANDIDATE_DRIFT,
  course,
  drift,
  gates,
  MARKET,
  model,
  NOW_MS,
  OUTCOME,
  symbolLine,
} from './screen-documents.ts'

const SERVING: ServingView = {
  requests: 1204,
  requestsPerMinute: 80.3,
  p50Ms: 0.6,
  p95Ms: 1.9,
  p99Ms: 3.1,
  answeredBy: { baseline: 1, fallback: 0 },
  abstained: 0,
  modelErrors: 0,
  match: null,
  meanDelta: null,
  shadowTried: 0,
  shadowErrors: 0,
  shadowP95Ms: null,
  breaker: 'no candidate',
  deltaLimit: 0.05,
  stalenessSec: 61,
  last: { atMs: NOW_MS - MINUTE_MS, score: 0.312, by: 'baseline', candidateScore: null },
}

const halfHours = (name: string, splits: readonly number[]): PlanView => ({
  name,
  phases: splits.map((split) => ({ split, durationMin: 30 })),
  refused: null,
})

/** The plans that ship, one of the configuration's own, and one that cannot run. */
export const PLANS: readonly PlanView[] = [
  halfHours('full', [0.05, 0.1, 0.25, 0.5, 1]),
  halfHours('mini', [0.05, 0.25, 1]),
  {
    name: 'careful',
    phases: [
      { split: 0.01, durationMin: 5 },
      { split: 0.125, durationMin: 120 },
      { split: 1, durationMin: 90 },
    ],
    refused: null,
  },
  { ...halfHours('broken', [0.5]), refused: 'the last split is 1, not 0.5' },
]

/** Some fields of some parts of a view. */
export interface Changes {
  readonly room?: Partial<RoomPart>
  readonly market?: Partial<MarketPart>
  readonly models?: Partial<ModelsPart>
  readonly watch?: Partial<WatchPart>
}

/** A view with some of its fields changed. */
export function changed(view: RoomView, { room, market, models, watch }: Changes): RoomView {
  return {
    ...view,
    room: { ...view.room, ...room },
    market: { ...view.market, ...market },
    models: { ...view.models, ...models },
    watch: { ...view.watch, ...watch },
  }
}

/** A job that ran so long ago, or never, and is due in so long. */
function job(name: string, agoMs: number | null, inMs: number, result: string): JobView {
  const ran = agoMs !== null
  return { name, lastMs: ran ? NOW_MS - agoMs : null, nextMs: NOW_MS + inMs, result, ok: ran ? true : null }
}

/** The room as it opens: a baseline alone, blocked. */
export const BLOCKED: RoomView = {
  room: {
    version: '0.1.0',
    symbols: ['BTCUSDT'],
    symbol: 'BTCUSDT',
    overview: [symbolLine('BTCUSDT')],
    phase: 'open',
    clock: {
      kind: 'replay',
      marketMs: NOW_MS,
      wallMs: Date.UTC(2026, 0, 1),
      speed: 60,
      paused: false,
      ended: false,
      stop: null,
      nextMoment: { atMs: Date.UTC(2025, 4, 27), why: 'the next midnight' },
    },
    url: 'http://127.0.0.1:4010',
    bars: 30402,
    jobs: [
      job('feature logger', 0, MINUTE_MS, 'ok'),
      job('psi hourly', 41 * MINUTE_MS, 19 * MINUTE_MS, '1.391'),
      job('gates', 0, MINUTE_MS, 'blocked'),
      job('daily report', 3 * HOUR_MS, 22 * HOUR_MS, 'CRITICAL'),
      job('weekly report', null, 200 * HOUR_MS, 'not yet'),
      job('retention', 2 * HOUR_MS, 22 * HOUR_MS, '0 rows'),
    ],
    events: Array.from({ length: 24 }, (_, i) => ({
      id: 24 - i,
      symbol: 'BTCUSDT',
      tsMs: NOW_MS - i * 37 * MINUTE_MS,
      kind: 'report',
      severity: i === 0 ? 'critical' : i === 3 ? 'warning' : 'info',
      text: i % 2 === 0 ? 'report 2025-05-25: CRITICAL, psi 1.391' : 'gate 4 offline turned from WAIT to FAIL',
    })),
    work: [],
    troubles: [],
  },
  market: MARKET,
  models: {
    baseline: model('v1.8-b0', 0.613),
    candidate: null,
    former: null,
    fallback: { version: 'fallback', settled: { auc: 0.637, logLoss: 0.661, n: 1512 } },
    killSwitch: false,
    gates: gates('v1.8-b0', 1.391),
    overdueOutcomes: null,
    outcome: null,
    canary: canary({}),
    plans: PLANS,
    approvals: [],
    promotion: { possible: false, missing: ['gate 1 waits for seven days', 'gate 2 waits', 'no canary has succeeded'] },
  },
  watch: {
    drift: [BASELINE_DRIFT],
    serving: SERVING,
    alerts: [
      {
        rule: 'MLPSICritical',
        severity: 'critical',
        state: 'firing',
        sinceMs: NOW_MS - HOUR_MS,
        firedMs: NOW_MS - HOUR_MS,
        flapping: false,
        acknowledged: null,
        text: 'PSI 1.391 is above 0.3',
        next: 'retrain on drift-robust features: r',
      },
      {
        rule: 'MLPSIWarning',
        severity: 'warning',
        state: 'pending',
        sinceMs: NOW_MS - HOUR_MS,
        firedMs: null,
        flapping: false,
        acknowledged: null,
        text: 'PSI is above 0.2',
        next: 'look at the drift panel',
      },
    ],
  },
}

/** A candidate in the shadow, everything compared. */
export const SHADOW: RoomView = changed(BLOCKED, {
  models: { candidate: model('v1.8.1', 0.6226), gates: gates('v1.8.1', 0.035), outcome: OUTCOME },
  watch: {
    drift: [BASELINE_DRIFT, CANDIDATE_DRIFT],
    serving: {
      ...SERVING,
      match: { rate: 0.998, lo: 0.992, hi: 0.999, n: 1204 },
      meanDelta: 0.014,
      shadowTried: 1204,
      shadowP95Ms: 1.8,
      breaker: 'closed',
      last: { atMs: NOW_MS - MINUTE_MS, score: 0.312, by: 'baseline', candidateScore: 0.298 },
    },
  },
})

export const RETRAINING: WorkView = {
  id: 'retrain-1',
  symbol: 'BTCUSDT',
  what: 'retrain v1.8.1',
  share: 0.41,
  step: 'fold 3 of 5',
  etaSec: 42,
  cancellable: true,
}

/** Bars are run through before the room opens. */
export const HISTORY: RoomView = changed(BLOCKED, {
  room: {
    phase: 'history',
    clock: { ...BLOCKED.room.clock, speed: 'max', nextMoment: null, marketMs: Date.UTC(2025, 4, 14, 7, 21) },
    events: [],
    work: [
      {
        id: 'history-BTCUSDT',
        symbol: 'BTCUSDT',
        what: 'history',
        share: 0.447,
        step: '2025-05-14 07:21, 21,300 bars/s',
        etaSec: 2,
        cancellable: false,
      },
    ],
  },
  models: { baseline: null, gates: null },
  watch: {
    drift: [],
    alerts: [],
    serving: {
      ...SERVING,
      requests: 0,
      requestsPerMinute: 0,
      p50Ms: null,
      p95Ms: null,
      p99Ms: null,
      answeredBy: {},
      last: null,
      stalenessSec: null,
    },
  },
})

/** Nothing trained yet: the fallback serves. */
export const NO_MODELS: RoomView = changed(HISTORY, {
  room: { phase: 'open', clock: { ...BLOCKED.room.clock, kind: 'real', nextMoment: null, speed: 1 }, work: [] },
})

/** All that can go wrong at once. */
export const TROUBLED: RoomView = changed(SHADOW, {
  room: {
    symbols: ['BTCUSDT', 'ETHUSDT'],
    overview: [
      symbolLine('BTCUSDT'),
      symbolLine('ETHUSDT', { price: 2514.3, alerts: 2, critical: 1, shadow: 'v1.8.1' }),
    ],
    clock: { ...BLOCKED.room.clock, ended: true },
    troubles: [
      'the disk is full: evidence waits in the outbox',
      'alerts cannot be delivered: no route to host',
      'a third one',
      'a fourth',
    ],
    work: [RETRAINING],
    jobs: BLOCKED.room.jobs.map((job, i) => (i === 1 ? { ...job, ok: false, result: 'failed: disk full' } : job)),
  },
  models: { killSwitch: true },
  watch: {
    alerts: Array.from({ length: 9 }, (_, i) => ({
      rule: `MLRule${i}`,
      severity: i % 2 === 0 ? 'critical' : 'warning',
      state: i < 5 ? 'firing' : 'pending',
      sinceMs: NOW_MS - i * HOUR_MS,
      firedMs: i < 5 ? NOW_MS - i * HOUR_MS : null,
      flapping: i === 1,
      acknowledged: i === 2 ? { by: 'operator', reason: 'known' } : null,
      text: 'service p95 is above 120 ms',
      next: 'see what holds up the event loop',
    })),
    serving: { ...SHADOW.watch.serving, breaker: 'open', modelErrors: 3, shadowErrors: 12 },
  },
})

const LONG =
  'a reason that goes on and on, with 日本語の説明, a tab\tand a\nline break, \x1b[31mred\x1b[0m, a family 👨‍👩‍👧, e\u0301 and no end in sight '.repeat(
    3,
  )

/** Texts that are long, wide, joined, coloured, broken over lines. */
export const HOSTILE: RoomView = changed(TROUBLED, {
  room: {
    symbol: '日経225先物'.repeat(4),
    symbols: ['日経225先物'.repeat(4), 'B'],
    overview: [
      symbolLine('日経225先物'.repeat(4), { inCharge: LONG, shadow: LONG, price: 1e300, psi: Infinity }),
      symbolLine('B'),
    ],
    jobs: TROUBLED.room.jobs.map((job) => ({ ...job, name: LONG, result: LONG })),
    events: BLOCKED.room.events.map((event) => ({ ...event, text: LONG })),
    work: [{ ...RETRAINING, what: LONG, step: LONG, share: 7, etaSec: Infinity }],
    troubles: [LONG],
  },
  models: {
    baseline: model('v'.repeat(60), null, { settled: null }),
    candidate: model('模型'.repeat(30), null),
    gates: { ...gates(LONG, 123456.789), gates: gates('x', 1).gates.map((one) => ({ ...one, reason: LONG })) },
    canary: canary({
      state: 'holding',
      plan_name: LONG,
      plan: Array.from({ length: 40 }, (_, i) => ({ split: i / 40, duration_min: 0 })),
      candidate: LONG,
      phase: 17,
      since: 'no time',
      until: LONG,
      decision: LONG,
      reason: LONG,
      bake: { former: LONG, until: LONG, decision: LONG },
    }),
    plans: [
      {
        name: LONG,
        phases: Array.from({ length: 40 }, (_, i) => ({ split: i / 3, durationMin: i * 1e9 })),
        refused: LONG,
      },
    ],
    approvals: [approval({ subject: LONG, sentence: LONG, against: [LONG, LONG], expires_at: LONG, asked_by: LONG })],
    promotion: { possible: false, missing: [LONG, LONG] },
  },
  watch: {
    drift: [drift(LONG, { [LONG]: 1e9, ﾊﾝｶｸ: 0.2, '👨‍👩‍👧': 0 }, LONG), CANDIDATE_DRIFT],
    alerts: TROUBLED.watch.alerts.map((alert) => ({ ...alert, rule: LONG, text: LONG })),
  },
})

/** The same from elsewhere. */
export const ATTACHED: RoomView = {
  ...changed(HOSTILE, {
    watch: {
      alerts: HOSTILE.watch.alerts.map((alert) => ({ ...alert, next: LONG, acknowledged: { by: LONG, reason: LONG } })),
    },
  }),
  attached: { url: `http://${LONG}`, readOnly: LONG, notes: [LONG, LONG] },
}

export const VIEWS: Readonly<Record<string, RoomView>> = {
  BLOCKED,
  SHADOW,
  HISTORY,
  NO_MODELS,
  TROUBLED,
  HOSTILE,
  ATTACHED,
}

export const CHART: DetailView = {
  kind: 'chart',
  title: 'PSI of v1.8-b0 over 7 days',
  series: [
    { name: 'overall', points: course(1.391) },
    { name: 'mid', points: course(5.34) },
    { name: 'vol1m', points: course(0.194) },
  ],
  fromMs: NOW_MS - 168 * HOUR_MS,
  untilMs: NOW_MS,
  limit: 0.2,
  unit: 'nats',
  note: 'each column shows the highest of its hours',
}

export const TABLE: DetailView = {
  kind: 'table',
  title: 'Gates of v1.8-b0',
  rows: Array.from({ length: 57 }, (_, i) => ({
    gate: String(i + 1),
    name: i % 2 === 0 ? 'psi' : 'offline',
    verdict: i % 3 === 0 ? 'FAIL' : 'PASS',
    reason: `row ${i + 1}: ${i === 4 ? LONG : 'within the limits'}`,
  })),
  note: 'evaluated each minute',
}
