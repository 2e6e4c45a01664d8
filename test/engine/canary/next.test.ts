import { describe, expect, it } from 'vitest'
import type { CanaryEvent } from '../../../src/engine/canary/event.ts'
import { next } from '../../../src/engine/canary/next.ts'
import { livePlan, PLANS } from '../../../src/engine/canary/plan.ts'
import { type CanaryState, phaseEndMs, sayAbort, shareOf } from '../../../src/engine/canary/state.ts'
import { HALF_HOUR, PROMPT, START_EVENT, STATES, T, WALL } from './plan-figures.ts'
import { MINUTE } from '../../kit/moments.ts'

const PLAN = PLANS.mini
const END = T + HALF_HOUR

const look = (kind: 'goOn' | 'abort' | 'measureError', atMs = T + MINUTE): CanaryEvent => ({
  kind: 'look',
  atMs,
  verdict: { kind, reason: 'as judged' },
})
const end = (kind: 'advance' | 'abort' | 'hold' | 'measureError', atMs = END, phase = 1): CanaryEvent => ({
  kind: 'phaseEnd',
  atMs,
  phase,
  verdict: { kind, reason: 'as judged' },
})

const EVENTS = {
  start: START_EVENT,
  approved: { kind: 'approved', atMs: T, atWallMs: WALL + MINUTE, promptId: PROMPT },
  refused: { kind: 'refused', atMs: T, promptId: PROMPT, why: 'not today' },
  expired: { kind: 'expired', atMs: T, promptId: PROMPT },
  lookGoOn: look('goOn'),
  lookAbort: look('abort'),
  lookMeasureError: look('measureError'),
  endAdvance: end('advance'),
  endAbort: end('abort'),
  endHold: end('hold'),
  endMeasureError: end('measureError'),
  resumed: { kind: 'resumed', atMs: T + MINUTE, clock: 'real' },
  resumedLate: { kind: 'resumed', atMs: END, clock: 'real' },
  abort: { kind: 'abort', atMs: T + MINUTE, by: 'operator', reason: 'quiet book' },
  candidateGone: { kind: 'candidateGone', atMs: T + MINUTE },
} as const satisfies Record<string, CanaryEvent>

/** What each event makes of the state that heads the row; a dash is a refusal. `measureErrors` stands after the state. */
const TABLE: Record<keyof typeof STATES, Record<keyof typeof EVENTS, string>> = {
  idle: {
    start: 'awaitingOnay',
    approved: '- no canary runs',
    refused: '- no canary runs',
    expired: '- no canary runs',
    lookGoOn: '- no canary runs',
    lookAbort: '- no canary runs',
    lookMeasureError: '- no canary runs',
    endAdvance: '- no canary runs',
    endAbort: '- no canary runs',
    endHold: '- no canary runs',
    endMeasureError: '- no canary runs',
    resumed: '- no canary runs',
    resumedLate: '- no canary runs',
    abort: '- no canary runs',
    candidateGone: '- no canary runs',
  },
  awaitingOnay: {
    start: '- a start waits for ONAY already',
    approved: 'ramping 0',
    refused: 'idle',
    expired: 'idle',
    lookGoOn: '- no phase runs: the start waits for ONAY',
    lookAbort: '- no phase runs: the start waits for ONAY',
    lookMeasureError: '- no phase runs: the start waits for ONAY',
    endAdvance: '- no phase runs: the start waits for ONAY',
    endAbort: '- no phase runs: the start waits for ONAY',
    endHold: '- no phase runs: the start waits for ONAY',
    endMeasureError: '- no phase runs: the start waits for ONAY',
    resumed: 'awaitingOnay',
    resumedLate: 'awaitingOnay',
    abort: 'idle',
    candidateGone: 'idle',
  },
  ramping: {
    start: '- a canary runs already',
    approved: '- no approval of this canary waits',
    refused: '- no approval of this canary waits',
    expired: '- no approval of this canary waits',
    lookGoOn: 'ramping 1',
    lookAbort: 'aborted 1',
    lookMeasureError: 'ramping 1, 1 failed',
    endAdvance: 'ramping 2',
    endAbort: 'aborted 1',
    endHold: 'holding 1',
    endMeasureError: 'ramping 1, 1 failed',
    resumed: 'ramping 1',
    resumedLate: 'holding 1',
    abort: 'aborted 1',
    candidateGone: 'aborted 1',
  },
  holding: {
    start: '- a canary runs already',
    approved: '- no approval of this canary waits',
    refused: '- no approval of this canary waits',
    expired: '- no approval of this canary waits',
    lookGoOn: 'holding 1',
    lookAbort: 'aborted 1',
    lookMeasureError: 'holding 1, 1 failed',
    endAdvance: 'ramping 2',
    endAbort: 'aborted 1',
    endHold: 'inconclusive 1',
    endMeasureError: 'holding 1, 1 failed',
    resumed: 'holding 1',
    resumedLate: 'inconclusive 1',
    abort: 'aborted 1',
    candidateGone: 'aborted 1',
  },
  succeeded: everything('- the canary has ended with success; another is a run of its own'),
  aborted: everything('- the canary was stopped because the candidate is gone; another is a run of its own'),
  inconclusive: everything('- the canary has ended inconclusive; another is a run of its own'),
}

function everything(why: string): Record<keyof typeof EVENTS, string> {
  const { start, ...rest } = EVENTS
  const row = { start: why } as Record<keyof typeof EVENTS, string>
  void start
  for (const name of Object.keys(rest) as (keyof typeof rest)[]) row[name] = why
  return row
}

function say(state: CanaryState): string {
  if (!('phase' in state)) return state.kind
  const failed = 'measureErrors' in state && state.measureErrors > 0 ? `, ${state.measureErrors} failed` : ''
  return `${state.kind} ${state.phase}${failed}`
}

function outcome(state: CanaryState, event: CanaryEvent): string {
  const step = next(state, event, PLAN)
  return step.ok ? say(step.state) : `- ${step.why}`
}

/** The state after the events, each of which must be accepted. */
function play(state: CanaryState, ...events: readonly CanaryEvent[]): CanaryState {
  return events.reduce((now, event) => {
    const step = next(now, event, PLAN)
    if (!step.ok) throw new Error(step.why)
    return step.state
  }, state)
}

function refusal(state: CanaryState, event: CanaryEvent): string {
  const step = next(state, event, PLAN)
  return step.ok ? `accepted: ${say(step.state)}` : step.why
}

describe('the canary, in every state and at every event', () => {
  const cases = Object.entries(TABLE).flatMap(([state, row]) =>
    Object.entries(row).map(([event, expected]) => ({ state, event, expected })),
  )
  it.each(cases)('$state, $event: $expected', ({ state, event, expected }) => {
    expect(outcome(STATES[state as keyof typeof STATES], EVENTS[event as keyof typeof EVENTS])).toBe(expected)
  })
})

describe('a start', () => {
  it('opens a prompt and changes nothing until ONAY', () => {
    const step = next(STATES.idle, START_EVENT, PLAN)
    expect(step.ok && step.effects).toEqual([
      {
        kind: 'openPrompt',
        promptId: PROMPT,
        expiresAtWallMs: WALL + 15 * MINUTE,
        by: 'ada',
      },
    ])
    expect(step.ok && shareOf(step.state, PLAN, false)).toBe(0)
  })

  it('is refused for a canary of days that answers nobody, and with a plan that cannot run', () => {
    const live = livePlan(0.1, 7, { minConfidence: 0.58, sha256: 'abc' })
    expect(next(STATES.idle, START_EVENT, live)).toEqual({
      ok: false,
      why: 'a canary of days answers callers: its mode is serve',
    })
    expect(next(STATES.idle, { ...START_EVENT, mode: 'serve' }, live).ok).toBe(true)
    expect(next(STATES.idle, { ...START_EVENT, mode: 'serve' }, PLAN).ok).toBe(true)
    const step = next(STATES.idle, START_EVENT, { name: 'half', phases: [{ split: 0.5, durationMs: HALF_HOUR }] })
    expect(step).toEqual({ ok: false, why: 'plan half cannot run: the last split is 1, not 0.5' })
  })

  it('is not approved by an answer to another prompt, nor by one that has expired', () => {
    expect(refusal(STATES.awaitingOnay, { ...EVENTS.approved, promptId: 'ap-2' })).toBe(
      'that approval belongs to another start',
    )
    expect(refusal(STATES.awaitingOnay, { ...EVENTS.refused, promptId: 'ap-2' })).toBe(
      'that approval belongs to another start',
    )
    expect(refusal(STATES.awaitingOnay, { ...EVENTS.expired, promptId: 'ap-2' })).toBe(
      'that approval belongs to another start',
    )
    for (const atWallMs of [WALL + 15 * MINUTE, WALL + 16 * MINUTE, Number.NaN]) {
      expect(refusal(STATES.awaitingOnay, { ...EVENTS.approved, atWallMs })).toBe('the approval has expired')
    }
  })

  it('is refused without an end to its approval, and not begun while the market clock is unknown', () => {
    expect(refusal(STATES.idle, { ...START_EVENT, expiresAtWallMs: Number.NaN })).toBe('an approval needs an end')
    expect(refusal(STATES.awaitingOnay, { ...EVENTS.approved, atMs: Number.NaN })).toBe('the market clock is unknown')
  })

  it('is not begun under a plan that has lost its phases meanwhile', () => {
    expect(next(STATES.awaitingOnay, EVENTS.approved, { name: 'lost', phases: [] })).toEqual({
      ok: false,
      why: 'plan lost has no phase 1',
    })
  })

  it('begins its first phase when it is approved', () => {
    const step = next(STATES.awaitingOnay, EVENTS.approved, PLAN)
    expect(step).toEqual({
      ok: true,
      state: { kind: 'ramping', phase: 0, sinceMs: T, measureErrors: 0 },
      effects: [
        { kind: 'closePrompt', promptId: PROMPT, as: 'approved', why: 'approved' },
        { kind: 'phaseStarted', phase: 0, split: 0.05, untilMs: END },
      ],
    })
  })
})

describe('an abort by a person', () => {
  it('is put into words with its reason, and without one where none was given', () => {
    const words = (reason: string) => sayAbort({ by: 'person', who: 'ada', text: reason })
    expect([words('quiet book'), words('')]).toEqual(['stopped by ada: quiet book', 'stopped by ada'])
  })
})

describe('a start that waits', () => {
  it.each([
    ['a refusal', EVENTS.refused, 'refused', 'not today'],
    ['its expiry', EVENTS.expired, 'expired', 'nobody answered in time'],
    ['an abort', EVENTS.abort, 'refused', 'stopped by operator: quiet book'],
    ['a candidate that is gone', EVENTS.candidateGone, 'refused', 'stopped because the candidate is gone'],
  ] as const)('takes its prompt with it: %s', (_, event, as, why) => {
    expect(next(STATES.awaitingOnay, event, PLAN)).toEqual({
      ok: true,
      state: { kind: 'idle' },
      effects: [{ kind: 'closePrompt', promptId: PROMPT, as, why }],
    })
  })
})

describe('a phase', () => {
  it('is extended once by its length, then the canary ends inconclusive at 0 %', () => {
    const held = play(STATES.ramping, end('hold'))
    expect(held).toEqual({ kind: 'holding', phase: 1, sinceMs: T, untilMs: END + HALF_HOUR, measureErrors: 0 })
    expect(shareOf(held, PLAN, false)).toBe(0.25)
    expect(phaseEndMs(held, PLAN)).toBe(END + HALF_HOUR)
    expect(refusal(held, end('hold', END + HALF_HOUR - 1))).toBe('the phase has not ended yet')
    const over = next(held, end('hold', END + HALF_HOUR), PLAN)
    expect(over.ok && over.effects.map((effect) => effect.kind)).toEqual(['phaseEnded', 'ended'])
    expect(over.ok && shareOf(over.state, PLAN, false)).toBe(0)
  })

  it('ends the canary with success when it is the last one and passes', () => {
    const last: CanaryState = { kind: 'ramping', phase: 2, sinceMs: T, measureErrors: 0 }
    expect(next(last, end('advance', END, 2), PLAN)).toEqual({
      ok: true,
      state: { kind: 'succeeded', atMs: END },
      effects: [
        { kind: 'phaseEnded', phase: 2, decision: 'advance', reason: 'as judged' },
        { kind: 'ended', status: 'SUCCESS', atMs: END, reason: 'all 3 phases passed' },
      ],
    })
  })

  it('lasts its whole length from the moment it begins, however late that is', () => {
    const late = END + 5 * HALF_HOUR
    expect(play(STATES.ramping, end('advance', late))).toMatchObject({ kind: 'ramping', phase: 2, sinceMs: late })
  })

  it('is not ended before its end, nor by the figures of another phase', () => {
    for (const kind of ['advance', 'hold', 'abort', 'measureError'] as const) {
      for (const atMs of [T - 1, END - 1, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(refusal(STATES.ramping, end(kind, atMs)), `${kind} at ${atMs}`).toBe('the phase has not ended yet')
      }
      expect(refusal(STATES.ramping, end(kind, END, 0))).toBe('phase 2 runs, not phase 1')
    }
  })

  it('is aborted by the third measurement in a row that fails, and not by three with a good one between', () => {
    const twice = play(STATES.ramping, look('measureError'), look('measureError'))
    expect(say(twice)).toBe('ramping 1, 2 failed')
    expect(say(play(twice, look('goOn'), look('measureError')))).toBe('ramping 1, 1 failed')
    expect(say(play(twice, end('hold')))).toBe('holding 1')
    expect(play(twice, end('measureError'))).toMatchObject({ kind: 'aborted', reason: { by: 'measuring' } })
    const overResume = play(twice, { kind: 'resumed', atMs: END, clock: 'real' }, look('measureError', END))
    expect(overResume.kind).toBe('aborted')
  })
})

describe('a process that comes back', () => {
  it('resumes in the same phase, and on a replay clock even at its end', () => {
    for (const clock of ['real', 'replay'] as const) {
      expect(play(STATES.ramping, { kind: 'resumed', atMs: END - 1, clock })).toEqual(STATES.ramping)
    }
    expect(play(STATES.ramping, { kind: 'resumed', atMs: END, clock: 'replay' })).toEqual(STATES.ramping)
  })

  it('holds a phase whose end passed meanwhile on a real clock, and does not skip it', () => {
    const late = T + 7 * HALF_HOUR
    const held = play(STATES.ramping, { kind: 'resumed', atMs: late, clock: 'real' })
    expect(held).toMatchObject({ kind: 'holding', phase: 1, sinceMs: T, untilMs: late + HALF_HOUR })
  })
})

describe('a clock that was set back', () => {
  it('changes nothing by looks and resumptions before the phase', () => {
    expect(refusal(STATES.ramping, look('goOn', T - 1))).toBe('the look is before the start of the phase')
    expect(refusal(STATES.ramping, look('measureError', T - 1))).toBe('the look is before the start of the phase')
    expect(refusal(STATES.ramping, { kind: 'resumed', atMs: T - 1, clock: 'real' })).toBe(
      'the clock is before the start of the phase',
    )
  })

  it('does not move an abort that comes in its own time, at the first moment of the phase too', () => {
    for (const atMs of [T, T + MINUTE])
      expect(play(STATES.ramping, { ...EVENTS.candidateGone, atMs })).toMatchObject({ kind: 'aborted', atMs })
    expect(say(play(STATES.ramping, look('goOn', T)))).toBe('ramping 1')
  })

  it('keeps no canary alive: what lowers risk is accepted at any time', () => {
    for (const atMs of [0, T - 1, Number.NaN, Number.NEGATIVE_INFINITY]) {
      for (const event of [EVENTS.abort, EVENTS.candidateGone, EVENTS.lookAbort]) {
        const state = play(STATES.ramping, { ...event, atMs })
        expect(state).toMatchObject({ kind: 'aborted', atMs: T })
        expect(shareOf(state, PLAN, false)).toBe(0)
      }
    }
  })
})

describe('the share', () => {
  it('is that of the phase which runs or is held, and 0 in every other state', () => {
    const shares = Object.values(STATES).map((state) => shareOf(state, PLAN, false))
    expect(shares).toEqual([0, 0, 0.25, 0.25, 0, 0, 0])
  })

  it('is 0 in every state while the kill switch is on, and in a phase that the plan does not have', () => {
    for (const state of Object.values(STATES)) expect(shareOf(state, PLAN, true)).toBe(0)
    const beyond: CanaryState = { ...STATES.ramping, phase: 3 }
    expect(shareOf(beyond, PLAN, false)).toBe(0)
    expect(phaseEndMs(beyond, PLAN)).toBeNull()
    expect(refusal(beyond, end('advance', END, 3))).toBe('plan mini has no phase 4')
    expect(refusal(beyond, EVENTS.resumed)).toBe('plan mini has no phase 4')
    expect(say(play(beyond, EVENTS.abort))).toBe('aborted 3')
  })
})
