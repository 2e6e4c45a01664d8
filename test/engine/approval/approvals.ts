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
    WALL,
  )
  return { ...opened, ...change }
}

/** A good answer, a minute later. */
export const YES: GivenAnswer = {
  decision: 'approve',
  phrase: 'ONAY',
  reason: 'a quiet week',
  by: 'ayse',
  atWallMs: WALL + MINUTE,
  current: { verdictsKey: KEY, sha256: SHA },
}

export const NO: GivenAnswer = { ...YES, decision: 'reject', phrase: '', reason: '' }
