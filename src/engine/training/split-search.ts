/** Where a leaf is best split: among the bins of each feature, missing values to either side. */
import { MISSING, type Binned } from './binning.ts'

export interface GrowthLimits {
  /** Splits from the root to a leaf, at most. */
  readonly depth: number
  readonly leaves: number
  /** Sum of second derivatives in a leaf, at least. */
  readonly minChildWeight: number
  /** L2 penalty of a leaf's value. */
  readonly l2: number
  readonly learningRate: number
  /** By feature: 1 where the score may not fall as the feature rises, -1 where it may not rise, else 0. */
  readonly monotone: readonly number[]
}

/** Sums of one node: per bin of each feature the first and second derivatives, side by side. */
export const BINS = 256
export const WIDTH = 2

/** Where a leaf is best split. */
interface Found {
  readonly feature: number
  /** Rows of this bin and those below go left. */
  readonly bin: number
  readonly missingLeft: boolean
  readonly gain: number
}

export interface Split extends Found {
  readonly leftFirst: number
  readonly leftSecond: number
  readonly leftValue: number
  readonly rightValue: number
}

/** What a leaf's rows come to, before it is known whether it is split. */
export interface OpenLeaf {
  readonly first: number
  readonly second: number
  /** A monotone feature above it bounds its value. */
  readonly low: number
  readonly high: number
  readonly value: number
  /** Null where it is too deep to be split. */
  readonly sums: Float64Array | null
}

/** Less is a rounding error of sums that cancel. */
const MIN_GAIN = 1e-9

export class SplitSearch {
  constructor(
    private readonly binned: Binned,
    private readonly limits: GrowthLimits,
  ) {}

  /** The best split of a leaf by any of the columns; null where none gains. */
  best(leaf: OpenLeaf, columns: Int32Array): Split | null {
    const { sums } = leaf
    if (sums === null) return null
    const isFree = !Number.isFinite(leaf.low) && !Number.isFinite(leaf.high)
    let best: Found | null = null
    for (const feature of columns) {
      const rising = this.limits.monotone[feature] ?? 0
      const restriction = isFree && rising === 0 ? null : rising
      const found: Found | null = this.bestBin(leaf, sums, feature, best?.gain ?? MIN_GAIN, restriction)
      best = found ?? best
    }
    return best === null ? null : this.splitAt(leaf, best)
  }

  /**
   * The best split of one feature that gains more than `least`; null where there is none.
   * @param rising which way the score must go; null where neither a feature nor a bound restricts the values of the sides
   */
  private bestBin(
    leaf: OpenLeaf,
    sums: Float64Array,
    feature: number,
    least: number,
    rising: number | null,
  ): Found | null {
    const { minChildWeight, l2 } = this.limits
    const edges = this.binned.edges[feature]?.length ?? 0
    const start = feature * BINS * WIDTH
    const missingFirst = sums[start + MISSING * WIDTH] ?? 0
    const missingSecond = sums[start + MISSING * WIDTH + 1] ?? 0
    const own = (leaf.first * leaf.first) / (leaf.second + l2)
    let gain = least
    let bin = -1
    let isMissingLeft = false
    // Without missing rows both ways are the same.
    for (let way = 0; way < (missingSecond > 0 ? 2 : 1); way++) {
      let first = way === 0 ? 0 : missingFirst
      let second = way === 0 ? 0 : missingSecond
      for (let b = 0, at = start; b < edges; b++, at += WIDTH) {
        first += sums[at] ?? 0
        second += sums[at + 1] ?? 0
        const otherSecond = leaf.second - second
        if (second < minChildWeight || otherSecond < minChildWeight || second <= 0 || otherSecond <= 0) continue
        const otherFirst = leaf.first - first
        const gained =
          rising === null
            ? (first * first) / (second + l2) + (otherFirst * otherFirst) / (otherSecond + l2) - own
            : this.boundedGain(leaf, first, second, rising)
        if (gained > gain) {
          gain = gained
          bin = b
          isMissingLeft = way === 1
        }
      }
    }
    return bin < 0 ? null : { feature, bin, missingLeft: isMissingLeft, gain }
  }

  /** What a split gains whose sides must keep within bounds, or to their order; below 0 where they cannot. */
  private boundedGain(leaf: OpenLeaf, first: number, second: number, rising: number): number {
    const left = this.valueOf(first, second, leaf)
    const right = this.valueOf(leaf.first - first, leaf.second - second, leaf)
    if (rising * (right - left) < 0) return -1
    return (
      this.gainOf(first, second, left) +
      this.gainOf(leaf.first - first, leaf.second - second, right) -
      this.gainOf(leaf.first, leaf.second, leaf.value)
    )
  }

  /** With the sums and values of its sides. */
  private splitAt(leaf: OpenLeaf, found: Found): Split {
    const start = found.feature * BINS * WIDTH
    const sums = leaf.sums ?? new Float64Array()
    let leftFirst = found.missingLeft ? (sums[start + MISSING * WIDTH] ?? 0) : 0
    let leftSecond = found.missingLeft ? (sums[start + MISSING * WIDTH + 1] ?? 0) : 0
    for (let b = 0; b <= found.bin; b++) {
      leftFirst += sums[start + b * WIDTH] ?? 0
      leftSecond += sums[start + b * WIDTH + 1] ?? 0
    }
    const leftValue = this.valueOf(leftFirst, leftSecond, leaf)
    const rightValue = this.valueOf(leaf.first - leftFirst, leaf.second - leftSecond, leaf)
    return { ...found, leftFirst, leftSecond, leftValue, rightValue }
  }

  /** The value that lowers the loss most, within a leaf's bounds. */
  valueOf(first: number, second: number, { low, high }: { readonly low: number; readonly high: number }): number {
    const free = -first / (second + this.limits.l2)
    return Math.min(high, Math.max(low, Number.isFinite(free) ? free : 0))
  }

  /** Twice what a value lowers the loss by. */
  private gainOf(first: number, second: number, value: number): number {
    return -(2 * first * value + (second + this.limits.l2) * value * value)
  }
}
