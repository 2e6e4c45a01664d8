import type { FeedRow, JobRow } from '../db/feeds.ts'
import type { Store } from '../db/store.ts'
import { HourlyCounts } from '../engine/drift/hourly.ts'
import type { FeatureRow } from '../engine/features/row.ts'
import { FeatureStream, type StreamState } from '../engine/features/stream.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { ActiveAlert } from '../engine/alerts/evaluate.ts'
import type { AlertInputs } from '../engine/alerts/rule.ts'
import type { Severity } from '../engine/alerts/rule.ts'
import type { GateInputs } from '../engine/gates/catalogue.ts'
import type { Outcome } from '../engine/gates/outcome.ts'
import { knownAt, type Bar } from '../engine/market/bar.ts'
import type { Model } from '../engine/models/contract.ts'
import { heuristicModel } from '../engine/models/heuristic.ts'
import { CircuitBreaker } from '../engine/shadow/breaker.ts'
import type { PsiDocument } from '../evidence/documents.ts'
import type { LoadedModel, ServingDesk, Slots } from '../serving/contract.ts'
import { RollupBook } from '../serving/rollups.ts'
import type { Canary } from './canary.ts'
import type { Limits } from './config.ts'
import type { DriftView } from '../control/view.ts'
import { loadSlots } from './registry.ts'
import { restoreDrift } from './alert-inputs.ts'
import { restoreAlerts } from './alert-watch.ts'
import { restoreRollups } from './restore.ts'
import { Settlement } from './settlement.ts'
import type { Told, Weight } from './telling.ts'

/** What a desk is made of and may touch. */
export interface DeskParts {
  readonly store: Store
  readonly limits: Limits
  readonly wallNow: () => number
  /** Series that the metrics hold; null where there are none. */
  readonly series: () => number | null
  /** Told of a step that lowers risk and could not be stored. */
  readonly onTrouble: (what: string | null) => void
  /** Takes each event for people elsewhere; inside the event's transaction. */
  readonly tell?: ((told: Told) => void) | undefined
}

/** Somebody has seen an alert and said so. */
export interface Acknowledgement {
  readonly by: string
  readonly reason: string
  readonly wallMs: number
}

/** A bar of the moment that is being gone through; `scored` when a process that died had done that already. */
export interface Arrival {
  readonly bar: Bar
  readonly row: FeatureRow
  readonly scored: boolean
}

/**
 * Everything the room holds in memory about one symbol. All of it is rebuilt from the database by `Desk.load`, so a
 * process that died comes back as the same desk.
 */
export class Desk implements ServingDesk {
  readonly fallback: Model
  readonly rollups: RollupBook
  readonly settlement: Settlement
  breaker: CircuitBreaker
  stream = new FeatureStream()
  latest: FeatureRow | null = null
  newestBar: Bar | null = null
  slots: Slots = { baseline: null, candidate: null, former: null }
  readonly killSwitch = false
  /** The canary of this symbol; its share is asked of it whenever it matters, and kept nowhere. */
  canary: Canary | null = null
  /** What the last hourly look of a bake said. */
  lastBake: string | null = null
  /** Rows by bin and hour, for each model in a slot. */
  readonly drift = new Map<string, HourlyCounts>()
  /** The newest hourly snapshot by version, and what the overall figure of the model in charge was a day before. */
  readonly psi = new Map<string, PsiDocument>()
  psiDayAgo: { readonly model: string; readonly overall: number | null } | null = null
  alerts: readonly ActiveAlert[] = []
  /** Who has seen an alert that is not over, by rule. */
  readonly acknowledged = new Map<string, Acknowledgement>()
  /** When each rule fired or was resolved; the last hour's at least. */
  readonly alertChanges = new Map<string, UnixMs[]>()
  /** When drift last became critical, and how often which level was reached since the process began. */
  driftCriticalMs: UnixMs | null = null
  readonly driftEvents = { warning: 0, critical: 0 }
  /** On a real feed: the room came back without having been stopped. */
  back: { readonly atMs: UnixMs; readonly goneMs: number } | null = null
  missingCache: { readonly key: string; readonly value: AlertInputs['missing'] } | null = null
  /** When critical alerts that gate 3 counts fired, ascending; the last day's at least. */
  criticalFired: UnixMs[] = []
  /** The gates as they were last logged. */
  gates: { readonly verdicts: string } | null = null
  /** A week of hourly PSI by version, as the screen draws it. */
  readonly courses = new Map<string, { readonly key: string; readonly course: DriftView['course'] }>()
  evidenceCache: { readonly key: string; readonly value: GateInputs['evidence'] } | null = null
  outcomeCache: { readonly key: string; readonly value: Outcome } | null = null
  heartbeat: { fromMs: UnixMs; untilMs: UnixMs } | null = null
  readonly jobs = new Map<string, JobRow>()
  readonly dirtyJobs = new Set<string>()
  /** Rows that the feature log is still to be given. */
  unlogged: FeatureRow[] = []
  /** Bars taken in at the moment that is being gone through, with their rows. */
  arrived: Arrival[] = []
  /** The moment that is being gone through, or was last; the stored clock follows when it is finished. */
  momentMs: UnixMs

  private constructor(
    readonly symbol: string,
    readonly feed: FeedRow,
    readonly parts: DeskParts,
  ) {
    this.momentMs = feed.clockMs
    this.fallback = heuristicModel(parts.limits.label)
    this.rollups = new RollupBook(symbol)
    this.settlement = new Settlement(symbol, parts.store, parts.limits.label, this.fallback)
    this.breaker = new CircuitBreaker(parts.limits.breaker)
  }

  /** The desk of a symbol as the database remembers it; of a new symbol, an empty one. */
  static load(symbol: string, clockKind: 'replay' | 'real', parts: DeskParts): Desk {
    const feed = parts.store.feeds.get(symbol) ?? emptyFeed(symbol, clockKind)
    const desk = new Desk(symbol, feed, parts)
    desk.restore()
    return desk
  }

  /** The market clock as others see it: the last moment that was finished, or the machine's time on a real feed. */
  nowMs(): UnixMs {
    return this.feed.clockKind === 'real' ? this.parts.wallNow() : this.feed.clockMs
  }

  minuteScored(tsMs: UnixMs, model: string, score: number): void {
    this.settlement.scored(tsMs, model, score)
  }

  breakerChanged(change: 'opened' | 'closed'): void {
    const { store } = this.parts
    store.access.setMeta(`breaker:${this.symbol}`, change)
    this.event('breaker', change === 'opened' ? 'warning' : 'info', `the breaker of the shadow ${change}`, 'warning')
  }

  /** Adds an event at the market clock's time. `weight` decides whether people elsewhere are told of it. */
  event(kind: string, severity: Severity, text: string, weight: Weight = severity): void {
    const { store, wallNow, tell } = this.parts
    const event = { symbol: this.symbol, tsMs: this.momentMs, kind, severity, text }
    store.db.transaction(() => {
      store.journal.addEvent({ ...event, wallMs: wallNow(), data: null })
      tell?.({ ...event, weight })
    })
  }

  /** The model that gates judge: the candidate, where there is none the one in charge. */
  get judged(): LoadedModel | null {
    return this.slots.candidate ?? this.slots.baseline
  }

  /** Models that stand in a slot. */
  get standing(): readonly LoadedModel[] {
    const { baseline, candidate, former } = this.slots
    return [baseline, candidate, former].filter((model) => model !== null)
  }

  /** Critical alerts that fired after `fromMs`. */
  criticalSince(fromMs: UnixMs): number {
    while (this.criticalFired[0] !== undefined && this.criticalFired[0] <= fromMs) this.criticalFired.shift()
    return this.criticalFired.length
  }

  /** The phase of a canary that counts a request with this key, or empty. */
  pickPhase(key: string): string {
    return this.canary?.pick(key) ?? ''
  }

  /** Takes up what stands in the slots now, after one has changed. */
  reloadSlots(): void {
    this.slots = loadSlots(this.parts.store, this.symbol, this.parts.limits.serving.shadowBudgetMs)
    this.settlement.reload(this.slots, this.newestBar?.tsMs ?? null)
    for (const version of this.drift.keys())
      if (!this.standing.some((model) => model.version === version)) this.drift.delete(version)
    for (const model of this.standing) {
      if (!this.drift.has(model.version)) this.drift.set(model.version, this.storedCounts(model))
      const snapshot = this.parts.store.drift.newestSnapshot(this.symbol, model.version)
      if (snapshot !== null) this.psi.set(model.version, JSON.parse(snapshot.document) as PsiDocument)
    }
    this.outcomeCache = null
    this.evidenceCache = null
  }

  /** Writes what changes with every bar; inside the caller's transaction. */
  persist(): void {
    const { store } = this.parts
    const { symbol } = this
    store.feeds.put(this.feed)
    if (this.newestBar !== null)
      store.features.saveState(symbol, this.newestBar.tsMs, JSON.stringify(this.stream.state()))
    for (const row of this.rollups.takeDirty()) store.rollups.put(row)
    if (this.newestBar !== null) this.persistDriftHour(floorTo(this.newestBar.tsMs, HOUR_MS))
    if (this.heartbeat !== null) store.watch.putHeartbeat(symbol, this.heartbeat.fromMs, this.heartbeat.untilMs)
    for (const name of this.dirtyJobs) {
      const job = this.jobs.get(name)
      if (job !== undefined) store.feeds.putJob(job)
    }
    this.dirtyJobs.clear()
  }

  /** Writes an hour of drift counts when it is touched by a bar that came in. */
  persistDriftHour(hourMs: UnixMs): void {
    for (const [model, counts] of this.drift) {
      const hour = counts.hour(hourMs)
      if (hour !== null) this.parts.store.drift.putHour(this.symbol, model, { hourMs, ...hour })
    }
  }

  private restore(): void {
    const { store, limits } = this.parts
    const { symbol } = this
    this.newestBar = store.bars.newest(symbol)
    this.latest = store.features.newest(symbol)
    const state = store.features.state(symbol)
    if (state !== null && this.newestBar !== null) {
      const recent = store.bars.observedBetween(symbol, this.newestBar.tsMs - DAY_MS + 1, this.newestBar.tsMs + 1)
      this.stream = FeatureStream.resume(JSON.parse(state.state) as StreamState, recent)
    }
    if (store.access.getMeta(`breaker:${symbol}`) === 'opened')
      this.breaker = CircuitBreaker.resumedOpen(limits.breaker)
    this.restoreMoment()
    this.reloadSlots()
    restoreRollups(this)
    restoreAlerts(this)
    restoreDrift(this)
    this.gates = store.watch.newestGates(symbol)
    for (const job of store.feeds.jobs(symbol)) this.jobs.set(job.name, job)
  }

  /** A bar whose moment was not finished is gone through again, from where it stopped. */
  private restoreMoment(): void {
    const { newestBar: bar, latest: row, feed, symbol } = this
    if (bar === null || row === null || knownAt(bar) <= feed.clockMs) return
    const scored = this.parts.store.predictions.scoresAt(symbol, bar.tsMs).length > 0
    this.arrived = [{ bar, row, scored }]
  }

  private storedCounts(model: LoadedModel): HourlyCounts {
    const counts = new HourlyCounts(model.reference)
    const fromMs = floorTo(this.feed.clockMs - this.parts.limits.psi.windowMs, HOUR_MS)
    for (const hour of this.parts.store.drift.hours(this.symbol, model.version, fromMs))
      counts.load(hour.hourMs, hour.n, hour.counts)
    return counts
  }
}

function emptyFeed(symbol: string, clockKind: 'replay' | 'real'): FeedRow {
  return {
    symbol,
    clockMs: 0,
    clockKind,
    path: null,
    sha256: null,
    line: 0,
    fromMs: null,
    bars: 0,
    badRows: 0,
    duplicates: 0,
    late: 0,
    future: 0,
  }
}
