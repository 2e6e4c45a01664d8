import { marginOf } from '../../engine/canary/plan.ts'
import type { CanaryRun } from '../../engine/canary/run.ts'
import { isConfident } from '../../serving/exposed.ts'
import type { Desk } from '../desk/desk.ts'

/** The arms of both sides of a canary of days, which trade on paper on the same minutes alone. */
export interface LiveArms {
  readonly candidate: string
  readonly inCharge: string
  /** Whether the candidate is confident on a minute, by what each model said of it: then both sides may open a trade. */
  readonly isEligible: (scores: ReadonlyMap<string, number>) => boolean
}

/** Of the canary of days that runs; null while none does. */
export function liveArms({ canary, lineUp }: Desk): LiveArms | null {
  const run = canary.phase?.run
  const candidate = lineUp.candidate?.model
  if (run?.plan.live === undefined || candidate?.version !== run.candidate) return null
  const margin = marginOf(run.plan)
  return {
    ...liveNames(run),
    isEligible: (scores) => {
      const score = scores.get(candidate.version)
      return score !== undefined && isConfident(score, candidate.threshold, margin)
    },
  }
}

/** The names that both sides of a run trade under. */
export function liveNames({ candidate, baseline }: CanaryRun): Pick<LiveArms, 'candidate' | 'inCharge'> {
  return { candidate: `${candidate}@live`, inCharge: `${baseline}@live` }
}
