import { describe, expect, it } from 'vitest'
import { PLANS } from '../../../src/engine/canary/plan.ts'
import {
  advance,
  type CanaryRun,
  type LastLook,
  type Measured,
  knownOf,
  newRun,
  phaseKey,
} from '../../../src/engine/canary/run.ts'
import type { CanaryEvent } from '../../../src/engine/canary/event.ts'
import { next } from '../../../src/engine/canary/next.ts'
import { type CanaryState, isRunning } from '../../../src/engine/canary/state.ts'
import { MINUTE } from '../../kit/moments.ts'
import { FINE, HALF_HOUR, PROMPT, START_EVENT, STATES, T, WALL } from './plan-figures.ts'

const LOOK: LastLook = { atMs: T, decision: 'goOn', reason: 'all well', figures: FINE, inside: 3, total: 60 }

function runIn(state: CanaryState, change: Partial<CanaryRun> = {}): CanaryRun {
  const asked = newRun({
    symbol: 'AAAUSDT',
    runId: 'run-1',
    plan: PLANS.mini,
    mode: 'observe',
    profile: 'equivalent',
    candidate: 'v2',
    sha256: 'v2',
    baseline: 'v1',
    salt: 'salt',
    approvalId: PROMPT,
    tsMs: T,
    wallMs: WALL,
  })
  return { ...asked, state, probesSent: 40, lastLook: LOOK, ...change }
}

/** The run after an event that the machine accepts. */
function after(run: CanaryRun, event: CanaryEvent, figures: typeof FINE | null = FINE): CanaryRun {
  const step = next(run.state, event, run.plan)
  if (!step.ok) throw new Error(step.why)
  return advance(run, { event, state: step.state, effects: step.effects }, figures)
}

const approved: CanaryEvent = { kind: 'approved', atMs: T + MINUTE, atWallMs: WALL + MINUTE, promptId: PROMPT }
const phaseEnd = (kind: 'advance' | 'hold' | 'abort', atMs: number, phase = 1): CanaryEvent => ({
  kind: 'phaseEnd',
  atMs,
  phase,
  verdict: { kind, reason: 'as judged' },
})
const gone = (atMs: number): CanaryEvent => ({ kind: 'candidateGone', atMs })

describe('a run', () => {
  it('has nothing behind it when it is asked for', () => {
    const { state: _, ...request } = runIn(STATES.idle)
    expect(newRun(request)).toMatchObject({
      state: { kind: 'idle' },
      phases: [],
      lastLook: null,
      probesSent: 0,
      endedMs: null,
    })
  })

  it('is not over while it waits for ONAY, and is when nobody gave it', () => {
    expect(after(runIn(STATES.idle), START_EVENT)).toMatchObject({ state: { kind: 'awaitingOnay' }, endedMs: null })
    const refused: CanaryEvent = { kind: 'refused', atMs: T + MINUTE, promptId: PROMPT, why: 'not today' }
    expect(after(runIn(STATES.awaitingOnay), refused)).toMatchObject({ state: { kind: 'idle' }, endedMs: T + MINUTE })
  })

  it('begins without probes and without a look of the time before', () => {
    const begun = after(runIn(STATES.awaitingOnay), approved, null)
    expect(begun).toMatchObject({ phases: [], probesSent: 0, lastLook: null, endedMs: null })
    expect(begun.state).toMatchObject({ kind: 'ramping', phase: 0 })
  })

  it('keeps what an ended phase came to, and its last look, and sends the next one its own probes', () => {
    const on = after(runIn(STATES.ramping), phaseEnd('advance', T + HALF_HOUR))
    expect(on.phases).toEqual([
      {
        phase: 1,
        split: 0.25,
        sinceMs: T,
        endedMs: T + HALF_HOUR,
        decision: 'advance',
        reason: 'as judged',
        measured: { kind: 'counts', figures: FINE },
      },
    ])
    expect(on).toMatchObject({ state: { kind: 'ramping', phase: 2 }, probesSent: 0, lastLook: LOOK, endedMs: null })
    const over = after(on, phaseEnd('advance', T + 2 * HALF_HOUR, 2))
    expect(over.phases.map(({ phase, split }) => [phase, split])).toEqual([
      [1, 0.25],
      [2, 1],
    ])
    expect(over).toMatchObject({ state: { kind: 'succeeded' }, endedMs: T + 2 * HALF_HOUR })
  })

  it('ends no phase that is extended or looked at', () => {
    for (const event of [
      phaseEnd('hold', T + HALF_HOUR),
      { kind: 'look', atMs: T + MINUTE, verdict: { kind: 'goOn', reason: 'all well' } },
    ] as const satisfies readonly CanaryEvent[]) {
      const held = after(runIn(STATES.ramping), event)
      expect(held).toMatchObject({ phases: [], probesSent: 40, lastLook: LOOK, endedMs: null })
      expect(isRunning(held.state)).toBe(true)
    }
  })

  it('keeps no phase of which there are no figures', () => {
    const stopped = after(runIn(STATES.ramping), gone(T + MINUTE), null)
    expect(stopped).toMatchObject({ state: { kind: 'aborted' }, phases: [], endedMs: T + MINUTE })
  })

  it('does not end before it began, whatever a clock that was set back says', () => {
    const stopped = after(runIn(STATES.ramping), gone(T - HALF_HOUR))
    expect(stopped).toMatchObject({ endedMs: T, phases: [{ sinceMs: T, endedMs: T, decision: 'abort' }] })
  })

  it('counts nothing under a phase that its plan does not have', () => {
    const beyond = after(runIn({ ...STATES.ramping, phase: 7 }), gone(T + MINUTE))
    expect(beyond.phases).toMatchObject([{ phase: 7, split: 0 }])
  })
})

describe('what a phase measured', () => {
  it('is read alike from counts, and from the shares that older phases were stored with', () => {
    const { tried, live, probes, p95Ms, psi } = FINE
    const shares: Measured = {
      kind: 'shares',
      tried,
      live,
      probes,
      p95Ms,
      psi,
      errorRate: 0,
      matchRate: 1,
      intervals: null,
    }
    for (const measured of [shares, { kind: 'counts', figures: FINE }] as const)
      expect(knownOf(measured)).toMatchObject({ tried, live, probes, p95Ms, psi })
  })

  it('stands under a key that names phases from 1', () => {
    expect([0, 1].map((phase) => phaseKey('run-1', phase))).toEqual(['run-1/1', 'run-1/2'])
  })
})
