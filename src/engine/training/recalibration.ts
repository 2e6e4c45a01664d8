/**
 * Whether a model's scores are to be calibrated anew: fitted on the older three quarters of what has been settled, tried on the
 * newest quarter, and taken over only where it is better there with certainty.
 */
import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { Random } from '../kernel/random.ts'
import { calibrated, type CalibrationMap, logitOf } from '../models/calibration.ts'
import { ece, isotonicFit, logLoss, plattFit, rowLogLoss } from '../stats/calibration.ts'
import { blockBootstrapMean, type Interval } from '../stats/intervals.ts'

/** Settled minutes of one model, ascending; scores of its artifact. */
export interface SettledMinutes {
  readonly tsMs: readonly UnixMs[]
  readonly scores: readonly number[]
  /** 0 or 1. */
  readonly labels: readonly number[]
}

export const MIN_MINUTES = 1_000
/** From here on there are enough to bend the line anywhere. */
const ISOTONIC_FROM = 5_000
const TESTED_SHARE = 0.25
const DRAWS = 2_000
const BLOCK_MIN = 60

export interface Recalibration {
  readonly map: CalibrationMap
  /** Rows that it was fitted on, and rows that it was tried on. */
  readonly fitted: number
  readonly tested: number
  /** On the newest quarter, before and with it. */
  readonly logLoss: { readonly before: number; readonly after: number }
  readonly ece: { readonly before: number; readonly after: number }
  /** Of the log loss, with it less before; 95 % by moving blocks of an hour. */
  readonly difference: Interval
  readonly better: boolean
}

/**
 * @param current what the model answers with now
 * @param horizonMin of the label: rows whose outcome lies in the newest quarter are not fitted on
 * @returns null with fewer than `MIN_MINUTES`, or where one of the parts has no row
 */
export function recalibrate(
  { tsMs, scores, labels }: SettledMinutes,
  current: CalibrationMap | null,
  horizonMin: number,
  random: Random,
): Recalibration | null {
  const n = tsMs.length
  if (n < MIN_MINUTES) return null
  const testFrom = n - Math.floor(n * TESTED_SHARE)
  const testMs = tsMs[testFrom] ?? 0
  const fitted = tsMs.findIndex((ms) => ms + horizonMin * MINUTE_MS >= testMs)
  if (fitted <= 0) return null
  const map = fit(scores.slice(0, fitted), labels.slice(0, fitted), n)
  const seen = labels.slice(testFrom)
  const tried = scores.slice(testFrom)
  const before = tried.map((score) => calibrated(current, score))
  const after = tried.map((score) => calibrated(map, score))
  const difference = blockBootstrapMean(
    Float64Array.from(seen, (label, i) => rowLogLoss(label, after[i] ?? 0) - rowLogLoss(label, before[i] ?? 0)),
    { block: BLOCK_MIN, draws: DRAWS, random },
  )
  return {
    map,
    fitted,
    tested: seen.length,
    logLoss: { before: logLoss(seen, before), after: logLoss(seen, after) },
    ece: { before: ece(seen, before), after: ece(seen, after) },
    difference,
    // A line that falls would turn the model round: that is no calibration.
    better: difference.hi < 0 && (map.kind === 'isotonic' || map.a > 0),
  }
}

function fit(scores: readonly number[], labels: readonly number[], n: number): CalibrationMap {
  if (n < ISOTONIC_FROM) return { kind: 'platt', ...plattFit(scores.map(logitOf), labels) }
  return { kind: 'isotonic', ...isotonicFit(scores, labels) }
}

const ECE_LIMIT = 0.05
const STEP = 0.01
const MOST_STEPS = 5
/** Below it a calibration error is mostly noise. */
const ECE_MINUTES = 1_000

/** The last 24 hours of what a model answered with. */
interface DayOfAnswers {
  readonly n: number
  readonly ece: number
  readonly meanScore: number
  readonly meanLabel: number
}

/**
 * By how much the threshold stands above that of the artifact: a step higher while the answers promise too much, back once they
 * have been well for a day.
 * @param wellForADay whether every look of the last 24 hours, this one among them, has found the error within its limit
 * @returns 0 to 0.05, in whole hundredths
 */
export function raisedBy(
  now: number,
  { n, ece: error, meanScore, meanLabel }: DayOfAnswers,
  wellForADay: boolean,
): number {
  if (n < ECE_MINUTES) return now
  const steps = Math.round(now / STEP)
  if (error > ECE_LIMIT) return (meanScore > meanLabel ? Math.min(MOST_STEPS, steps + 1) : steps) * STEP
  return wellForADay ? 0 : steps * STEP
}

/** Whether a day's error is within its limit; too few minutes say nothing, which is not well. */
export function isWell({ n, ece: error }: Pick<DayOfAnswers, 'n' | 'ece'>): boolean {
  return n >= ECE_MINUTES && error <= ECE_LIMIT
}

export function dayOfAnswers(map: CalibrationMap | null, { scores, labels }: SettledMinutes): DayOfAnswers {
  const answers = scores.map((score) => calibrated(map, score))
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
  return { n: answers.length, ece: ece(labels, answers), meanScore: mean(answers), meanLabel: mean(labels) }
}
