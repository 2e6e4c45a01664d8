import { describe, expect, it } from 'vitest'
import { type Doubts, speaksAgainst, verdictsShown } from '../../../src/engine/approval/against.ts'
import { doubts, losses, outcome, type OutcomeFigures } from './approvals.ts'

const AUC = { candidate: 0.7, baseline: 0.65, fallback: 0.6 }

function against(change: Partial<Doubts>, figures: Partial<OutcomeFigures> = {}): readonly string[] {
  const models = { candidate: 'v2', baseline: 'v1' }
  const better = { ...losses(0.6, 0.7, 0.8), auc: AUC }
  return speaksAgainst(doubts({ ...models, ...outcome({ ...better, ...figures }), ...change }))
}

describe('what speaks against a model, where a figure stands on its limit', () => {
  it('is nothing when nothing does', () => {
    expect(against({})).toEqual([])
  })

  it.each<[what: string, change: Partial<Doubts>, figures: Partial<OutcomeFigures>, said: RegExp | null]>([
    ['the loss of the baseline is unknown', {}, losses(0.6, null, null), /could not be worked out/],
    ['the loss of the candidate is unknown', {}, losses(null, 0.7, null), /could not be worked out/],
    ['it is no worse with the same loss', {}, { verdict: 'no_worse', ...losses(0.7, 0.7, 0.8) }, /: no better/],
    ['it is no worse with a lower loss', {}, { verdict: 'no_worse' }, null],
    ['there is no interval', {}, { verdict: 'undecided', difference: null }, /: undecided$/],
    [
      'the interval touches zero',
      {},
      { verdict: 'undecided', difference: { value: 0, lo: -0.1, hi: 0 } },
      /-0\.1000 to \+0\.0000/,
    ],
    ['the fallback has the same loss', {}, losses(0.6, 0.7, 0.6), null],
    ['the fallback has a lower loss', {}, losses(0.6, 0.7, 0.59), /lower log loss: 0\.5900 against 0\.6000/],
    ['the loss of the fallback is unknown', {}, losses(0.6, 0.7, null), null],
    ['the fallback ranks as well', {}, { auc: { ...AUC, fallback: 0.7 } }, null],
    ['how the fallback ranks is unknown', {}, { auc: { ...AUC, fallback: null } }, null],
    ['how the candidate ranks is unknown', {}, { auc: { ...AUC, candidate: null } }, null],
    [
      'the fallback ranks above the candidate and as the baseline',
      {},
      { auc: { candidate: 0.6, baseline: 0.7, fallback: 0.7 } },
      /better than v2: /,
    ],
    [
      'the fallback ranks above both',
      {},
      { auc: { candidate: 0.6, baseline: 0.65, fallback: 0.7 } },
      /better than both: .* and 0\.650 \(v1\)$/,
    ],
    [
      'the interval ends at the limit',
      { offline: { auc: 0.6, lo: 0.58, hi: 0.62, limit: 0.62 } },
      {},
      /either side of its limit/,
    ],
    ['the interval begins at the limit', { offline: { auc: 0.65, lo: 0.62, hi: 0.7, limit: 0.62 } }, {}, null],
    ['a hundred callers were counted', { canary: { live: 100, probes: 1 } }, {}, null],
    [
      'one caller less was counted',
      { canary: { live: 99, probes: 1 } },
      {},
      /counted 99 live requests, the other 1 were probes/,
    ],
    ['the canary only watched', { mode: 'observe' }, {}, /no caller was exposed in the canary/],
    [
      'a canary that is to answer callers starts',
      { action: 'canary_start', canary: null },
      {},
      /^callers are exposed: what v\S+ gets wrong/,
    ],
    ['a canary that only watches starts', { action: 'canary_start', mode: 'observe' }, {}, /^no caller is exposed/],
  ])('%s', (_, change, figures, said) => {
    expect(against(change, figures)).toEqual(said === null ? [] : [expect.stringMatching(said)])
  })
})

describe('the verdicts that a prompt shows', () => {
  const shown = (change: Partial<Doubts>, figures: Partial<OutcomeFigures> = {}): readonly string[] =>
    verdictsShown(doubts({ ...outcome({ ...losses(0.6, 0.7, 0.8), auc: AUC, ...figures }), ...change }))

  it.each<[what: string, change: Partial<Doubts>, figures: Partial<OutcomeFigures>]>([
    ['the outcome says otherwise', {}, { verdict: 'undecided' }],
    ['there is no outcome any more', { outcome: null }, {}],
    ['the candidate is no better than the model in charge', {}, losses(0.7, 0.7, 0.8)],
    ['the fallback has the lower log loss', {}, losses(0.6, 0.7, 0.59)],
    ['the fallback ranks better', {}, { auc: { ...AUC, fallback: 0.71 } }],
    ['it is judged under another profile', { profile: 'improve' }, {}],
    ['its offline figures stand at their limit', { offline: { auc: 0.6, lo: 0.58, hi: 0.62, limit: 0.62 } }, {}],
  ])('change when %s', (_, change, figures) => {
    expect(shown(change, figures)).not.toEqual(shown({}))
  })

  it('stay while figures move that change none of them', () => {
    const later = { ...losses(0.59, 0.69, 0.79), n: 2_500, auc: { ...AUC, fallback: 0.61 } }
    expect(shown({ match: { rate: 0.97, n: 9_000 }, canary: { live: 400, probes: 10 } }, later)).toEqual(shown({}))
  })

  it('are none about settled minutes while it is too early', () => {
    const early = { verdict: 'too_early' } as const
    expect(shown({}, { ...early, ...losses(0.6, 0.7, 0.5) })).toEqual(shown({}, { ...early, ...losses(0.7, 0.6, 0.8) }))
  })
})
