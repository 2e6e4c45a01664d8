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
  START_PROMPT,
  SUCCEEDED_CANARY,
  WALL_MS,
} from '../kit/canary-documents.ts'
import { model } from '../kit/screen-documents.ts'
import { BLOCKED, HOSTILE, SHADOW, changed } from '../kit/views.ts'

export const RAMPING: RoomView = changed(SHADOW, { models: { canary: RAMPING_CANARY } })
export const HOLDING: RoomView = changed(SHADOW, { models: { canary: HOLDING_CANARY } })
export const ABORTED: RoomView = changed(SHADOW, {
  models: { candidate: model('v1.8.2', 0.61), canary: ABORTED_CANARY },
})
export const INCONCLUSIVE: RoomView = changed(SHADOW, {
  models: {
    canary: canary({
      ...HOLDING_CANARY,
      state: 'inconclusive',
      since: null,
      until: null,
      share: 0,
      reason: 'still 48 comparisons too few after the hold',
    }),
  },
})
/** Under improve nothing is held against a low match. */
export const IMPROVING: RoomView = changed(SHADOW, {
  models: { canary: canary({ ...RAMPING_CANARY, profile: 'improve', plan_name: 'full', match_rate: 0.21, phase: 3 }) },
})
export const SUCCEEDED: RoomView = changed(SHADOW, {
  models: {
    canary: SUCCEEDED_CANARY,
    promotion: { possible: false, missing: ['gate 1 waits for seven days', '10 h of validation'] },
  },
})
export const READY: RoomView = changed(SHADOW, {
  models: {
    canary: canary({
      ...SUCCEEDED_CANARY,
      validation: { needed_h: 24, counted_h: 24, until: null, missing: '' },
    }),
    promotion: { possible: true, missing: [] },
  },
})
export const BAKING: RoomView = changed(SHADOW, {
  models: {
    baseline: model('v1.8.1', 0.6226),
    candidate: null,
    canary: BAKING_CANARY,
  },
})
/** The promotion was taken back: the canary that led to it is of a model that stands nowhere any more. */
export const ROLLED_BACK: RoomView = changed(BLOCKED, {
  models: { canary: canary({ ...SUCCEEDED_CANARY, validation: null }) },
})
/** A canary of the next candidate beside the bake of the last promotion. */
export const BOTH: RoomView = changed(RAMPING, {
  models: { canary: canary({ ...RAMPING_CANARY, bake: BAKING_CANARY.bake }) },
})
export const AWAITING: RoomView = changed(SHADOW, { models: { canary: AWAITING_CANARY, approvals: [START_PROMPT] } })
export const ASKED: RoomView = changed(READY, { models: { approvals: [approval({})] } })
export const TWO_PROMPTS: RoomView = changed(ASKED, {
  room: { symbols: ['BTCUSDT', 'ETHUSDT'] },
  models: {
    approvals: [
      approval({}),
      approval({
        ...START_PROMPT,
        id: 'start-2',
        symbol: 'ETHUSDT',
        needs: 2,
        given: [{ by: 'ayse', reason: 'quiet weekend', at: isoTime(WALL_MS - 60_000) }],
        expires_at: isoTime(WALL_MS + 42_000),
      }),
    ],
  },
})

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
