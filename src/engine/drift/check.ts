import { MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { DriftFigures } from './drift-day.ts'
import { MIN_DAY_ROWS, type OwnDays } from './own-days.ts'

export const DRIFT_LEVELS = ['ok', 'warning', 'critical'] as const
export type DriftCheckLevel = (typeof DRIFT_LEVELS)[number]

/** What two of the last three checks agree on; `wait` while fewer than two had rows enough. */
export const DRIFT_VERDICTS = ['wait', ...DRIFT_LEVELS] as const
export type DriftVerdict = (typeof DRIFT_VERDICTS)[number]

/** Above the first a warning, above the second critical; a limit is raised to what the reference's own days come to. */
export interface DriftLimits {
  readonly psiWarning: number
  readonly psiCritical: number
  readonly ksWarning: number
  readonly ksCritical: number
  /** Of the overall PSI: above it, and above its own days, the kill switch is asked for. */
  readonly kill: number
}

export const CHECK_EVERY_MS = 15 * MINUTE_MS
const CHECKS = 3
const AGREEING = 2

interface JudgedFigure {
  readonly value: number
  /** Above it a warning. */
  readonly warning: number
  /** Above it critical. */
  readonly critical: number
  readonly level: DriftCheckLevel
}

interface CheckedFeature {
  readonly psi: JudgedFigure
  /** Null where one side has no value. */
  readonly ks: JudgedFigure | null
  /** One that looks back as far as a check does is shown and not judged: it differs from any reference, by its making. */
  readonly judged: boolean
  /** The worse of both. */
  readonly level: DriftCheckLevel
}

/** One look at the last 24 hours, by itself. */
export interface DriftCheck {
  readonly atMs: UnixMs
  readonly n: number
  readonly overallPsi: number | null
  /** Above this overall PSI the kill switch is asked for. */
  readonly killLimit: number
  readonly features: Readonly<Record<string, CheckedFeature>>
  /** The worst of the features that are judged; null where there are too few rows to say. */
  readonly level: DriftCheckLevel | null
  readonly beyondKill: boolean
}

/** @param own null where the reference is shorter than a day, or was made before days were measured: then the limits alone hold */
export function driftCheck(figures: DriftFigures, own: OwnDays | null, limits: DriftLimits, atMs: UnixMs): DriftCheck {
  const features = Object.fromEntries(
    Object.entries(figures.psi).map(([name, psi]) => {
      const ks = figures.ks[name]
      const judgedPsi = judge(psi, [limits.psiWarning, limits.psiCritical], own?.psi[name])
      const judgedKs = ks === undefined ? null : judge(ks, [limits.ksWarning, limits.ksCritical], own?.ks[name])
      const level = worst([judgedPsi.level, judgedKs?.level ?? 'ok'])
      return [name, { psi: judgedPsi, ks: judgedKs, judged: isJudged(name), level }] as const
    }),
  )
  const enough = figures.n >= MIN_DAY_ROWS
  const killLimit = Math.max(limits.kill, own?.overallPsi ?? 0)
  return {
    atMs,
    n: figures.n,
    overallPsi: figures.overallPsi,
    killLimit,
    features,
    level: enough ? worst(judgedLevels(features)) : null,
    beyondKill: enough && figures.overallPsi !== null && figures.overallPsi > killLimit,
  }
}

/** What is left of a check once it is stored: enough to judge those after it. */
export interface PastCheck {
  readonly atMs: UnixMs
  readonly level: DriftCheckLevel | null
  readonly beyondKill: boolean
}

/** @param past in any order; those that lie further back than three checks do not count */
export function driftVerdict(
  now: PastCheck,
  past: readonly PastCheck[],
): { readonly verdict: DriftVerdict; readonly asksKill: boolean } {
  const fromMs = now.atMs - (CHECKS - 1) * CHECK_EVERY_MS
  const last = [...past.filter(({ atMs }) => atMs >= fromMs && atMs < now.atMs), now]
  const agree = (holds: (check: PastCheck) => boolean): boolean => last.filter(holds).length >= AGREEING
  const verdict = !agree(({ level }) => level !== null)
    ? 'wait'
    : agree(({ level }) => level === 'critical')
      ? 'critical'
      : agree(({ level }) => level === 'critical' || level === 'warning')
        ? 'warning'
        : 'ok'
  return { verdict, asksKill: agree(({ beyondKill }) => beyondKill) }
}

function isJudged(feature: string): boolean {
  return !feature.endsWith('_24h')
}

function judgedLevels(features: Readonly<Record<string, CheckedFeature>>): readonly DriftCheckLevel[] {
  return Object.values(features).flatMap(({ judged, level }) => (judged ? [level] : []))
}

function judge(value: number, [low, high]: readonly [number, number], own = 0): JudgedFigure {
  const [warning, critical] = [Math.max(low, own), Math.max(high, own)]
  return { value, warning, critical, level: value > critical ? 'critical' : value > warning ? 'warning' : 'ok' }
}

function worst(levels: readonly DriftCheckLevel[]): DriftCheckLevel {
  return levels.includes('critical') ? 'critical' : levels.includes('warning') ? 'warning' : 'ok'
}
