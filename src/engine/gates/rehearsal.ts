/** Gates with other limits, held against what they were judged by in recorded weeks. */
import type { TimeWindow } from '../drift/window.ts'
import { REHEARSED_GATES, type RehearsedGate } from '../kernel/rehearsed-rules.ts'
import { HOUR_MS, type UnixMs } from '../kernel/units.ts'
import { type Verdict, verdictOf } from '../kernel/verdict.ts'
import type { Profile } from '../models/roles.ts'
import type { GateLimits, GateResult } from './catalogue.ts'

export type RehearsedGateLimits = Pick<
  GateLimits,
  'psiOverall' | 'psiFeature' | 'p95Ms' | 'auc' | 'precisionAt20' | 'meanDelta'
>

/** What was recorded of the gates of one model. */
export interface GateRecord {
  readonly profile: Profile
  /** Hourly, ascending, once the seven days were full. */
  readonly snapshots: readonly { readonly atMs: UnixMs; readonly overall: number; readonly worst: number }[]
  /** Ascending: the verdict of each gate as a letter, and its value. */
  readonly evaluations: readonly {
    readonly atMs: UnixMs
    readonly verdicts: string
    readonly figures: readonly GateResult['value'][]
  }[]
}

/** What a gate would have said. */
interface RehearsedGateFigures {
  readonly gate: RehearsedGate
  /** Moments at which it passed or failed. Where it always waited nothing is known of it. */
  readonly judged: number
  /** While it would have failed, ascending. */
  readonly failed: readonly TimeWindow[]
}

/** @param untilMs where the recording ends */
export function rehearseGates(
  record: GateRecord,
  limits: RehearsedGateLimits,
  untilMs: UnixMs,
): readonly RehearsedGateFigures[] {
  const { snapshots, evaluations, profile } = record
  const ofLog = (place: number, fails: (value: GateResult['value']) => boolean): Moment[] =>
    evaluations.map(({ atMs, verdicts, figures }) => ({
      atMs,
      fails: isJudged(verdictOf(verdicts[place])) ? fails(figures[place] ?? null) : null,
    }))
  const moments: Readonly<Record<RehearsedGate, readonly Moment[]>> = {
    // The log has the overall PSI alone.
    'gate 1': snapshots.map(({ atMs, overall, worst }) => ({
      atMs,
      fails: overall >= limits.psiOverall || worst > limits.psiFeature,
    })),
    'gate 2': ofLog(1, (value) => numberOf(value) >= limits.p95Ms),
    'gate 3': ofLog(2, (value) => numberOf(value) > 0),
    'gate 4': ofLog(3, (value) => isBelow(value, limits)),
    // A model that is meant to differ has no limit.
    'gate 5': profile === 'equivalent' ? ofLog(4, (value) => numberOf(value) >= limits.meanDelta) : [],
  }
  return REHEARSED_GATES.map((gate) => ({
    gate,
    judged: moments[gate].filter(({ fails }) => fails !== null).length,
    failed: failedSpans(moments[gate], untilMs),
  }))
}

interface Moment {
  readonly atMs: UnixMs
  /** Null where the gate waited, or could not be measured. */
  readonly fails: boolean | null
}

function isJudged(verdict: Verdict | null): boolean {
  return verdict === 'PASS' || verdict === 'FAIL'
}

function numberOf(value: GateResult['value']): number {
  return typeof value === 'number' ? value : Number.NaN
}

function isBelow(value: GateResult['value'], { auc, precisionAt20 }: RehearsedGateLimits): boolean {
  return value !== null && typeof value === 'object' && (value.auc < auc || value.precision_at_20 < precisionAt20)
}

/** What is said at a moment stands until the next one, and no longer than the hour after which history judges again. */
function failedSpans(moments: readonly Moment[], untilMs: UnixMs): readonly TimeWindow[] {
  const spans: { fromMs: UnixMs; untilMs: UnixMs }[] = []
  moments.forEach(({ atMs, fails }, i) => {
    if (fails !== true) return
    const endMs = Math.min(atMs + HOUR_MS, moments[i + 1]?.atMs ?? untilMs)
    const last = spans.at(-1)
    if (last?.untilMs === atMs) last.untilMs = endMs
    else if (endMs > atMs) spans.push({ fromMs: atMs, untilMs: endMs })
  })
  return spans
}
