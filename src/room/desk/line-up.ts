import type { Store } from '../../db/store.ts'
import type { Model } from '../../engine/models/contract.ts'
import { heuristicModel } from '../../engine/models/heuristic.ts'
import { CircuitBreaker } from '../../engine/shadow/breaker.ts'
import type { LoadedModel, Slots } from '../../serving/contract.ts'
import type { Limits } from '../config/config.ts'
import { loadSlots } from './model-registry.ts'

/** Which models answer and which run beside them, with the breaker of those beside. */
export class LineUpBook {
  readonly fallback: Model
  private current: Slots = { baseline: null, candidate: null, former: null }
  private shadowBreaker: CircuitBreaker

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly limits: Limits,
  ) {
    this.fallback = heuristicModel(limits.label)
    this.shadowBreaker = new CircuitBreaker(limits.breaker)
  }

  get slots(): Slots {
    return this.current
  }

  get breaker(): CircuitBreaker {
    return this.shadowBreaker
  }

  /** Takes up what stands in the slots now. @throws OperatorError when an artifact is not the one that was registered */
  reload(): void {
    this.current = loadSlots(this.store, this.symbol, this.limits.serving.shadowBudgetMs)
  }

  /** Models that are served without standing in the registry: for tests and rehearsals. */
  stand(slots: Slots): void {
    this.current = slots
  }

  breakerChanged(change: 'opened' | 'closed'): void {
    this.store.access.setMeta(this.breakerKey, change)
  }

  /** The model that gates judge: the candidate, where there is none the one in charge. */
  get judged(): LoadedModel | null {
    return this.current.candidate ?? this.current.baseline
  }

  /** Models that stand in a slot. */
  get standing(): readonly LoadedModel[] {
    const { baseline, candidate, former } = this.current
    return [baseline, candidate, former].filter((model) => model !== null)
  }

  /** Back to where the database stands: an open breaker stays open over a restart. */
  restore(): void {
    const { limits } = this
    this.shadowBreaker =
      this.store.access.getMeta(this.breakerKey) === 'opened'
        ? CircuitBreaker.resumedOpen(limits.breaker)
        : new CircuitBreaker(limits.breaker)
    this.reload()
  }

  private get breakerKey(): string {
    return `breaker:${this.symbol}`
  }
}
