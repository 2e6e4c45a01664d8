/** Canary runs as a desk holds them, without the prompt and the preflight before, and what their judge looks at. */
import type { PhaseFigures } from '../../src/engine/canary/judge.ts'
import type { CanaryRun } from '../../src/engine/canary/run.ts'
import type { Desk } from '../../src/room/desk/desk.ts'
import { HOUR } from './moments.ts'

const PLAN = {
  name: 'test',
  phases: [
    { split: 0.1, durationMs: HOUR },
    { split: 0.25, durationMs: HOUR },
    { split: 1, durationMs: HOUR },
  ],
}

/** A phase in which nothing has happened yet. */
export const NO_FIGURES: PhaseFigures = {
  comparisons: 0,
  matched: 0,
  tried: 0,
  errors: 0,
  timed: 0,
  above80Ms: 0,
  above120Ms: 0,
  p95Ms: null,
  live: 0,
  probes: 0,
  liveCompared: 0,
  psi: null,
}

/** What a preflight looks at, in its order. */
export const PREFLIGHT_CHECKS = ['health', 'metrics', 'artifact', 'reference', 'breaker', 'disk', 'clock']

/** A run in its second phase, at a quarter of the requests. The SHA-256 of a test's model is its version. */
export function runningCanary(
  symbol: string,
  { candidate, baseline, sinceMs }: { candidate: string; baseline: string; sinceMs: number },
): CanaryRun {
  return {
    symbol,
    runId: 'run-1',
    state: { kind: 'ramping', phase: 1, sinceMs, measureErrors: 0 },
    plan: PLAN,
    mode: 'observe',
    profile: 'equivalent',
    candidate,
    sha256: candidate,
    baseline,
    salt: 'salt',
    approvalId: 'canary-1',
    phases: [],
    lastLook: null,
    probesSent: 0,
    tsMs: sinceMs,
    endedMs: null,
    wallMs: 0,
  }
}

export function runOf(desk: Desk): CanaryRun {
  const { newest } = desk.canary
  if (newest === null) throw new Error('the desk has no canary')
  return newest
}
