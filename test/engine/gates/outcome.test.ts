import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  judgeOutcome,
  OUTCOME_LIMITS,
  outcomeText,
  type OutcomeVerdict,
  outcomeVerdict,
} from '../../../src/engine/gates/outcome.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'

const CASES: readonly [line: string, n: number, lo: number, hi: number, verdict: OutcomeVerdict][] = [
  ['too early below 1,440 settled minutes, however clear it looks', 1_439, -0.2, -0.1, 'too_early'],
  ['better when the whole interval lies below zero', 1_440, -0.2, -1e-9, 'better'],
  ['no worse when its upper end is zero', 1_440, -0.2, 0, 'no_worse'],
  ['worse when the whole interval lies above zero, even within the margin', 1_440, 1e-9, 0.004, 'worse'],
  ['no worse when its lower end is zero and its upper below 0.005', 1_440, 0, 0.0049, 'no_worse'],
  ['undecided when its upper end is 0.005', 1_440, -0.2, 0.005, 'undecided'],
  ['undecided when it is wide', 10_000, -0.2, 0.2, 'undecided'],
]

/** Losses that differ by `by`, and a little noise that both share. */
function losses(n: number, by: number) {
  const random = seededRandom(5)
  const baseline = Float64Array.from({ length: n }, () => 0.6 + 0.1 * random.next())
  return { baseline, candidate: baseline.map((x) => x + by), fallback: baseline.map((x) => x + 0.01) }
}

describe('the outcome is', () => {
  it.each(CASES)('%s', (_line, n, lo, hi, verdict) => {
    expect(outcomeVerdict(n, { value: (lo + hi) / 2, lo, hi }, OUTCOME_LIMITS)).toBe(verdict)
  })

  const end = fc.double({ min: -0.1, max: 0.1, noNaN: true })
  const verdict = (n: number, a: number, b: number): OutcomeVerdict =>
    outcomeVerdict(n, { value: (a + b) / 2, lo: Math.min(a, b), hi: Math.max(a, b) }, OUTCOME_LIMITS)

  it('too early for any interval, one row before there are enough, and never from then on', () => {
    fc.assert(
      fc.property(end, end, fc.nat(10_000), (a, b, more) => {
        expect(verdict(1_439, a, b)).toBe('too_early')
        expect(verdict(1_440 + more, a, b)).not.toBe('too_early')
      }),
    )
  })

  it('better for the one exactly where it is worse for the other', () => {
    fc.assert(
      fc.property(end, end, (a, b) => {
        expect(verdict(1_440, a, b) === 'better').toBe(verdict(1_440, -a, -b) === 'worse')
      }),
    )
  })

  it('never improved by more loss', () => {
    const WORST_FIRST: readonly OutcomeVerdict[] = ['worse', 'undecided', 'no_worse', 'better']
    fc.assert(
      fc.property(end, end, fc.double({ min: 0, max: 0.2, noNaN: true }), (a, b, more) => {
        const [before, after] = [verdict(1_440, a, b), verdict(1_440, a + more, b + more)]
        expect(WORST_FIRST.indexOf(after)).toBeLessThanOrEqual(WORST_FIRST.indexOf(before))
      }),
    )
  })
})

describe('the outcome line', () => {
  it('is unknown without a pair', () => {
    const none = new Float64Array(0)
    const outcome = judgeOutcome({ candidate: none, baseline: none, fallback: none }, OUTCOME_LIMITS, seededRandom(1))
    expect(outcome).toMatchObject({ verdict: 'too_early', n: 0, difference: null, againstFallback: null })
    expect(outcome.logLoss).toEqual({ candidate: null, baseline: null, fallback: null })
    expect(outcomeText(outcome, OUTCOME_LIMITS)).toBe('1440 more settled minutes needed')
  })

  it('is the candidate minus the baseline, and minus the fallback, on the same minutes', () => {
    const outcome = judgeOutcome(losses(2_000, 0.02), OUTCOME_LIMITS, seededRandom(1))
    expect(outcome.verdict).toBe('worse')
    expect(outcome.difference?.value).toBeCloseTo(0.02, 10)
    expect(outcome.difference?.lo).toBeCloseTo(0.02, 10)
    expect(outcome.againstFallback?.value).toBeCloseTo(0.01, 10)
    expect(outcomeText(outcome, OUTCOME_LIMITS)).toMatch(
      /^log loss 0\.6702 against 0\.6502, fallback 0\.6602, on 2000 settled minutes$/,
    )
  })

  it('says which is better, and the same for the same losses', () => {
    const judged = () => judgeOutcome(losses(1_440, -0.02), OUTCOME_LIMITS, seededRandom(7))
    expect(judged().verdict).toBe('better')
    expect(judged()).toEqual(judged())
  })
})
