import type { RollupRow } from '../db/rollups.ts'

/**
 * Above how many milliseconds answers and models are counted as slow. The counts are exact, and kept under the names of the
 * defaults: `above80` is what was above `answers[0]` when it was counted, `modelAbove120` what was above `model[1]`.
 */
export interface LatencyBounds {
  readonly answers: readonly [number, number]
  readonly shadow: number
  readonly model: readonly [number, number]
}

export const LATENCY_BOUNDS: LatencyBounds = { answers: [80, 120], shadow: 60, model: [80, 120] }

/** What is counted of one minute, model, source and phase, and what any span of them sums to. */
export interface Totals {
  requests: number
  abstained: number
  tried: number
  errors: number
  compared: number
  matched: number
  deltaSum: number
  deltaMax: number
  timed: number
  above80: number
  above120: number
  modelTimed: number
  modelAbove60: number
  modelAbove80: number
  modelAbove120: number
}

export function noTotals(): Totals {
  return {
    requests: 0,
    abstained: 0,
    tried: 0,
    errors: 0,
    compared: 0,
    matched: 0,
    deltaSum: 0,
    deltaMax: 0,
    timed: 0,
    above80: 0,
    above120: 0,
    modelTimed: 0,
    modelAbove60: 0,
    modelAbove80: 0,
    modelAbove120: 0,
  }
}

/** Written out: it runs over a day of minutes at every look of the judge and of the alert rules. */
export function addTotals(into: Totals, from: Totals): void {
  into.requests += from.requests
  into.abstained += from.abstained
  into.tried += from.tried
  into.errors += from.errors
  into.compared += from.compared
  into.matched += from.matched
  into.deltaSum += from.deltaSum
  into.deltaMax = Math.max(into.deltaMax, from.deltaMax)
  into.timed += from.timed
  into.above80 += from.above80
  into.above120 += from.above120
  into.modelTimed += from.modelTimed
  into.modelAbove60 += from.modelAbove60
  into.modelAbove80 += from.modelAbove80
  into.modelAbove120 += from.modelAbove120
}

/** The counts of a stored row. */
export function totalsOf(row: RollupRow): Totals {
  const totals = noTotals()
  addTotals(totals, row)
  return totals
}
