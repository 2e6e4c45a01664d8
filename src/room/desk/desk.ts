import type { FeedRow } from '../../db/feeds.ts'
import type { Store } from '../../db/store.ts'
import type { Catalogue } from '../../engine/features/catalogue.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import { DAY_MS, floorTo, HOUR_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { Model } from '../../engine/models/contract.ts'
import type { CircuitBreaker } from '../../engine/shadow/breaker.ts'
import type { CanaryPick, Decision, ServingDesk } from '../../serving/contract.ts'
import type { LoadedModel, LineUp } from '../../serving/line-up.ts'
import { RollupBook } from '../../serving/rollups.ts'
import type { Rule } from '../../engine/alerts/rule.ts'
import type { Limits } from '../config/limits.ts'
import { restoredFromMs, restoreRollups } from '../../serving/restore-rollups.ts'
import { Settlement } from './settlement.ts'
import { AlertBook } from '../books/alert-book.ts'
import { CanaryStanding } from './canary-standing.ts'
import { KillBook } from '../books/kill-book.ts'
import { DayScoreBook } from '../books/day-score-book.ts'
import { MixBook } from '../books/mix-book.ts'
import { CalibrationBook } from '../books/calibration-book.ts'
import { OwnColumnBook } from '../books/own-column-book.ts'
import { DriftBook } from '../books/drift-book.ts'
import { EventLog, type EventListener } from '../record/event-log.ts'
import { JobBook } from '../books/job-book.ts'
import { LineUpBook } from './line-up.ts'
import { PaperBook } from '../books/paper-book.ts'
import { SetBook } from '../books/set-book.ts'
import type { Troubles } from './room-state.ts'
import { Tape } from './tape.ts'
import { UnsavedDecisions } from './unsaved.ts'

/** What a desk needs from its room. */
interface DeskParts {
  readonly store: Store
  readonly limits: Limits
  readonly rules: readonly Rule[]
  readonly clockKind: FeedRow['clockKind']
  readonly wallNow: () => number
  readonly troubles: Troubles
  readonly listener: EventListener | null
}

/**
 * All that the room remembers of one symbol, in small books. Each owns its fields and knows how to come back from the database,
 * so that a process that died, or a transaction that was undone, leaves the desk where the database stands.
 */
export class Desk implements ServingDesk {
  readonly tape: Tape
  readonly events: EventLog
  readonly models: LineUpBook
  readonly kill: KillBook
  readonly dayScores: DayScoreBook
  readonly own: OwnColumnBook
  readonly drift: DriftBook
  readonly calibrations: CalibrationBook
  readonly mix: MixBook
  readonly alerts: AlertBook
  readonly jobs: JobBook
  readonly canary: CanaryStanding
  readonly paper: PaperBook
  readonly sets: SetBook
  readonly unsaved: UnsavedDecisions
  private counted: RollupBook
  private labels: Settlement
  /** Memory may be ahead of the database: it is taken back before anything else is done. */
  private astray = false

  constructor(
    readonly symbol: string,
    readonly parts: DeskParts,
  ) {
    const { store, limits, clockKind, wallNow, troubles, listener } = parts
    this.tape = new Tape(symbol, store, clockKind)
    this.events = new EventLog(symbol, store, this.tape, wallNow, listener)
    this.models = new LineUpBook(symbol, store, limits)
    this.kill = new KillBook(symbol, store)
    this.dayScores = new DayScoreBook(symbol, store)
    this.own = new OwnColumnBook(symbol, store)
    this.drift = new DriftBook(symbol, store, limits.psi.windowMs, this.events)
    this.calibrations = new CalibrationBook(symbol, store)
    this.mix = new MixBook(symbol, store)
    this.alerts = new AlertBook(symbol, store)
    this.jobs = new JobBook(symbol, store)
    this.canary = new CanaryStanding(symbol, store, parts.limits)
    this.paper = new PaperBook(symbol, store, limits.paper.rule.notional)
    this.sets = new SetBook(symbol, store)
    this.unsaved = new UnsavedDecisions(symbol, store, troubles)
    this.counted = new RollupBook(symbol, limits.latency)
    this.labels = this.emptySettlement()
    this.restore()
  }

  get rollups(): RollupBook {
    return this.counted
  }

  get settlement(): Settlement {
    return this.labels
  }

  get lineUp(): LineUp {
    return this.models.lineUp
  }

  get catalogue(): Catalogue {
    return this.parts.store.features.catalogueOf(this.symbol)
  }

  get fallback(): Model {
    return this.models.fallback
  }

  get breaker(): CircuitBreaker {
    return this.models.breaker
  }

  get latest(): FeatureRow | null {
    return this.tape.latest
  }

  get judged(): LoadedModel | null {
    return this.models.judged
  }

  get standing(): readonly LoadedModel[] {
    return this.models.standing
  }

  get killSwitch(): boolean {
    return this.kill.on
  }

  /** The market clock as others see it: the last moment that was finished, or the machine's time on a real feed. */
  nowMs(): UnixMs {
    const { clockKind, clockMs } = this.tape.feed
    return clockKind === 'real' ? this.parts.wallNow() : clockMs
  }

  minuteScored(tsMs: UnixMs, model: string, score: number): void {
    this.labels.scored(tsMs, model, score)
  }

  answered(decision: Decision): void {
    this.kill.answered(decision)
  }

  breakerChanged(change: 'opened' | 'closed'): void {
    this.models.breakerChanged(change)
    const severity = change === 'opened' ? 'warning' : 'info'
    this.events.log('breaker', severity, `the breaker of the shadow ${change}`, 'warning')
  }

  exposes(version: string): boolean {
    const { phase } = this.canary
    return phase !== null && phase.run.mode === 'serve' && phase.run.candidate === version
  }

  /** What a canary makes of a request with this key. */
  pick(key: string): CanaryPick {
    return this.canary.pick(key, this.killSwitch)
  }

  /**
   * Runs work in a transaction, or joins the one that is open. When it is undone, memory goes back to where the database
   * stands before the error is thrown on.
   * @param durability `decision` survives the machine's death
   */
  transaction<T>(work: () => T, durability: 'process' | 'decision' = 'process'): T {
    const { db } = this.parts.store
    if (db.raw.inTransaction) return work()
    if (this.astray) this.goBack()
    // What lowers risk is stored in its order: nothing of this symbol overtakes it.
    if (durability === 'decision') this.unsaved.requireStored()
    else this.unsaved.writeKept()
    try {
      return durability === 'decision' ? db.decision(work) : db.transaction(work)
    } catch (error) {
      this.undone()
      throw error
    }
  }

  /** Adds to the columns of its rows: what is in memory is made anew, of rows that are wider. Between two moments alone. */
  declare(work: () => void): void {
    this.transaction(() => {
      work()
      // Before the first bar there is nothing that it could lose.
      if (this.tape.newestBar !== null) this.persist()
    })
    this.parts.store.catalogues.refresh(this.symbol)
    this.goBack()
  }

  /** A transaction of this symbol was undone: memory goes back, now or before the next one. */
  undone(): void {
    this.astray = true
    try {
      this.goBack()
    } catch {
      // The database cannot even be read: whatever comes next tries again, and says so.
    }
  }

  /** A job was undone alone, within a transaction that goes on: what it had measured is forgotten. */
  jobUndone(): void {
    this.drift.restoreSnapshots(this.standing, this.lineUp.inCharge?.version ?? null)
    this.mix.restore()
    this.calibrations.restore()
    this.reloadModels()
  }

  /** Takes up what stands in the slots now, after one has changed. */
  reloadSlots(): void {
    this.reloadModels()
    this.takeUpSlots()
  }

  /** The same models, as they are stored now: calibrations and weights of a mix. */
  reloadModels(): void {
    try {
      this.models.reload()
    } finally {
      this.unsaved.holdKept()
    }
  }

  /** Settles and measures the models that have a role now. */
  takeUpSlots(): void {
    this.labels.reload(this.lineUp, this.tape.newestBar?.tsMs ?? null)
    this.dayScores.reload(this.standing, this.latest)
    this.drift.reload(this.standing, this.tape.feed.clockMs)
  }

  /** Writes what changes with every bar; inside the caller's transaction. */
  persist(): void {
    const { store } = this.parts
    const { newestBar } = this.tape
    this.tape.persist()
    for (const row of this.counted.takeDirty()) store.rollups.put(row)
    if (newestBar !== null) this.drift.persistHour(floorTo(newestBar.tsMs, HOUR_MS))
    this.alerts.persist()
    this.jobs.persist()
    this.paper.persist()
  }

  private goBack(): void {
    this.restore()
    this.astray = false
  }

  private restore(): void {
    const { kill, tape, models, dayScores, own, drift, alerts, jobs, canary, paper, sets, unsaved } = this
    const { store, limits } = this.parts
    kill.restore()
    tape.restore()
    const { clockMs } = tape.feed
    // Also where the database cannot be read to its end: a decision that is kept is never forgotten.
    try {
      models.restore()
      canary.restore()
    } finally {
      unsaved.holdKept()
    }
    this.labels = this.emptySettlement()
    this.labels.reload(this.lineUp, tape.newestBar?.tsMs ?? null)
    this.counted = new RollupBook(this.symbol, this.parts.limits.latency)
    restoreRollups(this, store, clockMs, limits.serving.matchTolerance)
    this.restorePhase(clockMs)
    dayScores.restore(this.standing, this.latest)
    own.restore(this.latest)
    drift.restore(this.standing, this.lineUp.inCharge?.version ?? null, clockMs)
    this.calibrations.restore()
    this.mix.restore()
    alerts.restore(clockMs)
    jobs.restore()
    sets.restore()
    paper.restore(tape.arrived[0]?.bar.tsMs ?? Number.POSITIVE_INFINITY)
  }

  /** A canary of days has counted for longer than roll-ups are kept in memory. */
  private restorePhase(clockMs: UnixMs): void {
    const { phase } = this.canary
    if (phase === null) return
    const rows = this.parts.store.rollups.ofPhase(
      this.symbol,
      phase.key,
      phase.state.sinceMs - DAY_MS,
      restoredFromMs(clockMs),
    )
    this.counted.loadPhase(rows)
  }

  private emptySettlement(): Settlement {
    const { store, limits } = this.parts
    return new Settlement(this.symbol, store, limits.label, this.models.fallback)
  }
}
