import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { planNamed } from '../../../src/room/config/canary-plans.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import type { Model } from '../../../src/engine/models/contract.ts'
import { rehearsedLimits, variantOf } from '../../../src/room/rehearsal/variants.ts'
import { rehearseRules } from '../../../src/work/rehearse-task.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()

describe('a rehearsal as configured', () => {
  it('fires where the checks of the room have fired', () => {
    const dir = fresh()
    const kit = aDesk(dir)
    registerModel(kit.desk, 'baseline', 'v1')
    const bars = Array.from({ length: 1_800 }, (_, i) => wanderingBar(START + i * MINUTE))
    kit.timeline.history(
      kit.desk,
      bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
    )
    const { desk } = kit
    const { inCharge } = desk.lineUp
    if (inCharge === null) throw new Error('there is no model')
    const untilMs = desk.tape.momentMs
    const { days, variants } = rehearseRules({
      kind: 'rehearse',
      dataDir: join(dir, 'data'),
      symbol: desk.symbol,
      version: 'v1',
      window: { fromMs: untilMs - DAY + 15 * MINUTE, untilMs },
      reference: inCharge.reference,
      label: desk.parts.limits.label,
      threshold: inCharge.model.threshold,
      promise: null,
      candidate: null,
      variants: [
        { name: 'as configured', limits: rehearsedLimits(defaultConfig(), inCharge.model) },
        {
          name: 'far',
          limits: variantOf(
            defaultConfig(),
            inCharge.model,
            'drift.psi_warning=98, drift.psi=99,drift.ks_warning=1,drift.ks=1',
          ),
        },
      ],
    })
    // The first two of a rehearsal have none before them: a verdict needs two.
    const course = desk.drift.days.courseOf('v1').slice(2)
    const critical = variants[0]?.rules.find(({ rule }) => rule === 'drift critical')
    expect(course.filter(({ verdict }) => verdict === 'critical').length).toBeGreaterThan(50)
    expect(
      Math.abs((critical?.minutes ?? 0) / 15 - course.filter(({ verdict }) => verdict === 'critical').length),
    ).toBeLessThanOrEqual(1)
    expect(variants[1]?.rules.slice(0, 2).map(({ fired }) => fired)).toEqual([0, 0])
    expect(days.reduce((sum, { n }) => sum + n, 0)).toBeGreaterThan(1_000)
    kit.desks.close()
  })
})

describe('the judge of a canary, rehearsed', () => {
  it('stops the canaries of a candidate that does not agree, on its own days, unless the limits are wider', () => {
    const dir = fresh()
    const { desk, desks, timeline } = aDesk(dir)
    registerModel(desk, 'baseline', 'v1')
    registerModel(desk, 'candidate', 'v2', { bias: 0.42 })
    const bars = Array.from({ length: 2_000 }, (_, i) => wanderingBar(START + i * MINUTE))
    timeline.history(
      desk,
      bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
    )
    const { inCharge, candidate } = desk.lineUp
    if (inCharge === null || candidate === null) throw new Error('there is no model')
    const untilMs = desk.tape.momentMs
    const variant = (name: string) => ({ name, limits: variantOf(defaultConfig(), inCharge.model, name) })
    const found = rehearseRules({
      kind: 'rehearse',
      dataDir: join(dir, 'data'),
      symbol: desk.symbol,
      version: 'v1',
      window: { fromMs: START, untilMs },
      reference: inCharge.reference,
      label: desk.parts.limits.label,
      threshold: inCharge.model.threshold,
      promise: null,
      candidate: {
        version: 'v2',
        threshold: candidate.model.threshold,
        promise: 0.1,
        plan: planNamed(defaultConfig(), 'mini'),
        profile: 'equivalent',
      },
      variants: [
        variant('judge.confidence=0.999,gates.mean_delta=0.02'),
        variant('judge.match_rate_within=0.02,judge.match_rate_abort=0.01'),
        variant('canary.min_live=100000,judge.match_rate_within=0.02,judge.match_rate_abort=0.01'),
      ],
    })
    const [usual, wide, never] = found.variants
    // The room's own minutes, but for the first ones, which lack features; history has no latencies.
    const minutes = found.candidate?.minutes ?? 0
    expect(minutes).toBeGreaterThan(1_900)
    expect(found.candidate?.timedMinutes).toBe(0)
    expect(found.candidate?.days.map(({ date, isWorseThanPromise }) => [date, isWorseThanPromise])).toEqual([
      ['2025-05-05', true],
      ['2025-05-06', true],
    ])
    const judged = usual?.rules.find(({ rule }) => rule === 'canary judge')
    expect(usual?.canaries?.stopped).toBeGreaterThan(5)
    expect(judged).toMatchObject({ fired: usual?.canaries?.stopped, dates: ['2025-05-06'], worseThanPromise: 1 })
    // Each of them is stopped early, and the rest of its 90 minutes counts.
    expect(judged?.minutes).toBeGreaterThan((usual?.canaries?.stopped ?? 0) * 60)
    expect(judged?.answers).toBeGreaterThan(0)
    const begun = Math.ceil((minutes - 1_440) / 90)
    expect(wide?.canaries).toEqual({ begun, succeeded: begun - 1, stopped: 0, inconclusive: 0 })
    expect(never?.canaries).toMatchObject({ succeeded: 0, stopped: 0 })
    // The gates of the candidate, as the room has judged them each hour: one difference of the scores, under two limits.
    const moments = Object.fromEntries(found.gates.map(({ gate, judged: count }) => [gate, count]))
    expect(moments).toMatchObject({ 'gate 1': 0, 'gate 2': 0 })
    expect(moments['gate 5']).toBeGreaterThan(20)
    const apart = (limits: typeof usual) => limits?.rules.find(({ rule }) => rule === 'gate 5')?.minutes ?? 0
    expect(apart(usual)).toBeGreaterThan(20 * 60)
    expect(apart(wide)).toBe(0)
    expect(usual?.rules.some(({ rule }) => rule === 'gate 2')).toBe(false)
    desks.close()
  })
})

const OF_MINUTES: Model = {
  version: 'v1',
  kind: 'logistic',
  features: ['mid_change_1m'],
  places: Int32Array.of(0),
  threshold: 0.5,
  score: () => 0.5,
}

describe('a variant', () => {
  it('changes what it names and nothing else', () => {
    const config = defaultConfig()
    const plain = rehearsedLimits(config, OF_MINUTES)
    expect(variantOf(config, OF_MINUTES, 'drift.psi=0.25')).toEqual({
      ...plain,
      drift: { ...plain.drift, psiCritical: 0.25 },
    })
    expect(variantOf(config, OF_MINUTES, 'gates.psi=0.3, kill.staleness_for_min=9')).toEqual({
      ...plain,
      gates: { ...plain.gates, psiOverall: 0.3 },
      staleForMs: 9 * MINUTE,
    })
    expect(variantOf(config, OF_MINUTES, 'gates.p95_ms=1,gates.precision_at_20=0.5')).toEqual({
      ...plain,
      gates: { ...plain.gates, p95Ms: 1, precisionAt20: 0.5 },
    })
    expect(variantOf(config, OF_MINUTES, 'judge.min_comparisons=50,canary.min_probes=10')).toEqual({
      ...plain,
      judge: { ...plain.judge, minComparisons: 50 },
      probes: { ...plain.probes, least: 10 },
    })
  })

  it('has rows stale by the bars of the model in charge', () => {
    const ofQuarters = { ...OF_MINUTES, features: ['mid@15m'] }
    expect(variantOf(defaultConfig(), ofQuarters, 'serving.staleness_bars=3').staleMs).toBe(45 * MINUTE)
    expect(rehearsedLimits(defaultConfig(), OF_MINUTES).staleMs).toBe(2 * MINUTE)
  })

  it.each([
    ['drift.kill=on', /cannot be rehearsed/],
    ['psi=0.2', /cannot be rehearsed/],
    ['drift.psi', /cannot be rehearsed/],
    ['', /cannot be rehearsed/],
    ['drift.psi=much', /drift\.psi/],
    ['drift.ks=1.5', /drift\.ks/],
    ['judge.p95_ms_within=60', /cannot be rehearsed/],
    ['judge.error_rate_abort=0.001', /must not be stricter/],
  ])('is refused: %s', (text, said) => {
    const { code, what, why } = refusal(() => variantOf(defaultConfig(), OF_MINUTES, text))
    expect([code, `${what} ${why}`]).toEqual(['variant', expect.stringMatching(said)])
  })
})
