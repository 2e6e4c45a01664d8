import { idPrefix, type PredictionRow } from '../db/predictions.ts'
import type { Store } from '../db/store.ts'
import { COLUMN_INDEX, isColumn } from '../engine/features/catalogue.ts'
import type { Clock, Stopwatch } from '../engine/kernel/clock.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import { randomInt, type Random } from '../engine/kernel/random.ts'
import type { RemoteModel } from '../engine/models/contract.ts'
import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { answerOf, modelToAsk, type ModelRun, runModel, runOfReply, type Scored } from './answer.ts'
import type { Answer, Asker, LoadedModel, Meter, PredictRequest, ServingDesk, ServingLimits } from './contract.ts'
import { ShadowRunner } from './shadow.ts'

const MAX_WAITING = 10_000
/**
 * Pages that the write-ahead log may hold, 8 MB. At SQLite's thousand a full load would copy it into the database some
 * fifteen times a second, each time with all who wait behind two syncs; most of those pages are the same ones again.
 */
const WAL_PAGES = 2_000

interface Asked {
  readonly desk: ServingDesk
  readonly request: PredictRequest
  readonly id: string
  readonly tsMs: UnixMs
  readonly values: Float64Array
  /** Of a canary that counts it, or empty. */
  readonly phase: string
  readonly asker: Asker
}

/** Scored, and to be committed with the others of its turn. */
interface Waiting extends Asked {
  readonly scored: Scored
}

interface ServiceParts {
  readonly store: Store
  readonly wall: Clock
  readonly stopwatch: Stopwatch
  readonly random: Random
  readonly limits: ServingLimits
  /** Told of a commit that failed, so that the room can show it. */
  readonly onTrouble: (what: string) => void
  readonly meter: Meter
}

/**
 * Answers predictions. Requests of one turn of the event loop share a transaction, and no answer leaves before its row is
 * committed; the candidate runs after the answers have gone.
 */
export class PredictionService {
  private waiting: Waiting[] = []
  private scheduled = false
  /** Questions that a model behind HTTP has not answered yet. */
  private remote = 0
  private sequence = 0
  private readonly nonce: string
  private readonly shadow: ShadowRunner

  constructor(private readonly parts: ServiceParts) {
    this.nonce = randomInt(parts.random, 36 ** 5)
      .toString(36)
      .padStart(5, '0')
    this.shadow = new ShadowRunner(parts)
    parts.store.db.raw.pragma(`wal_autocheckpoint = ${WAL_PAGES}`)
  }

  /**
   * One prediction for the symbol's newest row.
   * @throws OperatorError 409 before the first row, 422 naming each feature that is unknown or missing, 503 when too many
   * wait, 507 when the row could not be made durable.
   */
  predict(desk: ServingDesk, request: PredictRequest): Promise<Answer> {
    return new Promise((answered, refused) => this.ask(desk, request, { answered, refused }))
  }

  /** The same for an asker who is told at once: a promise would let the answers of a whole turn wait for its last one. */
  ask(desk: ServingDesk, request: PredictRequest, asker: Asker): void {
    let asked: Asked
    try {
      asked = this.accepted(desk, request, asker)
    } catch (error) {
      asker.refused(error)
      return
    }
    const loaded = modelToAsk(desk, asked.values)
    if (loaded === null) this.wait(asked, null)
    else if (loaded.model.kind === 'http') this.askElsewhere(asked, loaded, loaded.model)
    else this.wait(asked, { loaded, run: runModel(loaded.model, asked.values, this.parts.stopwatch) })
  }

  private askElsewhere(asked: Asked, loaded: LoadedModel, model: RemoteModel): void {
    this.remote++
    model.ask(asked.values, (reply) => {
      this.remote--
      this.wait(asked, { loaded, run: runOfReply(reply) })
    })
  }

  private wait(asked: Asked, tried: { readonly loaded: LoadedModel; readonly run: ModelRun } | null): void {
    const { desk, values, tsMs } = asked
    const ageMs = desk.nowMs() - (tsMs + MINUTE_MS)
    const scored = answerOf(desk, values, ageMs, this.parts.limits, tried)
    this.waiting.push({ ...asked, scored })
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => this.commit())
  }

  /** Resolves once every answer is out and every shadow run recorded; for closing, when no more requests come. */
  async drain(): Promise<void> {
    while (this.waiting.length > 0 || this.remote > 0 || this.shadow.busy) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
    this.shadow.flush()
  }

  /** Commits what the shadow has recorded so far. */
  flushShadow(): void {
    this.shadow.flush()
  }

  private accepted(desk: ServingDesk, request: PredictRequest, asker: Asker): Asked {
    const row = desk.latest
    if (row === null)
      throw new OperatorError(
        `${desk.symbol} has no row yet`,
        'no bar has come in',
        'send bars, or wait for the recording',
        'no_row',
        409,
      )
    if (this.waiting.length + this.remote >= MAX_WAITING)
      throw new OperatorError(
        'too many predictions wait',
        `${MAX_WAITING} are not yet committed`,
        'ask again in a moment',
        'busy',
        503,
      )
    const { features, probe, source, key } = request
    const values = probe?.values ?? (features === undefined ? row.values : givenValues(desk, row.values, features))
    const id = this.newId(row.tsMs)
    const phase = probe?.phase ?? (source === 'smoke' ? '' : desk.pickPhase(key ?? id))
    return { desk, request, id, tsMs: row.tsMs, values, phase, asker }
  }

  private commit(): void {
    const batch = this.waiting
    this.waiting = []
    this.scheduled = false
    const { store, stopwatch, wall, limits } = this.parts
    const wallMs = wall.now()
    const work = (): void => {
      this.shadow.ride()
      const now = stopwatch()
      store.predictions.insertAll(batch.map((item) => rowOf(item, wallMs, now - item.request.acceptedMs)))
      for (const item of batch) {
        const { score, model } = item.scored
        if (item.request.source === 'minute' && score !== null)
          store.predictions.score(item.desk.symbol, item.tsMs, model, score)
      }
    }
    try {
      if (limits.durability === 'power') store.db.decision(work)
      else store.db.transaction(work)
    } catch (error) {
      this.shadow.restorePending()
      this.parts.onTrouble(`predictions cannot be stored: ${messageOf(error)}`)
      const refused = new OperatorError(
        'the prediction could not be stored',
        messageOf(error),
        'make room on the disk, then ask again',
        'not_durable',
        507,
      )
      for (const item of batch) item.asker.refused(refused)
      return
    }
    this.shadow.settlePending()
    this.release(batch)
  }

  /** Every answer leaves before any is counted: who waits is not to wait for that. */
  private release(batch: readonly Waiting[]): void {
    const { stopwatch } = this.parts
    const latencies = batch.map((item) => {
      const latencyMs = stopwatch() - item.request.acceptedMs
      try {
        item.asker.answered(answerTo(item, latencyMs))
      } catch (error) {
        this.parts.onTrouble(`an answer could not be sent: ${messageOf(error)}`)
      }
      return latencyMs
    })
    batch.forEach((item, i) => this.count(item, latencies[i] ?? 0))
  }

  private count({ desk, request, id, tsMs, values, scored, phase }: Waiting, latencyMs: number): void {
    const { meter } = this.parts
    const { source, onShadow } = request
    if (source !== 'smoke') {
      const key = { tsMs, model: scored.model, source, phase: '' }
      desk.rollups.answered(key, scored.decision === 'abstain', latencyMs)
      if (scored.tried !== null)
        desk.rollups.tried({ ...key, model: scored.tried }, scored.fault === null, scored.modelMs)
      if (source === 'minute' && scored.score !== null) desk.minuteScored(tsMs, scored.model, scored.score)
    }
    // Nobody waits for a probe: the metrics count what the alert rules count.
    if (source !== 'smoke' && source !== 'probe') {
      meter.answered(scored.model, scored.decision === 'abstain' ? 'abstain' : 'ok', latencyMs, scored.score)
      if (scored.tried !== null) meter.baselineRan(scored.fault === null, scored.modelMs)
    }
    this.shadow.enqueue({
      desk,
      source,
      id,
      tsMs,
      values,
      baselineScore: scored.servedBy === 'fallback' ? null : scored.score,
      baselineMs: scored.modelMs,
      phase,
      onShadow,
    })
  }

  private newId(tsMs: UnixMs): string {
    this.sequence++
    return `${idPrefix(tsMs)}-${this.nonce}${this.sequence.toString(36).padStart(6, '0')}`
  }
}

function answerTo({ id, scored }: Waiting, latencyMs: number): Answer {
  return {
    id,
    score: scored.score,
    decision: scored.decision,
    model_version: scored.model,
    served_by: scored.servedBy,
    reason: scored.reason,
    latency_ms: Math.round(latencyMs * 1_000) / 1_000,
  }
}

/** The row's values with the caller's over them. @throws OperatorError naming each feature that does not fit. */
function givenValues(desk: ServingDesk, latest: Float64Array, given: Readonly<Record<string, number>>): Float64Array {
  const unknown = Object.keys(given).filter((name) => !isColumn(name))
  const needed = desk.slots.baseline?.model.features ?? []
  const missing = needed.filter((name) => given[name] === undefined)
  if (unknown.length > 0 || missing.length > 0) {
    const why = [
      ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
      ...(unknown.length > 0 ? [`unknown: ${unknown.join(', ')}`] : []),
    ].join('; ')
    throw new OperatorError(
      'the features do not fit',
      why,
      `send ${needed.join(', ') || 'none'}, or leave features out`,
      'features',
      422,
    )
  }
  const values = Float64Array.from(latest)
  for (const [name, value] of Object.entries(given)) if (isColumn(name)) values[COLUMN_INDEX[name]] = value
  return values
}

function rowOf(item: Waiting, wallMs: number, latencyMs: number): PredictionRow {
  const { desk, request, id, tsMs, scored } = item
  return {
    symbol: desk.symbol,
    id,
    tsMs,
    wallMs,
    source: request.source,
    key: request.key ?? null,
    score: scored.score,
    decision: scored.decision,
    model: scored.model,
    servedBy: scored.servedBy,
    reason: scored.reason,
    latencyMs,
    modelMs: scored.modelMs,
    fault: scored.fault,
    phase: item.phase,
  }
}
