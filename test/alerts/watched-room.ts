/** A room whose figures are in a test's hands: a real desk, the real service and the real metrics. */
import { CircuitBreaker } from '../../src/engine/shadow/breaker.ts'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { Metrics } from '../../src/api/metrics.ts'
import type { PsiDocument } from '../../src/evidence/documents.ts'
import type { Canary } from '../../src/room/canary.ts'
import type { Core } from '../../src/room/core.ts'
import type { Desk } from '../../src/room/desk.ts'
import { watchAlerts } from '../../src/room/alert-watch.ts'
import { PredictionService } from '../../src/serving/service.ts'
import { MINUTE, openCore, SYMBOL } from '../room/rooms.ts'
import { loaded, modelOf, rowOf } from '../serving/desk.ts'
import { LineUp } from '../../src/serving/line-up.ts'

export const T0 = Date.parse('2025-06-02T00:00:00Z')

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
  readonly core: Core
  readonly metrics = new Metrics()
  private readonly service: PredictionService
  private monotonicMs = 1_000
  /** Of the requests under way, for the model in charge and for the candidate: each takes them in order. */
  private forBaseline: Fate[] = []
  private forCandidate: Fate[] = []

  constructor(dir: string) {
    this.core = openCore(dir)
    this.service = new PredictionService({
      store: this.core.store,
      wall: new ManualClock(T0),
      stopwatch: () => this.monotonicMs,
      random: seededRandom(1),
      limits: this.core.limits.serving,
      meter: this.metrics,
      onTrouble: (text) => {
        throw new Error(text)
      },
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
    this.desk.slots = new LineUp({ inCharge: loaded(baseline), candidate: loaded(candidate) })
    this.stand(T0)
  }

  get desk(): Desk {
    return this.core.station(SYMBOL).desk
  }

  /** The bar of the minute before has come in. */
  stand(atMs: number): void {
    const { desk } = this
    desk.feed.clockMs = atMs
    desk.momentMs = atMs
    desk.latest = rowOf([], atMs - MINUTE)
    desk.newestBar = { tsMs: atMs - MINUTE, open: 1, high: 1, low: 1, close: 1, volume: 1 }
    desk.rollups.expire(atMs)
  }

  /** Answers requests, each with its shadow run. */
  async serve(fates: readonly Fate[]): Promise<void> {
    // With so few tries a breaker never opens.
    this.desk.breaker = new CircuitBreaker(this.core.limits.breaker)
    this.forBaseline = [...fates]
    this.forCandidate = [...fates]
    const asked = fates.map(({ answerMs }) =>
      this.service.predict(this.desk, { source: 'caller', acceptedMs: this.monotonicMs - answerMs }),
    )
    await Promise.all(asked)
    await this.service.drain()
  }

  setPsi(overall: number, full: boolean): void {
    const document = { overall_psi: overall, verdict: full ? 'FAIL' : 'WAIT', features: {} }
    this.desk.psi.set('base', document as unknown as PsiDocument)
  }

  /** A canary of the candidate runs, or none does. */
  setCanary(runs: boolean, psi: number): void {
    const canary = { running: runs, share: runs ? 0.25 : 0, phaseNumber: runs ? 2 : 0, pick: () => '' }
    this.desk.canary = canary as unknown as Canary
    this.desk.psi.set('next', { overall_psi: psi, verdict: 'PASS' } as unknown as PsiDocument)
  }

  watch(atMs: number): void {
    this.core.store.db.transaction(() => watchAlerts(this.desk, this.core.evidence, atMs))
  }

  async close(): Promise<void> {
    await this.service.drain()
    this.metrics.close()
    this.core.close()
  }
}
