import type { Doubts } from '../../../src/engine/approval/against.ts'
import type { GivenAnswer } from '../../../src/engine/approval/answer.ts'
import { type Approval, openApproval } from '../../../src/engine/approval/prompt.ts'
import { MINUTE } from '../../kit/moments.ts'

export const WALL = Date.parse('2026-01-05T12:00:00Z')
export const SHA = '3fa9'.padEnd(64, '0')
export const KEY = 'psi:PASS p95:PASS alert_silence:PASS offline:PASS delta:PASS evidence:PASS'

/** A promotion that waits since `WALL`. */
export function promotion(change: Partial<Approval> = {}): Approval {
  const opened = openApproval(
    { action: 'promote', candidate: 'v1.8.1' },
    {
      id: 'ap-1',
      symbol: 'BTCUSDT',
      sha256: SHA,
      figures: { passed: 6 },
      figuresHash: '9b22',
      verdictsKey: KEY,
      against: [],
      needs: 1,
      openedBy: 'operator',
    },
    { openedWallMs: WALL, expiresWallMs: WALL + 15 * MINUTE },
  )
  return { ...opened, ...change }
}

/** A good answer, a minute later. */
export const YES: GivenAnswer = {
  decision: 'approve',
  phrase: 'ONAY',
  reason: 'a quiet week',
  by: 'ayse',
  person: 'ayse',
  atWallMs: WALL + MINUTE,
  current: { verdictsKey: KEY, sha256: SHA },
}

export const NO: GivenAnswer = { ...YES, decision: 'reject', phrase: '', reason: '' }

export type OutcomeFigures = NonNullable<Doubts['outcome']>

/** Settled log losses; null where one is not known. */
export const losses = (
  candidate: number | null,
  baseline: number | null,
  fallback: number | null,
): Pick<OutcomeFigures, 'logLoss'> => ({ logLoss: { candidate, baseline, fallback } })

export const interval = (lo: number, hi: number): Pick<OutcomeFigures, 'difference'> => ({
  difference: { value: (lo + hi) / 2, lo, hi },
})

const OUTCOME: OutcomeFigures = {
  verdict: 'better',
  n: 10_075,
  minRows: 1_440,
  ...losses(0.65, 0.67, 0.66),
  ...interval(-0.03, -0.01),
  auc: { candidate: 0.65, baseline: 0.61, fallback: 0.637 },
}

export const outcome = (change: Partial<OutcomeFigures>): Pick<Doubts, 'outcome'> => ({
  outcome: { ...OUTCOME, ...change },
})

/** A promotion that nothing speaks against, but for what is given. */
export function doubts(change: Partial<Doubts> = {}): Doubts {
  return {
    action: 'promote',
    candidate: 'v1.8.1',
    baseline: 'v1.8-b0',
    outcome: OUTCOME,
    profile: 'equivalent',
    mode: 'serve',
    offline: { auc: 0.65, lo: 0.63, hi: 0.67, limit: 0.62 },
    match: { rate: 0.998, n: 1_440 },
    canary: { live: 480, probes: 1_600 },
    ...change,
  }
}
