/** Views of rooms on the way from shadow to promotion. */
import { isoTime } from '../../src/engine/kernel/units.ts'
import type { RoomView } from '../../src/control/view.ts'
import {
  ABORTED_CANARY,
  approval,
  AWAITING_CANARY,
  BAKING_CANARY,
  canary,
  HOLDING_CANARY,
  RAMPING_CANARY,
  START,
  SUCCEEDED_CANARY,
  WALL_MS,
} from './canary-documents.ts'
import { BLOCKED, HOSTILE, SHADOW } from './views.ts'

export const RAMPING: RoomView = { ...SHADOW, canary: RAMPING_CANARY }
export const HOLDING: RoomView = { ...SHADOW, canary: HOLDING_CANARY }
export const ABORTED: RoomView = {
  ...SHADOW,
  candidate: { version: 'v1.8.2', sha256: 'ef'.repeat(32), auc: 0.61 },
  canary: ABORTED_CANARY,
}
export const INCONCLUSIVE: RoomView = {
  ...SHADOW,
  canary: canary({
    ...HOLDING_CANARY,
    state: 'inconclusive',
    since: null,
    until: null,
    share: 0,
    reason: 'still 48 comparisons too few after the hold',
  }),
}
/** Under improve nothing is held against a low match. */
export const IMPROVING: RoomView = {
  ...SHADOW,
  canary: canary({ ...RAMPING_CANARY, profile: 'improve', plan_name: 'full', match_rate: 0.21, phase: 3 }),
}
export const SUCCEEDED: RoomView = {
  ...SHADOW,
  canary: SUCCEEDED_CANARY,
  promotion: { possible: false, missing: ['gate 1 waits for seven days', '10 h of validation'] },
}
export const READY: RoomView = {
  ...SHADOW,
  canary: canary({
    ...SUCCEEDED_CANARY,
    validation: { needed_h: 24, counted_h: 24, until: null, missing: '' },
  }),
  promotion: { possible: true, missing: [] },
}
export const BAKING: RoomView = {
  ...SHADOW,
  baseline: { version: 'v1.8.1', sha256: 'cd'.repeat(32), auc: 0.6226 },
  candidate: null,
  canary: BAKING_CANARY,
}
/** The promotion was taken back: the canary that led to it is of a model that stands nowhere any more. */
export const ROLLED_BACK: RoomView = { ...BLOCKED, canary: canary({ ...SUCCEEDED_CANARY, validation: null }) }
/** A canary of the next candidate beside the bake of the last promotion. */
export const BOTH: RoomView = { ...RAMPING, canary: canary({ ...RAMPING_CANARY, bake: BAKING_CANARY.bake }) }
export const AWAITING: RoomView = { ...SHADOW, canary: AWAITING_CANARY, approvals: [START] }
export const ASKED: RoomView = { ...READY, approvals: [approval({})] }
export const TWO_PROMPTS: RoomView = {
  ...ASKED,
  symbols: ['BTCUSDT', 'ETHUSDT'],
  approvals: [
    approval({}),
    approval({
      ...START,
      id: 'start-2',
      symbol: 'ETHUSDT',
      needs: 2,
      given: [{ by: 'ayse', reason: 'quiet weekend', at: isoTime(WALL_MS - 60_000) }],
      expires_at: isoTime(WALL_MS + 42_000),
    }),
  ],
}

export const CANARY_VIEWS: Readonly<Record<string, RoomView>> = {
  RAMPING,
  HOLDING,
  ABORTED,
  INCONCLUSIVE,
  IMPROVING,
  SUCCEEDED,
  READY,
  BAKING,
  ROLLED_BACK,
  BOTH,
  AWAITING,
  ASKED,
  TWO_PROMPTS,
  HOSTILE,
}
