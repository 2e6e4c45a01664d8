import { auc } from '../stats/ranking.ts'

/** Rows with a value and a label below which nothing is said. */
const MIN_ROWS = 500
/** AUC this close to 0.5 is chance, lagged or not. */
const MIN_EDGE = 0.02
const KEPT = 0.1

export interface LookAhead {
  /** Of the feature against the label of its own row; below 0.5 where a low value goes with the event. */
  readonly auc: number
  /** The same with the value of the row before. */
  readonly lagged: number
}

/**
 * Whether a feature may know what it should not: given one bar late it loses more than nine tenths of its AUC above 0.5. What was
 * honestly known a minute ago seldom does.
 * @param values of each row, NaN is missing; @param labels 0, 1 or NaN; both of the same rows, ascending in time
 * @returns null where nothing speaks for it, or there is too little to tell
 */
export function lookAheadOf(values: Float64Array, labels: Float64Array): LookAhead | null {
  const [own, late, seen]: [number[], number[], number[]] = [[], [], []]
  for (let i = 1; i < values.length; i++) {
    const [value, before, label] = [values[i] ?? Number.NaN, values[i - 1] ?? Number.NaN, labels[i] ?? Number.NaN]
    if (Number.isNaN(value) || Number.isNaN(before) || Number.isNaN(label)) continue
    own.push(value)
    late.push(before)
    seen.push(label)
  }
  const events = seen.reduce((sum, label) => sum + label, 0)
  if (seen.length < MIN_ROWS || events === 0 || events === seen.length) return null
  const found = { auc: auc(seen, own), lagged: auc(seen, late) }
  const edge = found.auc - 0.5
  const kept = Math.sign(edge) * (found.lagged - 0.5)
  return Math.abs(edge) >= MIN_EDGE && kept < KEPT * Math.abs(edge) ? found : null
}
