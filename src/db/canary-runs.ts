/** A canary's run between its row and its value: JSON columns are checked as they are read. */
import * as z from 'zod'
import type { PhaseFigures } from '../engine/canary/judge.ts'
import type { CanaryPlan } from '../engine/canary/plan.ts'
import type { CanaryRun, EndedPhase, LastLook, Measured } from '../engine/canary/run.ts'
import type { AbortReason, CanaryState } from '../engine/canary/state.ts'
import { canaryRuns } from './schema-record.ts'
import { jsonColumn, rowCheck } from './stored.ts'

export type CanaryRunRow = typeof canaryRuns.$inferSelect

const Phase = z.number().int().nonnegative()

const Reason: z.ZodType<AbortReason> = z.discriminatedUnion('by', [
  z.object({ by: z.literal('judge'), text: z.string() }),
  z.object({ by: z.literal('measuring'), text: z.string() }),
  z.object({ by: z.literal('person'), who: z.string(), text: z.string() }),
  z.object({ by: z.literal('candidateGone') }),
])

const Running = z.object({ phase: Phase, sinceMs: z.number(), measureErrors: z.number().int().nonnegative() })

const State: z.ZodType<CanaryState> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({ kind: z.literal('awaitingOnay'), promptId: z.string(), expiresAtWallMs: z.number() }),
  Running.extend({ kind: z.literal('ramping') }),
  Running.extend({ kind: z.literal('holding'), untilMs: z.number() }),
  z.object({ kind: z.literal('succeeded'), atMs: z.number() }),
  z.object({ kind: z.literal('aborted'), reason: Reason, atMs: z.number(), phase: Phase }),
  z.object({ kind: z.literal('inconclusive'), reason: z.string(), atMs: z.number(), phase: Phase }),
])

const Plan: z.ZodType<CanaryPlan> = z.object({
  name: z.string(),
  phases: z.array(z.object({ split: z.number().gt(0).lte(1), durationMs: z.number().positive() })),
  live: z.object({ minConfidence: z.number().gte(0.5).lte(1), sha256: z.string() }).optional(),
})

const Figures: z.ZodType<PhaseFigures> = z.object({
  comparisons: z.number(),
  matched: z.number(),
  tried: z.number(),
  errors: z.number(),
  timed: z.number(),
  above80Ms: z.number(),
  above120Ms: z.number(),
  p95Ms: z.number().nullable(),
  live: z.number(),
  probes: z.number(),
  liveCompared: z.number().optional(),
  psi: z.number().nullable(),
})

const Bounds = z.object({ lo: z.number(), hi: z.number() }).nullable()

const MeasuredAs: z.ZodType<Measured> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('counts'), figures: Figures }),
  z.object({
    kind: z.literal('shares'),
    tried: z.number(),
    live: z.number(),
    probes: z.number(),
    p95Ms: z.number().nullable(),
    psi: z.number().nullable(),
    errorRate: z.number().nullable(),
    matchRate: z.number().nullable(),
    intervals: z.object({ errorRate: Bounds, matchRate: Bounds, above120Ms: Bounds }).nullable(),
  }),
])

const Ended: z.ZodType<EndedPhase> = z.object({
  phase: Phase,
  split: z.number(),
  sinceMs: z.number(),
  endedMs: z.number(),
  decision: z.string(),
  reason: z.string(),
  measured: MeasuredAs,
})

/** A phase as it was stored before counts were kept: the document that people see, with shares alone. */
const EndedWithoutCounts = z.object({
  phase: z.number().int().positive(),
  split: z.number(),
  started_at: z.iso.datetime(),
  ended_at: z.iso.datetime(),
  requests: z.number(),
  live: z.number(),
  probes: z.number(),
  p95_ms: z.number().nullable(),
  error_rate: z.number().nullable(),
  match_rate: z.number().nullable(),
  psi: z.number().nullable(),
  intervals: z.object({ error_rate: Bounds, match_rate: Bounds, above_120_ms: Bounds }).nullable(),
  decision: z.string(),
  reason: z.string(),
})
type EndedWithoutCounts = z.infer<typeof EndedWithoutCounts>

const Look: z.ZodType<LastLook> = z.object({
  atMs: z.number(),
  decision: z.string(),
  reason: z.string(),
  figures: Figures,
  inside: z.number(),
  total: z.number(),
})

const checked = rowCheck(canaryRuns)
const state = jsonColumn(canaryRuns, 'state', State)
const plan = jsonColumn(canaryRuns, 'plan', Plan)
const phases = jsonColumn(canaryRuns, 'phases', z.array(z.union([Ended, EndedWithoutCounts])))
const lastLook = jsonColumn(canaryRuns, 'lastLook', Look)

/** @throws OperatorError when the row is not as this program writes rows */
export function runOfRow(row: CanaryRunRow): CanaryRun {
  return {
    ...checked(row),
    state: state.value(row),
    plan: plan.value(row),
    phases: phases.value(row).map((phase) => ('measured' in phase ? phase : withoutCounts(phase))),
    lastLook: row.lastLook === null ? null : lastLook.value(row),
  }
}

export function rowOfRun(run: CanaryRun): CanaryRunRow {
  return {
    ...run,
    state: state.text(run.state),
    plan: plan.text(run.plan),
    phases: phases.text([...run.phases]),
    lastLook: run.lastLook === null ? null : lastLook.text(run.lastLook),
  }
}

function withoutCounts(stored: EndedWithoutCounts): EndedPhase {
  const { intervals } = stored
  return {
    phase: stored.phase - 1,
    split: stored.split,
    sinceMs: Date.parse(stored.started_at),
    endedMs: Date.parse(stored.ended_at),
    decision: stored.decision,
    reason: stored.reason,
    measured: {
      kind: 'shares',
      tried: stored.requests,
      live: stored.live,
      probes: stored.probes,
      p95Ms: stored.p95_ms,
      psi: stored.psi,
      errorRate: stored.error_rate,
      matchRate: stored.match_rate,
      intervals:
        intervals === null
          ? null
          : {
              errorRate: intervals.error_rate,
              matchRate: intervals.match_rate,
              above120Ms: intervals.above_120_ms,
            },
    },
  }
}
