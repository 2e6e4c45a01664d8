import type { PhaseFigures } from '../../../src/engine/canary/judge.ts'
import type { CanaryEvent } from '../../../src/engine/canary/event.ts'
import type { JudgeCounts } from '../../../src/engine/canary/readings.ts'
import type { CanaryState } from '../../../src/engine/canary/state.ts'
import { HOUR, MINUTE, THREE_WEEKS_ON } from '../../kit/moments.ts'

export const HALF_HOUR = 30 * MINUTE
export const T = THREE_WEEKS_ON + 2 * HOUR
/** The wall clock is another one, years later. */
export const WALL = Date.parse('2026-01-05T12:00:00Z')
export const PROMPT = 'ap-1'

/** A phase in which all went well. */
export const FINE: PhaseFigures = {
  comparisons: 320,
  matched: 320,
  tried: 320,
  errors: 0,
  timed: 320,
  above80Ms: 0,
  above120Ms: 0,
  p95Ms: 1.8,
  live: 20,
  probes: 300,
  liveCompared: 30,
  psi: 0.04,
}

export const figures = (change: Partial<PhaseFigures>): PhaseFigures => ({ ...FINE, ...change })

/** A phase with so many tries of which so many failed; what did not fail was compared. */
export function withErrors(tried: number, errors: number): PhaseFigures {
  const comparisons = tried - errors
  return figures({ tried, errors, comparisons, matched: comparisons, timed: tried })
}

/** Every state, the running ones in the mini plan's second phase. */
export const STATES = {
  idle: { kind: 'idle' },
  awaitingOnay: { kind: 'awaitingOnay', promptId: PROMPT, expiresAtWallMs: WALL + 15 * MINUTE },
  ramping: { kind: 'ramping', phase: 1, sinceMs: T, measureErrors: 0 },
  holding: { kind: 'holding', phase: 1, sinceMs: T - HALF_HOUR, untilMs: T + HALF_HOUR, measureErrors: 0 },
  succeeded: { kind: 'succeeded', atMs: T },
  aborted: { kind: 'aborted', reason: { by: 'candidateGone' }, atMs: T, phase: 1 },
  inconclusive: { kind: 'inconclusive', reason: 'held twice', atMs: T, phase: 1 },
} as const satisfies Record<CanaryState['kind'], CanaryState>

export const START_EVENT: Extract<CanaryEvent, { kind: 'start' }> = {
  kind: 'start',
  atMs: T,
  mode: 'observe',
  promptId: PROMPT,
  expiresAtWallMs: WALL + 15 * MINUTE,
  by: 'ada',
}

/** Counts of so many rows without a fault. */
export const cleanCounts = (n: number, change: Partial<JudgeCounts> = {}): JudgeCounts => ({
  comparisons: n,
  matched: n,
  tried: n,
  errors: 0,
  timed: n,
  above120Ms: 0,
  ...change,
})
