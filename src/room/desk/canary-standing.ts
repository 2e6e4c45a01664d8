import type { Store } from '../../db/store.ts'
import { type JudgeLimits, LOOK_EVERY_MS, marginOf } from '../../engine/canary/plan.ts'
import { type ProbeLimits, probesDue, probesPlanned } from '../../engine/canary/probes.ts'
import { errorsAreCertain } from '../../engine/canary/readings.ts'
import { phaseKey, type CanaryRun, type LastLook } from '../../engine/canary/run.ts'
import { inShare } from '../../engine/canary/split.ts'
import { isRunning, shareOf, type RunningState } from '../../engine/canary/state.ts'
import { MINUTE_MS, type UnixMs } from '../../engine/kernel/units.ts'
import { type CanaryPick, NOT_PICKED } from '../../serving/contract.ts'

/** The last look of a canary that has ended counts for so long. */
const SEEN_MS = 10 * MINUTE_MS

/** The phase that runs now. */
export interface RunningPhase {
  readonly run: CanaryRun
  readonly state: RunningState
  /** The key under which its requests and probes are counted. */
  readonly key: string
}

/**
 * The canary of one symbol: what serving, the gates and the screen read of it. `release/canary.ts` acts on it. Its share is
 * derived from the state whenever it is needed, and stored nowhere.
 */
export class CanaryStanding {
  private run: CanaryRun | null = null
  private begunRun: CanaryRun | null = null
  /** Requests of this phase and those within the share; after a restart, as the last look had them. */
  private inside = 0
  private total = 0

  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly limits: { readonly judge: JudgeLimits; readonly probes: ProbeLimits },
  ) {}

  /** The newest run, ended or not; null when there was none. */
  get newest(): CanaryRun | null {
    return this.run
  }

  /** The newest run that has begun: one that only waits, or was refused, withdrawn or expired takes nothing from it. */
  get begun(): CanaryRun | null {
    return this.begunRun
  }

  get running(): boolean {
    return this.phase !== null
  }

  get awaiting(): boolean {
    return this.run?.state.kind === 'awaitingOnay'
  }

  /** Whether a run is on its way: waiting for ONAY, or in a phase. */
  get underWay(): boolean {
    return this.running || this.awaiting
  }

  get phase(): RunningPhase | null {
    const { run } = this
    if (run === null || !isRunning(run.state)) return null
    return { run, state: run.state, key: phaseKey(run.runId, run.state.phase) }
  }

  get split(): { readonly inside: number; readonly total: number } {
    return { inside: this.inside, total: this.total }
  }

  /** Share of the requests that the judge counts now, 0 to 1. */
  share(killSwitch: boolean): number {
    return this.run === null ? 0 : shareOf(this.run.state, this.run.plan, killSwitch)
  }

  /** From 1, while a phase runs; 0 otherwise. */
  get phaseNumber(): number {
    const { phase } = this
    return phase === null ? 0 : phase.state.phase + 1
  }

  /** What becomes of a request: by its key, the run's salt and the share of this moment. */
  pick(requestKey: string, killSwitch: boolean): CanaryPick {
    const { phase } = this
    if (phase === null) return NOT_PICKED
    this.total++
    const { mode, plan, salt, candidate: version } = phase.run
    if (!inShare(salt, requestKey, this.share(killSwitch))) return NOT_PICKED
    this.inside++
    return { phase: phase.key, exposedTo: mode === 'serve' ? { version, margin: marginOf(plan) } : null }
  }

  /** What the judge has last seen of the candidate's runs; for a while after the end too, so that a watch sees why it ended. */
  seen(atMs: UnixMs): { readonly tried: number; readonly errors: number; readonly certain: boolean } | null {
    const { run } = this
    if (run === null || run.lastLook === null) return null
    if (run.endedMs !== null && atMs - run.endedMs > SEEN_MS) return null
    const { tried, errors } = run.lastLook.figures
    return { tried, errors, certain: errorsAreCertain({ tried, errors }, this.limits.judge) }
  }

  /** How many probes are to be sent now so that they are spread over the phase. */
  probesMissing(atMs: UnixMs): number {
    const { phase } = this
    if (phase === null) return 0
    const { run, state } = phase
    return Math.max(0, probesDue(state, run.plan, this.limits.probes, atMs) - run.probesSent)
  }

  /** Probes of the phase that runs, those of its extension among them. */
  get probesPlanned(): number {
    const { phase } = this
    return phase === null ? 0 : probesPlanned(phase.state, phase.run.plan, this.limits.probes)
  }

  countProbes(count: number): void {
    if (this.run !== null) this.run = { ...this.run, probesSent: this.run.probesSent + count }
  }

  /** Moments between the minutes are needed while the judge looks. */
  get stepMs(): number {
    return this.running ? LOOK_EVERY_MS : MINUTE_MS
  }

  /** A new run, or the one there is a step further. A phase that begins counts its requests from zero. */
  take(run: CanaryRun): void {
    const before = this.phase?.key
    this.run = run
    if (run.state.kind !== 'idle' && run.state.kind !== 'awaitingOnay') this.begunRun = run
    if (this.phase === null || this.phase.key !== before) {
      this.inside = 0
      this.total = 0
    }
  }

  /** Remembers what the judge said; it is stored with the step that comes of it. */
  noteLook(look: Omit<LastLook, 'inside' | 'total'>): void {
    if (this.run === null) return
    this.run = { ...this.run, lastLook: { ...look, inside: this.inside, total: this.total } }
  }

  /** Back to where the database stands. */
  restore(): void {
    this.run = this.store.release.newestRun(this.symbol)
    this.begunRun = this.store.release.newestBegun(this.symbol)
    this.inside = this.run?.lastLook?.inside ?? 0
    this.total = this.run?.lastLook?.total ?? 0
  }
}
