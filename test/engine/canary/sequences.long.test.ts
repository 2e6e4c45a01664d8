import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CanaryEvent } from '../../../src/engine/canary/event.ts'
import { judgeLook, judgePhaseEnd, type PhaseFigures } from '../../../src/engine/canary/judge.ts'
import { next } from '../../../src/engine/canary/next.ts'
import { JUDGE_LIMITS as LIMITS, PLANS } from '../../../src/engine/canary/plan.ts'
import { type CanaryState, IDLE, phaseEndMs, shareOf } from '../../../src/engine/canary/state.ts'
import { FINE, figures, HALF_HOUR, PROMPT, START_EVENT, T, WALL, withErrors } from './plan-figures.ts'
import { MINUTE } from '../../kit/moments.ts'

const PLAN = PLANS.mini
const RUNS = { numRuns: 3_000 }

/** What a run is made of: what happens, how far the clocks jump before it, and what was measured. */
interface Turn {
  readonly kind: CanaryEvent['kind']
  readonly jumpMs: number
  /** Put the clock on the phase's end, so that runs reach their later phases. */
  readonly toEnd: boolean
  readonly figures: PhaseFigures
  readonly promptId: string
  readonly phaseOff: number
  readonly clock: 'real' | 'replay'
}

interface Trace {
  readonly before: CanaryState
  readonly after: CanaryState
  readonly event: CanaryEvent
  readonly accepted: boolean
  readonly figures: PhaseFigures
  readonly effects: readonly string[]
}

const ANY_FIGURES = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 100, max: 400 }).map((n) => withErrors(n, 0)) },
  { weight: 3, arbitrary: fc.tuple(fc.nat(400), fc.nat(12)).map(([n, k]) => withErrors(Math.max(n, k), k)) },
  { weight: 1, arbitrary: fc.nat(320).map((matched) => figures({ matched })) },
  { weight: 1, arbitrary: fc.constantFrom(figures({ tried: Number.NaN }), figures({ p95Ms: null }), FINE) },
)

const TURN: fc.Arbitrary<Turn> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('phaseEnd' as const) },
    { weight: 6, arbitrary: fc.constant('look' as const) },
    { weight: 3, arbitrary: fc.constantFrom('start' as const, 'approved' as const) },
    { weight: 1, arbitrary: fc.constantFrom('resumed', 'refused', 'expired', 'abort', 'candidateGone') },
  ),
  jumpMs: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: HALF_HOUR }) },
    { weight: 1, arbitrary: fc.integer({ min: -100 * HALF_HOUR, max: 100 * HALF_HOUR }) },
  ),
  toEnd: fc.boolean(),
  figures: ANY_FIGURES,
  promptId: fc.constantFrom(PROMPT, PROMPT, PROMPT, 'ap-2'),
  phaseOff: fc.constantFrom(0, 0, 0, 0, 1, -1),
  clock: fc.constantFrom('real', 'replay'),
})

/** A run that begins with an approved start, so that most of its turns meet a phase. */
const TURNS = fc.array(TURN, { minLength: 1, maxLength: 30 })

function eventOf(turn: Turn, state: CanaryState, atMs: number): CanaryEvent {
  const { kind, promptId, clock } = turn
  const phase = ('phase' in state ? state.phase : 0) + turn.phaseOff
  switch (kind) {
    case 'start':
      return { ...START_EVENT, atMs, promptId }
    case 'approved':
      return { kind, atMs, atWallMs: WALL + (atMs - T), promptId }
    case 'refused':
      return { kind, atMs, promptId, why: 'no' }
    case 'expired':
      return { kind, atMs, promptId }
    case 'look':
      return { kind, atMs, verdict: judgeLook(turn.figures, LIMITS, 'equivalent') }
    case 'phaseEnd':
      return { kind, atMs, phase, verdict: judgePhaseEnd(turn.figures, LIMITS, 'equivalent') }
    case 'resumed':
      return { kind, atMs, clock }
    case 'abort':
      return { kind, atMs, by: 'operator', reason: '' }
    case 'candidateGone':
      return { kind, atMs }
  }
}

function play(turns: readonly Turn[], from: CanaryState = IDLE): Trace[] {
  let state = from
  let nowMs = T
  return turns.map((turn) => {
    nowMs += turn.jumpMs
    if (turn.toEnd) nowMs = phaseEndMs(state, PLAN) ?? nowMs
    const event = eventOf(turn, state, nowMs)
    const before = state
    const step = next(before, event, PLAN)
    if (step.ok) state = step.state
    const effects = step.ok ? step.effects.map((effect) => effect.kind) : []
    return { before, after: state, event, accepted: step.ok, figures: turn.figures, effects }
  })
}

const share = (state: CanaryState): number => shareOf(state, PLAN, false)

const RAMPING: CanaryState = { kind: 'ramping', phase: 0, sinceMs: T, measureErrors: 0 }

describe('in any sequence of events', () => {
  it('the share never rises without an approval or a phase that passed', () => {
    fc.assert(
      fc.property(TURNS, (turns) => {
        for (const { before, after, event } of [...play(turns), ...play(turns, RAMPING)]) {
          if (share(after) <= share(before)) continue
          if (event.kind === 'phaseEnd') expect(event.verdict.kind).toBe('advance')
          else expect([before.kind, event.kind]).toEqual(['awaitingOnay', 'approved'])
        }
      }),
      RUNS,
    )
  })

  it('it rises by one phase at most', () => {
    fc.assert(
      fc.property(TURNS, (turns) => {
        const jumps = play(turns, RAMPING).filter(
          ({ before, after }) =>
            'phase' in before && 'phase' in after && after.phase !== before.phase && after.phase !== before.phase + 1,
        )
        expect(jumps).toEqual([])
      }),
      RUNS,
    )
  })

  it('the share is 0 after an abort, a failure to decide and a success, and stays 0', () => {
    fc.assert(
      fc.property(TURNS, (turns) => {
        const trace = play(turns, RAMPING)
        const end = trace.findIndex(({ after }) => ['aborted', 'inconclusive', 'succeeded'].includes(after.kind))
        if (end < 0) return
        const ended = trace[end]?.after
        expect(trace.slice(end).filter(({ after }) => share(after) !== 0)).toEqual([])
        expect(trace.slice(end + 1).filter(({ after, accepted }) => accepted || after !== ended)).toEqual([])
      }),
      RUNS,
    )
  })

  it('no success has a phase below 100 comparisons, or one that did not last its length', () => {
    let successes = 0
    fc.assert(
      fc.property(TURNS, (turns) => {
        const trace = play(turns, RAMPING)
        if (trace.at(-1)?.after.kind !== 'succeeded') return
        successes++
        const passed = trace.filter(({ effects }) => effects.includes('phaseEnded'))
        expect(passed).toHaveLength(PLAN.phases.length)
        for (const { before, event, figures: seen } of passed) {
          expect(seen.comparisons).toBeGreaterThanOrEqual(100)
          if (!('sinceMs' in before)) throw new Error('a phase that ended had begun')
          expect(event.atMs - before.sinceMs).toBeGreaterThanOrEqual(HALF_HOUR)
        }
      }),
      RUNS,
    )
    expect(successes).toBeGreaterThan(50)
  })

  it('what is refused changes nothing, and every end is told once', () => {
    fc.assert(
      fc.property(TURNS, (turns) => {
        const trace = play(turns, RAMPING)
        expect(trace.filter(({ before, after, accepted }) => !accepted && after !== before)).toEqual([])
        const ends = trace.flatMap(({ effects }) => effects).filter((kind) => kind === 'ended')
        expect(ends.length).toBeLessThanOrEqual(1)
      }),
      RUNS,
    )
  })

  it('a clock that jumps ends no phase early: it is passed on figures, or held', () => {
    const jump = fc.integer({ min: -1_000 * HALF_HOUR, max: 1_000 * HALF_HOUR })
    fc.assert(
      fc.property(jump, fc.constantFrom('advance', 'hold', 'abort', 'measureError'), (jumpMs, kind) => {
        const event: CanaryEvent = { kind: 'phaseEnd', atMs: T + jumpMs, phase: 0, verdict: { kind, reason: '' } }
        const step = next(RAMPING, event, PLAN)
        expect(step.ok).toBe(jumpMs >= HALF_HOUR)
        const looked = next(RAMPING, { kind: 'look', atMs: T + jumpMs, verdict: { kind: 'goOn', reason: '' } }, PLAN)
        if (looked.ok) expect(looked.state).toEqual(RAMPING)
      }),
    )
  })

  it('an approval that comes after its expiry starts nothing', () => {
    const waiting: CanaryState = { kind: 'awaitingOnay', promptId: PROMPT, expiresAtWallMs: WALL + 15 * MINUTE }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (late) => {
        const event: CanaryEvent = { kind: 'approved', atMs: T, atWallMs: WALL + 15 * MINUTE + late, promptId: PROMPT }
        expect(next(waiting, event, PLAN).ok).toBe(false)
      }),
    )
  })
})
