import type { ComparisonRow } from '../db/predictions.ts'
import type { Store } from '../db/store.ts'
import type { Stopwatch } from '../engine/kernel/clock.ts'
import { messageOf } from '../engine/kernel/errors.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { compareScores } from '../engine/shadow/compare.ts'
import { missingColumns, type ModelRun, runModel, runOfReply } from './answer.ts'
import type { LoadedModel, Meter, PredictRequest, ServingDesk, ServingLimits, ShadowResult } from './contract.ts'

const FLUSH_AFTER_MS = 20
const MAX_PENDING = 100_000
const MAX_A_TURN = 500
/** Fewer wait for more: a page of comparisons is written once for them all, and no commit is held up by many. */
const ROWS_THAT_RIDE = 64

/** An answered prediction that the candidate is still to see. */
interface ShadowTask {
  readonly desk: ServingDesk
  readonly source: PredictRequest['source']
  readonly id: string
  readonly tsMs: UnixMs
  readonly values: Float64Array
  /** The score of the model in charge; null when the fallback answered. */
  readonly baselineScore: number | null
  readonly baselineMs: number | null
  /** Of a canary that counts it, or empty. */
  readonly phase: string
  readonly onShadow: ((result: ShadowResult) => void) | undefined
}

interface ShadowParts {
  readonly store: Store
  readonly stopwatch: Stopwatch
  readonly limits: ServingLimits
  readonly onTrouble: (what: string) => void
  readonly meter: Meter
}

/**
 * Runs the candidate after the answers have gone and records what it said. Its rows ride on a commit of answers, or on
 * one of their own at most 20 ms later.
 */
export class ShadowRunner {
  /** The candidate is the one of the time of the answer; null while its breaker keeps it back. */
  private tasks: { readonly task: ShadowTask; readonly candidate: LoadedModel | null }[] = []
  private pending: ComparisonRow[] = []
  private inFlight: ComparisonRow[] = []
  private scheduled = false
  private timer: NodeJS.Timeout | null = null
  /** Questions that a server has not answered yet. */
  private asked = 0

  constructor(private readonly parts: ShadowParts) {}

  get busy(): boolean {
    return this.tasks.length > 0 || this.asked > 0
  }

  enqueue(task: ShadowTask): void {
    const { candidate, former } = task.desk.slots
    const admitted = candidate !== null && admits(task)
    if (!admitted) task.onShadow?.({ kind: 'skipped' })
    if (!admitted && former === null) return
    this.tasks.push({ task, candidate: admitted ? candidate : null })
    this.schedule()
  }

  /** Writes what is recorded, once it is worth it, inside the caller's transaction; the caller tells how that ended. */
  ride(): void {
    if (this.pending.length >= ROWS_THAT_RIDE) this.writePending()
  }

  /** Writes what is recorded, inside the caller's transaction; `settlePending` or `restorePending` follows. */
  private writePending(): void {
    this.inFlight = this.pending
    this.pending = []
    this.parts.store.predictions.compareAll(this.inFlight)
    for (const row of this.inFlight) {
      if (row.source === 'minute' && row.score !== null)
        this.parts.store.predictions.score(row.symbol, row.tsMs, row.model, row.score)
    }
  }

  settlePending(): void {
    this.inFlight = []
  }

  restorePending(): void {
    this.pending = [...this.inFlight, ...this.pending].slice(0, MAX_PENDING)
    this.inFlight = []
  }

  /** Writes what is recorded in a transaction of its own. */
  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    if (this.pending.length === 0) return
    try {
      this.parts.store.db.transaction(() => this.writePending())
      this.settlePending()
    } catch (error) {
      this.restorePending()
      this.parts.onTrouble(`comparisons cannot be stored: ${messageOf(error)}`)
      this.flushLater()
    }
  }

  private schedule(): void {
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => this.runTurn())
  }

  private runTurn(): void {
    this.scheduled = false
    const turn = this.tasks.splice(0, MAX_A_TURN)
    for (const { task, candidate } of turn) {
      const { former } = task.desk.slots
      if (candidate !== null) this.runCandidate(task, candidate)
      if (former !== null) this.run(task, former, () => undefined)
    }
    if (this.tasks.length > 0) this.schedule()
    if (this.pending.length > 0) this.flushLater()
  }

  private runCandidate(task: ShadowTask, candidate: LoadedModel): void {
    const { breaker } = task.desk
    this.run(task, candidate, (result) => {
      task.onShadow?.(result)
      if (!isGuarded(task)) return
      this.parts.meter.shadowRan(result, task.baselineMs)
      // A try counts whether or not there was a score to compare it with; a row that lacked a feature was none.
      if (missingColumns(candidate.model, task.values).length > 0) return
      const change = breaker.record(result.kind !== 'fault')
      if (change !== null) task.desk.breakerChanged(change)
    })
  }

  /** Asks a model of an answered prediction; tells once what is recorded of it, at once or when its server has answered. */
  private run(task: ShadowTask, shadow: LoadedModel, told: (result: ShadowResult) => void): void {
    const { model } = shadow
    // A row that lacks what the candidate needs is no error of the candidate's.
    if (missingColumns(model, task.values).length > 0) {
      told(this.record(task, shadow, null))
      return
    }
    if (model.kind !== 'http') {
      told(this.record(task, shadow, runModel(model, task.values, this.parts.stopwatch)))
      return
    }
    this.asked++
    model.ask(task.values, (reply) => {
      this.asked--
      told(this.record(task, shadow, runOfReply(reply)))
      this.flushLater()
    })
  }

  private record(task: ShadowTask, shadow: LoadedModel, run: ModelRun | null): ShadowResult {
    const { desk, source, id, tsMs, baselineScore } = task
    const { shadowBudgetMs, matchTolerance } = this.parts.limits
    const latencyMs = run?.latencyMs ?? null
    const late = run !== null && run.fault === null && run.latencyMs > shadowBudgetMs
    const fault = late ? 'timeout' : (run?.fault ?? null)
    const score = run === null || fault !== null ? Number.NaN : run.score
    // The canary is the candidate's: what the former model says beside it counts for its own bake.
    const phase = shadow.version === desk.slots.candidate?.version ? task.phase : ''
    this.pending.push({
      symbol: desk.symbol,
      id,
      model: shadow.version,
      tsMs,
      source,
      baselineScore,
      score: Number.isNaN(score) ? null : score,
      latencyMs,
      fault,
      phase,
    })
    if (latencyMs === null) return { kind: 'abstained', latencyMs }
    const comparison =
      baselineScore === null || fault !== null ? null : compareScores(baselineScore, score, matchTolerance)
    if (source !== 'smoke') {
      const key = { tsMs, model: shadow.version, source, phase }
      desk.rollups.tried(key, fault === null, latencyMs)
      if (comparison !== null) desk.rollups.compared(key, comparison.delta, comparison.matched)
      if (source === 'minute' && fault === null) desk.minuteScored(tsMs, shadow.version, score)
    }
    if (fault !== null) return { kind: 'fault', fault, latencyMs }
    return comparison === null ? { kind: 'abstained', latencyMs } : { kind: 'compared', ...comparison, latencyMs }
  }

  private flushLater(): void {
    this.timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS)
  }
}

/** A smoke run counts nowhere, and an open breaker must not hide a failing candidate from its canary's judge. */
function isGuarded({ source }: ShadowTask): boolean {
  return source !== 'smoke' && source !== 'probe'
}

function admits(task: ShadowTask): boolean {
  return !isGuarded(task) || task.desk.breaker.admits()
}
