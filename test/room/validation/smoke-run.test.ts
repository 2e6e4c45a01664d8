import { describe, expect, it } from 'vitest'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { limitsOf, type SmokeLimits } from '../../../src/room/config/limits.ts'
import { SmokeRuns } from '../../../src/room/validation/smoke-run.ts'
import type { ShadowResult } from '../../../src/serving/contract.ts'

const LIMITS: SmokeLimits = { successRate: 0.9, p95Ms: 7, shadowErrorRate: 0.1, matchRate: 0.8, meanDelta: 0.25 }
const REQUESTS = 100

interface Run {
  readonly success: number
  readonly p95: number
  readonly errors: number
  readonly mismatches: number
  readonly delta: number
  readonly shadow: boolean
  readonly profile: 'equivalent' | 'improve'
}

const FINE: Run = { success: 100, p95: 1, errors: 0, mismatches: 0, delta: 0, shadow: true, profile: 'equivalent' }

/** What a smoke of a hundred requests falls short by. */
function shortcomings(change: Partial<Run>, limits = LIMITS): readonly string[] {
  const { success, p95, errors, mismatches, delta, shadow, profile } = { ...FINE, ...change }
  const runs = new SmokeRuns(limits)
  const id = runs.begin('AAAUSDT')
  const heard = runs.listener(id)
  for (let i = 0; i < REQUESTS; i++) {
    const result: ShadowResult =
      i < errors
        ? { kind: 'fault', fault: 'timeout', latencyMs: 1 }
        : { kind: 'compared', matched: i >= errors + mismatches, delta, latencyMs: 1 }
    heard?.(result)
  }
  const latency = { p50: p95, p95, p99: p95, max: p95 }
  const document = runs.end(
    id,
    { requests: REQUESTS, success, seconds: 1, latency_ms: latency },
    { version: 'v1', profile, shadow },
  )
  expect(document.slo_check.pass).toBe(document.slo_check.why.length === 0)
  return document.slo_check.why
}

describe('a smoke', () => {
  it('passes at its limits: they are not fallen short of by being reached, nor by staying just below', () => {
    expect(shortcomings({})).toEqual([])
    expect(shortcomings({ success: 90, p95: 6.9, errors: 9, mismatches: 18, delta: 0.24 })).toEqual([])
  })

  const cases: readonly [what: string, change: Partial<Run>, why: RegExp][] = [
    ['answers', { success: 89 }, /^success 89\.0 %, 90 % needed$/],
    ['latency', { p95: 7 }, /^p95 7\.0 ms, below 7 ms needed$/],
    ['errors of the shadow', { errors: 10 }, /^shadow errors 10\.0 %$/],
    ['match', { mismatches: 21 }, /^match 79\.0 %, 80 % needed$/],
    ['delta', { delta: 0.25 }, /^mean delta 0\.250, below 0\.25 needed$/],
  ]
  it.each(cases)('falls short by its %s, at the limit that the configuration sets', (_, change, why) => {
    expect(shortcomings(change)).toEqual([expect.stringMatching(why)])
  })

  it('does not ask a model that is meant to differ to agree, nor the shadow where it is not judged', () => {
    expect(shortcomings({ mismatches: 100, delta: 1, profile: 'improve' })).toEqual([])
    expect(shortcomings({ mismatches: 90, errors: 10, delta: 1, shadow: false })).toEqual([])
  })

  it('falls short when nothing was compared', () => {
    expect(shortcomings({ errors: REQUESTS })).toEqual(['nothing was compared'])
  })

  it('takes its limits from the configuration: two of them are those of the gates', () => {
    const config = defaultConfig()
    expect(limitsOf(config).smoke).toEqual({
      successRate: 0.95,
      p95Ms: 80,
      shadowErrorRate: 0.02,
      matchRate: 0.95,
      meanDelta: 0.05,
    })
    const other = {
      ...config,
      gates: { ...config.gates, p95_ms: 5, mean_delta: 0.5 },
      smoke: { timeout_ms: 1, success_rate: 0.1, shadow_error_rate: 0.2, match_rate: 0.3 },
    }
    expect(limitsOf(other).smoke).toEqual({
      successRate: 0.1,
      p95Ms: 5,
      shadowErrorRate: 0.2,
      matchRate: 0.3,
      meanDelta: 0.5,
    })
  })
})
