/**
 * Rational approximations of erf and erfc. Source: W. J. Cody 1969, "Rational Chebyshev Approximations for the Error
 * Function", Mathematics of Computation 23, with the coefficients of SPECFUN's CALERF. Relative error about 1e-16.
 */
const ERF_NUMERATOR = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
] as const
const ERF_DENOMINATOR = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171] as const
const MIDDLE_NUMERATOR = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
] as const
const MIDDLE_DENOMINATOR = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
] as const
const FAR_NUMERATOR = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
] as const
const FAR_DENOMINATOR = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
] as const

const SQRT_TWO_PI = Math.sqrt(2 * Math.PI)
const NEAR = 0.46875

/**
 * P(Z <= z) for a standard normal variable, to about 1e-15 relative in both tails, until it underflows below z = -38.
 * NaN for NaN.
 */
export function normalCdf(z: number): number {
  const y = Math.abs(z) * Math.SQRT1_2
  if (y <= NEAR) return 0.5 + 0.5 * erfNear(z * Math.SQRT1_2)
  // exp(-y^2) from z itself and in two factors: squaring a rounded y would cost digits in the tail
  const coarse = Math.trunc(Math.abs(z) * 16) / 16
  const rest = (Math.abs(z) - coarse) * (Math.abs(z) + coarse)
  const tail = 0.5 * Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * rest) * scaledErfc(y)
  if (Math.abs(z) === Infinity) return z > 0 ? 1 : 0
  return z > 0 ? 1 - tail : tail
}

/**
 * The z with P(Z <= z) = p: formula 26.2.23 of Abramowitz and Stegun (error below 4.5e-4), then three steps of Halley's
 * method on `normalCdf`, each of which triples the digits. -Infinity and Infinity at 0 and 1.
 * @throws RangeError unless p lies in 0 to 1
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`a probability must lie in 0 to 1, not ${p}`)
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p === 0) return -Infinity
  if (p === 0.5) return 0
  const t = Math.sqrt(-2 * Math.log(p))
  const top = 2.515517 + t * (0.802853 + t * 0.010328)
  let z = top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
  for (let step = 0; step < 3; step++) {
    const density = Math.exp(-0.5 * z * z) / SQRT_TWO_PI
    if (density === 0) break
    const newton = (normalCdf(z) - p) / density
    z -= newton / (1 + 0.5 * z * newton)
  }
  return z
}

function erfNear(x: number): number {
  return (x * polynomial(ERF_NUMERATOR, x * x)) / polynomial(ERF_DENOMINATOR, x * x)
}

/** exp(y^2) erfc(y) for y above 0.46875. */
function scaledErfc(y: number): number {
  if (y <= 4) return polynomial(MIDDLE_NUMERATOR, y) / polynomial(MIDDLE_DENOMINATOR, y)
  const s = 1 / (y * y)
  const correction = (s * polynomial(FAR_NUMERATOR, s)) / polynomial(FAR_DENOMINATOR, s)
  return (1 / Math.sqrt(Math.PI) - correction) / y
}

/** By Horner's rule, the highest power's coefficient first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, c) => sum * x + c, 0)
}
