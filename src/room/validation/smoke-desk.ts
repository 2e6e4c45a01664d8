import type { Catalogue } from '../../engine/features/catalogue.ts'
import type { FeatureRow } from '../../engine/features/row.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { Model } from '../../engine/models/contract.ts'
import { CircuitBreaker } from '../../engine/shadow/breaker.ts'
import { type CanaryPick, NOT_PICKED, type ServingDesk } from '../../serving/contract.ts'
import type { LineUp } from '../../serving/line-up.ts'
import { RollupBook } from '../../serving/rollups.ts'
import type { Desk } from '../desk/desk.ts'

/**
 * A desk as it would be with other models in its slots: answers take the very path of a caller's and leave nothing behind.
 * Roll-ups and breaker are its own, so that a smoke neither counts nor trips anything. The kill switch is about callers,
 * and a smoke has none.
 */
export class SmokeDesk implements ServingDesk {
  readonly symbol: string
  readonly catalogue: Catalogue
  readonly fallback: Model
  readonly killSwitch = false
  readonly breaker: CircuitBreaker
  readonly rollups: RollupBook

  constructor(
    private readonly desk: Desk,
    readonly lineUp: LineUp,
  ) {
    this.symbol = desk.symbol
    this.catalogue = desk.catalogue
    this.fallback = desk.fallback
    this.breaker = new CircuitBreaker(desk.parts.limits.breaker)
    this.rollups = new RollupBook(desk.symbol)
  }

  get latest(): FeatureRow | null {
    return this.desk.latest
  }

  nowMs(): UnixMs {
    return this.desk.nowMs()
  }

  /** A smoke exposes nobody. */
  exposes(): boolean {
    return false
  }

  /** A canary's phase counts callers. */
  pick(): CanaryPick {
    return NOT_PICKED
  }

  minuteScored(): void {
    // A smoke scores no minute.
  }

  answered(): void {
    // A smoke has no callers.
  }

  breakerChanged(): void {
    // A smoke has its own breaker; its changes are not events.
  }
}
