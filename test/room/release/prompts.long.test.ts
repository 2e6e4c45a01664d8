import { afterEach, describe, expect, it } from 'vitest'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { MINUTE } from '../../kit/moments.ts'
import { BRIEF, judgement, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'

const fresh = freshDirectories()
let stand: ReleaseDesk

afterEach(() => stand.close())

const YES = { decision: 'approve', phrase: 'ONAY', reason: 'it is time' } as const

type Prompt = 'a promotion' | 'a canary start'

/** @returns the prompt's name */
function open(prompt: Prompt): string {
  stand = new ReleaseDesk(fresh())
  if (prompt === 'a promotion') {
    stand.succeed()
    return stand.release.requestPromotion(SYMBOL, undefined, 'ada').id
  }
  stand.ready()
  return stand.request().id
}

function breakerOpens(): void {
  for (let i = 0; i < 60; i++) stand.desk.breaker.record(false)
  if (!stand.desk.breaker.open) throw new Error('the breaker is closed')
}

function another(slot: 'candidate' | 'baseline'): void {
  stand.register('v9')
  stand.place(slot, 'v9')
  stand.desk.reloadSlots()
}

function anotherProfile(): void {
  stand.place('candidate', 'v2', 'improve')
  stand.desk.reloadSlots()
}

const VERDICT = 'a verdict among its figures has changed since it was shown; ask again'
const ARTIFACT = 'the artifact has changed since it was shown; ask again'

const FALLBACK_LEADS = { outcome: { logLoss: { candidate: 0.65, baseline: 0.67, fallback: 0.64 } } }

const CHANGES: readonly [prompt: Prompt, what: string, change: () => void, why: string][] = [
  ...(['FAIL', 'WAIT', 'ERROR'] as const).map((verdict): [Prompt, string, () => void, string] => [
    'a promotion',
    `a gate that says ${verdict}`,
    () => (stand.judgement = judgement({ gates: { 5: { verdict } } })),
    VERDICT,
  ]),
  ['a promotion', 'another outcome', () => (stand.judgement = judgement({ outcome: { verdict: 'worse' } })), VERDICT],
  ['a promotion', 'a breaker that opens', breakerOpens, VERDICT],
  ['a promotion', 'another model in charge', () => another('baseline'), VERDICT],
  ['a promotion', 'another candidate', () => another('candidate'), ARTIFACT],
  ...(['a promotion', 'a canary start'] as const).flatMap((prompt): (typeof CHANGES)[number][] => [
    [prompt, 'another profile', anotherProfile, VERDICT],
    [prompt, 'a fallback that has become better', () => (stand.judgement = judgement(FALLBACK_LEADS)), VERDICT],
  ]),
  [
    'a canary start',
    'another outcome',
    () => (stand.judgement = judgement({ outcome: { verdict: 'worse' } })),
    VERDICT,
  ],
  ['a canary start', 'a breaker that opens', breakerOpens, VERDICT],
  ['a canary start', 'another model in charge', () => another('baseline'), VERDICT],
  ['a canary start', 'another candidate', () => another('candidate'), ARTIFACT],
]

describe('a prompt', () => {
  it.each(CHANGES)('of %s is stale after %s, and nothing is carried out', (_, __, change, why) => {
    const id = open(_)
    change()
    const { inCharge: baseline } = stand.desk.lineUp
    expect(refusal(() => stand.approve(id))).toMatchObject({ status: 409, code: 'refused', why })
    expect(stand.release.approvals.get(id)).toMatchObject({ state: 'stale', why })
    expect(stand.desk.lineUp.inCharge).toBe(baseline)
    expect(stand.desk.canary.running).toBe(false)
    expect(stand.desk.canary.awaiting).toBe(false)
    expect(stand.chain('approval', 'promotion').at(-1)).toBe('approval stale')
  })

  it('of a canary start rests on no gate: it stays open while one changes', () => {
    const id = open('a canary start')
    stand.judgement = judgement({ gates: { 1: { verdict: 'FAIL' } } })
    expect(stand.approve(id).state).toBe('approved')
    expect(stand.desk.canary.running).toBe(true)
  })

  it.each(['a promotion', 'a canary start'] as const)('of %s holds when nothing it shows has changed', (prompt) => {
    const id = open(prompt)
    stand.at(stand.nowMs + MINUTE)
    stand.judgement = judgement({
      gates: { 5: { value: 0.5, reason: 'other figures, the same verdict' } },
      outcome: { n: 2_001, logLoss: { candidate: 0.64, baseline: 0.66, fallback: 0.67 } },
    })
    expect(stand.approve(id)).toMatchObject({ state: 'approved', given: [{ by: 'grace', reason: 'it is time' }] })
  })

  it('stays open after a slip: a wrong phrase, no reason', () => {
    const id = open('a canary start')
    const answer = (change: object) => refusal(() => stand.release.answer(id, { ...YES, ...change }, 'grace'))
    expect(answer({ phrase: 'onay' })).toMatchObject({
      why: 'the phrase is ONAY, letter for letter',
      next: 'answer again',
    })
    expect(answer({ reason: ' ' }).why).toBe('a reason is needed')
    expect(stand.release.waiting().map((prompt) => prompt.id)).toEqual([id])
    expect(stand.chain('approval')).toEqual(['approval asked'])
    expect(stand.approve(id).state).toBe('approved')
  })

  it('is one at a time for a canary, and says what is shown and asked', () => {
    const id = open('a canary start')
    expect(refusal(() => stand.request())).toMatchObject({ status: 409, code: 'canary_runs' })
    expect(stand.release.waiting()).toMatchObject([
      {
        id,
        asked_by: 'ada',
        sentence: 'ONAY: Canary START 5 %/2 min observe (v2)',
        what_happens: '5 %, 25 %, 100 % of the requests are judged, 2 min each; callers still get every answer from v1',
        figures: { plan: BRIEF, profile: 'equivalent', match: null },
      },
    ])
    expect(stand.release.restraint()).toBe('approval')
  })

  it('that is rejected takes the start with it', () => {
    const id = open('a canary start')
    expect(stand.release.answer(id, { decision: 'reject', reason: 'not today' }, 'grace')).toMatchObject({
      state: 'refused',
      why: 'refused by grace: not today',
    })
    expect(stand.desk.canary.newest?.state.kind).toBe('idle')
    expect(stand.release.restraint()).toBeNull()
    expect(stand.chain('approval', 'canary')).toEqual(['approval asked', 'approval refused'])
  })

  it('that nobody answers within 15 minutes of the wall clock expires with the start that waits for it', () => {
    const id = open('a canary start')
    stand.wall.set(stand.wall.now() + 15 * MINUTE - 1)
    expect(stand.release.waiting()).toHaveLength(1)
    stand.wall.set(stand.wall.now() + 1)
    expect(stand.release.waiting()).toEqual([])
    expect(stand.release.approvals.get(id)).toMatchObject({ state: 'expired', why: 'nobody answered in time' })
    expect(stand.desk.canary.newest?.state.kind).toBe('idle')
    expect(refusal(() => stand.approve(id)).why).toBe('it was expired before')
    expect(stand.chain('approval', 'canary')).toEqual(['approval asked', 'approval expired'])
  })

  it('survives a restart, and expires on it when its time is over', () => {
    const id = open('a canary start')
    stand = stand.reopened()
    stand.release.resume()
    expect(stand.release.waiting().map((prompt) => prompt.id)).toEqual([id])
    stand = stand.reopened()
    stand.wall.set(stand.wall.now() + 16 * MINUTE)
    stand.release.resume()
    expect(stand.release.waiting()).toEqual([])
    expect(stand.desk.canary.underWay).toBe(false)
  })

  it('of several is answered alone: a promotion and a canary start of another candidate may both wait', () => {
    const promotion = open('a promotion')
    stand.wall.set(stand.wall.now() + 1_000)
    stand.ready()
    const start = stand.request().id
    expect(stand.release.waiting().map(({ id }) => id)).toEqual([promotion, start])
    stand.release.answer(start, { decision: 'reject', reason: '' }, 'grace')
    expect(stand.release.waiting().map(({ id }) => id)).toEqual([promotion])
  })

  it('that nobody opened has no answer', () => {
    stand = new ReleaseDesk(fresh())
    expect(refusal(() => stand.approve('promote-1'))).toMatchObject({ status: 404, code: 'unknown_approval' })
  })
})
