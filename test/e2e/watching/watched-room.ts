/** A room whose figures are in a test's hands: a real desk, the real service and the real metrics. */
import { CircuitBreaker } from '../../../src/engine/shadow/breaker.ts'
import { vi } from 'vitest'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { Metrics } from '../../../src/api/metrics.ts'
import type { PsiDocument } from '../../../src/evidence/documents/documents.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import type { Desk } from '../../../src/room/desk/desk.ts'
import { watchAlerts } from '../../../src/room/watch/watch-alerts.ts'
import { marketFigures } from '../../../src/room/views/market-figures.ts'
import { RuleInputs } from '../../../src/room/watch/rule-inputs.ts'
import { runningCanary } from '../../kit/canary.ts'
import { LineUp } from '../../../src/serving/line-up.ts'
import { PredictionService } from '../../../src/serving/service.ts'
import { openDesks, SYMBOL } from '../../kit/room.ts'
import { loaded, modelOf, rowOf } from '../../kit/desk.ts'
import { MINUTE, SECOND_OF_JUNE } from '../../kit/moments.ts'

/** What a request meets. */
export interface Fate {
  readonly answerMs: number
  readonly shadowMs: number
  readonly baselineFails: boolean
  readonly shadowFails: boolean
  readonly matches: boolean
}

export const WELL: Fate = { answerMs: 2, shadowMs: 2, baselineFails: false, shadowFails: false, matches: true }

export class WatchedRoom {
  readonly desks: Desks
  readonly metrics = new Metrics()
  private readonly inputs = new RuleInputs(null)
  private readonly service: PredictionService
  private monotonicMs = 1_000
  /** Of the requests under way, for the model in charge and for the candidate: each takes them in order. */
  private forBaseline: Fate[] = []
  private forCandidate: Fate[] = []

  constructor(dir: string) {
    this.desks = openDesks(dir)
    this.service = new PredictionService({
      store: this.desks.store,
      wall: new ManualClock(SECOND_OF_JUNE),
      stopwatch: () => this.monotonicMs,
      random: seededRandom(1),
      limits: this.desks.limits.serving,
      meter: this.metrics,
      onTrouble: (text) => {
        throw new Error(text)
      },
      onStored: () => undefined,
    })
    const baseline = modelOf('base', () => {
      if (this.forBaseline.shift()?.baselineFails === true) throw new Error('no score')
      return 0.5
    })
    const candidate = modelOf('next', () => {
      const { shadowMs, shadowFails, matches } = this.forCandidate.shift() ?? WELL
      this.monotonicMs += shadowMs
      return shadowFails ? 2 : matches ? 0.5 : 0.9
    })
    this.desk.models.stand(new LineUp({ inCharge: loaded(baseline), candidate: loaded(candidate) }))
    this.stand(SECOND_OF_JUNE)
  }

  /** The text of its metrics. */
  scrape(): Promise<string> {
    return this.metrics.scrape([marketFigures(this.desk, this.inputs)])
  }

  get desk(): Desk {
    return this.desks.of(SYMBOL)
  }

  /** The bar of the minute before has come in. */
  stand(atMs: number): void {
    const { desk } = this
    desk.tape.enterMoment(atMs)
    desk.tape.finishMoment(atMs)
    vi.spyOn(desk.tape, 'latest', 'get').mockReturnValue(rowOf([], atMs - MINUTE))
    this.lastBarAt(atMs - MINUTE)
    desk.rollups.expire(atMs)
  }

  /** Answers requests, each with its shadow run. */
  async serve(fates: readonly Fate[]): Promise<void> {
    // With so few tries a breaker never opens.
    this.setBreaker(false)
    this.forBaseline = [...fates]
    this.forCandidate = [...fates]
    const asked = fates.map(({ answerMs }) =>
      this.service.predict(this.desk, { source: 'caller', acceptedMs: this.monotonicMs - answerMs }),
    )
    await Promise.all(asked)
    await this.service.drain()
  }

  lastBarAt(tsMs: number): void {
    const bar = { tsMs, open: 1, high: 1, low: 1, close: 1, volume: 1 }
    vi.spyOn(this.desk.tape, 'newestBar', 'get').mockReturnValue(bar)
  }

  setBreaker(open: boolean): void {
    const { breaker: limits } = this.desks.limits
    const breaker = open ? CircuitBreaker.resumedOpen(limits) : new CircuitBreaker(limits)
    vi.spyOn(this.desk.models, 'breaker', 'get').mockReturnValue(breaker)
  }

  setPsi(overall: number, full: boolean, level: PsiDocument['level']): void {
    this.snapshot({ ...psiDocument('base', overall, full ? 'FAIL' : 'WAIT'), level })
  }

  /** Drift of the model in charge is critical from this moment on. */
  becomeCritical(atMs: number): void {
    this.desk.drift.noteLevel({ ...psiDocument('base', 0.5, 'FAIL'), level: 'critical' }, atMs)
  }

  /** A canary of the candidate runs, or none does. */
  setCanary(runs: boolean, psi: number): void {
    const run = runningCanary(SYMBOL, { candidate: 'next', baseline: 'base', sinceMs: SECOND_OF_JUNE })
    this.desk.canary.take(runs ? run : { ...run, state: { kind: 'idle' } })
    this.snapshot(psiDocument('next', psi, 'PASS'))
  }

  watch(atMs: number): void {
    const inputs = new RuleInputs(this.metrics)
    this.desk.transaction(() => watchAlerts(this.desk, this.desks.evidence, inputs, atMs))
  }

  private snapshot(document: PsiDocument): void {
    const { desk } = this
    desk.transaction(() => desk.drift.take(document, desk.tape.momentMs, 0))
  }

  async close(): Promise<void> {
    await this.service.drain()
    this.metrics.close()
    this.desks.close()
  }
}

/** A snapshot of a model, with nothing about single features. */
function psiDocument(model: string, overall: number, verdict: PsiDocument['verdict']): PsiDocument {
  const at = new Date(SECOND_OF_JUNE).toISOString()
  return {
    symbol: SYMBOL,
    model,
    at,
    reference: { from: at, until: at, n: 1 },
    current: { from: at, until: at, n: 1 },
    overall_psi: overall,
    verdict,
    level: null,
    worst: null,
    features: {},
    within_reference_p95: null,
    reason: '',
    ready_at: null,
    slo_check: { threshold: 0.2, feature_threshold: 0.3, pass: verdict === 'PASS' },
  }
}
