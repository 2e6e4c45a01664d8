/** Canaries of a plan, one after the other over recorded weeks, by the machine and the judge that a real one has. */
import { drawWithout, seededRandom } from '../kernel/random.ts'
import { DAY_MS, MINUTE_MS, type UnixMs } from '../kernel/units.ts'
import type { RunStatus } from './event.ts'
import { judgeLook, judgePhaseEnd, type PhaseFigures } from './judge.ts'
import { next } from './next.ts'
import type { CanaryPlan, CanaryProfile, JudgeLimits } from './plan.ts'
import { probesDue, probesOf, type ProbeLimits } from './probes.ts'
import type { JudgeCounts } from './readings.ts'
import { inShare, murmur3 } from './split.ts'
import { type CanaryState, IDLE, isRunning, phaseEndMs, type RunningState, shareOf } from './state.ts'

/** What the candidate was seen to do. */
export interface ComparedRuns extends JudgeCounts {
  readonly above80Ms: number
}

/** One recorded minute of a model that ran in the shadow. */
export interface ComparedMinute {
  readonly tsMs: UnixMs
  /** On the room's own row, as a probe of it would show; null where only callers asked. */
  readonly own: ComparedRuns | null
  /** The same, with callers. */
  readonly all: ComparedRuns
}

export interface CanaryRules {
  readonly plan: CanaryPlan
  readonly profile: CanaryProfile
  readonly judge: JudgeLimits
  readonly probes: ProbeLimits
}

/** A canary that would have run; `endedMs` is where the recording ends for one that is not over by then. */
export interface RehearsedCanary {
  readonly fromMs: UnixMs
  readonly endedMs: UnixMs
  /** Where it would have ended had each phase passed in its time. */
  readonly plannedMs: UnixMs
  readonly status: RunStatus | 'UNFINISHED'
}

/**
 * The first begins once there is a day that its probes can be drawn from, the next with the first minute after the end of the one
 * before. The judge looks each minute, since nothing finer is recorded; the split picks whole minutes, and a probe shows what its
 * own minute did.
 * @param minutes ascending, those without a try left out
 * @param sinceMs none begins before it
 */
export function rehearseCanaries(
  minutes: readonly ComparedMinute[],
  rules: CanaryRules,
  sinceMs: UnixMs,
): readonly RehearsedCanary[] {
  const canaries: RehearsedCanary[] = []
  const [oldest] = minutes
  if (oldest === undefined) return []
  let fromMs = Math.max(sinceMs, oldest.tsMs + DAY_MS)
  for (let at = 0; at < minutes.length; at++) {
    if ((minutes[at]?.tsMs ?? 0) < fromMs) continue
    const canary = rehearsed(minutes, at, rules)
    canaries.push(canary)
    fromMs = canary.endedMs
  }
  return canaries
}

/** @param first the minute that it begins with */
function rehearsed(minutes: readonly ComparedMinute[], first: number, rules: CanaryRules): RehearsedCanary {
  const { plan } = rules
  const fromMs = minutes[first]?.tsMs ?? 0
  const lastMs = (minutes.at(-1)?.tsMs ?? fromMs) + MINUTE_MS
  const plannedMs = fromMs + plan.phases.reduce((sum, { durationMs }) => sum + durationMs, 0)
  const ended = (endedMs: UnixMs, status: RehearsedCanary['status']): RehearsedCanary => ({
    fromMs,
    endedMs,
    plannedMs,
    status,
  })
  let state = begun(fromMs, plan)
  let seen = new SeenPhase(minutes, first, state, rules)
  for (let atMs = fromMs + MINUTE_MS; atMs <= lastMs && isRunning(state); atMs += MINUTE_MS) {
    const figures = seen.at(atMs, state)
    const after: CanaryState = moved(state, atMs, figures, rules)
    if (isRunning(after) && after.phase !== state.phase) seen = new SeenPhase(minutes, seen.taken, after, rules)
    state = after
  }
  if (isEnded(state)) return ended(state.atMs, STATUS[state.kind])
  return ended(lastMs, 'UNFINISHED')
}

type EndedState = Extract<CanaryState, { kind: keyof typeof STATUS }>

const STATUS = { succeeded: 'SUCCESS', aborted: 'ABORTED', inconclusive: 'INCONCLUSIVE' } as const

function isEnded(state: CanaryState): state is EndedState {
  return state.kind in STATUS
}

function begun(atMs: UnixMs, plan: CanaryPlan): CanaryState {
  const asked = {
    atMs,
    mode: 'observe',
    promptId: 'rehearsal',
    expiresAtWallMs: atMs + 1,
    by: 'the rehearsal',
  } as const
  const waiting = takenOr(IDLE, next(IDLE, { kind: 'start', ...asked }, plan))
  return takenOr(waiting, next(waiting, { kind: 'approved', atMs, atWallMs: atMs, promptId: 'rehearsal' }, plan))
}

function moved(
  state: RunningState,
  atMs: UnixMs,
  figures: PhaseFigures,
  { plan, profile, judge }: CanaryRules,
): CanaryState {
  const endMs = phaseEndMs(state, plan)
  if (endMs !== null && atMs >= endMs) {
    const verdict = judgePhaseEnd(figures, judge, profile)
    return takenOr(state, next(state, { kind: 'phaseEnd', atMs, phase: state.phase, verdict }, plan))
  }
  return takenOr(state, next(state, { kind: 'look', atMs, verdict: judgeLook(figures, judge, profile) }, plan))
}

function takenOr(state: CanaryState, step: ReturnType<typeof next>): CanaryState {
  return step.ok ? step.state : state
}

type Sum = { -readonly [K in keyof ComparedRuns]: ComparedRuns[K] }

/** What the judge sees of one phase, minute by minute. */
class SeenPhase {
  private readonly sum: Sum = {
    comparisons: 0,
    matched: 0,
    tried: 0,
    errors: 0,
    timed: 0,
    above80Ms: 0,
    above120Ms: 0,
  }
  private live = 0
  private probed = 0
  private liveCompared = 0
  /** Due probes that have been sent, empty places among them. */
  private sent = 0
  /** In the order in which they are due; a day with fewer minutes than probes leaves places empty. */
  private queue: readonly (ComparedRuns | undefined)[]
  private held = false

  /** @param taken minutes before it are over */
  constructor(
    private readonly minutes: readonly ComparedMinute[],
    public taken: number,
    state: CanaryState,
    private readonly rules: CanaryRules,
  ) {
    this.queue = isRunning(state) ? this.drawn(state, state.sinceMs) : []
  }

  at(atMs: UnixMs, state: RunningState): PhaseFigures {
    this.takeMinutes(atMs, shareOf(state, this.rules.plan, false), state.sinceMs)
    this.takeProbes(atMs, state)
    const { sum, live, liveCompared, probed: probes } = this
    return { ...sum, p95Ms: p95Of(sum, this.rules.judge), live, probes, liveCompared, psi: null }
  }

  private takeMinutes(atMs: UnixMs, share: number, sinceMs: UnixMs): void {
    for (let minute = this.minutes[this.taken]; minute !== undefined; minute = this.minutes[this.taken]) {
      if (minute.tsMs + MINUTE_MS > atMs) break
      this.taken++
      this.liveCompared += minute.all.comparisons
      if (!inShare(String(sinceMs), String(minute.tsMs), share)) continue
      this.add(minute.all)
      this.live += minute.all.tried
    }
  }

  private takeProbes(atMs: UnixMs, state: RunningState): void {
    const { plan, probes } = this.rules
    if (state.kind === 'holding' && !this.held) {
      this.held = true
      const planned = probesOf(state.phase, plan, probes)
      this.queue = [...Array.from({ length: planned }, (_, i) => this.queue[i]), ...this.drawn(state, atMs)]
    }
    const due = probesDue(state, plan, probes, atMs)
    for (const runs of this.queue.slice(this.sent, due)) {
      if (runs === undefined) continue
      this.add(runs)
      this.probed += runs.tried
    }
    this.sent = Math.max(this.sent, due)
  }

  /** Of the 24 hours before a moment, as a real phase draws its rows. */
  private drawn(state: RunningState, atMs: UnixMs): readonly ComparedRuns[] {
    const { minutes, rules } = this
    const own: ComparedRuns[] = []
    for (let i = this.taken - 1; i >= 0; i--) {
      const minute = minutes[i]
      if (minute === undefined || minute.tsMs < atMs - DAY_MS) break
      if (minute.own !== null) own.push(minute.own)
    }
    const seed = murmur3(`${state.sinceMs} ${state.kind}`, state.phase)
    return drawWithout(own, probesOf(state.phase, rules.plan, rules.probes), seededRandom(seed))
  }

  private add(runs: ComparedRuns): void {
    const { sum } = this
    sum.comparisons += runs.comparisons
    sum.matched += runs.matched
    sum.tried += runs.tried
    sum.errors += runs.errors
    sum.timed += runs.timed
    sum.above80Ms += runs.above80Ms
    sum.above120Ms += runs.above120Ms
  }
}

/** On which side of its limits a P95 is, which the shares beyond them tell exactly: a figure there, null where nothing was timed. */
function p95Of({ timed, above80Ms, above120Ms }: Sum, { p95Ms, tailShare }: JudgeLimits): number | null {
  if (timed === 0) return null
  if (above120Ms > tailShare * timed) return p95Ms.abort + 1
  return above80Ms < tailShare * timed ? 0 : p95Ms.within
}
