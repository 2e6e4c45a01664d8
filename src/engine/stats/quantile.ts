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
  const t = position - below
  const low = sorted[below]
  const high = sorted[Math.min(below + 1, sorted.length - 1)]
  if (low === undefined || high === undefined) throw new RangeError('a quantile needs at least one value')
  return t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t
}
