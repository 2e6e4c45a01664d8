import { sortedFinite } from './quantile.ts'

/**
 * A sample that others are compared with. Its distinct values cut the line into places: 0 lies below all of them, 2i + 1 is the
 * value i itself, 2i + 2 lies between it and the next one.
 */
export class KsReference {
  readonly n: number
  private readonly distinct: Float64Array
  /** How many of its values lie at or below the first k distinct ones. */
  private readonly upTo: Uint32Array

  /** @param values in any order; missing ones (NaN) are left out */
  constructor(values: ArrayLike<number>) {
    const sorted = sortedFinite(values)
    const { length } = sorted
    const distinct = new Float64Array(length)
    const upTo = new Uint32Array(length + 1)
    let found = 0
    for (let i = 0; i < length; i++) {
      const value = sorted[i] ?? Number.NaN
      if (value === sorted[i + 1]) continue
      distinct[found++] = value
      upTo[found] = i + 1
    }
    this.n = length
    this.distinct = distinct.slice(0, found)
    this.upTo = upTo.slice(0, found + 1)
  }

  get places(): number {
    return 2 * this.distinct.length + 1
  }

  /** Where a value lies; null for a missing one. */
  placeOf(value: number): number | null {
    if (Number.isNaN(value)) return null
    let low = 0
    let high = this.distinct.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.distinct[middle] ?? Infinity) < value) low = middle + 1
      else high = middle
    }
    return this.distinct[low] === value ? 2 * low + 1 : 2 * low
  }

  /** How many of its values lie in the places up to and including this one; 0 before the first. */
  countTo(place: number): number {
    return this.upTo[(place + 1) >> 1] ?? 0
  }
}

/** Places that are summed as one, so that most of them need not be looked at one by one. */
const BLOCK = 256

/**
 * Values that come and go, counted by their place in a reference: the two-sample Kolmogorov-Smirnov statistic of both, exact,
 * without sorting. Between two values of the reference only the newer sample's distribution moves, so that the greatest distance
 * is always reached at the end of a place.
 */
export class KsCounts {
  private n = 0
  private readonly counts: Uint32Array
  private readonly blocks: Uint32Array

  constructor(private readonly reference: KsReference) {
    this.counts = new Uint32Array(reference.places)
    this.blocks = new Uint32Array(Math.ceil(reference.places / BLOCK))
  }

  add(place: number): void {
    this.change(place, 1)
  }

  /** Takes one away that was added. */
  remove(place: number): void {
    this.change(place, -1)
  }

  /** Greatest distance of the two empirical distributions, 0 to 1; null when either has no value. */
  statistic(): number | null {
    if (this.n === 0 || this.reference.n === 0) return null
    const { blocks, reference } = this
    let greatest = 0
    let after = 0
    for (let block = 0; block < blocks.length; block++) {
      after += blocks[block] ?? 0
      greatest = Math.max(greatest, this.distance(this.lastOf(block), after))
    }
    after = 0
    for (let block = 0; block < blocks.length; block++) {
      const before = after
      after += blocks[block] ?? 0
      // The most that the distance can come to within the block: most blocks are passed over by it.
      const reach = Math.max(
        reference.countTo(this.lastOf(block)) / reference.n - before / this.n,
        after / this.n - reference.countTo(block * BLOCK - 1) / reference.n,
      )
      if (reach > greatest) greatest = Math.max(greatest, this.greatestWithin(block, before))
    }
    return greatest
  }

  private change(place: number, by: 1 | -1): void {
    this.n += by
    this.counts[place] = (this.counts[place] ?? 0) + by
    const block = Math.floor(place / BLOCK)
    this.blocks[block] = (this.blocks[block] ?? 0) + by
  }

  private greatestWithin(block: number, before: number): number {
    let greatest = 0
    let count = before
    for (let place = block * BLOCK; place <= this.lastOf(block); place++) {
      count += this.counts[place] ?? 0
      greatest = Math.max(greatest, this.distance(place, count))
    }
    return greatest
  }

  private distance(place: number, count: number): number {
    return Math.abs(this.reference.countTo(place) / this.reference.n - count / this.n)
  }

  private lastOf(block: number): number {
    return Math.min(this.counts.length, (block + 1) * BLOCK) - 1
  }
}
