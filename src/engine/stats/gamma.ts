/** Lanczos coefficients for g = 7 and nine terms (Godfrey 2001), good to about 1e-15 for x > 0. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)
const MAX_TERMS = 10_000
const TINY = 1e-300

/** Natural logarithm of the gamma function for x > 0. @throws RangeError otherwise. */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`logGamma needs x > 0, not ${x}`)
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const z = x - 1
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (z + i)), 0)
  const t = z + 7.5
  return HALF_LOG_TWO_PI + (z + 0.5) * Math.log(t) - t + Math.log(sum)
}

/**
 * Regularised lower incomplete gamma function P(a, x), 0 to 1: the series below x = a + 1, the continued fraction by
 * Lentz's method above it. Source: Press et al., Numerical Recipes, 3rd edition, section 6.2.
 * @throws RangeError unless a > 0 and x >= 0
 */
export function regularisedGamma(a: number, x: number): number {
  if (!(a > 0) || !(x >= 0)) throw new RangeError(`regularisedGamma needs a > 0 and x >= 0, not ${a} and ${x}`)
  if (x === 0) return 0
  if (x === Infinity) return 1
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? scale * series(a, x) : 1 - scale * continuedFraction(a, x)
}

function series(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < MAX_TERMS && term > sum * 1e-17; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let h = d
  for (let i = 1; i < MAX_TERMS; i++) {
    const numerator = -i * (i - a)
    b += 2
    d = 1 / away(numerator * d + b)
    c = away(b + numerator / c)
    h *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return h
}

/** Keeps a denominator off zero. */
function away(x: number): number {
  return Math.abs(x) < TINY ? TINY : x
}
