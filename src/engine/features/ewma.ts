/** What the variance estimate remembers, as plain JSON. */
export interface EwmaState {
  /** Returns taken into the starting mean, at most 30. */
  readonly seeds: number
  /** Sum of the squared returns while there are fewer than 30 of them; the variance from then on. */
  readonly value: number
}

const HALF_LIFE = 30
const SEEDS = 30
const DECAY = 0.5 ** (1 / HALF_LIFE)

/**
 * Exponentially weighted variance of one-minute log returns about zero, with a half-life of 30 returns. It starts on the
 * mean square of the first 30, and a missing return leaves it as it was.
 */
export class EwmaVariance {
  private seeds: number
  private value: number

  constructor(state: EwmaState = { seeds: 0, value: 0 }) {
    this.seeds = state.seeds
    this.value = state.value
  }

  /** @param logReturn NaN when missing. @returns the variance a minute; NaN before the 30th return. */
  push(logReturn: number): number {
    if (!Number.isNaN(logReturn)) this.add(logReturn * logReturn)
    return this.seeds < SEEDS ? Number.NaN : this.value
  }

  state(): EwmaState {
    return { seeds: this.seeds, value: this.value }
  }

  private add(square: number): void {
    if (this.seeds === SEEDS) {
      this.value = DECAY * this.value + (1 - DECAY) * square
      return
    }
    this.seeds++
    this.value += square
    if (this.seeds === SEEDS) this.value /= SEEDS
  }
}
