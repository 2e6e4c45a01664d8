import { idPrefix, type PredictionRow } from '../db/predictions.ts'
import type { Clock } from '../engine/kernel/clock.ts'
import { conflict, messageOf, OperatorError, reasonOf, unavailable } from '../engine/kernel/errors.ts'
import { randomInt, type Random } from '../engine/kernel/random.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { rowAgeMs } from '../engine/market/row-age.ts'
import {
  answerOf,
  answerTo,
  type Attempt,
  KILLED,
  type ModelRun,
  runModel,
  runOfReply,
  type ScoredAnswer,
  whomToAsk,
  withinBudget,
} from './answer.ts'
import { type Answer, NOT_PICKED, type PredictRequest, type Recipient, type ServingDesk } from './contract.ts'
import { type CanaryAttempt, type Exposure, exposedAnswer, exposureOf, notAsked } from './exposed.ts'
import { givenValues } from './given-values.ts'
import type { LoadedModel } from './line-up.ts'
import { countAnswer, isOwnMinute, predictionRow, type Question, storeAnswers } from './record.ts'
import { type ShadowParts, ShadowRunner } from './shadow.ts'

const MAX_WAITING = 10_000
/**
 * Pages that the write-ahead log may hold, 8 MB. At SQLite's thousand a full load would copy it into the database some
 * fifteen times a second, each time holding every waiting request behind two syncs, for mostly the same pages.
 */
const WAL_PAGES = 2_000

/** A request that was accepted and has no score yet. */
interface PendingRequest {
  readonly desk: ServingDesk
  readonly request: PredictRequest
  readonly question: Question
  readonly values: Float64Array
  /** Of a canary that counts it, or empty. */
  readonly phase: string
  /** The candidate that is to answer it; null where the model in charge is. */
  readonly exposure: Exposure | null
  readonly recipient: Recipient
}

/** Scored, and to be committed with the others of its turn. */
interface ScoredRequest extends PendingRequest {
  readonly scored: ScoredAnswer
  /** What it would be without a canary. */
  readonly inCharge: ScoredAnswer
  /** Null where the candidate is still to run, in the shadow. */
  readonly canary: CanaryAttempt | null
}

interface ServiceParts extends ShadowParts {
  readonly wall: Clock
  readonly random: Random
  /** Predictions can be stored again. */
  readonly onStored: () => void
}

/**
 * Answers predictions. Requests of one turn of the event loop share a transaction, and no answer leaves before its row is
 * committed; the candidate runs after the answers have gone.
 */
export class PredictionService {
  private waiting: ScoredRequest[] = []
  private scheduled = false
  /** Requests that a model behind HTTP has not answered yet. */
  private remote = 0
  private sequence = 0
  /** Predictions cannot be stored. */
  private failing = false
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

  /** The same for a recipient that is called at once: a promise would let the answers of a whole turn wait for its last one. */
  ask(desk: ServingDesk, request: PredictRequest, recipient: Recipient): void {
    let pending: PendingRequest
    try {
      pending = this.accepted(desk, request, recipient)
    } catch (error) {
      recipient.refused(error)
      return
    }
    const { exposure } = pending
    if (exposure === null) this.askInCharge(pending, (attempt) => this.wait(pending, attempt, null))
    else this.askBoth(pending, exposure)
  }

  /** Neither waits for the other: a candidate that hangs costs its caller its budget at the most. */
  private askBoth(pending: PendingRequest, { loaded }: Exposure): void {
    let attempt: Attempt | null = null
    let canary = notAsked(pending.desk, loaded, pending.values)
    const settled = (): void => {
      if (attempt !== null && canary !== null) this.wait(pending, attempt, canary)
    }
    this.askInCharge(pending, (came) => {
      attempt = came
      settled()
    })
    if (canary !== null) return
    this.askModel(loaded, pending.values, (run) => {
      canary = { kind: 'ran', loaded, run: withinBudget(run, this.parts.limits.shadowBudgetMs) }
      settled()
    })
  }

  private askInCharge({ desk, values }: PendingRequest, onAttempt: (attempt: Attempt) => void): void {
    const choice = whomToAsk(desk, values)
    if (choice.kind === 'not asked') onAttempt(choice)
    else this.askModel(choice.loaded, values, (run) => onAttempt({ kind: 'ran', loaded: choice.loaded, run }))
  }

  /** @param onRun called at once, or when the model's server has answered */
  private askModel({ model }: LoadedModel, values: Float64Array, onRun: (run: ModelRun) => void): void {
    if (model.kind !== 'http') {
      onRun(runModel(model, values, this.parts.stopwatch))
      return
    }
    this.remote++
    model.ask(values, (reply) => {
      this.remote--
      onRun(runOfReply(reply))
    })
  }

  private wait(pending: PendingRequest, attempt: Attempt, canary: CanaryAttempt | null): void {
    const { desk, values, question, exposure } = pending
    const { limits } = this.parts
    const ageMs = rowAgeMs(question.tsMs, desk.nowMs())
    const inCharge = answerOf(desk, values, ageMs, limits, attempt)
    const scored =
      exposure === null || canary === null
        ? inCharge
        : exposedAnswer(desk, values, ageMs, limits, { inCharge, attempt: canary, margin: exposure.margin })
    this.waiting.push({ ...pending, scored, inCharge, canary })
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(() => this.commit())
  }

  /** The kill switch was thrown, or the canary ended, after this was worked out: it holds for what leaves from now on. */
  private asOfNow(item: ScoredRequest): ScoredRequest {
    const { desk, values, question, scored, inCharge } = item
    if (!desk.killSwitch)
      return scored.servedBy === 'canary' && !desk.exposes(scored.model) ? { ...item, scored: inCharge } : item
    if (scored.decision === 'abstain') return item
    const ageMs = rowAgeMs(question.tsMs, desk.nowMs())
    return { ...item, scored: answerOf(desk, values, ageMs, this.parts.limits, KILLED) }
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

  private accepted(desk: ServingDesk, request: PredictRequest, recipient: Recipient): PendingRequest {
    const row = desk.latest
    if (row === null)
      throw conflict(
        `${desk.symbol} has no row yet`,
        'no bar has come in',
        'send bars, or wait for the recording',
        'no_row',
      )
    if (this.waiting.length + this.remote >= MAX_WAITING)
      throw unavailable(
        'too many predictions are waiting',
        `${MAX_WAITING} are waiting to be committed`,
        'try again in a moment',
        'busy',
      )
    const { features, probe, source, key } = request
    const values = probe?.values ?? (features === undefined ? row.values : givenValues(desk, row.values, features))
    const id = this.newId(row.tsMs)
    const pick = probe !== undefined || source === 'smoke' ? NOT_PICKED : desk.pick(key ?? id)
    const phase = probe?.phase ?? pick.phase
    const question = { symbol: desk.symbol, id, tsMs: row.tsMs, source }
    return { desk, request, question, values, phase, exposure: exposureOf(desk, pick, request), recipient }
  }

  private commit(): void {
    const batch = this.waiting.map((item) => this.asOfNow(item))
    this.waiting = []
    this.scheduled = false
    const { store, stopwatch, wall, limits } = this.parts
    const wallMs = wall.now()
    let rows: PredictionRow[] = []
    const work = (): void => {
      this.shadow.writeAlong()
      const now = stopwatch()
      rows = batch.map((item) => rowOf(item, wallMs, now - item.request.acceptedMs))
      storeAnswers(store.predictions, rows, batch)
    }
    try {
      if (limits.durability === 'power') store.db.decision(work)
      else store.db.transaction(work)
    } catch (error) {
      this.shadow.restorePending()
      this.failing = true
      this.parts.onTrouble(`they cannot be stored: ${reasonOf(error)}`)
      const refused = new OperatorError(
        'the prediction could not be stored',
        reasonOf(error),
        'make room on the disk, or end what holds the database; then try again',
        'not_durable',
        507,
      )
      for (const item of batch) item.recipient.refused(refused)
      return
    }
    if (this.failing) {
      this.failing = false
      this.parts.onStored()
    }
    this.shadow.settlePending()
    this.release(batch, rows)
  }

  /** Resolves all callers first and counts afterwards: counting must not add to their latency. */
  private release(batch: readonly ScoredRequest[], rows: readonly PredictionRow[]): void {
    const { stopwatch } = this.parts
    const latencies = batch.map((item) => {
      const latencyMs = stopwatch() - item.request.acceptedMs
      try {
        item.recipient.answered(answerTo(item.question.id, item.scored, latencyMs))
        if (item.request.source === 'caller') item.desk.answered(item.scored.decision)
      } catch (error) {
        this.parts.onTrouble(`an answer could not be sent: ${messageOf(error)}`)
      }
      return latencyMs
    })
    rows.forEach((row, i) => {
      const item = batch[i]
      if (item !== undefined) this.count(item, row, latencies[i] ?? 0)
    })
  }

  private count(
    { desk, request, question, values, scored, phase, canary }: ScoredRequest,
    row: PredictionRow,
    latencyMs: number,
  ): void {
    const { meter } = this.parts
    const { source, onShadow } = request
    const { score, artifactScore, tried, fault, modelMs, inChargeScore: baselineScore } = scored
    countAnswer(desk.rollups, row, tried, latencyMs)
    if (artifactScore !== null && isOwnMinute(source)) desk.minuteScored(row.tsMs, row.model, artifactScore)
    // Nobody waits for a probe: the metrics count what the alert rules count.
    if (source !== 'smoke' && source !== 'probe') {
      meter.answered(desk.symbol, row.model, scored.decision === 'abstain' ? 'abstain' : 'ok', latencyMs, score)
      if (tried !== null) meter.baselineRan(desk.symbol, fault === null, modelMs)
    }
    this.shadow.enqueue({ desk, question, values, baselineScore, baselineMs: modelMs, phase, canary, onShadow })
  }

  private newId(tsMs: UnixMs): string {
    this.sequence++
    return `${idPrefix(tsMs)}-${this.nonce}${this.sequence.toString(36).padStart(6, '0')}`
  }
}

function rowOf({ request, question, scored, phase }: ScoredRequest, wallMs: number, latencyMs: number): PredictionRow {
  return predictionRow(question, scored, { wallMs, key: request.key ?? null, latencyMs, phase })
}
