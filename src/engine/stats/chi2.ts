import { logGamma, regularisedGamma } from './gamma.ts'
import { normalQuantile } from './normal.ts'

const MAX_STEPS = 200

/** P(X <= x) for a chi-squared variable with `df` degrees of freedom. @throws RangeError unless df > 0 */
export function chi2Cdf(x: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`degrees of freedom must be above 0, not ${df}`)
  return x <= 0 ? 0 : regularisedGamma(df / 2, x / 2)
}

/**
 * The x with P(X <= x) = p, to about 1e-12 relative: from Wilson and Hilferty's approximation (1931) by Newton's method,
 * bisecting whenever a step leaves the interval that is known to hold the answer.
 * @throws RangeError unless df > 0 and p lies in 0 to 1
 */
export function chi2Quantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1) || !(df > 0))
    throw new RangeError(`there is no chi-squared quantile of p ${p} with ${df} degrees of freedom`)
  if (p === 0) return 0
  if (p === 1) return Infinity
  const spread = 2 / (9 * df)
  let x = Math.max(df * (1 - spread + normalQuantile(p) * Math.sqrt(spread)) ** 3, 1e-8)
  let low = 0
  let high = Infinity
  for (let step = 0; step < MAX_STEPS; step++) {
    const error = chi2Cdf(x, df) - p
    if (error > 0) high = x
    else low = x
    const density = Math.exp((df / 2 - 1) * Math.log(x) - x / 2 - (df / 2) * Math.LN2 - logGamma(df / 2))
    const newton = x - error / density
    const next = newton > low && newton < high ? newton : high === Infinity ? 2 * x : (low + high) / 2
    if (Math.abs(next - x) <= 1e-14 * x) return next
    x = next
  }
  return x
}
