import { BAKE_LIMITS, judgeBake } from '../../src/engine/canary/bake.ts'
import type { CanaryEvent } from '../../src/engine/canary/event.ts'
import { judgeLook, judgePhaseEnd, type PhaseFigures } from '../../src/engine/canary/judge.ts'
import { next } from '../../src/engine/canary/next.ts'
import { type CanaryPlan, JUDGE_LIMITS as LIMITS, LOOK_EVERY_MS } from '../../src/engine/canary/plan.ts'
import { PROBE_LIMITS, probesDue } from '../../src/engine/canary/probes.ts'
import { type CanaryState, phaseEndMs, shareOf } from '../../src/engine/canary/state.ts'
import { validateHours, type ValidationHour } from '../../src/engine/canary/validation.ts'
import { type Random, seededRandom } from '../../src/engine/kernel/random.ts'
import { HOUR_MS, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { CircuitBreaker } from '../../src/engine/shadow/breaker.ts'

/** Of the scores that are compared: a retrained model of the shipped recording beside the one it was made from. */
const TRUE_MATCH = 0.9986

/** A candidate as it is, which nobody knows, and the traffic that it meets. */
export interface Supposed {
  readonly plan: CanaryPlan
  readonly errorRate: number
  readonly livePerHour: number
}

export interface SimulatedCanary {
  readonly end: 'succeeded' | 'aborted' | 'inconclusive'
  readonly minutes: number
  /** That it ended in, from 0. */
  readonly phase: number
  readonly held: boolean
}

/** Counts of a phase as they grow. */
class Counts {
  tried = 0
  errors = 0
  matched = 0
  live = 0
  probes = 0
  liveCompared = 0

  add(random: Random, failed: boolean): void {
    this.tried++
    if (failed) this.errors++
    else if (random.next() < TRUE_MATCH) this.matched++
  }

  figures(): PhaseFigures {
    const { tried, errors, matched, live, probes, liveCompared } = this
    return {
      tried,
      errors,
      comparisons: tried - errors,
      matched,
      timed: tried,
      above80Ms: 0,
      above120Ms: 0,
      p95Ms: tried === 0 ? null : 1.8,
      live,
      probes,
      liveCompared,
      psi: null,
    }
  }
}

/**
 * A whole canary, looked at every 10 s, with requests at even moments and the breaker that keeps a failing candidate from being
 * tried on each of them. It comes after a day in the shadow.
 */
export function simulateCanary({ plan, errorRate, livePerHour }: Supposed, seed: number): SimulatedCanary {
  const random = seededRandom(seed)
  const breaker = new CircuitBreaker()
  // A preflight wants it closed; whoever finds it open comes back later, or has a candidate that never gets there.
  const dayEnds = 24 * livePerHour
  for (let i = 0; i < dayEnds || (breaker.open && i < 7 * dayEnds); i++)
    if (breaker.admits()) breaker.record(random.next() >= errorRate)
  let state: CanaryState = { kind: 'ramping', phase: 0, sinceMs: 0, measureErrors: 0 }
  let counts = new Counts()
  let held = false
  let changed = true
  for (let nowMs = LOOK_EVERY_MS; ; nowMs += LOOK_EVERY_MS) {
    if (state.kind !== 'ramping' && state.kind !== 'holding') throw new Error('the run has ended')
    const arrived =
      Math.floor((nowMs * livePerHour) / HOUR_MS) - Math.floor(((nowMs - LOOK_EVERY_MS) * livePerHour) / HOUR_MS)
    for (let i = 0; i < arrived; i++) {
      if (!breaker.admits()) continue
      const failed = random.next() < errorRate
      breaker.record(!failed)
      if (!failed) counts.liveCompared++
      if (random.next() >= shareOf(state, plan, false)) continue
      counts.add(random, failed)
      counts.live++
      changed = true
    }
    for (const due = probesDue(state, plan, PROBE_LIMITS, nowMs); counts.probes < due; counts.probes++) {
      counts.add(random, random.next() < errorRate)
      changed = true
    }
    const atEnd = nowMs >= (phaseEndMs(state, plan) ?? 0)
    // A look at the figures of the look before would say the same again.
    if (!changed && !atEnd) continue
    changed = false
    const before = state.phase
    state = lookOrEnd(state, plan, { nowMs, atEnd, seen: counts.figures() })
    if (state.kind === 'holding') held = true
    if (state.kind === 'succeeded' || state.kind === 'aborted' || state.kind === 'inconclusive')
      return { end: state.kind, minutes: nowMs / MINUTE_MS, phase: before, held }
    if ('phase' in state && state.phase !== before) counts = new Counts()
  }
}

function lookOrEnd(
  state: CanaryState,
  plan: CanaryPlan,
  { nowMs, atEnd, seen }: { nowMs: number; atEnd: boolean; seen: PhaseFigures },
): CanaryState {
  const phase = 'phase' in state ? state.phase : 0
  const event: CanaryEvent = atEnd
    ? { kind: 'phaseEnd', atMs: nowMs, phase, verdict: judgePhaseEnd(seen, LIMITS, 'equivalent') }
    : { kind: 'look', atMs: nowMs, verdict: judgeLook(seen, LIMITS, 'equivalent') }
  const step = next(state, event, plan)
  if (!step.ok) throw new Error(step.why)
  return step.state
}

/** Hours until the validation after a canary is over; null when it is not within so many hours. */
export function simulateValidation({ errorRate, livePerHour }: Supposed, withinH: number, seed: number): number | null {
  const random = seededRandom(seed)
  const hours: ValidationHour[] = []
  for (let hour = 1; hour <= withinH; hour++) {
    hours.push({ ...hourOf(random, errorRate, livePerHour), hourMs: (hour - 1) * HOUR_MS, minutes: 60, above80Ms: 0 })
    if (hour < 24) continue
    const span = { sinceMs: 0, untilMs: hour * HOUR_MS }
    const needs = { hours: 24, minutesShare: 0.9 }
    if (validateHours(hours, span, needs, LIMITS, 'equivalent').missing === '') return hour
  }
  return null
}

/** Whether a bake rolls a model back for its errors, its time or its agreement with the model before; its worth apart. */
export function simulateBake({ errorRate, livePerHour }: Supposed, seed: number): boolean {
  const random = seededRandom(seed)
  const limits = { judge: LIMITS, bake: BAKE_LIMITS }
  const losses = { current: new Float64Array(), former: new Float64Array() }
  let all = { comparisons: 0, matched: 0, tried: 0, errors: 0, timed: 0, above120Ms: 0 }
  for (let hour = 0; hour < BAKE_LIMITS.durationMs / HOUR_MS; hour++) {
    const now = hourOf(random, errorRate, livePerHour)
    all = {
      comparisons: all.comparisons + now.comparisons,
      matched: all.matched + now.matched,
      tried: all.tried + now.tried,
      errors: all.errors + now.errors,
      timed: all.timed + now.timed,
      above120Ms: 0,
    }
    const spans = [
      { name: 'last hour', counts: now },
      { name: 'since the promotion', counts: all },
    ]
    if (judgeBake({ spans, losses }, limits, 'equivalent', random).kind === 'rollBack') return true
  }
  return false
}

function hourOf(
  random: Random,
  errorRate: number,
  tried: number,
): Omit<ValidationHour, 'hourMs' | 'minutes' | 'above80Ms'> {
  let errors = 0
  let matched = 0
  for (let i = 0; i < tried; i++) {
    if (random.next() < errorRate) errors++
    else if (random.next() < TRUE_MATCH) matched++
  }
  return { comparisons: tried - errors, matched, tried, errors, timed: tried, above120Ms: 0 }
}
