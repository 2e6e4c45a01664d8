import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer, type GivenAnswer, seenAt } from '../../../src/engine/approval/answer.ts'
import { type Approval, type ApprovalState, namedPerson } from '../../../src/engine/approval/prompt.ts'
import { KEY, NO, promotion, SHA, WALL, YES } from './approvals.ts'
import { MINUTE } from '../../kit/moments.ts'

/** What became of it, and why it was refused. */
function outcome(approval: Approval, given: GivenAnswer): [ok: boolean, state: ApprovalState, why: string] {
  const answered = answer(approval, given)
  return [answered.ok, answered.approval.state, answered.ok ? '' : answered.why]
}

const DENIZ = { by: 'deniz', person: 'deniz' }
const LATE = WALL + 15 * MINUTE
const CHANGED = { ...YES.current, verdictsKey: KEY.replace('delta:PASS', 'delta:FAIL') }

/** An answer to a prompt that waits: whether it is taken, what the prompt is then, and why. */
const WAITING: readonly [line: string, given: GivenAnswer, ok: boolean, state: ApprovalState, why: RegExp][] = [
  ['the phrase, a reason and a name', YES, true, 'approved', /^$/],
  [
    'the phrase in small letters',
    { ...YES, phrase: 'onay' },
    false,
    'waiting',
    /^the phrase is ONAY, letter for letter$/,
  ],
  ['the phrase with a blank', { ...YES, phrase: 'ONAY ' }, false, 'waiting', /^the phrase is ONAY/],
  ['a single key', { ...YES, phrase: 'y' }, false, 'waiting', /^the phrase is ONAY/],
  ['no phrase', { ...YES, phrase: '' }, false, 'waiting', /^the phrase is ONAY/],
  ['no reason', { ...YES, reason: '' }, false, 'waiting', /^a reason is needed$/],
  ['a reason of blanks', { ...YES, reason: ' \n' }, false, 'waiting', /^a reason is needed$/],
  ['no name', { ...YES, by: ' ' }, false, 'waiting', /^an answer needs a name$/],
  ['a name of nobody', { ...YES, person: ' ' }, false, 'waiting', /^an answer needs a name$/],
  ['the last moment before it expires', { ...YES, atWallMs: LATE - 1 }, true, 'approved', /^$/],
  ['the moment it expires', { ...YES, atWallMs: LATE }, false, 'expired', /^it has expired; ask again$/],
  ['a wall clock that is no number', { ...YES, atWallMs: Number.NaN }, false, 'expired', /^it has expired/],
  [
    'a verdict that changed meanwhile',
    { ...YES, current: CHANGED },
    false,
    'stale',
    /^a verdict among its figures has changed/,
  ],
  [
    'an artifact that changed meanwhile',
    { ...YES, current: { ...YES.current, sha256: 'f00d' } },
    false,
    'stale',
    /^the artifact/,
  ],
  ['an artifact that is gone', { ...YES, current: { ...YES.current, sha256: null } }, false, 'stale', /^the artifact/],
  ['a change and a wrong phrase', { ...YES, phrase: 'x', current: CHANGED }, false, 'stale', /^a verdict/],
  ['a no, without phrase and reason', NO, true, 'refused', /^$/],
  ['a no, whatever has changed', { ...NO, current: { verdictsKey: '', sha256: null } }, true, 'refused', /^$/],
  ['a no without a name', { ...NO, by: '' }, false, 'waiting', /^an answer needs a name$/],
  ['a no that comes too late', { ...NO, atWallMs: LATE }, false, 'expired', /^it has expired/],
]

describe('an approval that waits', () => {
  it.each(WAITING)('answered with %s', (_, given, ok, state, why) => {
    expect(outcome(promotion(), given)).toEqual([ok, state, expect.stringMatching(why)])
  })

  it('records who, why, when and the sentence', () => {
    expect(answer(promotion(), YES).approval.given).toEqual([
      {
        by: 'ayse',
        person: 'ayse',
        reason: 'a quiet week',
        atWallMs: WALL + MINUTE,
        sentence: 'ONAY: Promote v1.8.1 to production',
      },
    ])
  })

  it('leaves what it was given as it was', () => {
    const approval = Object.freeze(promotion({ given: Object.freeze([]) }))
    answer(approval, YES)
    expect(approval).toEqual(promotion())
  })
})

describe('an approval that is over', () => {
  it.each(['approved', 'refused', 'expired', 'stale'] as const)('answers nothing any more once it is %s', (state) => {
    const over = promotion({ state })
    for (const given of [YES, NO]) {
      const answered = answer(over, given)
      expect(answered.ok).toBe(false)
      expect(answered.approval).toBe(over)
    }
  })
})

describe('an approval that needs two persons', () => {
  const once = answer(promotion({ needs: 2 }), YES).approval

  it('waits for the second', () => {
    expect([once.state, once.given.length]).toEqual(['waiting', 1])
    const twice = answer(once, { ...YES, ...DENIZ, reason: 'read the figures' }).approval
    expect([twice.state, twice.given.map(({ by }) => by)]).toEqual(['approved', ['ayse', 'deniz']])
  })

  it.each(['ayse', ' ayse', 'AYSE', 'ａｙｓｅ'])('takes %s for the first one again', (person) => {
    const answered = outcome(once, { ...YES, by: person, person })
    expect(answered.slice(0, 2)).toEqual([false, 'waiting'])
    expect(answered[2]).toMatch(/ has approved it already; another person is needed$/)
  })

  it('is not given by one person under two names', () => {
    expect(outcome(once, { ...YES, by: 'laptop' })).toEqual([
      false,
      'waiting',
      'laptop is ayse, who has approved it as ayse; another person is needed',
    ])
  })

  it('names the person beside the name where it is another', () => {
    expect(namedPerson({ by: 'laptop', person: 'ayse' })).toBe('laptop (ayse)')
    expect([namedPerson({ by: 'Ayse', person: 'ayse' }), namedPerson({ by: 'ayse' })]).toEqual(['Ayse', 'ayse'])
  })

  it('takes the name for the person where an earlier version recorded it', () => {
    const { person: _, ...before } = once.given[0] ?? YES
    const given = [{ ...before, sentence: once.sentence }]
    expect(outcome({ ...once, given }, YES).slice(0, 2)).toEqual([false, 'waiting'])
    expect(outcome({ ...once, given }, { ...YES, ...DENIZ }).slice(0, 2)).toEqual([true, 'approved'])
  })

  it('is over when the second says no, comes too late, or finds it changed', () => {
    expect(outcome(once, { ...NO, ...DENIZ }).slice(0, 2)).toEqual([true, 'refused'])
    expect(outcome(once, { ...YES, ...DENIZ, atWallMs: LATE }).slice(0, 2)).toEqual([false, 'expired'])
    expect(outcome(once, { ...YES, ...DENIZ, current: CHANGED }).slice(0, 2)).toEqual([false, 'stale'])
  })
})

describe('a wall clock that is set back', () => {
  it('gives nobody more time: the expiry moves back by as much', () => {
    const seen = seenAt(promotion(), WALL + 10 * MINUTE)
    const back = seenAt(seen, WALL + 2 * MINUTE)
    expect(back.expiresWallMs).toBe(LATE - 8 * MINUTE)
    expect(seenAt(back, WALL + 7 * MINUTE - 1).state).toBe('waiting')
    expect(seenAt(back, WALL + 7 * MINUTE).state).toBe('expired')
  })

  it('does not bring back what has expired', () => {
    const expired = seenAt(promotion(), LATE)
    expect(seenAt(expired, WALL)).toBe(expired)
    expect(outcome(expired, YES)).toEqual([false, 'expired', 'it was expired before'])
  })

  it('lets no approval live longer than 15 minutes in all, over any steps of the clock', () => {
    const step = fc.record({
      lastsMs: fc.integer({ min: 1, max: 5 * MINUTE }),
      setMs: fc.integer({ min: -1e8, max: 1e7 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let approval = promotion()
        let wallMs = WALL
        let livedMs = 0
        for (const { lastsMs, setMs } of steps) {
          livedMs += lastsMs
          wallMs += lastsMs
          approval = seenAt(approval, wallMs)
          if (livedMs >= 15 * MINUTE) expect(approval.state).toBe('expired')
          wallMs += setMs
          approval = seenAt(approval, wallMs)
        }
      }),
    )
  })
})

const ANSWERS: fc.Arbitrary<GivenAnswer> = fc.record({
  decision: fc.constantFrom('approve', 'approve', 'approve', 'reject'),
  phrase: fc.oneof(fc.constant('ONAY'), fc.string({ maxLength: 1 }), fc.constantFrom('onay', 'ONAYONAY', 'O N A Y')),
  reason: fc.constantFrom('seen', 'seen', '', ' '),
  by: fc.constantFrom('ayse', 'Ayse', 'deniz', 'laptop', ''),
  person: fc.constantFrom('ayse', 'Ayse', 'deniz', ''),
  atWallMs: fc.integer({ min: -2, max: 20 }).map((minutes) => WALL + minutes * MINUTE),
  current: fc.record({
    verdictsKey: fc.constantFrom(KEY, KEY, KEY, KEY, 'other'),
    sha256: fc.constantFrom(SHA, SHA, SHA, SHA, 'other'),
  }),
})

describe('over any answers', () => {
  const play = (needs: 1 | 2, answers: readonly GivenAnswer[]) => {
    let approval = promotion({ needs })
    return answers.map((given) => {
      const before = approval
      const { ok, approval: after } = answer(before, given)
      approval = after
      return { before, after, given, ok }
    })
  }
  const all = fc.tuple(fc.constantFrom<1 | 2>(1, 2), fc.array(ANSWERS, { maxLength: 12 }))

  it('nothing is approved by less than the phrase, a reason and a name, in time, on unchanged figures', () => {
    fc.assert(
      fc.property(all, ([needs, answers]) => {
        for (const { before, after, given } of play(needs, answers)) {
          if (after.given.length === before.given.length) continue
          expect(given).toMatchObject({ decision: 'approve', phrase: 'ONAY', reason: 'seen', current: YES.current })
          expect(given.by).not.toBe('')
          expect(given.atWallMs).toBeLessThan(LATE)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('it is used once: whatever is over stays as it is', () => {
    fc.assert(
      fc.property(all, ([needs, answers]) => {
        for (const { before, after, ok } of play(needs, answers)) {
          if (before.state === 'waiting') continue
          expect(ok).toBe(false)
          expect(after).toBe(before)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('it is approved exactly when as many different persons as it needs have said so', () => {
    fc.assert(
      fc.property(all, ([needs, answers]) => {
        const last = play(needs, answers).at(-1)?.after
        if (last === undefined) return
        const persons = new Set(last.given.map(({ person }) => person?.toLowerCase()))
        expect(persons.size).toBe(last.given.length)
        expect(last.state === 'approved').toBe(persons.size === needs)
      }),
      { numRuns: 3_000 },
    )
  })
})
