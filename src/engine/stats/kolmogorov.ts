import { logGamma } from './gamma.ts'

/** Up to this n the exact matrix serves wherever twice the one-sided probability is not sharp. */
const SMALL = 140
/** Above it the matrix would be large, and Pelz and Good's series is as good. */
const MATRIX_UP_TO = 100_000
const PI2 = Math.PI ** 2
const SQRT_TWO_PI = Math.sqrt(2 * Math.PI)
const SCALE = 2 ** 128

/**
 * P(D_n >= d) for the two-sided one-sample Kolmogorov-Smirnov statistic of n values, 0 to 1. The choice between the
 * methods follows Simard and L'Ecuyer 2011, "Computing the Two-Sided Kolmogorov-Smirnov Distribution".
 * @param n a whole number; 1 is returned for 0
 */
export function kolmogorovSurvival(n: number, d: number): number {
  if (n < 1 || n * d <= 0.5) return 1
  if (d >= 1) return 0
  const nd2 = n * d * d
  if (nd2 >= 370) return 0
  const beyond = n > SMALL ? 2.2 : 4
  if (d >= 0.5 || nd2 >= beyond) return Math.min(1, 2 * oneSidedSurvival(n, d))
  const exact = n <= SMALL || (n <= MATRIX_UP_TO && n * d ** 1.5 <= 1.4)
  const below = exact ? durbinMatrix(n, d) : pelzGood(n, d)
  return Math.min(1, Math.max(0, 1 - below))
}

/** P(D_n+ >= d), exact: a sum of positive terms. Source: Birnbaum and Tingey 1951, formula 3.0. */
function oneSidedSurvival(n: number, d: number): number {
  const logFactorial = logGamma(n + 1)
  let sum = 0
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const above = 1 - d - j / n
    if (above <= 0) break
    const choose = logFactorial - logGamma(j + 1) - logGamma(n - j + 1)
    sum += Math.exp(choose + (n - j) * Math.log(above) + (j - 1) * Math.log(d + j / n))
  }
  return d * sum
}

/**
 * P(D_n <= d) by Pelz and Good 1976, "Approximating the Lower Tail-Areas of the Kolmogorov-Smirnov One-Sample Statistic":
 * K0(z) + K1(z) / n^(1/2) + K2(z) / n + K3(z) / n^(3/2) with z = d n^(1/2).
 */
function pelzGood(n: number, d: number): number {
  const z = Math.sqrt(n) * d
  const [z2, z4, z6, z8] = [z ** 2, z ** 4, z ** 6, z ** 8]
  let [k0, k1, k2, k3] = [0, 0, 0, 0]
  const terms = Math.ceil((16 * z) / Math.PI) + 1
  for (let k = 1; k <= terms; k++) {
    const odd = PI2 * (k - 0.5) ** 2
    const atOdd = Math.exp(-odd / (2 * z2))
    k0 += atOdd
    k1 += (odd - z2) * atOdd
    k2 += (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * odd + (1 - 2 * z2) * odd ** 2) * atOdd
    const third = (135 * z4 - 96 * z6) * odd + (212 * z4 - 60 * z2) * odd ** 2 + (5 - 30 * z2) * odd ** 3
    k3 += (third - 30 * z6 - 90 * z8) * atOdd
    const whole = PI2 * k ** 2
    const atWhole = Math.exp(-whole / (2 * z2))
    k2 -= 2 * z4 * whole * atWhole
    k3 += 30 * z4 * (3 * whole * z2 - whole ** 2) * atWhole
  }
  const sum =
    k0 / z + k1 / (6 * z4 * Math.sqrt(n)) + k2 / (72 * z4 * z2 * z * n) + k3 / (6480 * z8 * z2 * n * Math.sqrt(n))
  return SQRT_TWO_PI * sum
}

/** P(D_n <= d), exact, for small n. Source: Marsaglia, Tsang and Wang 2003, "Evaluating Kolmogorov's Distribution". */
function durbinMatrix(n: number, d: number): number {
  const k = Math.ceil(n * d)
  const size = 2 * k - 1
  const power = matrixPower({ values: startMatrix(k - n * d, size), exponent: 0 }, n, size, (k - 1) * size + k - 1)
  let p = power.values[(k - 1) * size + k - 1] ?? 0
  let exponent = power.exponent
  for (let i = 1; i <= n; i++) {
    p *= i / n
    if (p < 1 / SCALE) {
      p *= SCALE
      exponent -= 1
    }
  }
  return p * SCALE ** exponent
}

function startMatrix(h: number, size: number): Float64Array {
  const factorial = [1]
  for (let i = 1; i <= size; i++) factorial.push((factorial[i - 1] ?? 0) * i)
  const matrix = new Float64Array(size * size)
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= Math.min(row + 1, size - 1); column++) {
      const order = row - column + 1
      let value = 1
      if (column === 0) value -= h ** (row + 1)
      if (row === size - 1) value -= h ** (size - column)
      if (row === size - 1 && column === 0 && h > 0.5) value += (2 * h - 1) ** size
      matrix[row * size + column] = value / (factorial[order] ?? 1)
    }
  }
  return matrix
}

/** A square matrix by rows, times `SCALE ** exponent`: its powers would leave the range of a double. */
interface Scaled {
  readonly values: Float64Array
  readonly exponent: number
}

/** @param watch the element that decides when to rescale */
function matrixPower(matrix: Scaled, n: number, size: number, watch: number): Scaled {
  if (n === 1) return matrix
  const half = matrixPower(matrix, Math.floor(n / 2), size, watch)
  const square = { values: product(half.values, half.values, size), exponent: 2 * half.exponent }
  const whole =
    n % 2 === 0
      ? square
      : { values: product(square.values, matrix.values, size), exponent: square.exponent + matrix.exponent }
  if ((whole.values[watch] ?? 0) <= SCALE) return whole
  return { values: whole.values.map((value) => value / SCALE), exponent: whole.exponent + 1 }
}

function product(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const out = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const factor = a[i * size + k] ?? 0
      if (factor === 0) continue
      for (let j = 0; j < size; j++) out[i * size + j] = (out[i * size + j] ?? 0) + factor * (b[k * size + j] ?? 0)
    }
  }
  return out
}
