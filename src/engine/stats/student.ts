import { logGamma } from './gamma.ts'

const MAX_TERMS = 10_000
const TINY = 1e-300
const PRECISE = 1e-16

/**
 * P(T > t) of Student's t with `df` degrees of freedom, for t >= 0; precise in the far tail as well.
 * @throws RangeError unless t >= 0 and df > 0
 */
export function studentTail(t: number, df: number): number {
  if (!(t >= 0 && df > 0)) throw new RangeError(`studentTail needs t >= 0 and df > 0, not ${t} and ${df}`)
  return regularisedBeta(df / (df + t * t), df / 2, 0.5) / 2
}

/**
 * The t that a share `tail` of Student's t lies above, by halving the interval that it lies in.
 * @param tail above 0, at most a half
 * @throws RangeError otherwise
 */
export function studentAbove(tail: number, df: number): number {
  if (!(tail > 0 && tail <= 0.5)) throw new RangeError(`a tail lies above 0 and up to a half, not ${tail}`)
  let [low, high] = [0, 1]
  while (studentTail(high, df) > tail) [low, high] = [high, high * 2]
  for (let i = 0; i < 200 && high - low > PRECISE * high; i++) {
    const middle = (low + high) / 2
    if (studentTail(middle, df) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/**
 * Regularised incomplete beta function I_x(a, b), 0 to 1, by its continued fraction with Lentz's method.
 * Source: Press et al., Numerical Recipes, 3rd edition, section 6.4.
 */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

function fraction(x: number, a: number, b: number): number {
  const kept = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
  let c = 1
  let d = 1 / kept(1 - ((a + b) * x) / (a + 1))
  let product = d
  for (let m = 1; m < MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / kept(1 + even * d)
    c = kept(1 + even / c)
    product *= d * c
    d = 1 / kept(1 + odd * d)
    c = kept(1 + odd / c)
    product *= d * c
    if (Math.abs(d * c - 1) < PRECISE) break
  }
  return product
}
