/** Courses as a row of blocks, for screens and tables. */

/** From low to high. */
export const RAMP = '▁▂▃▄▅▆▇█'

/**
 * Any course in `width` cells between two values, its own lowest and highest unless others are named; what has no value is blank.
 * @param scale the same for several courses that are to be compared
 */
export function plainSpark(
  values: readonly (number | null)[],
  width: number,
  scale?: { readonly low: number; readonly high: number },
): string {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value))
  const { low, high } = scale ?? { low: Math.min(...known), high: Math.max(...known) }
  return Array.from({ length: width }, (_, x) => {
    const from = Math.floor((x * values.length) / width)
    const until = Math.max(from + 1, Math.floor(((x + 1) * values.length) / width))
    const value = values.slice(from, until).findLast((one) => one !== null && Number.isFinite(one)) ?? null
    if (value === null) return ' '
    const share = high > low ? (value - low) / (high - low) : 0.5
    return RAMP[Math.max(0, Math.min(RAMP.length - 1, Math.floor(share * RAMP.length)))] ?? ' '
  }).join('')
}
