import { describe, expect, it } from 'vitest'
import { type Doubts, speaksAgainst } from '../../../src/engine/approval/against.ts'
import { openApproval, sentenceOf } from '../../../src/engine/approval/prompt.ts'
import { doubts, interval, losses, outcome, promotion, WALL } from './approvals.ts'
import { MINUTE } from '../../kit/moments.ts'

describe('a prompt', () => {
  it('is named by a sentence that says what is approved', () => {
    const start = { action: 'canary_start', candidate: 'v1.8.1', mode: 'observe' } as const
    expect(sentenceOf({ ...start, split: 0.05, durationMs: 30 * MINUTE })).toBe(
      'ONAY: Canary START 5 %/30 min observe (v1.8.1)',
    )
    expect(sentenceOf({ ...start, split: 0.07, durationMs: 90_000 })).toContain('START 7 %/1.5 min')
    expect(sentenceOf({ action: 'promote', candidate: 'v1.8.1' })).toBe('ONAY: Promote v1.8.1 to production')
  })

  it('waits, for 15 minutes of the wall clock', () => {
    expect(promotion()).toMatchObject({
      action: 'promote',
      subject: 'v1.8.1',
      state: 'waiting',
      given: [],
      openedWallMs: WALL,
      expiresWallMs: WALL + 15 * MINUTE,
    })
  })

  it('is not opened without a wall clock, which it would never expire by', () => {
    const { id, symbol, sha256, figures, figuresHash, verdictsKey, against, needs, openedBy } = promotion()
    const bound = { id, symbol, sha256, figures, figuresHash, verdictsKey, against, needs, openedBy }
    const times = { openedWallMs: WALL, expiresWallMs: WALL + 15 * MINUTE }
    const open = (given: Partial<typeof times>) =>
      openApproval({ action: 'promote', candidate: 'v2' }, bound, { ...times, ...given })
    expect(() => open({ openedWallMs: Number.NaN })).toThrow(RangeError)
    expect(() => open({ expiresWallMs: Number.NaN })).toThrow(RangeError)
    expect(open({})).toMatchObject({ subject: 'v2', ...times })
  })
})

const LINES: readonly [what: string, change: Partial<Doubts>, lines: readonly string[]][] = [
  ['nothing', {}, []],
  ['no settled minute', { outcome: null }, ['v1.8.1 has no settled minutes yet, so its worth is unknown']],
  [
    'too few settled minutes',
    outcome({ verdict: 'too_early', n: 161, ...losses(0.7, 0.6, 0.5) }),
    ['161 settled minutes are too few to say what v1.8.1 is worth: 1,440 are needed'],
  ],
  [
    'an outcome that is worse',
    outcome({ verdict: 'worse', ...losses(0.6732, 0.6708, 0.68), ...interval(0.001, 0.004) }),
    [
      'settled log loss 0.6732 against 0.6708 for v1.8-b0 on 10,075 minutes: worse (95 % interval of the difference +0.0010 to +0.0040)',
    ],
  ],
  [
    'an outcome that is undecided and the wrong way',
    outcome({ verdict: 'undecided', ...losses(0.6732, 0.6708, 0.68), ...interval(-0.001, 0.006) }),
    [
      'settled log loss 0.6732 against 0.6708 for v1.8-b0 on 10,075 minutes: no better (95 % interval of the difference -0.0010 to +0.0060)',
    ],
  ],
  [
    'an outcome that is undecided and the right way',
    outcome({ verdict: 'undecided', ...losses(0.65, 0.66, 0.68), ...interval(-0.03, 0.01) }),
    [
      'settled log loss 0.6500 against 0.6600 for v1.8-b0 on 10,075 minutes: undecided (95 % interval of the difference -0.0300 to +0.0100)',
    ],
  ],
  ['an outcome that is no worse and the right way', outcome({ verdict: 'no_worse' }), []],
  [
    'losses that are not known',
    outcome({ verdict: 'undecided', ...losses(null, null, null) }),
    ['the settled log loss of v1.8.1 against v1.8-b0 could not be worked out'],
  ],
  [
    'a fallback that ranks better than both',
    outcome({ auc: { candidate: 0.613, baseline: 0.611, fallback: 0.637 } }),
    ['the plain fallback ranks better than both: AUC 0.637 against 0.613 (v1.8.1) and 0.611 (v1.8-b0)'],
  ],
  [
    'a fallback that ranks better than the candidate alone',
    outcome({ auc: { candidate: 0.613, baseline: 0.65, fallback: 0.637 } }),
    ['the plain fallback ranks better than v1.8.1: AUC 0.637 against 0.613 (v1.8.1)'],
  ],
  [
    'a fallback of lower log loss',
    outcome(losses(0.65, 0.67, 0.637)),
    ['the plain fallback has the lower log loss: 0.6370 against 0.6500 on 10,075 minutes'],
  ],
  [
    'an offline interval around the limit',
    { offline: { auc: 0.6226, lo: 0.613, hi: 0.632, limit: 0.62 } },
    ['offline it may lie on either side of its limit: AUC 0.623, 95 % interval 0.613 to 0.632, limit 0.62'],
  ],
  [
    'an offline interval below the limit',
    { offline: { auc: 0.566, lo: 0.556, hi: 0.576, limit: 0.62 } },
    ['offline it lies below its limit: AUC 0.566, 95 % interval 0.556 to 0.576, limit 0.62'],
  ],
  ['no offline report', { offline: null }, ['there is no offline report of v1.8.1']],
  ['no comparison', { match: null }, ['v1.8.1 has not been compared with v1.8-b0']],
  [
    'a candidate that is meant to differ',
    { profile: 'improve', match: { rate: 0.21, n: 1_440 } },
    ['v1.8.1 is meant to differ: it agrees with v1.8-b0 on 21.0 % of 1,440 rows, and that stops nothing'],
  ],
  ['a canary that only watched', { mode: 'observe' }, ['no caller was exposed in the canary: it only watched']],
  [
    'a canary that saw little but probes',
    { canary: { live: 39, probes: 1_600 } },
    ['the canary counted 39 live requests, the other 1,600 were probes'],
  ],
  [
    'the start of a canary that observes',
    { action: 'canary_start', mode: 'observe', canary: null },
    ["no caller is exposed: all get v1.8-b0's answers, so this canary cannot show how they would fare with v1.8.1"],
  ],
]

describe('what speaks against it', () => {
  it.each(LINES)('says in plain words: %s', (_, change, lines) => {
    expect(speaksAgainst(doubts(change))).toEqual(lines)
  })

  it('puts the outcome first and says everything at once', () => {
    const worth = outcome({
      verdict: 'undecided',
      ...losses(0.6732, 0.6708, 0.66),
      auc: { candidate: 0.613, baseline: 0.61, fallback: 0.637 },
    })
    const offline = { auc: 0.6226, lo: 0.613, hi: 0.632, limit: 0.62 }
    const lines = speaksAgainst(doubts({ mode: 'observe', offline, ...worth }))
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'settled log loss',
      'the plain fallback',
      'the plain fallback',
      'offline it may',
      'no caller was',
    ])
  })
})
