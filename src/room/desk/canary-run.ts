import { z } from 'zod'
import type { CanaryRunRow } from '../../db/release.ts'
import type { PhaseFigures } from '../../engine/canary/judge.ts'
import type { CanaryPlan } from '../../engine/canary/plan.ts'
import type { CanaryState, RunningState } from '../../engine/canary/state.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import type { CanaryPhaseDocument } from '../../evidence/release-documents.ts'

/** What the judge said last, with the figures that it saw. */
export interface LastLook {
  readonly atMs: UnixMs
  readonly decision: string
  readonly reason: string
  readonly figures: PhaseFigures
  /** Requests that came in this phase, and those of them within the share. */
  readonly inside: number
  readonly total: number
}

/** A run as the room works with it: the stored row, its JSON parsed. */
export interface CanaryRun {
  readonly row: CanaryRunRow
  readonly plan: CanaryPlan
  readonly state: CanaryState
  readonly phases: readonly CanaryPhaseDocument[]
  readonly lastLook: LastLook | null
}

const Plan = z.object({ name: z.string(), phases: z.array(z.object({ split: z.number(), durationMs: z.number() })) })

/** The JSON in a run's row was written by this program; the plan, which decides shares, is checked all the same. */
export function parseRun(row: CanaryRunRow): CanaryRun {
  return {
    row,
    plan: Plan.parse(JSON.parse(row.plan)),
    state: JSON.parse(row.state) as CanaryState,
    phases: JSON.parse(row.phases) as CanaryPhaseDocument[],
    lastLook: row.lastLook === null ? null : (JSON.parse(row.lastLook) as LastLook),
  }
}

/** What a roll-up's row and a comparison carry while a phase runs. */
export function phaseKey(runId: string, phase: number): string {
  return `${runId}/${phase + 1}`
}

export function isRunning(state: CanaryState): state is RunningState {
  return state.kind === 'ramping' || state.kind === 'holding'
}
