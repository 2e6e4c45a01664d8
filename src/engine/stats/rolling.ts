import type { UnixMs } from '../kernel/units.ts'

interface Moments {
  readonly mean: number
  readonly std: number
}

/**
 * Mean and population standard deviation of the values of the last `spanMs`.
 *
 * Both are worked out from the window itself when they are first asked for after a push, in one pass in time order. A
 * running sum would cost less, but its value depends on all it has ever added and taken away: a room that was started
 * again in the middle would then give other last digits than one that ran through. Sums go into four lanes, which the
 * processor adds side by side; which lane a value takes depends only on its place in the window.
 *
 * The pass adds up distances from the newest value and their squares. No value of n lies further from their mean than
 * sqrt(n - 1) standard deviations, so that the difference of the sums loses at most the digits of n: for a day of minutes
 * the deviation is good to about 1e-12 relative, and equal values have exactly their own mean and deviation 0.
 *
 * Values lie in one array from the oldest to the newest; when it is full, the window moves back to its start.
 */
export class RollingWindow {
  private times = new Float64Array(64)
  private values = new Float64Array(64)
  private from = 0
  private until = 0
  private known: Moments | null = null

  /** @throws RangeError unless `spanMs` is above 0 */
  constructor(readonly spanMs: number) {
    if (!(spanMs > 0)) throw new RangeError(`a window must span more than ${spanMs} ms`)
  }

  /**
   * Adds a value and drops those that are `spanMs` or more older than it.
   * @param tsMs later than every value before; @param value finite
   * @throws RangeError otherwise
   */
  push(tsMs: UnixMs, value: number): void {
    if (!Number.isFinite(value)) throw new RangeError(`a window takes finite values, not ${value}`)
    if (this.count > 0 && !(tsMs > (this.times[this.until - 1] ?? Infinity))) {
      throw new RangeError(`a window takes values in time order, not ${tsMs} after ${this.times[this.until - 1]}`)
    }
    while (this.from < this.until && (this.times[this.from] ?? 0) <= tsMs - this.spanMs) this.from++
    if (this.until === this.values.length) this.makeRoom()
    this.times[this.until] = tsMs
    this.values[this.until] = value
    this.until++
    this.known = null
  }

  /** How many values the window holds. */
  get count(): number {
    return this.until - this.from
  }

  /** NaN when the window is empty. */
  mean(): number {
    return this.moments().mean
  }

  /** Population standard deviation (divisor n); NaN when the window is empty. */
  std(): number {
    return this.moments().std
  }

  private moments(): Moments {
    this.known ??= momentsOf(this.values, this.from, this.until)
    return this.known
  }

  private makeRoom(): void {
    const { from, until } = this
    const enough = (until - from) * 2 <= this.values.length
    const size = enough ? this.values.length : this.values.length * 2
    this.times = moved(this.times, from, until, size)
    this.values = moved(this.values, from, until, size)
    this.until -= from
    this.from = 0
  }
}

function moved(array: Float64Array<ArrayBuffer>, from: number, until: number, size: number): Float64Array<ArrayBuffer> {
  if (size === array.length) return array.copyWithin(0, from, until)
  const larger = new Float64Array(size)
  larger.set(array.subarray(from, until))
  return larger
}

function momentsOf(values: Float64Array, from: number, until: number): Moments {
  const n = until - from
  const newest = values[until - 1] ?? Number.NaN
  if (n === 0) return { mean: Number.NaN, std: Number.NaN }
  let [sum0, sum1, sum2, sum3] = [0, 0, 0, 0]
  let [square0, square1, square2, square3] = [0, 0, 0, 0]
  let i = from
  for (; i + 3 < until; i += 4) {
    const d0 = (values[i] ?? 0) - newest
    const d1 = (values[i + 1] ?? 0) - newest
    const d2 = (values[i + 2] ?? 0) - newest
    const d3 = (values[i + 3] ?? 0) - newest
    sum0 += d0
    sum1 += d1
    sum2 += d2
    sum3 += d3
    square0 += d0 * d0
    square1 += d1 * d1
    square2 += d2 * d2
    square3 += d3 * d3
  }
  for (; i < until; i++) {
    const d = (values[i] ?? 0) - newest
    sum0 += d
    square0 += d * d
  }
  const offset = (sum0 + sum1 + (sum2 + sum3)) / n
  const square = (square0 + square1 + (square2 + square3)) / n
  return { mean: newest + offset, std: Math.sqrt(Math.max(0, square - offset * offset)) }
}
