import type { AlertChange } from '../engine/alerts/evaluate.ts'
import { messageOf } from '../engine/kernel/errors.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { RecordedRow } from '../feeds/recording.ts'
import type { Job, Stage } from '../jobs/contract.ts'
import { Due } from '../jobs/due.ts'
import { SCHEDULE } from '../jobs/schedule.ts'
import { watchAlerts } from './alert-watch.ts'
import type { Desk } from './desk.ts'
import type { DeskJobs } from './desk-jobs.ts'
import type { EvidenceDesk } from './evidence-desk.ts'
import { scoreHistory } from './history-scoring.ts'
import { historyId, takeBar, type IntakeLimits } from './intake.ts'

/** A desk with what acts on it. */
export interface Station {
  readonly desk: Desk
  readonly jobs: DeskJobs
}

export interface TimelineParts {
  readonly evidence: EvidenceDesk
  readonly intake: IntakeLimits
  /** Scores the minutes that have just come in through the service, each until its shadow run is recorded. */
  readonly scoreLive: (desk: Desk) => Promise<void>
  /** Trains the first model when this moment is the one for it. */
  readonly bootstrapDue: (desk: Desk, atMs: UnixMs) => boolean
  readonly bootstrap: (desk: Desk, atMs: UnixMs) => Promise<void>
  /** Sends the probes of a canary that are due, each until its shadow run is recorded. */
  readonly sendProbes: (desk: Desk, atMs: UnixMs) => Promise<void>
  /** The hourly look at a model that was promoted. */
  readonly bake: (desk: Desk, atMs: UnixMs) => void
}

const EVERY_MINUTE = '* * * * *'
const DUE = new Map(SCHEDULE.map((job) => [job.name, new Due(job.expression)]))
const STAGES_BEFORE_ALERTS: readonly Stage[] = ['log', 'drift']
const STAGES_AFTER: readonly Stage[] = ['jobs', 'reports']

/**
 * Lets everything that is due at one moment of the market clock happen in order: bars with row, prediction, comparison and
 * roll-up; settlement; training; drift; alert rules; gates; jobs, reports last; the gates once more.
 */
export class Timeline {
  constructor(private readonly parts: TimelineParts) {}

  /** A moment of a room that is open: predictions go through the service, like a caller's. */
  async live(station: Station, rows: readonly RecordedRow[], atMs: UnixMs): Promise<void> {
    const { desk } = station
    const { db } = desk.parts.store
    station.jobs.live = true
    desk.momentMs = atMs
    db.transaction(() => {
      this.takeIn(desk, rows, atMs)
      desk.persist()
    })
    if (desk.arrived.some((arrival) => !arrival.scored)) await this.parts.scoreLive(desk)
    await this.finish(station, atMs)
  }

  /** A moment of history that may wait for training: midnight. */
  async history(station: Station, rows: readonly RecordedRow[], atMs: UnixMs): Promise<void> {
    const { desk } = station
    desk.momentMs = atMs
    desk.parts.store.db.transaction(() => {
      this.takeIn(desk, rows, atMs)
      this.scoreHistory(desk)
      desk.persist()
    })
    await this.finish(station, atMs)
  }

  /** Any other moment of history, whole, inside the caller's transaction. */
  historyWithin(station: Station, rows: readonly RecordedRow[], atMs: UnixMs): void {
    const { desk } = station
    desk.momentMs = atMs
    this.takeIn(desk, rows, atMs)
    this.scoreHistory(desk)
    this.settle(desk, atMs)
    this.evaluate(station, atMs)
    desk.feed.clockMs = atMs
  }

  private async finish(station: Station, atMs: UnixMs): Promise<void> {
    const { desk } = station
    const { db } = desk.parts.store
    desk.canary?.storeOwed()
    db.transaction(() => this.settle(desk, atMs))
    if (this.parts.bootstrapDue(desk, atMs)) await this.parts.bootstrap(desk, atMs)
    if (atMs % MINUTE_MS === 0)
      stopCanary(
        desk,
        db.transaction(() => this.watch(station, atMs)),
      )
    // The judge's word is a decision: it is stored in a transaction of its own, synced.
    if (desk.canary?.running === true) await this.judgeCanary(station, atMs)
    db.transaction(() => {
      if (atMs % MINUTE_MS === 0) this.runJobs(station, atMs)
      desk.feed.clockMs = atMs
      desk.persist()
    })
    if (atMs % HOUR_MS === 0) this.parts.bake(desk, atMs)
  }

  private async judgeCanary({ desk }: Station, atMs: UnixMs): Promise<void> {
    await this.parts.sendProbes(desk, atMs)
    desk.canary?.look(atMs)
  }

  private takeIn(desk: Desk, rows: readonly RecordedRow[], atMs: UnixMs): void {
    for (const row of rows) takeBar(desk, row, atMs, this.parts.intake)
    desk.rollups.expire(atMs)
  }

  private scoreHistory(desk: Desk): void {
    const wallMs = desk.parts.wallNow()
    for (const { row, scored } of desk.arrived) if (!scored) scoreHistory(desk, row, historyId(row.tsMs), wallMs)
  }

  private settle(desk: Desk, atMs: UnixMs): void {
    for (const { bar } of desk.arrived) desk.settlement.settle(bar, desk.slots, atMs)
    desk.arrived = []
  }

  private evaluate(station: Station, atMs: UnixMs): void {
    this.watch(station, atMs)
    this.runJobs(station, atMs)
  }

  /** Between two minutes of a real feed the rules alone are looked at. */
  watchAlerts(station: Station, atMs: UnixMs): void {
    const { desk } = station
    stopCanary(
      desk,
      desk.parts.store.db.transaction(() => watchAlerts(desk, this.parts.evidence, atMs)),
    )
  }

  /** @returns the alert that stops a canary, if one has fired */
  private watch(station: Station, atMs: UnixMs): AlertChange | null {
    for (const stage of STAGES_BEFORE_ALERTS) this.runStage(station, stage, atMs)
    const stops = watchAlerts(station.desk, this.parts.evidence, atMs)
    this.runStage(station, 'gates', atMs)
    return stops
  }

  private runJobs(station: Station, atMs: UnixMs): void {
    let reported = false
    for (const stage of STAGES_AFTER) reported = this.runStage(station, stage, atMs) || reported
    // A report may be what gate 6 waited for.
    if (reported && atMs % DAY_MS === 0) station.jobs.judgeGates(atMs, 1)
  }

  private runStage(station: Station, stage: Stage, atMs: UnixMs): boolean {
    let ran = false
    for (const job of SCHEDULE) {
      if (job.stage === stage && this.isDue(station.desk, job, atMs)) {
        this.runJob(station, job, atMs)
        ran = true
      }
    }
    return ran
  }

  private isDue(desk: Desk, job: Job, atMs: UnixMs): boolean {
    const known = desk.jobs.get(job.name)
    // One that has never run was missed when its time came while the process was down.
    const { clockMs } = desk.feed
    const sinceMs = clockMs === 0 ? atMs - MINUTE_MS : Math.min(clockMs, atMs - MINUTE_MS)
    const nextMs = known?.nextMs ?? dueOf(job).after(sinceMs)
    return atMs >= nextMs
  }

  private runJob({ desk, jobs }: Station, job: Job, atMs: UnixMs): void {
    const { store, wallNow } = desk.parts
    const before = desk.jobs.get(job.name)
    this.tellMissed(desk, job, before?.nextMs ?? null, atMs)
    // A report reads the database: what this transaction still holds in memory goes there before it.
    if (job.stage === 'reports') desk.persist()
    let ok = false
    let result: string
    try {
      // What runs each minute writes a row or two at its end: undoing it alone is not worth a savepoint a minute.
      const ended =
        job.expression === EVERY_MINUTE ? job.run(jobs, atMs) : store.db.savepoint(() => job.run(jobs, atMs))
      ok = ended.ok
      result = ended.result
    } catch (error) {
      // Without its transaction nothing of this moment would be kept: that is for the caller to see.
      if (!store.db.raw.inTransaction) throw error
      result = `failed: ${messageOf(error)}`
      desk.event('job', 'warning', `${job.name} ${result}`)
    }
    desk.jobs.set(job.name, {
      symbol: desk.symbol,
      name: job.name,
      lastMs: atMs,
      lastOkMs: ok ? atMs : (before?.lastOkMs ?? null),
      nextMs: dueOf(job).after(atMs),
      result,
      ok: ok ? 1 : 0,
      wallMs: wallNow(),
    })
    desk.dirtyJobs.add(job.name)
  }

  /** A room that was down catches up once; what it cannot make up for is said. */
  private tellMissed(desk: Desk, job: Job, nextMs: UnixMs | null, atMs: UnixMs): void {
    if (nextMs === null || nextMs >= atMs || job.stage === 'log') return
    let missed = 0
    for (let at = nextMs; at < atMs && missed < 10_000; at = dueOf(job).after(at)) missed++
    if (missed > 0 && job.expression !== EVERY_MINUTE) {
      desk.event('job', 'info', `${job.name}: ${missed} runs were missed while the room was down, caught up once`)
    }
  }
}

/** What lowers risk is a decision of its own, after the transaction that saw the reason. */
function stopCanary(desk: Desk, stops: AlertChange | null): void {
  if (stops !== null && desk.canary?.running === true) desk.canary.abort(stops.rule, stops.text)
}

function dueOf(job: Job): Due {
  const due = DUE.get(job.name)
  if (due === undefined) throw new Error(`no schedule for ${job.name}`)
  return due
}
