import { kolmogorovSurvival } from './kolmogorov.ts'
import { sortedFinite } from './quantile.ts'

/**
 * Two-sample Kolmogorov-Smirnov test, two-sided: the greatest distance between the two empirical distributions, and its
 * asymptotic p-value, that of one sample of round(n m / (n + m)) values, as scipy's `ks_2samp(method="asymp")`. With
 * thousands of autocorrelated minutes the p-value always rejects: judge by the statistic.
 * @param a @param b values in any order; missing ones (NaN) are left out
 * @throws RangeError when either has no value
 */
export function ksTwoSample(a: ArrayLike<number>, b: ArrayLike<number>): { statistic: number; pValue: number } {
  const x = sortedFinite(a)
  const y = sortedFinite(b)
  if (x.length === 0 || y.length === 0)
    throw new RangeError(`KS needs values on both sides, not ${x.length}, ${y.length}`)
  const statistic = greatestDistance(x, y)
  const effective = roundHalfToEven((x.length / (x.length + y.length)) * y.length)
  return { statistic, pValue: kolmogorovSurvival(effective, statistic) }
}

function greatestDistance(x: Float64Array, y: Float64Array): number {
  let greatest = 0
  let i = 0
  let j = 0
  while (i < x.length && j < y.length) {
    const at = Math.min(x[i] ?? Infinity, y[j] ?? Infinity)
    while (i < x.length && x[i] === at) i++
    while (j < y.length && y[j] === at) j++
    greatest = Math.max(greatest, Math.abs(i / x.length - j / y.length))
  }
  return greatest
}

/** As numpy rounds: two samples of one odd size meet the half. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x)
  if (x - below !== 0.5) return Math.round(x)
  return below % 2 === 0 ? below : below + 1
}
