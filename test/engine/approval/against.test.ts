import { describe, expect, it } from 'vitest'
import { type Doubts, speaksAgainst } from '../../../src/engine/approval/against.ts'

type Outcome = NonNullable<Doubts['outcome']>

const NOTHING: Doubts = {
  action: 'promote',
  candidate: 'v2',
  baseline: 'v1',
  profile: 'equivalent',
  mode: 'serve',
  outcome: {
    verdict: 'better',
    n: 2_000,
    minRows: 1_440,
    logLoss: { candidate: 0.6, baseline: 0.7, fallback: 0.8 },
    difference: { value: -0.1, lo: -0.2, hi: -0.05 },
    auc: { candidate: 0.7, baseline: 0.65, fallback: 0.6 },
  },
  offline: { auc: 0.7, lo: 0.69, hi: 0.71, limit: 0.62 },
  match: { rate: 0.99, n: 2_000 },
  canary: { live: 100, probes: 900 },
}

function against(change: Partial<Doubts>, outcome: Partial<Outcome> = {}): readonly string[] {
  const doubts = { ...NOTHING, ...change }
  return speaksAgainst({ ...doubts, outcome: doubts.outcome === null ? null : { ...doubts.outcome, ...outcome } })
}

const losses = (candidate: number | null, baseline: number | null, fallback: number | null) => ({
  logLoss: { candidate, baseline, fallback },
})
const AUC = { candidate: 0.7, baseline: 0.65, fallback: 0.6 }

describe('what speaks against a model, where a figure stands on its limit', () => {
  it('is nothing when nothing does', () => {
    expect(against({})).toEqual([])
  })

  it.each<[what: string, change: Partial<Doubts>, outcome: Partial<Outcome>, said: RegExp | null]>([
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
    ['a canary that is to answer callers starts', { action: 'canary_start', canary: null }, {}, null],
    ['a canary that only watches starts', { action: 'canary_start', mode: 'observe' }, {}, /^no caller is exposed/],
  ])('%s', (_, change, outcome, said) => {
    expect(against(change, outcome)).toEqual(said === null ? [] : [expect.stringMatching(said)])
  })
})
