import { describe, expect, it } from 'vitest'
import { next } from '../../../src/engine/canary/next.ts'
import { livePlan } from '../../../src/engine/canary/plan.ts'
import { type CanaryState, phaseEndMs } from '../../../src/engine/canary/state.ts'
import { DAY, MINUTE } from '../../kit/moments.ts'
import { T } from './plan-figures.ts'

const PLAN = livePlan(0.1, 7, { minConfidence: 0.58, sha256: 'abc' })
const RAMPING = { kind: 'ramping', phase: 0, sinceMs: T, measureErrors: 0 } as const

const end = (state: CanaryState, kind: 'advance' | 'abort' | 'hold', atMs: number) =>
  next(state, { kind: 'phaseEnd', atMs, phase: 0, verdict: { kind, reason: 'as judged' } }, PLAN)

function stateAfter(step: ReturnType<typeof next>): CanaryState {
  if (!step.ok) throw new Error(step.why)
  return step.state
}

describe('a canary of days', () => {
  it('is extended by a day each time that something is missing, and ends inconclusive after 28', () => {
    let state: CanaryState = RAMPING
    const ends: number[] = []
    for (let atMs = T + 7 * DAY; ; atMs = phaseEndMs(state, PLAN) ?? 0) {
      state = stateAfter(end(state, 'hold', atMs))
      if (state.kind !== 'holding') break
      ends.push((state.untilMs - T) / DAY)
    }
    expect(ends).toEqual(Array.from({ length: 21 }, (_, i) => 8 + i))
    expect(state).toMatchObject({ kind: 'inconclusive', atMs: T + 28 * DAY, reason: 'as judged' })
  })

  it('never goes on beyond its 28 days, however late it is looked at', () => {
    expect(stateAfter(end(RAMPING, 'hold', T + 27 * DAY + MINUTE))).toMatchObject({ untilMs: T + 28 * DAY })
    expect(stateAfter(end(RAMPING, 'hold', T + 28 * DAY)).kind).toBe('inconclusive')
  })

  it('succeeds or is stopped at each of its ends, and is stopped between them', () => {
    const held = stateAfter(end(RAMPING, 'hold', T + 7 * DAY))
    for (const [state, atMs] of [
      [RAMPING, T + 7 * DAY],
      [held, T + 8 * DAY],
    ] as const) {
      expect(stateAfter(end(state, 'advance', atMs))).toEqual({ kind: 'succeeded', atMs })
      expect(stateAfter(end(state, 'abort', atMs)).kind).toBe('aborted')
      const look = { kind: 'look', atMs: T + DAY, verdict: { kind: 'abort', reason: 'certain' } } as const
      expect(stateAfter(next(state, look, PLAN)).kind).toBe('aborted')
    }
  })
})
