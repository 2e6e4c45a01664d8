import { describe, expect, it } from 'vitest'
import { JUDGE_LIMITS } from '../../../src/engine/canary/plan.ts'
import { PROBE_LIMITS } from '../../../src/engine/canary/probes.ts'
import type { CanaryRun, EndedPhase, Measured } from '../../../src/engine/canary/run.ts'
import type { CanaryState } from '../../../src/engine/canary/state.ts'
import { isoTime } from '../../../src/engine/kernel/units.ts'
import { wilson } from '../../../src/engine/stats/intervals.ts'
import { phaseDocument, runDocument, runName, statusDocument } from '../../../src/room/canary/canary-document.ts'
import { NO_FIGURES, runningCanary } from '../../kit/canary.ts'
import { canary } from '../../kit/canary-documents.ts'
import { HOUR, MINUTE, THREE_WEEKS_ON as T } from '../../kit/moments.ts'

const SYMBOL = 'AAAUSDT'
const FIGURES = {
  ...NO_FIGURES,
  comparisons: 190,
  matched: 171,
  tried: 200,
  errors: 10,
  timed: 160,
  above80Ms: 16,
  above120Ms: 8,
  p95Ms: 70,
  live: 20,
  probes: 180,
  psi: 0.04,
}
const COUNTED: Measured = { kind: 'counts', figures: FIGURES }
const SHARES: Extract<Measured, { kind: 'shares' }> = {
  kind: 'shares',
  tried: 300,
  live: 40,
  probes: 260,
  p95Ms: 12,
  psi: 0.01,
  errorRate: 0.01,
  matchRate: 0.98,
  intervals: { errorRate: { lo: 0, hi: 0.03 }, matchRate: { lo: 0.96, hi: 0.99 }, above120Ms: null },
}
const PARTS = {
  symbol: SYMBOL,
  candidate: 'v2',
  baseline: 'v1',
  profile: 'improve',
  killSwitch: false,
  figures: null,
  inside: 30,
  total: 100,
  validation: null,
  bake: null,
  liveCanary: null,
  limits: { judge: JUDGE_LIMITS, probes: PROBE_LIMITS },
} as const

const LOOK = { atMs: T, decision: 'go on', reason: 'go on: fine', figures: FIGURES, inside: 1, total: 2 }

function runIn(state: CanaryState, more: Partial<CanaryRun> = {}): CanaryRun {
  return { ...runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: T }), state, ...more }
}

function ended(measured: Measured, phase = 0): EndedPhase {
  return { phase, split: 0.1, sinceMs: T, endedMs: T + HOUR, decision: 'advance', reason: 'all within', measured }
}

const RAMPING: CanaryState = { kind: 'ramping', phase: 1, sinceMs: T, measureErrors: 0 }
const HOLDING: CanaryState = { kind: 'holding', phase: 1, sinceMs: T, untilMs: T + 2 * HOUR, measureErrors: 0 }
const SUCCEEDED: CanaryState = { kind: 'succeeded', atMs: T + HOUR }
const ABORTED: CanaryState = {
  kind: 'aborted',
  reason: { by: 'person', who: 'ada', text: 'enough' },
  atMs: T + MINUTE,
  phase: 1,
}
const INCONCLUSIVE: CanaryState = { kind: 'inconclusive', reason: 'too few', atMs: T + MINUTE, phase: 1 }
const AWAITING: CanaryState = { kind: 'awaitingOnay', promptId: 'p', expiresAtWallMs: T }

describe('the status of a canary', () => {
  const nothing = { phase: null, share: 0, since: null, until: null, probes_planned: 0, realised_share: null }
  it.each<[CanaryState, object]>([
    [{ kind: 'idle' }, { ...nothing, state: 'idle', reason: 'go on: fine' }],
    [AWAITING, { ...nothing, state: 'awaiting_onay', reason: 'go on: fine' }],
    [
      RAMPING,
      {
        state: 'ramping',
        phase: 2,
        share: 0.25,
        since: isoTime(T),
        until: isoTime(T + HOUR),
        probes_planned: 300,
        realised_share: 0.3,
        reason: 'go on: fine',
      },
    ],
    [
      HOLDING,
      { state: 'holding', phase: 2, share: 0.25, since: isoTime(T), until: isoTime(T + 2 * HOUR), realised_share: 0.3 },
    ],
    [
      SUCCEEDED,
      {
        ...nothing,
        state: 'succeeded',
        phase: 3,
        since: isoTime(T + HOUR),
        probes_planned: 1_000,
        reason: LOOK.reason,
      },
    ],
    [
      ABORTED,
      {
        ...nothing,
        state: 'aborted',
        phase: 2,
        since: isoTime(T + MINUTE),
        probes_planned: 300,
        reason: 'stopped by ada: enough',
      },
    ],
    [
      INCONCLUSIVE,
      {
        ...nothing,
        state: 'inconclusive',
        phase: 2,
        since: isoTime(T + MINUTE),
        probes_planned: 300,
        reason: 'too few',
      },
    ],
  ])('says where it stands: %o', (state, said) => {
    const run = runIn(state, { lastLook: LOOK })
    expect(statusDocument(run, PARTS)).toMatchObject({ run_id: 'run-1', profile: 'equivalent', ...said })
  })

  it('says of a symbol without any run what its models are, and nothing of a run', () => {
    const nobody = { symbol: SYMBOL, candidate: 'v2', baseline: 'v1', profile: 'improve' } as const
    expect(statusDocument(null, PARTS)).toEqual(canary(nobody))
  })

  it('shows the share that fell to the candidate beside the plan, with how likely that is by chance', () => {
    const { split_p_value } = statusDocument(runIn(RAMPING), { ...PARTS, inside: 25 })
    expect(split_p_value).toBe(1)
    expect(statusDocument(runIn(RAMPING), { ...PARTS, inside: 90 }).split_p_value).toBeLessThan(0.001)
    expect(statusDocument(runIn(RAMPING), { ...PARTS, inside: 0, total: 0 })).toMatchObject({
      realised_share: null,
      split_p_value: null,
    })
  })

  it('has its plan in minutes, and its models where the slots have others by now', () => {
    const said = statusDocument(runIn(RAMPING), { ...PARTS, candidate: 'v9', baseline: null })
    expect(said).toMatchObject({ candidate: 'v2', baseline: 'v1', plan_name: 'test', decision: null, reason: null })
    expect(said.plan).toEqual([0.1, 0.25, 1].map((split) => ({ split, duration_min: 60 })))
  })

  it('shows the figures of now before those of the last look, which stay after the end', () => {
    const run = runIn(RAMPING, { lastLook: LOOK })
    expect(statusDocument(run, { ...PARTS, figures: { ...FIGURES, live: 21 } }).live).toBe(21)
    expect(statusDocument(run, PARTS)).toMatchObject({
      live: 20,
      probes: 180,
      p95_ms: 70,
      error_rate: 0.05,
      match_rate: 0.9,
      psi: 0.04,
      intervals: { error_rate: wilson(10, 200), match_rate: wilson(171, 190), above_120_ms: wilson(8, 160) },
      decision: 'go on',
    })
  })

  it('is a share of 0 while the kill switch is on', () => {
    expect(statusDocument(runIn(RAMPING), { ...PARTS, killSwitch: true }).share).toBe(0)
  })
})

describe('the record of a run', () => {
  const end = { reason: 'why', approvals: [], dryRun: false } as const
  it.each<[CanaryState, 'SUCCESS' | 'ABORTED' | 'INCONCLUSIVE', boolean, object]>([
    [SUCCEEDED, 'SUCCESS', false, { aborted: false, abort_reason: null, promote_eligible: true }],
    [SUCCEEDED, 'SUCCESS', true, { aborted: false, abort_reason: null, promote_eligible: false, dry_run: true }],
    [ABORTED, 'ABORTED', false, { aborted: true, abort_reason: 'stopped by ada: enough', promote_eligible: false }],
    [{ kind: 'idle' }, 'ABORTED', true, { aborted: true, abort_reason: 'why', promote_eligible: false }],
    [INCONCLUSIVE, 'INCONCLUSIVE', false, { aborted: false, abort_reason: null, promote_eligible: false }],
  ])(
    'says whether it opens the way to a promotion, and what stopped it: %o %s, dry run %s',
    (state, status, dryRun, said) => {
      const document = runDocument(runIn(state), { ...end, status, dryRun }, JUDGE_LIMITS)
      expect(document).toMatchObject({ status, dry_run: dryRun, ...said })
    },
  )

  it('sums up requests and errors over its phases, also of one that kept shares alone', () => {
    const phases = [ended(COUNTED), ended(SHARES, 1), ended(COUNTED, 2)]
    const of = (more: readonly EndedPhase[]) =>
      runDocument(runIn(SUCCEEDED, { phases: more }), { ...end, status: 'SUCCESS' }, JUDGE_LIMITS)
    expect(of(phases)).toMatchObject({ total_requests: 700, shadow_errors: 23 })
    expect(of([])).toMatchObject({ total_requests: 0, shadow_errors: 0 })
  })

  it('knows no number of errors where one phase did not keep it, unless nothing was tried in it', () => {
    const of = (measured: Measured) =>
      runDocument(
        runIn(SUCCEEDED, { phases: [ended(measured), ended(COUNTED, 1)] }),
        { ...end, status: 'SUCCESS' },
        JUDGE_LIMITS,
      )
    expect(of({ ...SHARES, errorRate: null }).shadow_errors).toBeNull()
    expect(of({ ...SHARES, errorRate: null, tried: 0 }).shadow_errors).toBe(10)
    expect(of({ ...SHARES, errorRate: 0.0167 }).shadow_errors).toBe(15)
  })

  it('is a file named by the moment of its end, to the millisecond where it has some', () => {
    const atMs = Date.parse('2025-05-26T13:00:00Z')
    expect(runName(atMs)).toBe('canary_run_2025-05-26T130000Z.json')
    expect(runName(atMs + 250)).toBe('canary_run_2025-05-26T130000.250Z.json')
  })
})

describe('the document of a phase that was stored before counts were kept', () => {
  it('has the shares that are left of them', () => {
    expect(phaseDocument(ended(SHARES, 1))).toEqual({
      phase: 2,
      split: 0.1,
      started_at: isoTime(T),
      ended_at: isoTime(T + HOUR),
      requests: 300,
      live: 40,
      probes: 260,
      p95_ms: 12,
      error_rate: 0.01,
      match_rate: 0.98,
      psi: 0.01,
      intervals: { error_rate: { lo: 0, hi: 0.03 }, match_rate: { lo: 0.96, hi: 0.99 }, above_120_ms: null },
      counts: null,
      decision: 'advance',
      reason: 'all within',
    })
    expect(phaseDocument(ended({ ...SHARES, intervals: null })).intervals).toBeNull()
  })

  it.each([
    ['none of it', 0, 100, 0],
    ['all of it', 100, 100, 1],
    ['more than there is', 101, 100, null],
    ['less than nothing', -1, 100, null],
    ['something of nothing', 1, 0, null],
  ])('has a share of %s only where that is possible', (_, errors, tried, rate) => {
    const { error_rate, intervals } = phaseDocument(
      ended({ kind: 'counts', figures: { ...NO_FIGURES, errors, tried } }),
    )
    expect(error_rate).toBe(rate)
    expect(intervals?.error_rate).toEqual(rate === null ? null : wilson(errors, tried))
  })
})
