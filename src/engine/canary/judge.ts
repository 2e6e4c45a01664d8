import type { LookSaid, PhaseEndSaid, RunStatus } from './event.ts'
import type { CanaryProfile, JudgeLimits } from './plan.ts'
import {
  certainBreachesOf,
  inconsistency,
  intervalsOf,
  type JudgeCounts,
  type JudgeIntervals,
  type Reading,
  readingsOf,
} from './readings.ts'

/** What the judge sees of a phase so far: live requests within the share, and probes. */
export interface PhaseFigures extends JudgeCounts {
  /** Above the limit for going on, 80 ms by default. */
  readonly above80Ms: number
  /** Of the candidate's own latency; null where it is not known. */
  readonly p95Ms: number | null
  /** Which of the tries were requests, and which probes. */
  readonly live: number
  readonly probes: number
  /** Comparisons of the room's minutes and of callers while the phase ran, within the share or not; older records lack it. */
  readonly liveCompared?: number | undefined
  /** Shown, and never judged here. */
  readonly psi: number | null
}

/** A verdict with the intervals behind it; these are null when the figures could not be read. */
type LookVerdict = LookSaid & { readonly intervals: JudgeIntervals | null }
export type PhaseEndVerdict = PhaseEndSaid & { readonly intervals: JudgeIntervals | null }

interface DryRunVerdict {
  readonly status: RunStatus
  readonly reason: string
  readonly intervals: JudgeIntervals | null
}

/** At a look only what is certain stops a canary: looks are frequent, and a few early errors prove nothing. */
export function judgeLook(figures: PhaseFigures, limits: JudgeLimits, profile: CanaryProfile): LookVerdict {
  const read = readFigures(figures, limits, profile)
  if (!read.ok) return { kind: 'measureError', reason: read.why, intervals: null }
  const { readings, intervals } = read
  const certain = certainBreachesOf(readings, intervals)
  if (certain.length > 0) return { kind: 'abort', reason: certain.join('; '), intervals }
  return { kind: 'goOn', reason: `go on: ${summary(readings, figures)}`, intervals }
}

/**
 * At a phase's end the point figures decide, each on at least `minComparisons` of its own. Missing figures hold the phase:
 * they never pass it.
 */
export function judgePhaseEnd(figures: PhaseFigures, limits: JudgeLimits, profile: CanaryProfile): PhaseEndVerdict {
  const read = readFigures(figures, limits, profile)
  if (!read.ok) return { kind: 'measureError', reason: read.why, intervals: null }
  const { readings, intervals } = read
  const certain = certainBreachesOf(readings, intervals)
  const beyond = readings.filter((r) => r.judged && r.n >= limits.minComparisons && r.point === 'beyond')
  if (certain.length > 0 || beyond.length > 0) {
    const why = certain.length > 0 ? certain : beyond.map((r) => `${r.text}, ${r.limits}`)
    return { kind: 'abort', reason: why.join('; '), intervals }
  }
  const open = undecided(figures, readings, limits)
  if (open.length > 0) return { kind: 'hold', reason: open.join('; '), intervals }
  return { kind: 'advance', reason: `all within the limits: ${summary(readings, figures)}`, intervals }
}

/** The judge over recorded figures and probes, by the same limits and without a state: what a canary would have said. */
export function judgeDryRun(figures: PhaseFigures, limits: JudgeLimits, profile: CanaryProfile): DryRunVerdict {
  // A rehearsal may come before the first live comparison.
  const { kind, reason, intervals } = judgePhaseEnd(figures, { ...limits, minLive: 0 }, profile)
  switch (kind) {
    case 'advance':
      return { status: 'SUCCESS', reason, intervals }
    case 'abort':
      return { status: 'ABORTED', reason, intervals }
    case 'hold':
      return { status: 'INCONCLUSIVE', reason, intervals }
    case 'measureError':
      return { status: 'INCONCLUSIVE', reason: `could not be measured: ${reason}`, intervals }
  }
}

/** What keeps a phase from passing without stopping it. */
function undecided(figures: PhaseFigures, readings: readonly Reading[], limits: JudgeLimits): string[] {
  const { minComparisons, minLive } = limits
  const missing = minComparisons - figures.comparisons
  if (missing > 0) return [`${missing} more comparisons needed, ${figures.comparisons} so far`]
  const open: string[] = []
  const { liveCompared = 0 } = figures
  if (liveCompared < minLive)
    open.push(`${minLive - liveCompared} more live comparisons needed, ${liveCompared} so far`)
  for (const reading of readings) {
    if (reading.n < minComparisons) open.push(`${reading.text}: too few`)
    else if (!reading.judged || reading.point === 'within') continue
    else if (reading.point === 'unknown') open.push(`${reading.text}, ${reading.limits}`)
    else open.push(`between the limits: ${reading.text}, ${reading.limits}`)
  }
  return open
}

type Read =
  | { readonly ok: true; readonly readings: readonly Reading[]; readonly intervals: JudgeIntervals }
  | { readonly ok: false; readonly why: string }

function readFigures(figures: PhaseFigures, limits: JudgeLimits, profile: CanaryProfile): Read {
  const fault = inconsistency(figures)
  if (fault !== null) return { ok: false, why: fault }
  const { p95Ms } = figures
  if (p95Ms !== null && !(p95Ms >= 0)) return { ok: false, why: `a p95 of ${p95Ms} ms is impossible` }
  const intervals = intervalsOf(figures, limits)
  return { ok: true, readings: readingsOf(figures, p95Ms, intervals, limits, profile), intervals }
}

function summary(readings: readonly Reading[], { live, probes, liveCompared = 0 }: PhaseFigures): string {
  const shown = readings.map((r) => (r.judged ? r.text : `${r.text} (shown, not judged)`))
  return `${shown.join(', ')}; ${probes} probes, ${live} requests within the share, ${liveCompared} live comparisons in all`
}
