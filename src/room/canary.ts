import { LOOK_EVERY_MS, JUDGE_LIMITS } from '../engine/canary/plan.ts'
import type { CanaryEvent, Effect, PhaseEndSaid, LookSaid } from '../engine/canary/event.ts'
import { judgeLook, judgePhaseEnd, type PhaseFigures } from '../engine/canary/judge.ts'
import { next } from '../engine/canary/next.ts'
import { probePlan, probesDue } from '../engine/canary/probes.ts'
import { inShare } from '../engine/canary/split.ts'
import { phaseEndMs, shareOf } from '../engine/canary/state.ts'
import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { advance, tell, wishedRow, type CanaryWish } from './canary-record.ts'
import { isRunning, parseRun, phaseKey, type CanaryRun, type LastLook } from './canary-run.ts'
import { contendersOf } from './contenders.ts'
import type { Desk } from './desk.ts'
import type { EvidenceDesk } from './evidence-desk.ts'

/**
 * The canary of one symbol: feeds the state machine, stores each step with its effects in one transaction, and derives the
 * share from the state whenever somebody asks. An abort takes effect in memory first and whatever the database says.
 */
export class Canary {
  private run: CanaryRun | null
  /** Steps that lowered risk and could not be stored yet. */
  private owed: (() => void)[] = []
  /** Requests of this phase and those within the share; counted anew after a restart. */
  private inside = 0
  private total = 0

  constructor(
    private readonly desk: Desk,
    private readonly evidence: EvidenceDesk,
  ) {
    const row = desk.parts.store.release.newestRun(desk.symbol)
    this.run = row === null ? null : parseRun(row)
    this.inside = this.run?.lastLook?.inside ?? 0
    this.total = this.run?.lastLook?.total ?? 0
  }

  get newest(): CanaryRun | null {
    return this.run
  }

  get running(): boolean {
    return this.run !== null && isRunning(this.run.state)
  }

  get awaiting(): boolean {
    return this.run?.state.kind === 'awaitingOnay'
  }

  get split(): { readonly inside: number; readonly total: number } {
    return { inside: this.inside, total: this.total }
  }

  /** Share of the requests that the judge counts now, 0 to 1. */
  get share(): number {
    const { run } = this
    return run === null ? 0 : shareOf(run.state, run.plan, this.desk.killSwitch)
  }

  /** From 1, while a phase runs; 0 otherwise. */
  get phaseNumber(): number {
    return this.run !== null && isRunning(this.run.state) ? this.run.state.phase + 1 : 0
  }

  /** The phase that counts a request, or empty: by its key, the run's salt and the share of this moment. */
  pick(key: string): string {
    const { run } = this
    if (run === null || !isRunning(run.state)) return ''
    this.total++
    if (!inShare(run.row.salt, key, this.share)) return ''
    this.inside++
    return phaseKey(run.row.runId, run.state.phase)
  }

  /** Figures of the phase that runs; null while none does. */
  figures(): PhaseFigures | null {
    const { run, desk } = this
    if (run === null || !isRunning(run.state)) return null
    const { live, probes, own } = desk.rollups.phase(phaseKey(run.row.runId, run.state.phase))
    return {
      comparisons: live.compared + probes.compared,
      matched: live.matched + probes.matched,
      tried: live.tried + probes.tried,
      errors: live.errors + probes.errors,
      timed: live.modelTimed + probes.modelTimed,
      above80Ms: live.modelAbove80 + probes.modelAbove80,
      above120Ms: live.modelAbove120 + probes.modelAbove120,
      p95Ms: own.quantileMs(0.95),
      live: live.tried,
      probes: probes.tried,
      psi: desk.psi.get(run.row.candidate)?.overall_psi ?? null,
    }
  }

  /** How many probes are to be sent now so that they are spread over the phase. */
  probesMissing(atMs: UnixMs): number {
    const { run } = this
    if (run === null || !isRunning(run.state)) return 0
    return Math.max(0, probesDue(run.state.phase, run.plan, run.state.sinceMs, atMs) - run.row.probesSent)
  }

  get probesPlanned(): number {
    const { run } = this
    return run !== null && isRunning(run.state) ? probePlan(run.state.phase, run.plan).count : 0
  }

  get probesSentSoFar(): number {
    return this.run?.row.probesSent ?? 0
  }

  get phaseSinceMs(): UnixMs | null {
    const { run } = this
    return run !== null && isRunning(run.state) ? run.state.sinceMs : null
  }

  probeSent(count: number): void {
    if (this.run !== null)
      this.run = { ...this.run, row: { ...this.run.row, probesSent: this.run.row.probesSent + count } }
  }

  /** The key under which probes of the running phase are counted. */
  get runningPhase(): string {
    const { run } = this
    return run !== null && isRunning(run.state) ? phaseKey(run.row.runId, run.state.phase) : ''
  }

  /** Opens a run that waits for ONAY; inside the caller's transaction. @throws OperatorError when the machine refuses it */
  wish(wish: CanaryWish, atMs: UnixMs): void {
    const { symbol } = this.desk
    const { candidate, baseline } = contendersOf(this.desk, 'roll out')
    if (this.running || this.awaiting)
      throw new OperatorError(
        `a canary of ${symbol} is under way`,
        'one at a time',
        'wait for its end, or abort it: onay canary abort',
        'canary_runs',
        409,
      )
    const models = { candidate, baseline }
    this.run = parseRun(wishedRow(this.desk, wish, models, atMs))
    this.inside = 0
    this.total = 0
    const refused = this.apply({
      kind: 'start',
      atMs,
      live: true,
      candidate: candidate.version,
      mode: 'observe',
      profile: wish.profile,
      promptId: wish.promptId,
      expiresAtWallMs: wish.expiresAtWallMs,
    })
    if (refused !== null) {
      this.run = null
      throw new OperatorError('the canary cannot start', refused, 'see the plans with: onay config', 'canary', 409)
    }
  }

  /** Gives the machine an event, and stores what came of it. Returns why it was refused, or null. */
  apply(event: CanaryEvent): string | null {
    const { run } = this
    if (run === null) return 'no canary runs'
    const step = next(run.state, event, run.plan)
    if (!step.ok) return step.why
    // Summing up a phase takes a while: only the record of one that ends asks for it.
    const ends = step.effects.some((effect) => effect.kind === 'phaseEnded')
    const moved = advance(run, event, step.state, step.effects, ends ? this.figures() : null)
    this.run = moved
    if (!isRunning(step.state) || (isRunning(run.state) && run.state.phase !== step.state.phase)) {
      this.inside = 0
      this.total = 0
    }
    this.store(moved, event, step.effects)
    return null
  }

  /** Everything at 0 % from this call on. @throws OperatorError when nothing runs */
  abort(by: string, reason: string): void {
    const refused = this.apply({ kind: 'abort', atMs: this.desk.momentMs, by, reason })
    if (refused !== null)
      throw new OperatorError('there is nothing to abort', refused, 'look with: onay canary status', 'no_canary', 409)
  }

  /** The judge, at a moment of the market clock; inside the caller's transaction. */
  look(atMs: UnixMs): void {
    const { run } = this
    if (run === null || !isRunning(run.state)) return
    if (this.desk.slots.candidate?.sha256 !== run.row.sha256) {
      this.apply({ kind: 'candidateGone', atMs })
      return
    }
    const figures = this.figures()
    if (figures === null) return
    const endMs = phaseEndMs(run.state, run.plan) ?? atMs
    const looked = judgeLook(figures, JUDGE_LIMITS, run.row.profile)
    this.note(atMs, looked, figures)
    if (atMs < endMs || looked.kind === 'abort') {
      this.apply({ kind: 'look', atMs, verdict: looked })
      return
    }
    const verdict = judgePhaseEnd(figures, JUDGE_LIMITS, run.row.profile)
    this.note(atMs, verdict, figures)
    this.apply({ kind: 'phaseEnd', atMs, phase: run.state.phase, verdict })
  }

  /** The process came back with a canary under way. */
  resume(atMs: UnixMs): void {
    if (this.run === null || !(this.running || this.awaiting)) return
    this.apply({ kind: 'resumed', atMs, clock: this.desk.feed.clockKind })
  }

  /** Moments between the minutes are needed while the judge looks. */
  get stepMs(): number {
    return this.running ? LOOK_EVERY_MS : 60_000
  }

  /** Remembers what was said; it is stored with the step that comes of it. */
  private note(atMs: UnixMs, said: LookSaid | PhaseEndSaid, figures: PhaseFigures): void {
    if (this.run === null) return
    const lastLook: LastLook = {
      atMs,
      decision: DECISION[said.kind],
      reason: said.reason,
      figures,
      inside: this.inside,
      total: this.total,
    }
    this.run = { ...this.run, lastLook, row: { ...this.run.row, lastLook: JSON.stringify(lastLook) } }
  }

  private store(run: CanaryRun, event: CanaryEvent, effects: readonly Effect[]): void {
    const { store, wallNow } = this.desk.parts
    this.storeOwed()
    // A look that finds nothing wrong decides nothing: it waits for no disk.
    const decides = event.kind !== 'look' || effects.length > 0
    const work = (): void => {
      store.release.putRun(run.row)
      if (!decides) return
      store.release.addEvent(run.row.symbol, run.row.runId, JSON.stringify(event), event.atMs, wallNow())
      for (const effect of effects) tell(run, effect, event.atMs, this.desk, this.evidence)
    }
    try {
      if (decides && !store.db.raw.inTransaction) store.db.decision(work)
      else store.db.transaction(work)
    } catch (error) {
      // What lowers risk holds in memory even where it cannot be stored, and is stored as soon as it can be.
      if (isRunning(run.state)) throw error
      this.owed.push(work)
      this.desk.parts.onTrouble(`the canary's step could not be stored: ${messageOf(error)}`)
    }
  }

  /** Stores the steps that could not be stored when they were taken; before any other. */
  storeOwed(): void {
    const { db } = this.desk.parts.store
    // In a transaction that may yet be undone they would be lost with it.
    if (this.owed.length === 0 || db.raw.inTransaction) return
    try {
      db.decision(() => {
        for (const work of this.owed) work()
      })
    } catch {
      // The trouble stays on the screen; the next moment tries again.
      return
    }
    this.owed = []
    this.desk.parts.onTrouble(null)
  }
}

const DECISION = {
  goOn: 'go on',
  abort: 'abort',
  measureError: 'could not be measured',
  advance: 'advance',
  hold: 'hold',
} as const
