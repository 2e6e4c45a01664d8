/** The values that are numbers, ascending; NaN and infinities are dropped. */
export function sortedFinite(values: ArrayLike<number>): Float64Array {
  const kept = new Float64Array(values.length)
  let n = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value !== undefined && Number.isFinite(value)) kept[n++] = value
  }
  return kept.slice(0, n).sort()
}

/**
 * Quantile by linear interpolation between order statistics (type 7 of Hyndman and Fan 1996), rounded as numpy's
 * `quantile` rounds: bin edges are compared with the very values they are made of, so the last bit counts.
 * @param sorted ascending, without NaN
 * @param q share from 0 to 1
 * @throws RangeError when `sorted` is empty or `q` lies outside 0 to 1
 */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile's share must lie in 0 to 1, not ${q}`)
  const position = (sorted.length - 1) * q
  const below = Math.floor(position)
  const low = sorted[below]
  const high = sorted[Math.min(below + 1, sorted.length - 1)]
  if (low === undefined || high === undefined) throw new RangeError('a quantile needs at least one value')
  return between(low, high, position - below)
}

/**
 * The quantiles at `share` and at 1 - `share` of the values that are numbers, the same to the last bit as `quantileSorted` has
 * them. Only the tails are put in order, which is the quicker the smaller the share.
 * @param share from 0 to 0.5
 * @throws RangeError when no value is a number or `share` lies outside 0 to 0.5
 */
export function tailQuantiles(values: ArrayLike<number>, share: number): { lo: number; hi: number } {
  if (!(share >= 0 && share <= 0.5)) throw new RangeError(`the share of a tail must lie in 0 to 0.5, not ${share}`)
  let n = 0
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) n++
  if (n === 0) throw new RangeError('a quantile needs at least one value')
  const [low, high] = [(n - 1) * share, (n - 1) * (1 - share)]
  const [belowLow, belowHigh] = [Math.floor(low), Math.floor(high)]
  const bottom = new Float64Array(Math.min(n, belowLow + 2))
  const top = new Float64Array(n - belowHigh)
  let seen = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === undefined || !Number.isFinite(value)) continue
    // The other end by its negatives, so that both are kept by one rule.
    keepLowest(bottom, seen, value)
    keepLowest(top, seen, -value)
    seen++
  }
  const fromTop = (place: number): number => -(top[n - 1 - Math.min(place, n - 1)] ?? Number.NaN)
  return {
    lo: between(bottom[belowLow] ?? Number.NaN, bottom[Math.min(belowLow + 1, n - 1)] ?? Number.NaN, low - belowLow),
    hi: between(fromTop(belowHigh), fromTop(belowHigh + 1), high - belowHigh),
  }
}

/** Puts a value in its place among the lowest so far, ascending. @param seen how many values came before it */
function keepLowest(lowest: Float64Array, seen: number, value: number): void {
  let at = Math.min(seen, lowest.length)
  if (at === lowest.length && !(value < (lowest[--at] ?? Number.NaN))) return
  for (; at > 0 && value < (lowest[at - 1] ?? Number.NaN); at--) lowest[at] = lowest[at - 1] ?? Number.NaN
  lowest[at] = value
}

/** @param t how far from the one to the other, 0 to 1 */
function between(low: number, high: number, t: number): number {
  return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t
}
