import { describe, expect, it } from 'vitest'
import { canaryLook, clockLook, promptLook, startedLook } from '../../src/cli/waiting.ts'
import {
  ABORTED_CANARY,
  approval,
  AWAITING_CANARY,
  canary,
  HOLDING_CANARY,
  RAMPING_CANARY,
  SUCCEEDED_CANARY,
} from '../kit/canary-documents.ts'
import { HOUR, START } from '../kit/moments.ts'
import { SHADOW } from '../kit/views.ts'

const { clock } = SHADOW.room
const GOES_ON = { said: expect.any(String) }

describe('waiting for a recording to come to a stop', () => {
  const stop = { atMs: START + HOUR, why: 'until' }

  it.each([
    ['it is on its way', { stop, marketMs: START }, GOES_ON],
    ['somebody has paused it', { stop, marketMs: START, paused: true }, { said: expect.stringMatching(/^paused at /) }],
    ['it is at the stop and has not paused yet', { stop, marketMs: START + HOUR }, GOES_ON],
    ['it is there', { stop: null, marketMs: START + HOUR, paused: true }, { code: 0 }],
    ['it has come past it', { stop: null, marketMs: START + 2 * HOUR }, { code: 0 }],
    ['somebody has sent it elsewhere', { stop: { ...stop, atMs: START + 3 * HOUR }, marketMs: START }, { code: 1 }],
    ['the recording has ended before', { stop: null, marketMs: START, ended: true }, { code: 1 }],
  ])('where %s', (_, changes, look) => {
    expect(clockLook({ ...clock, paused: false, ...changes }, START + HOUR)).toEqual(look)
  })
})

describe('waiting for a canary', () => {
  it.each([
    ['waits for ONAY', AWAITING_CANARY, GOES_ON],
    ['ramps up', RAMPING_CANARY, { said: expect.stringMatching(/^ramping, phase \d of \d, share /) }],
    ['is held', HOLDING_CANARY, { said: expect.stringMatching(/^holding, phase /) }],
    ['has succeeded', SUCCEEDED_CANARY, { code: 0 }],
    ['was aborted', ABORTED_CANARY, { code: 1 }],
    ['is inconclusive', canary({ ...ABORTED_CANARY, state: 'inconclusive' }), { code: 1 }],
    ['does not run', canary({ state: 'idle' }), { code: 0 }],
  ])('that %s', (_, document, look) => {
    expect(canaryLook(document)).toEqual(look)
  })

  it('that was just asked for goes on while its approval waits, whatever the run before it came to', () => {
    expect(startedLook(SUCCEEDED_CANARY, true, SUCCEEDED_CANARY.run_id)).toEqual(GOES_ON)
  })

  it('that was refused ends with 1, and is not taken for the run before it', () => {
    expect(startedLook(SUCCEEDED_CANARY, false, SUCCEEDED_CANARY.run_id)).toEqual({ code: 1 })
    expect(startedLook(canary({ state: 'idle', run_id: null }), false, null)).toEqual({ code: 1 })
    expect(startedLook(canary({ state: 'idle', run_id: 'its own' }), false, null)).toEqual({ code: 1 })
  })

  it('that was approved is followed to its end', () => {
    expect(startedLook(RAMPING_CANARY, false, null)).toEqual(canaryLook(RAMPING_CANARY))
    expect(startedLook(SUCCEEDED_CANARY, false, 'another')).toEqual({ code: 0 })
    expect(startedLook(ABORTED_CANARY, false, 'another')).toEqual({ code: 1 })
  })
})

describe('waiting for an approval', () => {
  it.each([
    ['waits', 'waiting', GOES_ON],
    ['is approved', 'approved', { code: 0 }],
    ['is refused', 'refused', { code: 1 }],
    ['expires', 'expired', { code: 1 }],
    ['is stale', 'stale', { code: 1 }],
  ] as const)('that %s', (_, state, look) => {
    expect(promptLook(approval({ state }))).toEqual(look)
  })

  it('says how many have given it, where it needs two', () => {
    const given = [{ by: 'ayse', reason: 'fine', at: '2026-01-05T12:00:00.000Z' }]
    expect(promptLook(approval({ needs: 2, given }))).toEqual({ said: 'waits for ONAY, 1 of 2 given' })
  })
})
