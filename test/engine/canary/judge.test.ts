import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  judgeDryRun,
  judgeLook,
  judgePhaseEnd,
  type PhaseEndVerdict,
  type PhaseFigures,
} from '../../../src/engine/canary/judge.ts'
import { JUDGE_LIMITS as LIMITS } from '../../../src/engine/canary/plan.ts'
import { NO_FIGURES } from '../../kit/canary.ts'
import { FINE, figures, withErrors } from './plan-figures.ts'

const look = (change: Partial<PhaseFigures>, profile: 'equivalent' | 'improve' = 'equivalent') =>
  judgeLook(figures(change), LIMITS, profile)
const end = (change: Partial<PhaseFigures>, profile: 'equivalent' | 'improve' = 'equivalent') =>
  judgePhaseEnd(figures(change), LIMITS, profile)

/** Of so many tries the fewest errors whose 99.9 % Wilson interval lies above 2 %, computed with Python's `statistics`. */
const FEWEST_BEYOND_2_PERCENT = [
  [100, 7],
  [300, 14],
  [1_000, 35],
  [5_000, 133],
] as const

describe('a look', () => {
  it('aborts when the whole 99.9 % interval lies beyond an abort limit, and not before', () => {
    for (const [tries, errors] of FEWEST_BEYOND_2_PERCENT) {
      expect(judgeLook(withErrors(tries, errors), LIMITS, 'equivalent').kind).toBe('abort')
      expect(judgeLook(withErrors(tries, errors - 1), LIMITS, 'equivalent').kind).toBe('goOn')
    }
    expect(look({ matched: 250 }).kind).toBe('abort')
    expect(look({ matched: 280 }).kind).toBe('goOn')
    expect(look({ above80Ms: 60, above120Ms: 60 }).kind).toBe('abort')
    expect(look({ above80Ms: 20, above120Ms: 20, p95Ms: 130 }).kind).toBe('goOn')
  })

  it('needs 100 comparisons; for errors 100 tries, for latency 100 timed', () => {
    expect(look({ comparisons: 99, matched: 0 }).kind).toBe('goOn')
    expect(look({ comparisons: 100, matched: 0 }).kind).toBe('abort')
    expect(judgeLook(withErrors(99, 99), LIMITS, 'equivalent').kind).toBe('goOn')
    expect(judgeLook(withErrors(100, 100), LIMITS, 'equivalent').kind).toBe('abort')
    expect(look({ timed: 99, above80Ms: 99, above120Ms: 99 }).kind).toBe('goOn')
    expect(look({ timed: 100, above80Ms: 100, above120Ms: 100 }).kind).toBe('abort')
  })

  it('stops a candidate that only fails, although nothing was ever compared', () => {
    expect(judgeLook({ ...NO_FIGURES, tried: 100, errors: 100 }, LIMITS, 'improve').kind).toBe('abort')
  })

  it('stops a retrained model that agrees on 9.9 % under equivalent, and not under improve', () => {
    expect(look({ matched: 32 })).toMatchObject({
      kind: 'abort',
      reason: expect.stringContaining('match 10 % of 320, interval'),
    })
    expect(look({ matched: 32 }, 'improve')).toMatchObject({ kind: 'goOn' })
    expect(look({ matched: 32 }, 'improve').reason).toContain('match 10 % of 320 (shown, not judged)')
  })

  it('never blocks by PSI', () => {
    expect(look({ psi: 9 }).kind).toBe('goOn')
    expect(end({ psi: 9 }).kind).toBe('advance')
  })

  it('goes on without any figures, and says so', () => {
    expect(judgeLook(NO_FIGURES, LIMITS, 'equivalent')).toMatchObject({
      kind: 'goOn',
      reason:
        'go on: errors unknown, match unknown, p95 unknown; 0 probes, 0 requests within the share, 0 live comparisons in all',
      intervals: { errorRate: { lo: 0, hi: 1 }, matchRate: { lo: 0, hi: 1 }, above120Ms: { lo: 0, hi: 1 } },
    })
  })
})

/** At a phase's end, both sides of every limit. */
const ENDS: readonly [line: string, change: Partial<PhaseFigures>, kind: PhaseEndVerdict['kind'], reason: RegExp][] = [
  [
    'all within',
    {},
    'advance',
    /^all within the limits: errors 0 % of 320, match 100 % of 320, p95 1.8 ms; 300 probes, 20 requests within the share, 30 live comparisons in all$/,
  ],
  ['errors just below 1 %', { errors: 3 }, 'advance', /errors 0.9 %/],
  [
    'errors at 1 %',
    { tried: 400, errors: 4 },
    'hold',
    /^between the limits: errors 1 % of 400, below 1 %, abort above 2 %$/,
  ],
  ['errors at 2 %', { tried: 400, errors: 8 }, 'hold', /^between the limits: errors 2 %/],
  ['errors above 2 %', { tried: 400, errors: 9 }, 'abort', /^errors 2.3 % of 400/],
  ['match at 95 %', { matched: 304 }, 'advance', /match 95 %/],
  ['match below 95 %', { matched: 303 }, 'hold', /^between the limits: match 94.7 % of 320/],
  ['match at 90 %', { matched: 288 }, 'hold', /^between the limits: match 90 %/],
  ['match below 90 %', { matched: 287 }, 'abort', /^match 89.7 % of 320, at least 95 %, abort below 90 %$/],
  ['p95 just below 80 ms', { p95Ms: 79.9 }, 'advance', /p95 79.9 ms/],
  ['p95 at 80 ms', { p95Ms: 80 }, 'hold', /^between the limits: p95 80.0 ms/],
  ['p95 at 120 ms', { p95Ms: 120 }, 'hold', /^between the limits: p95 120.0 ms/],
  ['p95 above 120 ms', { p95Ms: 120.1 }, 'abort', /^p95 120.1 ms, below 80 ms, abort above 120 ms$/],
  ['p95 unknown', { p95Ms: null }, 'hold', /^p95 unknown/],
  ['99 comparisons', { comparisons: 99, matched: 99 }, 'hold', /^1 more comparisons needed, 99 so far$/],
  ['100 comparisons', { comparisons: 100, matched: 100 }, 'advance', /match 100 % of 100/],
  ['99 comparisons that all differ', { comparisons: 99, matched: 0 }, 'hold', /^1 more comparisons/],
  ['99 timed', { timed: 99, p95Ms: 500 }, 'hold', /^p95 500.0 ms: too few$/],
  ['99 tries', { tried: 99, errors: 50 }, 'hold', /^errors 50.5 % of 99: too few$/],
  [
    '100 tries, comparisons and timed, beyond the limits and not with certainty',
    { tried: 100, errors: 3, comparisons: 100, matched: 89, timed: 100, p95Ms: 121 },
    'abort',
    /^errors 3 % of 100, below 1 %, abort above 2 %; match 89 % of 100, at .*; p95 121.0 ms, below/,
  ],
  [
    'what is beyond with certainty beside what only is',
    { errors: 50, matched: 287 },
    'abort',
    /^errors [^;]* interval [^;]*$/,
  ],
  ['a p95 of 0 ms', { p95Ms: 0 }, 'advance', /p95 0.0 ms/],
  ['some answers beyond 120 ms', { above120Ms: 8 }, 'advance', /p95 1.8 ms, 2.5 % of 320 beyond 120 ms;/],
  ['a breach beside a figure that is missing', { errors: 50, p95Ms: null }, 'abort', /^errors 15.6 %/],
]

describe('a phase end', () => {
  it.each(ENDS)('with %s', (_, change, kind, reason) => {
    expect(end(change)).toMatchObject({ kind, reason: expect.stringMatching(reason) })
  })

  it('holds, and never passes, with nothing to judge by', () => {
    for (const profile of ['equivalent', 'improve'] as const) {
      expect(judgePhaseEnd(NO_FIGURES, LIMITS, profile).kind).toBe('hold')
    }
  })

  it('holds with too few live comparisons, however many probes there are: they are rows of yesterday', () => {
    const few = { comparisons: 1_019, matched: 1_019, tried: 1_019, timed: 1_019, live: 19, probes: 1_000 }
    expect(end({ ...few, liveCompared: 19 })).toMatchObject({
      kind: 'hold',
      reason: '1 more live comparisons needed, 19 so far',
    })
    expect(end({ ...few, liveCompared: 20 }).kind).toBe('advance')
    expect(end({ ...few, liveCompared: undefined }).kind).toBe('hold')
    expect(judgePhaseEnd(figures({ liveCompared: 3 }), { ...LIMITS, minLive: 3 }, 'equivalent').kind).toBe('advance')
  })

  it('leaves match out under improve, but not the number of comparisons', () => {
    expect(end({ matched: 32 }, 'improve').kind).toBe('advance')
    expect(end({ comparisons: 99, matched: 99 }, 'improve').kind).toBe('hold')
    expect(end({ matched: 32, errors: 50 }, 'improve').kind).toBe('abort')
  })

  it('passes only figures that are all there and within, whatever they are', () => {
    const count = fc.integer({ min: -1, max: 400 })
    fc.assert(
      fc.property(
        fc.record({ comparisons: count, matched: count, tried: count, errors: count, timed: count, above120Ms: count }),
        fc.option(fc.double({ min: -1, max: 200 })),
        fc.constantFrom('equivalent', 'improve'),
        (counts, p95Ms, profile) => {
          const verdict = judgePhaseEnd(figures({ ...counts, p95Ms }), LIMITS, profile)
          if (verdict.kind !== 'advance') return
          expect(counts.comparisons).toBeGreaterThanOrEqual(100)
          expect(counts.tried).toBeGreaterThanOrEqual(100)
          expect(counts.timed).toBeGreaterThanOrEqual(100)
          expect(counts.errors / counts.tried).toBeLessThan(0.01)
          if (profile === 'equivalent') expect(counts.matched / counts.comparisons).toBeGreaterThanOrEqual(0.95)
          expect(p95Ms).not.toBeNull()
          expect(p95Ms).toBeLessThan(80)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('aborts wherever a look would have', () => {
    const rate = fc.double({ min: 0, max: 0.2, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_000 }), rate, rate, rate, (n, errorRate, differs, slow) => {
        const errors = Math.round(n * errorRate)
        const comparisons = n - errors
        const above120Ms = Math.round(n * slow)
        const matched = comparisons - Math.round(comparisons * differs)
        const seen = figures({ tried: n, errors, comparisons, matched, timed: n, above80Ms: above120Ms, above120Ms })
        if (judgeLook(seen, LIMITS, 'equivalent').kind !== 'abort') return
        expect(judgePhaseEnd(seen, LIMITS, 'equivalent').kind).toBe('abort')
      }),
    )
  })
})

describe('certainty', () => {
  it('is the whole interval beyond the limit: an end that lies upon it is not', () => {
    // Limits that stand where the 99.9 % intervals of these very counts end.
    const seen = figures({ errors: 20, matched: 250, above80Ms: 30, above120Ms: 30 })
    const { errorRate, matchRate, above120Ms } = judgeLook(seen, LIMITS, 'equivalent').intervals ?? {}
    if (errorRate === undefined || matchRate === undefined || above120Ms === undefined) throw new Error('no intervals')
    const at = {
      ...LIMITS,
      errorRate: { within: 0.01, abort: errorRate.lo },
      matchRate: { within: 0.95, abort: matchRate.hi },
      tailShare: above120Ms.lo,
    }
    expect(judgeLook(seen, at, 'equivalent').kind).toBe('goOn')
    for (const beyond of [
      { errorRate: { ...at.errorRate, abort: errorRate.lo - 1e-9 } },
      { matchRate: { ...at.matchRate, abort: matchRate.hi + 1e-9 } },
      { tailShare: above120Ms.lo - 1e-9 },
    ])
      expect(judgeLook(seen, { ...at, ...beyond }, 'equivalent').kind).toBe('abort')
  })
})

describe('impossible figures', () => {
  const impossible: readonly [what: string, change: Partial<PhaseFigures>][] = [
    ['more matched than compared', { matched: 321 }],
    ['more errors than tries', { errors: 321 }],
    ['more slow answers than timed', { above120Ms: 321 }],
    ['a negative count', { errors: -1 }],
    ['a count that is no number', { tried: Number.NaN }],
    ['a count that is endless', { comparisons: Number.POSITIVE_INFINITY }],
    ['a p95 that is no number', { p95Ms: Number.NaN }],
  ]
  it.each(impossible)('are a failed measurement: %s', (_, change) => {
    expect(look(change)).toMatchObject({ kind: 'measureError', intervals: null })
    expect(end(change)).toMatchObject({ kind: 'measureError', intervals: null })
    expect(judgeDryRun(figures(change), LIMITS, 'equivalent')).toMatchObject({ status: 'INCONCLUSIVE' })
  })
})

describe('a dry run', () => {
  it('ends by the same limits, and a lack of figures is no success', () => {
    expect(judgeDryRun(FINE, LIMITS, 'equivalent').status).toBe('SUCCESS')
    expect(judgeDryRun(figures({ matched: 56 }), LIMITS, 'equivalent').status).toBe('ABORTED')
    expect(judgeDryRun(figures({ matched: 56 }), LIMITS, 'improve').status).toBe('SUCCESS')
    expect(judgeDryRun(figures({ p95Ms: 100 }), LIMITS, 'equivalent').status).toBe('INCONCLUSIVE')
    expect(judgeDryRun(NO_FIGURES, LIMITS, 'equivalent').status).toBe('INCONCLUSIVE')
    // It may come before the first live comparison.
    expect(judgeDryRun(figures({ liveCompared: 0 }), LIMITS, 'equivalent').status).toBe('SUCCESS')
  })
})
