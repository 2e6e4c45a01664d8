import { DAY_MS, isoDate, minuteText, type UnixMs } from '../kernel/units.ts'
import type { Verdict } from '../kernel/verdict.ts'
import { binsTakingPart, psiChance, psiOfCounts, rowsOf } from '../stats/psi.ts'
import { countsOf, type RowCounts } from './counts.ts'
import type { KsDistances } from './ks-hours.ts'
import type { DriftReference } from './reference.ts'
import type { TimeWindow } from './window.ts'

export type DriftLevel = 'stable' | 'warning' | 'critical'

export interface PsiLimits {
  /** A PSI at or above it is a warning, above `critical` critical. */
  readonly warning: number
  /** The overall PSI must stay below it. */
  readonly critical: number
  /** No feature may be above it. */
  readonly feature: number
  /** Current rows that a verdict needs. */
  readonly minRows: number
  /** What must lie after the reference's end before there is a verdict. */
  readonly windowMs: number
}

export const DEFAULT_PSI_LIMITS: PsiLimits = {
  warning: 0.1,
  critical: 0.2,
  feature: 0.3,
  minRows: 500,
  windowMs: 7 * DAY_MS,
}

interface FeaturePsi {
  readonly psi: number
  readonly level: DriftLevel
  readonly nReference: number
  readonly nCurrent: number
  /** What chance alone would give at these n, were the rows independent. */
  readonly chanceMean: number
  readonly chanceP95: number
  readonly withinReferenceP95: number | null
  /** Two-sample Kolmogorov-Smirnov statistic of the rows themselves, 0 to 1; null where one side has no value. */
  readonly ks: number | null
}

export interface PsiSnapshot {
  readonly version: string
  readonly atMs: UnixMs
  readonly current: TimeWindow & { readonly n: number }
  /** Mean over the drift features; null without current rows. */
  readonly overall: number | null
  readonly features: Readonly<Record<string, FeaturePsi>>
  readonly worst: { readonly feature: string; readonly psi: number } | null
  /** Null below the rows that a verdict needs. */
  readonly level: DriftLevel | null
  readonly verdict: Verdict
  /** Short, with the figures: `7 days on 2025-06-02`, `mid 5.340 above 0.3`. */
  readonly reason: string
  /** When the full window will lie after the reference's end; null once it does. */
  readonly readyAtMs: UnixMs | null
}

/** Below `warning` stable, up to and including `critical` a warning, above it critical. */
export function driftLevel(psi: number, limits: PsiLimits): DriftLevel {
  if (psi < limits.warning) return 'stable'
  return psi <= limits.critical ? 'warning' : 'critical'
}

/**
 * PSI of each drift feature and their mean, with a verdict once there is enough to judge. `wait` carries the figures so far.
 * @param current the counts of `currentWindow`'s rows
 * @param ks by feature, the distance of those rows from the reference's
 * @throws RangeError when a feature has no counts, or counts of other bins
 */
export function psiSnapshot(
  reference: DriftReference,
  current: TimeWindow & RowCounts,
  ks: KsDistances,
  atMs: UnixMs,
  limits: PsiLimits = DEFAULT_PSI_LIMITS,
): PsiSnapshot {
  const features = current.n === 0 ? {} : measure(reference, current, ks, limits)
  const figures = Object.values(features).map(({ psi }) => psi)
  const overall = figures.length === 0 ? null : figures.reduce((sum, psi) => sum + psi, 0) / figures.length
  const readyMs = reference.window.untilMs + limits.windowMs
  const readyAtMs = atMs < readyMs ? readyMs : null
  return {
    version: reference.version,
    atMs,
    current: { fromMs: current.fromMs, untilMs: current.untilMs, n: current.n },
    overall,
    features,
    worst: worstOf(features),
    // A few rows give any figure: it is shown and not named.
    level: overall === null || current.n < limits.minRows ? null : driftLevel(overall, limits),
    readyAtMs,
    ...judge(overall, features, current.n, readyAtMs, limits),
  }
}

function measure(
  reference: DriftReference,
  current: RowCounts,
  ks: KsDistances,
  limits: PsiLimits,
): Record<string, FeaturePsi> {
  const measured = Object.entries(reference.features).map(([name, { counts }]) => {
    const now = countsOf(current.counts, name)
    const psi = psiOfCounts(counts, now)
    const nReference = rowsOf(counts)
    const nCurrent = rowsOf(now)
    const chance = psiChance(binsTakingPart(counts, now), nReference, nCurrent)
    const figures: FeaturePsi = {
      psi,
      level: driftLevel(psi, limits),
      nReference,
      nCurrent,
      chanceMean: chance.mean,
      chanceP95: chance.p95,
      withinReferenceP95: reference.withinReference?.features[name] ?? null,
      ks: ks[name] ?? null,
    }
    return [name, figures] as const
  })
  return Object.fromEntries(measured)
}

/** The greatest PSI; the earlier feature of equals. */
function worstOf(features: Readonly<Record<string, FeaturePsi>>): PsiSnapshot['worst'] {
  let worst: PsiSnapshot['worst'] = null
  for (const [feature, { psi }] of Object.entries(features)) {
    if (worst === null || psi > worst.psi) worst = { feature, psi }
  }
  return worst
}

function judge(
  overall: number | null,
  features: Readonly<Record<string, FeaturePsi>>,
  n: number,
  readyAtMs: UnixMs | null,
  limits: PsiLimits,
): { verdict: Verdict; reason: string } {
  if (readyAtMs !== null) {
    return { verdict: 'WAIT', reason: `${days(limits.windowMs)} on ${moment(readyAtMs)}` }
  }
  if (overall === null || n < limits.minRows) {
    return { verdict: 'WAIT', reason: `${n} of ${limits.minRows} rows` }
  }
  const figure = `${overall.toFixed(3)}, limit ${limits.critical}`
  const over = Object.entries(features)
    .filter(([, { psi }]) => psi > limits.feature)
    .map(([name, { psi }]) => `${name} ${psi.toFixed(3)} above ${limits.feature}`)
  if (overall < limits.critical && over.length === 0) return { verdict: 'PASS', reason: figure }
  return { verdict: 'FAIL', reason: [...(overall < limits.critical ? [] : [figure]), ...over].join('; ') }
}

function days(ms: number): string {
  const count = Math.round((ms / DAY_MS) * 10) / 10
  return count === 1 ? '1 day' : `${count} days`
}

/** The date alone at midnight, else with hour and minute. */
function moment(ms: UnixMs): string {
  return ms % DAY_MS === 0 ? isoDate(ms) : minuteText(ms)
}
