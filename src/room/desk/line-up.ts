import type { Store } from '../../db/store.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { Model } from '../../engine/models/contract.ts'
import { heuristicModel } from '../../engine/models/heuristic.ts'
import { CircuitBreaker } from '../../engine/shadow/breaker.ts'
import { LineUp, type LoadedModel, type StandingCalibration } from '../../serving/line-up.ts'
import type { Limits } from '../config/limits.ts'
import { loadSlots } from './model-registry.ts'

/** Which models answer and which run beside them, with the breaker of those beside. */
export class LineUpBook {
  readonly fallback: Model
  private current = new LineUp()
  private shadowBreaker: CircuitBreaker
  /** The artifact in the shadow that the breaker has judged. */
  private guarded: string | null = null

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly limits: Limits,
  ) {
    this.fallback = heuristicModel(limits.label, store.features.catalogueOf(symbol))
    this.shadowBreaker = new CircuitBreaker(limits.breaker)
  }

  get lineUp(): LineUp {
    return this.current
  }

  get breaker(): CircuitBreaker {
    return this.shadowBreaker
  }

  /** Takes up what stands in the slots now. @throws OperatorError when an artifact is not the one that was registered */
  reload(): void {
    this.current = loadSlots(this.store, this.symbol, this.limits.serving.shadowBudgetMs)
    const sha256 = this.current.candidate?.sha256 ?? null
    if (sha256 === this.guarded) return
    // What one artifact did is not held against the next.
    this.guarded = sha256
    this.shadowBreaker = new CircuitBreaker(this.limits.breaker)
  }

  /** Models that are served without standing in the registry: for tests and rehearsals. */
  stand(lineUp: LineUp): void {
    this.current = lineUp
  }

  /** The model of that version, kept ready, answers again; the one in charge has no role any more. */
  rollBack(version: string, sinceMs: UnixMs): void {
    const { former, candidate, challengers } = this.current
    if (former?.version !== version) return
    this.current = new LineUp({ inCharge: { ...former, sinceMs }, candidate, challengers })
  }

  /** What the model in charge answers with from now on. */
  calibrate(calibration: StandingCalibration): void {
    const { inCharge, candidate, former, challengers } = this.current
    if (inCharge === null) return
    this.current = new LineUp({ inCharge: { ...inCharge, calibration }, candidate, former, challengers })
  }

  breakerChanged(change: 'opened' | 'closed'): void {
    this.store.facts.setOf(this.symbol, 'breaker', { state: change, sha256: this.guarded })
  }

  /** The model that gates judge: the candidate, where there is none the one in charge. */
  get judged(): LoadedModel | null {
    return this.current.judged
  }

  /** Models that have a role. */
  get standing(): readonly LoadedModel[] {
    return this.current.standing
  }

  /** Back to where the database stands: an open breaker stays open over a restart. */
  restore(): void {
    const { breaker } = this.limits
    this.reload()
    const known = this.store.facts.of(this.symbol, 'breaker')
    const isOpen = known?.state === 'opened' && (known.sha256 === null || known.sha256 === this.guarded)
    this.shadowBreaker = isOpen ? CircuitBreaker.resumedOpen(breaker) : new CircuitBreaker(breaker)
  }
}
