/** A database with one row in every table that holds values of the room, all of them as a room writes them. */
import type { StoredApproval } from '../../src/db/approvals.ts'
import type { PromotionRow } from '../../src/db/release.ts'
import type { Store } from '../../src/db/store.ts'
import type { StoredPosition } from '../../src/db/trading.ts'
import type { CanaryRun } from '../../src/engine/canary/run.ts'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { BUILT_IN } from '../../src/engine/features/built-in.ts'
import type { OwnColumn } from '../../src/engine/features/own-column.ts'
import type { FrameRow } from '../../src/engine/features/frame-columns.ts'
import { FeatureStream } from '../../src/engine/features/stream.ts'
import { canonicalJson, sha256Hex } from '../../src/evidence/canonical.ts'
import { linkEntry } from '../../src/evidence/chain.ts'
import { noTotals } from '../../src/serving/totals.ts'
import { isoTime } from '../../src/engine/kernel/units.ts'
import { AB_RUN } from '../kit/ab-runs.ts'
import { calibrationLook, ensembleLook } from '../kit/calibration-look.ts'
import { ACTIVE_ARM, GATE_CHECK, RETRAIN_RUN, setName, setRow, SIGNAL } from '../kit/stored-sets.ts'
import { NO_FIGURES } from '../kit/canary.ts'
import { TRADE } from '../kit/paper-trades.ts'
import {
  dailyReport,
  driftDocument,
  message,
  midWeights,
  offlineReport,
  psiDocument,
  weeklyReport,
} from '../kit/stored.ts'

export const SYMBOL = 'BTCUSDT'
export const T = 1_747_612_800_000
const BAR = { tsMs: T, open: 1, high: 1, low: 1, close: 1, volume: 1 }

const WEIGHTS = canonicalJson(midWeights('base'))

const REFERENCE = canonicalJson({
  version: 'base',
  window: { fromMs: T - 1, untilMs: T },
  n: 1,
  features: { mid: { bins: { kind: 'edges', edges: [0, 1] }, counts: [0, 1, 0, 0] } },
  withinReference: null,
})

const REST = { wallMs: 1, tsMs: T }

/** The row that a model is registered as. @param known what differs */
export function modelRow(version = 'base') {
  return {
    symbol: SYMBOL,
    version,
    kind: 'logistic',
    featureSet: 'v1.8',
    sha256: sha256Hex(WEIGHTS),
    windowFromMs: T - 1,
    windowUntilMs: T,
    weights: WEIGHTS,
    reference: REFERENCE,
    scaler: '{}',
    manifest: '{}',
    offline: canonicalJson(offlineReport()),
    seconds: 1,
    ...REST,
  }
}

/** What it has going now. */
export const POSITION: StoredPosition = {
  arm: 'f60',
  position: {
    kind: 'leaving',
    entry: {
      model: 'fallback',
      side: -1,
      rowMs: T,
      openedMs: T + 60_000,
      expectedEntry: 100_000,
      filledEntry: 100_001,
      spreadBp: 1,
      rv60mLog: null,
      rule: { threshold: 0.6, horizonMin: 15, stopBp: null, targetBp: 45, feeBp: 5, notional: 1_000 },
    },
    expectedExit: 100_100,
    spreadBp: null,
  },
}

export const RUN: CanaryRun = {
  symbol: SYMBOL,
  runId: 'run-1',
  state: { kind: 'ramping', phase: 0, sinceMs: T, measureErrors: 0 },
  plan: { name: 'mini', phases: [{ split: 1, durationMs: 60_000 }] },
  mode: 'observe',
  profile: 'equivalent',
  candidate: 'next',
  sha256: 'x',
  baseline: 'base',
  salt: 's',
  approvalId: 'a-1',
  phases: [],
  lastLook: {
    atMs: T,
    decision: 'goOn',
    reason: 'too few comparisons',
    figures: NO_FIGURES,
    inside: 0,
    total: 0,
  },
  probesSent: 0,
  endedMs: T,
  ...REST,
}

export const APPROVAL: StoredApproval = {
  approval: {
    id: 'a-1',
    action: 'canary_start',
    symbol: SYMBOL,
    subject: 'next',
    sha256: 'x',
    figures: {},
    figuresHash: 'f',
    verdictsKey: 'v',
    against: [],
    sentence: 'start it',
    needs: 1,
    given: [],
    openedBy: 'risk',
    openedWallMs: 1,
    expiresWallMs: 2,
    seenWallMs: 1,
    state: 'waiting',
  },
  shown: { whatHappens: 'it starts', speaksFor: [], stopsIt: 'an abort' },
  why: null,
  request: {},
  tsMs: T,
}

export const PROMOTION: PromotionRow = {
  symbol: SYMBOL,
  kind: 'promotion',
  version: 'base',
  former: 'before',
  profile: 'equivalent',
  approvalId: 'a-0',
  reason: 'no worse',
  ...REST,
}

export const OWN: OwnColumn = { name: 'funding_rate', maxAgeMs: 60_000, unit: '1', about: '' }
export const FRAME: FrameRow = { frameMin: 15, bar: BAR, values: new Float64Array(BUILT_IN.length).fill(1) }

export function fill(store: Store): void {
  const stream = new FeatureStream(builtInCatalogue)
  const row = stream.push(BAR)
  const from = { symbol: SYMBOL, ...REST }
  const answer = { ...from, id: '1', source: 'minute', phase: '', score: 0.5, model: 'base', latencyMs: 1, fault: null }
  const gate = { gate: 1, name: 'psi', verdict: 'PASS', value: 0.05, threshold: 0.2, reason: 'stable' } as const
  store.db.transaction(() => {
    store.bars.insert(SYMBOL, BAR, 1, false)
    store.features.insert(
      SYMBOL,
      { tsMs: row.tsMs, values: new Float64Array(builtInCatalogue.names.length).fill(1) },
      1,
    )
    store.frames.insert(SYMBOL, FRAME, 1)
    store.own.declare(SYMBOL, 0, OWN, 1)
    store.ownLabels.put(SYMBOL, 'hit', T, 1, 1)
    store.own.declareSet(SYMBOL, { name: 'mine', model: ['funding_rate'], drift: ['funding_rate'] }, 1)
    store.own.put(SYMBOL, { tsMs: T, values: new Float64Array([1]) }, 1)
    store.own.seal(SYMBOL, { tsMs: T, values: new Float64Array([1]) }, 1)
    store.features.saveState(SYMBOL, T, stream.state())
    store.feeds.put({
      symbol: SYMBOL,
      clockMs: T,
      clockKind: 'replay',
      path: 'bars.csv',
      sha256: 'x',
      line: 2,
      fromMs: T,
      bars: 1,
      badRows: 0,
      duplicates: 0,
      late: 0,
      future: 0,
    })
    store.feeds.nameDrop(SYMBOL, { tsMs: T, line: 2, fault: 'late', text: '' }, 1)
    store.predictions.insert({ ...answer, key: 'k', decision: 'none', servedBy: 'baseline', reason: '', modelMs: 1 })
    store.predictions.compare({ ...answer, baselineScore: 0.5 })
    store.predictions.score(SYMBOL, T, 'base', 0.5)
    store.predictions.settle(SYMBOL, T, 1, T)
    store.rollups.put({
      ...noTotals(),
      symbol: SYMBOL,
      tsMs: T,
      model: 'base',
      source: 'minute',
      phase: '',
      requests: 1,
      tried: 1,
      serviceHist: null,
      modelHist: null,
    })
    store.drift.putHour(SYMBOL, 'base', { hourMs: T, n: 1, counts: { mid: [0, 1, 0, 0] } })
    store.drift.putSnapshot({ tsMs: T, document: psiDocument() }, 1)
    store.drift.putCheck(driftDocument(), 1)
    store.ensembles.put(ensembleLook(SYMBOL, isoTime(T)), 1)
    store.calibrations.put(
      {
        calibration: { map: { kind: 'platt', a: 1, b: 0.5 }, raisedBy: 0.01 },
        takenMs: T,
        document: calibrationLook(SYMBOL, 'base', isoTime(T)),
      },
      1,
    )
    store.models.register(modelRow())
    store.models.putSlot({ symbol: SYMBOL, slot: 'former', version: 'base', profile: 'improve', sinceMs: T, wallMs: 1 })
    store.watch.logGates({
      ...from,
      round: 0,
      model: 'base',
      verdicts: 'P',
      detail: [gate],
      figures: [0.05],
      outcome: 'undecided',
    })
    store.watch.putAlert({
      symbol: SYMBOL,
      rule: 'MLDataGap',
      state: 'firing',
      severity: 'warning',
      sinceMs: T,
      firedMs: T,
      clearMs: T,
      flapping: 0,
      ackBy: 'risk',
      ackReason: 'known',
      ackWallMs: 1,
      text: 'a gap',
    })
    store.watch.logAlertChange({ ...from, rule: 'MLDataGap', change: 'fired', severity: 'warning', text: '' })
    store.watch.putHeartbeat(SYMBOL, T - 1, T)
    store.jobs.put({ symbol: SYMBOL, name: 'psi', lastMs: T, lastOkMs: T, nextMs: T, result: 'ok', ok: 1, wallMs: 1 })
    store.journal.addEvent({ ...from, kind: 'feed', severity: 'info', text: 'open' })
    const draft = { kind: 'gate', subject: `${SYMBOL}/psi`, sha256: sha256Hex(''), detail: '{}', ...REST }
    store.journal.appendEntry(linkEntry(null, draft))
    store.reports.putDaily(dailyReport(), REST)
    store.reports.putWeekly(weeklyReport(), REST)
    store.outbox.oweFile({ path: 'ml/a.json', content: '{}' }, T)
    store.outbox.owePage({ symbol: SYMBOL, date: '2025-05-25' }, T)
    store.notifications.enqueue({ channel: 'webhook', message: message(), ...REST })
    store.access.addToken({ name: 'risk', person: 'ada', sha256: 'x', wallMs: 1, revokedWallMs: 1 })
    store.facts.set('opened', true)
    store.release.putRun(RUN)
    store.release.putApproval(APPROVAL)
    store.release.addPromotion(PROMOTION)
    store.trading.addTrade(TRADE)
    store.trading.putPosition(SYMBOL, POSITION)
    store.trading.addAbRun({ ...AB_RUN, symbol: SYMBOL })
    store.models.putChallenger({ symbol: SYMBOL, version: 'base', sinceMs: T, wallMs: 1 })
    store.ticks.insert(SYMBOL, { tsMs: [T], seq: [0], price: [100], qty: [1], buyerMaker: [1] })
    store.ticks.putFile({ symbol: SYMBOL, sha256: 'x', line: 1, rows: 1, done: 1, wallMs: 1 })
    store.sets.register(setRow(SYMBOL, 'set-1'))
    store.sets.point(setName(SYMBOL, 'v1_backtest', 'set-1'))
    store.sets.addRun({ ...RETRAIN_RUN, symbol: SYMBOL })
    store.sets.addCheck([{ ...GATE_CHECK, symbol: SYMBOL }])
    store.sets.activate({ ...ACTIVE_ARM, symbol: SYMBOL })
    store.sets.addSignal({ ...SIGNAL, symbol: SYMBOL })
  })
}
