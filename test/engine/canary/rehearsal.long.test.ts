import { assert, constantFrom, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JUDGE_LIMITS, PLANS } from '../../../src/engine/canary/plan.ts'
import { PROBE_LIMITS } from '../../../src/engine/canary/probes.ts'
import {
  type CanaryRules,
  type ComparedMinute,
  type ComparedRuns,
  type RehearsedCanary,
  rehearseCanaries,
} from '../../../src/engine/canary/rehearsal.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'

const RULES: CanaryRules = { plan: PLANS.mini, profile: 'equivalent', judge: JUDGE_LIMITS, probes: PROBE_LIMITS }
const WHOLE_MIN = 90
const DAY_MIN = 1_440

const WELL: ComparedRuns = {
  tried: 1,
  errors: 0,
  comparisons: 1,
  matched: 1,
  timed: 1,
  above80Ms: 0,
  above120Ms: 0,
}
const FAILED: ComparedRuns = { ...WELL, errors: 1, comparisons: 0, matched: 0 }
const OTHER: ComparedRuns = { ...WELL, matched: 0 }
const SLOW: ComparedRuns = { ...WELL, above80Ms: 1, above120Ms: 1 }

/** So many minutes on end, each a try of the room's own. */
function recorded(count: number, runsAt: (i: number) => ComparedRuns = () => WELL): ComparedMinute[] {
  return Array.from({ length: count }, (_, i) => ({ tsMs: START + i * MINUTE, own: runsAt(i), all: runsAt(i) }))
}

const rehearsed = (minutes: readonly ComparedMinute[], rules: Partial<CanaryRules> = {}, sinceMs = START) =>
  rehearseCanaries(minutes, { ...RULES, ...rules }, sinceMs)
const statuses = (canaries: readonly RehearsedCanary[]) => canaries.map(({ status }) => status)

describe('canaries over recorded weeks', () => {
  it('begin one after the other, the first after a day from which its probes are drawn', () => {
    const canaries = rehearsed(recorded(DAY_MIN + 4 * WHOLE_MIN))
    expect(canaries).toEqual(
      [0, 1, 2, 3].map((n) => ({
        fromMs: START + DAY + n * WHOLE_MIN * MINUTE,
        endedMs: START + DAY + (n + 1) * WHOLE_MIN * MINUTE,
        plannedMs: START + DAY + (n + 1) * WHOLE_MIN * MINUTE,
        status: 'SUCCESS',
      })),
    )
    expect(rehearsed(recorded(DAY_MIN))).toEqual([])
    expect(rehearsed([])).toEqual([])
    const sinceMs = START + DAY + 3 * WHOLE_MIN * MINUTE
    expect(rehearsed(recorded(DAY_MIN + 4 * WHOLE_MIN), {}, sinceMs).map(({ fromMs }) => fromMs)).toEqual([sinceMs])
  })

  it('leave one unfinished where the recording ends', () => {
    const [canary] = rehearsed(recorded(DAY_MIN + 40))
    expect(canary).toMatchObject({ status: 'UNFINISHED', endedMs: START + DAY + 40 * MINUTE })
  })

  it.each<[why: string, runs: ComparedRuns]>([
    ['errs', FAILED],
    ['answers late', SLOW],
    ['does not agree', OTHER],
  ])('are stopped before their first phase ends where the candidate %s', (_, runs) => {
    const [canary] = rehearsed(recorded(2 * DAY_MIN, () => runs))
    expect(canary?.status).toBe('ABORTED')
    expect((canary?.endedMs ?? 0) - (canary?.fromMs ?? 0)).toBeLessThan(30 * MINUTE)
  })

  it('are not stopped by a disagreement that is meant', () => {
    const minutes = recorded(DAY_MIN + 2 * WHOLE_MIN, () => OTHER)
    expect(statuses(rehearsed(minutes, { profile: 'improve' }))).toEqual(['SUCCESS', 'SUCCESS'])
  })

  it('are held and end inconclusive between the limits, and pass where the limits are others', () => {
    // Seven in a hundred do not match: neither 95 % nor below 90 %.
    const minutes = recorded(DAY_MIN + WHOLE_MIN, (i) => (i % 100 < 7 ? OTHER : WELL))
    const [held] = rehearsed(minutes)
    expect(held).toMatchObject({ status: 'INCONCLUSIVE', endedMs: START + DAY + HOUR })
    const judge = { ...JUDGE_LIMITS, matchRate: { within: 0.9, abort: 0.85 } }
    expect(rehearsed(minutes, { judge })[0]?.status).toBe('SUCCESS')
    const strict = { ...JUDGE_LIMITS, matchRate: { within: 0.999, abort: 0.99 } }
    expect(rehearsed(minutes, { judge: strict })[0]?.status).toBe('ABORTED')
  })

  it('never pass without enough comparisons: a gap in the recording ends one inconclusive', () => {
    const minutes = recorded(2 * DAY_MIN).filter((_, i) => i < DAY_MIN + 5 || i >= DAY_MIN + 200)
    const [first, second] = rehearsed(minutes)
    expect(first).toMatchObject({ status: 'INCONCLUSIVE', endedMs: START + DAY + HOUR })
    expect(second).toMatchObject({ status: 'SUCCESS', fromMs: START + DAY + 200 * MINUTE })
  })

  it('see the failures of callers, of whom no probe is drawn', () => {
    const minutes = recorded(DAY_MIN + WHOLE_MIN).map((minute, i) =>
      i < DAY_MIN
        ? minute
        : { ...minute, all: { ...WELL, tried: 100, errors: 50, comparisons: 50, matched: 50, timed: 100 } },
    )
    expect(rehearsed(minutes)[0]?.status).toBe('ABORTED')
    const before = recorded(DAY_MIN + WHOLE_MIN).map((minute, i) =>
      i < DAY_MIN ? { ...minute, own: null, all: FAILED } : minute,
    )
    expect(rehearsed(before)[0]?.status).toBe('INCONCLUSIVE')
  })

  it('follow each other whatever is recorded, and are the same each time', () => {
    const bad = record({
      runs: constantFrom(WELL, FAILED, OTHER, SLOW),
      every: constantFrom(1, 3, 20, 50, 200),
      from: constantFrom(0, 1_000, 2_000),
    })
    assert(
      property(bad, ({ runs, every, from }) => {
        const minutes = recorded(DAY_MIN + 900, (i) => (i >= from && i % every === 0 ? runs : WELL))
        const canaries = rehearsed(minutes)
        expect(rehearsed(minutes)).toEqual(canaries)
        let endedMs = START + DAY
        for (const canary of canaries) {
          expect(canary.fromMs).toBeGreaterThanOrEqual(endedMs)
          expect(canary.endedMs).toBeGreaterThan(canary.fromMs)
          expect(canary.plannedMs).toBe(canary.fromMs + WHOLE_MIN * MINUTE)
          if (canary.status === 'SUCCESS') expect(canary.endedMs).toBeGreaterThanOrEqual(canary.plannedMs)
          ;({ endedMs } = canary)
        }
        expect(statuses(canaries).slice(0, -1)).not.toContain('UNFINISHED')
      }),
      { numRuns: 20 },
    )
  })
})
