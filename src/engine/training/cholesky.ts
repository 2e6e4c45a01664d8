/**
 * Solves A x = b for a symmetric positive definite A by its Cholesky factor.
 * @param a n x n, row after row, its lower triangle is read; not changed
 * @param b n values; not changed
 * @throws RangeError when A is not positive definite
 */
export function choleskySolve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length
  const lower = factor(a, n)
  const x = Float64Array.from(b)
  for (let i = 0; i < n; i++) {
    let rest = x[i] ?? 0
    for (let k = 0; k < i; k++) rest -= (lower[i * n + k] ?? 0) * (x[k] ?? 0)
    x[i] = rest / (lower[i * n + i] ?? 1)
  }
  for (let i = n - 1; i >= 0; i--) {
    let rest = x[i] ?? 0
    for (let k = i + 1; k < n; k++) rest -= (lower[k * n + i] ?? 0) * (x[k] ?? 0)
    x[i] = rest / (lower[i * n + i] ?? 1)
  }
  return x
}

/** L with L Lt = A. */
function factor(a: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j] ?? 0
      for (let k = 0; k < j; k++) rest -= (lower[i * n + k] ?? 0) * (lower[j * n + k] ?? 0)
      if (i !== j) {
        lower[i * n + j] = rest / (lower[j * n + j] ?? 1)
        continue
      }
      if (!(rest > 0)) throw new RangeError(`the matrix is not positive definite at row ${i}`)
      lower[i * n + i] = Math.sqrt(rest)
    }
  }
  return lower
}
