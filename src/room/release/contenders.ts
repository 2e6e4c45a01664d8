import { conflict } from '../../engine/kernel/errors.ts'
import type { LoadedModel } from '../../serving/line-up.ts'
import type { LiveCanaries } from '../canary/live-canaries.ts'
import type { Config } from '../config/config.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { GateJudge } from '../watch/judge-gates.ts'

/** What a release needs beside the desk that it is about. */
export interface ReleaseParts {
  readonly evidence: EvidenceWriter
  readonly config: Config
  readonly judge: Pick<GateJudge, 'judgeFresh'>
  readonly live: LiveCanaries
}

/** The candidate and what it would follow. */
export interface Contenders {
  readonly candidate: LoadedModel
  readonly baseline: LoadedModel
}

/** @param what is to be done with them, for the error: "roll out". @throws OperatorError 409 when either slot is empty */
export function contendersOf(desk: Desk, what: string): Contenders {
  const { candidate, inCharge: baseline } = desk.lineUp
  if (candidate !== null && baseline !== null) return { candidate, baseline }
  throw conflict(
    `there is nothing to ${what}`,
    candidate === null ? 'no candidate is in the shadow' : 'no model is in charge yet',
    candidate === null ? 'train one with: onay retrain' : 'the first is trained once 14 days of bars are there',
    'no_candidate',
  )
}

/** @throws OperatorError while a canary waits for ONAY or runs */
export function refuseSecond({ symbol, canary }: Desk): void {
  if (!canary.underWay) return
  throw conflict(
    `a canary of ${symbol} is under way`,
    'one at a time',
    'wait for its end, or abort it: onay canary abort',
    'canary_runs',
  )
}
