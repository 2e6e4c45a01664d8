import { ACTIVE_ARM, GATE_CHECK, RETRAIN_RUN, setName, setRow, SIGNAL } from '../kit/stored-sets.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStore, type Store } from '../../src/db/store.ts'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { isoTime } from '../../src/engine/kernel/units.ts'
import { AB_RUN } from '../kit/ab-runs.ts'
import { calibrationLook, ensembleLook } from '../kit/calibration-look.ts'
import { freshDirectories } from '../kit/directories.ts'
import { dailyReport, driftDocument, message, psiDocument, weeklyReport } from '../kit/stored.ts'
import { APPROVAL, fill, FRAME, OWN, modelRow, POSITION, PROMOTION, RUN, SYMBOL, T } from './whole-store.ts'
import { TRADE } from '../kit/paper-trades.ts'

const fresh = freshDirectories()
let store: Store

beforeAll(() => {
  store = openStore(fresh(), 'write')
  fill(store)
})
afterAll(() => store.db.close())

type Repo = Exclude<keyof Store, 'db'>
type Method = { [R in Repo]: `${R}.${Extract<keyof Store[R], string>}` }[Repo]

const TIMES = { tsMs: T, wallMs: 1 }
const BAR = { tsMs: T + 60_000, open: 1, high: 1, low: 1, close: 1, volume: 1 }
const ROW = { tsMs: T + 60_000, values: new Float64Array(builtInCatalogue.names.length) }
const first = <T>(rows: readonly T[]): T => {
  const [row] = rows
  if (row === undefined) throw new Error('the filled store has no such row')
  return row
}

/** What is part of something larger, so that half of it may never stand alone. */
const DEMANDING: Partial<Record<Method, () => unknown>> = {
  'bars.insert': () => store.bars.insert(SYMBOL, BAR, 1, false),
  'features.insert': () => store.features.insert(SYMBOL, ROW, 1),
  'own.declare': () => store.own.declare(SYMBOL, 1, { ...OWN, name: 'other' }, 1),
  'own.declareSet': () => store.own.declareSet(SYMBOL, { name: 'other', model: ['mid'], drift: ['mid'] }, 1),
  'own.put': () => store.own.put(SYMBOL, { tsMs: T, values: new Float64Array([2]) }, 1),
  'own.seal': () => store.own.seal(SYMBOL, { tsMs: T + 60_000, values: new Float64Array([2]) }, 1),
  'ownLabels.put': () => store.ownLabels.put(SYMBOL, 'hit', T + 1, 1, 1),
  'frames.insert': () => store.frames.insert(SYMBOL, FRAME, 1),
  'features.saveState': () => {
    const state = store.features.state(SYMBOL)
    if (state !== null) store.features.saveState(SYMBOL, T, state)
  },
  'predictions.insert': () => store.predictions.insert(first(store.predictions.rawSince(SYMBOL, 0).predictions)),
  'predictions.insertAll': () => store.predictions.insertAll(store.predictions.rawSince(SYMBOL, 0).predictions),
  'predictions.compare': () => store.predictions.compare(first(store.predictions.rawSince(SYMBOL, 0).comparisons)),
  'predictions.compareAll': () => store.predictions.compareAll(store.predictions.rawSince(SYMBOL, 0).comparisons),
  'predictions.score': () => store.predictions.score(SYMBOL, T, 'next', 0.5),
  'predictions.settle': () => store.predictions.settle(SYMBOL, T, 1, T),
  'predictions.prune': () => store.predictions.prune(SYMBOL, T),
  'rollups.put': () => store.rollups.put(first(store.rollups.between(SYMBOL, T, T + 1))),
  'drift.putHour': () => store.drift.putHour(SYMBOL, 'base', { hourMs: T, n: 1, counts: {} }),
  'drift.putSnapshot': () => store.drift.putSnapshot({ tsMs: T, document: psiDocument() }, 1),
  'drift.putCheck': () => store.drift.putCheck(driftDocument(), 1),
  'ensembles.put': () => store.ensembles.put(ensembleLook(SYMBOL, isoTime(T)), 1),
  'calibrations.put': () =>
    store.calibrations.put(
      { calibration: { map: null, raisedBy: 0 }, takenMs: null, document: calibrationLook(SYMBOL, 'base', isoTime(T)) },
      1,
    ),
  'drift.pruneChecks': () => store.drift.pruneChecks(SYMBOL, T),
  'drift.dropHoursBefore': () => store.drift.dropHoursBefore(SYMBOL, T),
  'models.register': () => store.models.register(modelRow('next')),
  'models.putSlot': () => store.models.putSlot(first(store.models.slots(SYMBOL))),
  'models.clearSlot': () => store.models.clearSlot(SYMBOL, 'former'),
  'watch.logGates': () => {
    const gates = store.watch.newestGates(SYMBOL)
    if (gates !== null) store.watch.logGates({ ...gates, tsMs: T + 1 })
  },
  'watch.putAlert': () => store.watch.putAlert(first(store.watch.alerts(SYMBOL))),
  'watch.clearAlert': () => store.watch.clearAlert(SYMBOL, 'MLDataGap'),
  'watch.logAlertChange': () => store.watch.logAlertChange(first(store.watch.alertChanges(SYMBOL, 0, T + 1))),
  'watch.putHeartbeat': () => store.watch.putHeartbeat(SYMBOL, T, T),
  'jobs.put': () => store.jobs.put(first(store.jobs.list(SYMBOL))),
  'feeds.put': () => store.feeds.put(first(store.feeds.all())),
  'feeds.nameDrop': () => store.feeds.nameDrop(SYMBOL, { tsMs: T, line: 3, fault: 'late', text: '' }, 1),
  'journal.addEvent': () =>
    store.journal.addEvent({ symbol: SYMBOL, ...TIMES, kind: 'feed', severity: 'info', text: '' }),
  'journal.appendEntry': () => {
    const entry = store.journal.lastEntry()
    if (entry !== null) store.journal.appendEntry({ ...entry, seq: entry.seq + 1 })
  },
  'reports.putDaily': () => store.reports.putDaily(dailyReport(), TIMES),
  'reports.putWeekly': () => store.reports.putWeekly(weeklyReport(), TIMES),
  'release.putRun': () => store.release.putRun(RUN),
  'release.addEvent': () => store.release.addEvent(RUN, { kind: 'candidateGone', atMs: T }, 1),
  'release.putApproval': () => store.release.putApproval(APPROVAL),
  'release.addPromotion': () => store.release.addPromotion(PROMOTION),
  'trading.addTrade': () => store.trading.addTrade({ ...TRADE, id: 'another' }),
  'trading.addAbRun': () => store.trading.addAbRun({ ...AB_RUN, symbol: SYMBOL }),
  'trading.swapExecuted': () => store.trading.swapExecuted(SYMBOL, 1),
  'models.putChallenger': () => store.models.putChallenger({ symbol: SYMBOL, version: 'next', sinceMs: T, wallMs: 1 }),
  'models.dropChallenger': () => store.models.dropChallenger(SYMBOL, 'base'),
  'ticks.insert': () =>
    store.ticks.insert(SYMBOL, { tsMs: [T + 1], seq: [0], price: [1], qty: [1], buyerMaker: [null] }),
  'ticks.prune': () => store.ticks.prune(SYMBOL, T + 9, 1),
  'ticks.putFile': () => store.ticks.putFile({ symbol: SYMBOL, sha256: 'y', line: 1, rows: 1, done: 0, wallMs: 1 }),
  'sets.register': () => store.sets.register(setRow(SYMBOL, 'set-2')),
  'sets.point': () => store.sets.point(setName(SYMBOL, 'v2_paper', 'set-1')),
  'sets.addRun': () => store.sets.addRun({ ...RETRAIN_RUN, symbol: SYMBOL }),
  'sets.addCheck': () => store.sets.addCheck([{ ...GATE_CHECK, symbol: SYMBOL }]),
  'sets.activate': () => store.sets.activate({ ...ACTIVE_ARM, symbol: SYMBOL }),
  'sets.addSignal': () => store.sets.addSignal({ ...SIGNAL, symbol: SYMBOL, id: 'another' }),
  'trading.putPosition': () => store.trading.putPosition(SYMBOL, POSITION),
  'outbox.oweFile': () => store.outbox.oweFile({ path: 'ml/b.json' }, T),
  'outbox.owePage': () => store.outbox.owePage({ symbol: SYMBOL, date: '2025-05-25' }, T),
  'notifications.enqueue': () => store.notifications.enqueue({ channel: 'webhook', message: message(), ...TIMES }),
}

/** One statement that says all there is to say. */
const ALONE: readonly Method[] = [
  'access.addToken',
  'access.revokeToken',
  'facts.set',
  'facts.setOf',
  'outbox.done',
  'outbox.failed',
  'notifications.sent',
  'notifications.failed',
  'notifications.givenUp',
  'notifications.shed',
  'notifications.abandon',
  'notifications.prune',
]

const READS: readonly Method[] = [
  'access.tokens',
  'bars.between',
  'bars.firstMs',
  'bars.has',
  'bars.newest',
  'bars.newestBefore',
  'bars.nthNewestMs',
  'bars.observedBetween',
  'bars.span',
  'bars.symbols',
  'bars.times',
  'digests.count',
  'digests.digest',
  'digests.exceeds',
  'digests.firstFrom',
  'digests.symbols',
  'digests.tables',
  'calibrations.newest',
  'ensembles.newest',
  'drift.countSnapshots',
  'drift.hours',
  'drift.checks',
  'drift.criticalChecks',
  'drift.newestChecks',
  'drift.newestSnapshot',
  'drift.overallAt',
  'drift.snapshots',
  'facts.get',
  'facts.of',
  'features.catalogueOf',
  'features.column',
  'features.each',
  'features.eachOf',
  'features.labelled',
  'features.values',
  'features.missing',
  'features.newest',
  'features.state',
  'features.table',
  'features.times',
  'catalogues.of',
  'catalogues.refresh',
  'frames.between',
  'own.back',
  'ownLabels.at',
  'ownLabels.between',
  'own.between',
  'own.columns',
  'own.counts',
  'own.extent',
  'own.sets',
  'own.symbols',
  'feeds.all',
  'feeds.dropped',
  'feeds.get',
  'jobs.list',
  'journal.entries',
  'journal.entriesUnder',
  'journal.entryOf',
  'journal.events',
  'journal.eventsAfter',
  'journal.lastEntry',
  'journal.lastSubject',
  'journal.newestEventId',
  'journal.onEvent',
  'models.get',
  'models.list',
  'models.slots',
  'models.versions',
  'notifications.counts',
  'notifications.due',
  'notifications.lastError',
  'notifications.nextDueMs',
  'outbox.pending',
  'outbox.rows',
  'predictions.answer',
  'predictions.newestOfKeys',
  'predictions.counts',
  'predictions.isSettled',
  'predictions.minutesOfKeys',
  'predictions.rawSince',
  'predictions.scoresAt',
  'predictions.settled',
  'predictions.settledByAll',
  'release.approval',
  'release.approvals',
  'release.hourly',
  'release.newestBegun',
  'release.newestPromotion',
  'release.newestRun',
  'release.promotionsIn',
  'release.waiting',
  'reports.countDailies',
  'reports.dailies',
  'reports.daily',
  'reports.lastDate',
  'reports.weekly',
  'rollups.between',
  'rollups.compared',
  'rollups.countsBetween',
  'rollups.ofPhase',
  'rollups.ownMinutes',
  'watch.alertChanges',
  'watch.alerts',
  'watch.evaluationsOf',
  'watch.heartbeats',
  'watch.newestGates',
  'watch.newestGatesIn',
  'watch.verdictChanges',
  'watch.wordsBefore',
  'watch.wordsOf',
  'models.firstMs',
  'models.challengers',
  'sets.active',
  'ticks.file',
  'ticks.first',
  'ticks.lastMs',
  'sets.get',
  'sets.names',
  'sets.newestRuns',
  'sets.versions',
  'trading.abRuns',
  'trading.closedBy',
  'trading.closedIn',
  'trading.firstOpenedMs',
  'trading.followedIn',
  'trading.has',
  'trading.newestAbRuns',
  'trading.newestTrades',
  'trading.positions',
  'trading.results',
]

describe('a writer whose row is part of something larger', () => {
  it.each(Object.entries(DEMANDING))('refuses to write alone, and writes in a transaction: %s', (_, write) => {
    const before = store.db.raw.prepare('SELECT total_changes()').pluck().get()
    expect(write).toThrow('belongs in a transaction')
    expect(store.db.raw.prepare('SELECT total_changes()').pluck().get()).toBe(before)
    const undo = new Error('undone')
    const work = (): void => {
      try {
        write()
      } catch (error) {
        // Rows that are there already show that it came as far as the database.
        if (!(error instanceof Error && error.message.includes('UNIQUE'))) throw error
      }
      throw undo
    }
    expect(() => store.db.transaction(work)).toThrow(undo)
  })

  it('is every method of a repository that is neither a read nor a single statement of its own', () => {
    const methods = Object.entries(store).flatMap(([repo, methodsOf]) =>
      repo === 'db' ? [] : Object.keys(methodsOf).map((method) => `${repo}.${method}`),
    )
    expect([...Object.keys(DEMANDING), ...ALONE, ...READS].sort()).toEqual(methods.sort())
  })
})
