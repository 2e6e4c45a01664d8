/** What Wilder's averages remember: plain JSON, the same size whatever came before. Prices in quote units. */
export interface RsiState {
  /** Changes seen so far. */
  readonly changes: number
  /** The price last seen; null before the first. */
  readonly last: number | null
  /** While `changes` < 14 the sum of the gains, from then on their average. */
  readonly gain: number
  /** The same of the losses, as positive numbers. */
  readonly loss: number
}

const LENGTH = 14

/**
 * Relative strength index over 14 changes from one bar to the next bar there is, so it continues over gaps.
 * The first average is the plain mean of the first 14 changes; after that (13 average + new) / 14.
 * Source: Wilder 1978, "New Concepts in Technical Trading Systems".
 */
export class WilderRsi {
  private changes: number
  private last: number | null
  private gain: number
  private loss: number

  constructor(state: RsiState = { changes: 0, last: null, gain: 0, loss: 0 }) {
    this.changes = state.changes
    this.last = state.last
    this.gain = state.gain
    this.loss = state.loss
  }

  /** @returns 0 to 100, and NaN before the 14th change; 100 when there were only gains, 50 when neither rose nor fell. */
  push(price: number): number {
    if (this.last !== null) this.average(price - this.last)
    this.last = price
    if (this.changes < LENGTH) return Number.NaN
    if (this.loss === 0) return this.gain === 0 ? 50 : 100
    return 100 - 100 / (1 + this.gain / this.loss)
  }

  state(): RsiState {
    return { changes: this.changes, last: this.last, gain: this.gain, loss: this.loss }
  }

  private average(change: number): void {
    const up = Math.max(change, 0)
    const down = Math.max(-change, 0)
    this.changes++
    if (this.changes > LENGTH) {
      this.gain = (this.gain * (LENGTH - 1) + up) / LENGTH
      this.loss = (this.loss * (LENGTH - 1) + down) / LENGTH
      return
    }
    this.gain += up
    this.loss += down
    if (this.changes === LENGTH) {
      this.gain /= LENGTH
      this.loss /= LENGTH
    }
  }
}
