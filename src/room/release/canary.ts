import type { CanaryEvent, Effect, LookSaid, PhaseEndSaid } from '../../engine/canary/event.ts'
import type { LiveVerdict } from '../../engine/canary/live.ts'
import { judgeLook, judgePhaseEnd, type PhaseFigures } from '../../engine/canary/judge.ts'
import { next } from '../../engine/canary/next.ts'
import { advance, newRun, type CanaryRun, type RequestedRun } from '../../engine/canary/run.ts'
import { phaseEndMs, type CanaryState } from '../../engine/canary/state.ts'
import { conflict } from '../../engine/kernel/errors.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import type { Desk } from '../desk/desk.ts'
import type { LoweringDecision } from '../desk/unsaved.ts'
import { phaseFigures } from '../canary/canary-figures.ts'
import { carryOut } from './canary-hands.ts'
import type { ReleaseParts } from './contenders.ts'

/** On a real clock: a phase that was not looked at for so long has been without bars, or without a process. */
const UNWATCHED_MS = 2 * MINUTE_MS

/** A step that the machine has accepted and that is still to be kept. */
interface TakenStep {
  readonly run: CanaryRun
  readonly event: CanaryEvent
  readonly effects: readonly Effect[]
}

/** Begins a run, which waits for ONAY, where none is under way; inside the caller's transaction. @throws OperatorError when the machine refuses it */
export function start(
  parts: ReleaseParts,
  desk: Desk,
  request: RequestedRun,
  prompt: Pick<Extract<CanaryEvent, { kind: 'start' }>, 'by' | 'expiresAtWallMs'>,
): void {
  const { approvalId: promptId, mode, tsMs: atMs } = request
  const refused = advanceBy(parts, desk, newRun(request), { kind: 'start', atMs, mode, promptId, ...prompt })
  if (refused !== null) throw conflict('the canary cannot start', refused, 'see the plans with: onay config', 'canary')
}

/** Gives an event to the newest run. @returns why the machine refused it, or null */
export function step(parts: ReleaseParts, desk: Desk, event: CanaryEvent): string | null {
  const { newest } = desk.canary
  return newest === null ? 'no canary runs' : advanceBy(parts, desk, newest, event)
}

/** Everything at 0 % from this call on. @throws OperatorError when nothing runs or waits */
export function abort(parts: ReleaseParts, desk: Desk, by: string, reason: string): void {
  const refused = step(parts, desk, { kind: 'abort', atMs: desk.tape.momentMs, by, reason })
  if (refused !== null)
    throw conflict('there is nothing to abort', refused, 'look with: onay canary status', 'no_canary')
}

/** The abort of a canary as part of a decision that lowers more than its share; null when none is under way. */
export function abortDecision(parts: ReleaseParts, desk: Desk, by: string, reason: string): LoweringDecision | null {
  const { newest } = desk.canary
  if (newest === null) return null
  const taken = takenBy(desk, newest, { kind: 'abort', atMs: desk.tape.momentMs, by, reason })
  return typeof taken === 'string' ? null : lowering(parts, desk, taken)
}

/** The judge, at a moment of the market clock. */
export function look(parts: ReleaseParts, desk: Desk, atMs: UnixMs): void {
  const { phase } = desk.canary
  if (phase === null) return
  const { run, state } = phase
  if (desk.lineUp.candidate?.sha256 !== run.sha256) {
    step(parts, desk, { kind: 'candidateGone', atMs })
    return
  }
  const seenMs = Math.max(state.sinceMs, run.lastLook?.atMs ?? 0)
  if (desk.tape.feed.clockKind === 'real' && atMs - seenMs > UNWATCHED_MS) {
    // Nobody watched: a phase whose end has passed meanwhile is held and not judged on what little there is.
    resume(parts, desk)
    if (desk.canary.phase?.state.kind !== state.kind) return
  }
  const figures = phaseFigures(desk)
  if (figures === null) return
  const { judge } = desk.parts.limits
  const looked = judgeLook(figures, judge, run.profile)
  noteLook(desk, atMs, looked, figures)
  const isEnd = atMs >= (phaseEndMs(state, run.plan) ?? atMs)
  const outcome = parts.live.judge(desk, atMs, isEnd)
  const verdictNow = outcome?.kind === 'stop' ? ({ kind: 'abort', reason: outcome.reason } as const) : looked
  if (!isEnd || verdictNow.kind === 'abort') step(parts, desk, { kind: 'look', atMs, verdict: verdictNow })
  else {
    const verdict = withOutcome(judgePhaseEnd(figures, judge, run.profile), outcome)
    noteLook(desk, atMs, verdict, figures)
    step(parts, desk, { kind: 'phaseEnd', atMs, phase: state.phase, verdict })
  }
  if (outcome !== null) parts.live.record(desk, atMs)
}

/** A canary of days passes where both its judge and what came of its answers let it. */
function withOutcome(said: PhaseEndSaid, outcome: LiveVerdict | null): PhaseEndSaid {
  if (outcome === null || said.kind === 'abort' || said.kind === 'measureError') return said
  if (outcome.kind === 'extend') return { kind: 'hold', reason: `still missing: ${outcome.reason}` }
  return said.kind === 'advance' ? { kind: 'advance', reason: outcome.reason } : said
}

/** The process came back with a canary under way. */
export function resume(parts: ReleaseParts, desk: Desk): void {
  if (!desk.canary.underWay) return
  step(parts, desk, { kind: 'resumed', atMs: desk.tape.momentMs, clock: desk.tape.feed.clockKind })
}

/** One step: the machine decides, the run is put on, and both are kept with what the step asks for. */
function advanceBy(parts: ReleaseParts, desk: Desk, run: CanaryRun, event: CanaryEvent): string | null {
  const taken = takenBy(desk, run, event)
  if (typeof taken === 'string') return taken
  keep(parts, desk, taken)
  return null
}

/** @returns why the machine refuses the event, as a text */
function takenBy(desk: Desk, run: CanaryRun, event: CanaryEvent): TakenStep | string {
  const came = next(run.state, event, run.plan)
  if (!came.ok) return came.why
  const { state, effects } = came
  // Summing up a phase takes a while: only the record of one that ends needs it.
  const ends = effects.some((effect) => effect.kind === 'phaseEnded')
  return { run: advance(run, { event, state, effects }, ends ? phaseFigures(desk) : null), event, effects }
}

/** Stores the run, the event and what each effect does in one transaction. What lowers risk holds from this call on. */
function keep(parts: ReleaseParts, desk: Desk, taken: TakenStep): void {
  const decision = lowering(parts, desk, taken)
  if (lowersRisk(taken.run.state)) {
    desk.unsaved.writeOrKeep(decision)
    return
  }
  desk.transaction(
    () => {
      decision.hold()
      decision.write()
    },
    decides(taken) ? 'decision' : 'process',
  )
}

function lowering(parts: ReleaseParts, desk: Desk, taken: TakenStep): LoweringDecision {
  const { run, event, effects } = taken
  const { store, wallNow } = desk.parts
  return {
    what: run.state.kind === 'aborted' ? 'the abort of the canary' : 'the end of the canary',
    hold: () => desk.canary.take(run),
    write: () => {
      store.release.putRun(run)
      if (!decides(taken)) return
      store.release.addEvent(run, event, wallNow())
      carryOut(effects, { parts, desk, run, atMs: event.atMs })
    },
  }
}

/** A look that finds nothing wrong decides nothing: it does not wait for the disk. */
function decides({ event, effects }: TakenStep): boolean {
  return event.kind !== 'look' || effects.length > 0
}

function lowersRisk({ kind }: CanaryState): boolean {
  return kind === 'idle' || kind === 'aborted' || kind === 'inconclusive'
}

function noteLook(desk: Desk, atMs: UnixMs, said: LookSaid | PhaseEndSaid, figures: PhaseFigures): void {
  desk.canary.noteLook({ atMs, decision: DECISION[said.kind], reason: said.reason, figures })
}

const DECISION = {
  goOn: 'go on',
  abort: 'abort',
  measureError: 'could not be measured',
  advance: 'advance',
  hold: 'hold',
} as const
