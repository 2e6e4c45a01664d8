import type { ComparisonRow } from '../db/predictions.ts'
import type { Store } from '../db/store.ts'
import type { Stopwatch } from '../engine/kernel/clock.ts'
import { reasonOf } from '../engine/kernel/errors.ts'
import { hasColumns } from '../engine/models/columns.ts'
import { type ModelRun, runModel, runOfReply, withinBudget } from './answer.ts'
import type { Meter, ServingDesk, ServingLimits, ShadowResult } from './contract.ts'
import type { CanaryAttempt } from './exposed.ts'
import type { LoadedModel } from './line-up.ts'
import { comparisonRow, countComparison, isOwnMinute, type Question, storeComparisons } from './record.ts'

const FLUSH_AFTER_MS = 20
const MAX_PENDING = 100_000
const MAX_A_TURN = 500
/** Callers that came meanwhile have their turn: a model in the process may take milliseconds a score. */
const MAX_TURN_MS = 10
/** Fewer wait for more: a page of comparisons is written once for them all, and no commit is held up by many. */
const MIN_ROWS_ALONG = 64

/** An answered prediction that the models beside the one in charge are still to see. */
interface ShadowTask {
  readonly desk: ServingDesk
  readonly question: Question
  readonly values: Float64Array
  /** The score of the model in charge; null when the fallback answered. */
  readonly baselineScore: number | null
  readonly baselineMs: number | null
  /** Of a canary that counts it, or empty. */
  readonly phase: string
  /** What the candidate said already, to the caller; null where it is still to be asked. */
  readonly canary: CanaryAttempt | null
  readonly onShadow: ((result: ShadowResult) => void) | undefined
}

/** With the models that stood beside at the time of the answer; the candidate among them unless its breaker keeps it back. */
interface ShadowRun {
  readonly task: ShadowTask
  readonly models: readonly LoadedModel[]
  readonly candidate: LoadedModel | null
}

export interface ShadowParts {
  readonly store: Store
  readonly stopwatch: Stopwatch
  readonly limits: ServingLimits
  /** Called when a commit has failed, so that the room can show it. */
  readonly onTrouble: (what: string) => void
  readonly meter: Meter
}

/**
 * Runs what stands beside the model in charge after the answers have gone, and records what each said. The rows are written
 * along with a commit of answers, or in one of their own at most 20 ms later.
 */
export class ShadowRunner {
  private runs: ShadowRun[] = []
  private pending: ComparisonRow[] = []
  private inFlight: ComparisonRow[] = []
  private scheduled = false
  private timer: NodeJS.Timeout | null = null
  /** Requests that a server has not answered yet. */
  private remote = 0

  constructor(private readonly parts: ShadowParts) {}

  get busy(): boolean {
    return this.runs.length > 0 || this.remote > 0
  }

  enqueue(task: ShadowTask): void {
    const { candidate: inShadow } = task.desk.lineUp
    const candidate = inShadow !== null && isToRun(task) ? inShadow : null
    const models = modelsFor(task, candidate)
    if (models.length === 0) {
      task.onShadow?.({ kind: 'skipped' })
      return
    }
    this.runs.push({ task, models, candidate })
    this.schedule()
  }

  /** Writes what is recorded, once it is worth it, inside the caller's transaction; `settlePending` or `restorePending` follows. */
  writeAlong(): void {
    if (this.pending.length >= MIN_ROWS_ALONG) this.writePending()
  }

  private writePending(): void {
    this.inFlight = this.pending
    this.pending = []
    storeComparisons(this.parts.store.predictions, this.inFlight)
  }

  /** The transaction was committed. */
  settlePending(): void {
    this.inFlight = []
  }

  /** The transaction was not committed: its rows go with the next one. */
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
      this.parts.onTrouble(`comparisons cannot be stored: ${reasonOf(error)}`)
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
    const untilMs = this.parts.stopwatch() + MAX_TURN_MS
    let ran = 0
    try {
      while (ran < MAX_A_TURN && (ran === 0 || this.parts.stopwatch() < untilMs)) {
        const next = this.runs[ran]
        if (next === undefined) break
        ran++
        this.runModels(next)
      }
    } finally {
      this.runs.splice(0, ran)
    }
    if (this.runs.length > 0) this.schedule()
    if (this.pending.length > 0) this.flushLater()
  }

  private runModels({ task, models, candidate }: ShadowRun): void {
    for (const model of models) {
      if (model === candidate) this.runCandidate(task, model)
      else this.run(task, model, () => undefined)
    }
    if (candidate === null) task.onShadow?.({ kind: 'skipped' })
  }

  private runCandidate(task: ShadowTask, candidate: LoadedModel): void {
    const { breaker } = task.desk
    this.run(task, candidate, (result) => {
      task.onShadow?.(result)
      if (!isGuarded(task)) return
      this.parts.meter.shadowRan(task.desk.symbol, result, task.baselineMs)
      // A try counts whether or not there was a score to compare it with; one on a row that lacked a feature was not made.
      if (!hasColumns(candidate.model, task.values)) return
      const change = breaker.record(result.kind !== 'fault')
      if (change !== null) task.desk.breakerChanged(change)
    })
  }

  /** Asks a model of an answered prediction. @param onResult called once it is recorded: at once, or when its server has answered */
  private run(task: ShadowTask, shadow: LoadedModel, onResult: (result: ShadowResult) => void): void {
    const { model } = shadow
    const { canary } = task
    if (canary?.kind === 'ran' && canary.loaded === shadow) {
      onResult(this.record(task, shadow, canary.run))
      return
    }
    // A row that lacks what the model needs is not the model's error: it is not asked.
    if (!hasColumns(model, task.values)) {
      onResult(this.record(task, shadow, null))
      return
    }
    if (model.kind !== 'http') {
      onResult(this.record(task, shadow, runModel(model, task.values, this.parts.stopwatch)))
      return
    }
    this.remote++
    model.ask(task.values, (reply) => {
      this.remote--
      onResult(this.record(task, shadow, runOfReply(reply)))
      this.flushLater()
    })
  }

  private record(task: ShadowTask, { version }: LoadedModel, run: ModelRun | null): ShadowResult {
    const { desk, question, baselineScore } = task
    const { shadowBudgetMs, matchTolerance } = this.parts.limits
    // The canary is the candidate's: what others say beside it does not count in its phases.
    const phase = version === desk.lineUp.candidate?.version ? task.phase : ''
    const inTime = run === null ? null : withinBudget(run, shadowBudgetMs)
    const row = comparisonRow(question, version, inTime, { baselineScore, phase })
    this.pending.push(row)
    const comparison = countComparison(desk.rollups, row, matchTolerance)
    if (row.score !== null && isOwnMinute(row.source)) desk.minuteScored(row.tsMs, version, row.score)
    const { latencyMs, fault } = row
    if (fault !== null) return { kind: 'fault', fault, latencyMs: latencyMs ?? 0 }
    if (comparison === null) return { kind: 'abstained', latencyMs }
    return { kind: 'compared', ...comparison, latencyMs: latencyMs ?? 0 }
  }

  private flushLater(): void {
    this.timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS)
  }
}

/**
 * What is to run beside an answer. Challengers see the room's own minute alone: eight of them after every request would cost
 * more than the answers do.
 */
function modelsFor({ desk, question }: ShadowTask, candidate: LoadedModel | null): readonly LoadedModel[] {
  const models = question.source === 'minute' ? desk.lineUp.shadows : desk.lineUp.contenders
  return candidate === desk.lineUp.candidate ? models : models.filter((model) => model !== desk.lineUp.candidate)
}

/** A smoke run counts nowhere, and an open breaker must not hide a failing candidate from its canary's judge. */
function isGuarded({ question: { source } }: ShadowTask): boolean {
  return source !== 'smoke' && source !== 'probe'
}

/** The breaker was asked already where the candidate was to answer. */
function isToRun(task: ShadowTask): boolean {
  const { canary } = task
  if (canary !== null) return canary.kind === 'ran' || !canary.keptBack
  return !isGuarded(task) || task.desk.breaker.admits()
}
