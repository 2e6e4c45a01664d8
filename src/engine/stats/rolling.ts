import type { UnixMs } from '../kernel/units.ts'

interface Moments {
  readonly mean: number
  readonly std: number
}

/** Blocks that a window is divided into, about; one of a day of minutes holds as many values as there are blocks. */
const BLOCKS = 32

/** What is known of the values of one stretch of time: their number, and the sums of their distances from its first value. */
class Block {
  n = 0
  sum = 0
  square = 0

  constructor(
    readonly startMs: UnixMs,
    readonly first: number,
  ) {}

  add(value: number): void {
    const d = value - this.first
    this.n++
    this.sum += d
    this.square += d * d
  }
}

/**
 * Mean and population standard deviation of the values of the last `spanMs`.
 *
 * Both are worked out from the window itself when they are first asked for after a push. A running sum would cost less, but
 * its value depends on all it has ever added and taken away: a room that was started again in the middle would then give
 * other last digits than one that ran through. So time is divided into blocks whose bounds do not depend on where a window
 * began, and a block that lies in the window whole is summed once; of the block that the window begins in, the values are
 * added one by one.
 *
 * What is added up are distances from the newest value and their squares, a block's after moving them there from its own
 * first value. No value of n lies further from their mean than sqrt(n - 1) standard deviations, so that the difference of the
 * sums loses at most the digits of n: for a day of minutes the deviation is good to about 1e-12 relative, and equal values
 * have exactly their own mean and deviation 0.
 *
 * Values lie in one array from the oldest to the newest; when it is full, the window moves back to its start.
 */
export class RollingWindow {
  private times = new Float64Array(64)
  private values = new Float64Array(64)
  private from = 0
  private until = 0
  /** Ascending; the first may have begun before the window. */
  private readonly blocks: Block[] = []
  private readonly blockMs: number
  private known: Moments | null = null

  /** @throws RangeError unless `spanMs` is above 0 */
  constructor(readonly spanMs: number) {
    if (!(spanMs > 0)) throw new RangeError(`a window must span more than ${spanMs} ms`)
    // Whole, so that the bounds are exact.
    this.blockMs = Math.ceil(spanMs / BLOCKS)
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
    this.addToBlock(tsMs, value)
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
    this.known ??= this.measure()
    return this.known
  }

  private addToBlock(tsMs: UnixMs, value: number): void {
    const { blocks, blockMs } = this
    const startMs = Math.floor(tsMs / blockMs) * blockMs
    if (blocks.at(-1)?.startMs !== startMs) blocks.push(new Block(startMs, value))
    blocks.at(-1)?.add(value)
    while ((blocks[0]?.startMs ?? Infinity) + blockMs <= tsMs - this.spanMs) blocks.shift()
  }

  private measure(): Moments {
    const { times, values, from, until, spanMs } = this
    const n = until - from
    if (n === 0) return { mean: Number.NaN, std: Number.NaN }
    const newest = values[until - 1] ?? Number.NaN
    const afterMs = (times[until - 1] ?? Number.NaN) - spanMs
    let sum = 0
    let square = 0
    let i = from
    for (const block of this.blocks) {
      if (block.startMs > afterMs) {
        const shift = block.first - newest
        sum += block.sum + block.n * shift
        square += block.square + shift * (2 * block.sum + block.n * shift)
        continue
      }
      for (const endMs = block.startMs + this.blockMs; i < until && (times[i] ?? 0) < endMs; i++) {
        const d = (values[i] ?? 0) - newest
        sum += d
        square += d * d
      }
    }
    const offset = sum / n
    return { mean: newest + offset, std: Math.sqrt(Math.max(0, square / n - offset * offset)) }
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
