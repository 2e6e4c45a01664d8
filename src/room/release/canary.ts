import { JUDGE_LIMITS } from '../../engine/canary/plan.ts'
import type { CanaryEvent, Effect, LookSaid, PhaseEndSaid } from '../../engine/canary/event.ts'
import { judgeLook, judgePhaseEnd, type PhaseFigures } from '../../engine/canary/judge.ts'
import { next } from '../../engine/canary/next.ts'
import { phaseEndMs } from '../../engine/canary/state.ts'
import { OperatorError } from '../../engine/kernel/errors.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { isRunning, parseRun, type CanaryRun } from '../desk/canary-run.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import { phaseFigures } from './canary-figures.ts'
import { advance, record, requestedRow, type RequestedRun } from './canary-record.ts'
import { contendersOf } from './contenders.ts'

/** Opens a run that waits for ONAY; inside the caller's transaction. @throws OperatorError when the machine refuses it */
export function openRun(desk: Desk, evidence: EvidenceWriter, request: RequestedRun, atMs: UnixMs): void {
  const { canary, symbol } = desk
  const { candidate, baseline } = contendersOf(desk, 'roll out')
  if (canary.underWay)
    throw new OperatorError(
      `a canary of ${symbol} is under way`,
      'one at a time',
      'wait for its end, or abort it: onay canary abort',
      'canary_runs',
      409,
    )
  canary.take(parseRun(requestedRow(desk, request, { candidate, baseline }, atMs)))
  const refused = step(desk, evidence, {
    kind: 'start',
    atMs,
    live: true,
    candidate: candidate.version,
    mode: 'observe',
    profile: request.profile,
    promptId: request.promptId,
    expiresAtWallMs: request.expiresAtWallMs,
  })
  if (refused !== null)
    throw new OperatorError('the canary cannot start', refused, 'see the plans with: onay config', 'canary', 409)
}

/**
 * Gives the machine an event, and stores what came of it: the state, the event and what each effect says, in one transaction.
 * What lowers risk holds in memory from this call on, whatever the database says.
 * @returns why the machine refused it, or null
 */
export function step(desk: Desk, evidence: EvidenceWriter, event: CanaryEvent): string | null {
  const run = desk.canary.newest
  if (run === null) return 'no canary runs'
  const came = next(run.state, event, run.plan)
  if (!came.ok) return came.why
  // Summing up a phase takes a while: only the record of one that ends asks for it.
  const ends = came.effects.some((effect) => effect.kind === 'phaseEnded')
  const moved = advance(run, event, came.state, came.effects, ends ? phaseFigures(desk) : null)
  keep(desk, evidence, moved, event, came.effects)
  return null
}

/** Everything at 0 % from this call on. @throws OperatorError when nothing runs */
export function abort(desk: Desk, evidence: EvidenceWriter, by: string, reason: string): void {
  const refused = step(desk, evidence, { kind: 'abort', atMs: desk.tape.momentMs, by, reason })
  if (refused !== null)
    throw new OperatorError('there is nothing to abort', refused, 'look with: onay canary status', 'no_canary', 409)
}

/** The judge, at a moment of the market clock. */
export function look(desk: Desk, evidence: EvidenceWriter, atMs: UnixMs): void {
  const { canary } = desk
  const { phase } = canary
  if (phase === null) return
  const { run, state } = phase
  if (desk.slots.candidate?.sha256 !== run.row.sha256) {
    step(desk, evidence, { kind: 'candidateGone', atMs })
    return
  }
  const figures = phaseFigures(desk)
  if (figures === null) return
  const { profile } = run.row
  const looked = judgeLook(figures, JUDGE_LIMITS, profile)
  noteLook(desk, atMs, looked, figures)
  if (atMs < (phaseEndMs(state, run.plan) ?? atMs) || looked.kind === 'abort') {
    step(desk, evidence, { kind: 'look', atMs, verdict: looked })
    return
  }
  const verdict = judgePhaseEnd(figures, JUDGE_LIMITS, profile)
  noteLook(desk, atMs, verdict, figures)
  step(desk, evidence, { kind: 'phaseEnd', atMs, phase: state.phase, verdict })
}

/** The process came back with a canary under way. */
export function resume(desk: Desk, evidence: EvidenceWriter): void {
  if (!desk.canary.underWay) return
  step(desk, evidence, { kind: 'resumed', atMs: desk.tape.momentMs, clock: desk.tape.feed.clockKind })
}

function noteLook(desk: Desk, atMs: UnixMs, said: LookSaid | PhaseEndSaid, figures: PhaseFigures): void {
  desk.canary.noteLook({ atMs, decision: DECISION[said.kind], reason: said.reason, figures })
}

function keep(
  desk: Desk,
  evidence: EvidenceWriter,
  run: CanaryRun,
  event: CanaryEvent,
  effects: readonly Effect[],
): void {
  const { store, wallNow } = desk.parts
  const { symbol, runId } = run.row
  // A look that finds nothing wrong decides nothing: it waits for no disk.
  const decides = event.kind !== 'look' || effects.length > 0
  const write = (): void => {
    store.release.putRun(run.row)
    if (!decides) return
    store.release.addEvent(symbol, runId, JSON.stringify(event), event.atMs, wallNow())
    for (const effect of effects) record(run, effect, event.atMs, desk, evidence)
  }
  if (isRunning(run.state)) {
    desk.unsaved.writeKept()
    desk.transaction(
      () => {
        desk.canary.take(run)
        write()
      },
      decides ? 'decision' : 'process',
    )
  } else {
    desk.canary.take(run)
    desk.unsaved.writeOrKeep("the canary's step", write)
  }
}

const DECISION = {
  goOn: 'go on',
  abort: 'abort',
  measureError: 'could not be measured',
  advance: 'advance',
  hold: 'hold',
} as const
