import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ActiveAlert, evaluateRules } from '../../../src/engine/alerts/evaluate.ts'
import { generatedFiles } from '../../../src/engine/alerts/made.ts'
import { ruleFile, ruleTestFile } from '../../../src/engine/alerts/prometheus.ts'
import type { AlertInputs, SpanFigures } from '../../../src/engine/alerts/rule.ts'
import { RULES } from '../../../src/engine/alerts/rules.ts'
import { JUDGE_LIMITS } from '../../../src/engine/canary/plan.ts'
import { errorsAreCertain } from '../../../src/engine/canary/readings.ts'
import { seededRandom } from '../../../src/engine/kernel/random.ts'
import { QUIET } from '../../kit/alert-inputs.ts'
import { ROOT } from '../../kit/samples.ts'
import { HAS_PROMETHEUS, promtool } from './prometheus.ts'
import { MINUTE, SECOND_OF_JUNE } from '../../kit/moments.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'onay-rules-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('what is made of the catalogue', () => {
  it.each(Object.entries(generatedFiles()))('%s is up to date: npm run rules', (name, text) => {
    expect(readFileSync(join(ROOT, name), 'utf8')).toBe(text)
  })

  it('has a section in the runbook for every rule, and for what no single rule stands for', () => {
    const text = generatedFiles()['docs/runbook.md'] ?? ''
    for (const { name } of RULES) expect(text).toContain(`### ${name}\n`)
    for (const title of [
      'Emergency rollback',
      'Staleness spike',
      'Drift alert',
      'Poor canary',
      'Breaker open',
      'Engine down',
      'Disk full',
    ])
      expect(text).toContain(`## ${title}\n`)
  })

  const tests = generatedFiles()['rules/ml.test.yml'] ?? ''

  it('tests each rule firing and silent', () => {
    for (const { name } of RULES) {
      expect(tests).toContain(`name: ${name} fires\n`)
      expect(tests).toContain(`name: ${name} stays silent\n`)
    }
  })

  it('has each rule and its tests as they are below, each by itself', () => {
    expect(tests).toContain('\nrule_files:\n  - ml.yml\n  - ml-canary.yml\nevaluation_interval: 1m\ntests:\n')
    for (const one of RULES) {
      const among = generatedFiles()[`rules/ml${one.canary === true ? '-canary' : ''}.yml`]
      expect(among).toContain(after('    rules:\n', ruleFile(one.name, [one])))
      expect(tests).toContain(after('\ntests:\n', ruleTestFile([`${one.name}.yml`], [one])))
    }
  })

  function after(mark: string, text: string): string {
    const at = text.indexOf(mark)
    if (at < 0) throw new Error(`no ${mark} in ${text}`)
    return text.slice(at + mark.length)
  }
})

// Where it is missing, that is what the skipped tests say: apt-get install prometheus.
describe.skipIf(!HAS_PROMETHEUS)('promtool', () => {
  it('finds nothing wrong with the rules', () => {
    expect(promtool('check', 'rules', 'ml.yml', 'ml-canary.yml')).toMatchObject({ code: 0 })
  })

  it('finds nothing wrong with prometheus.yml, which scrapes the room and loads the rules', () => {
    const { code, said } = promtool('check', 'config', join(ROOT, 'prometheus.yml'))
    expect(code, said).toBe(0)
    expect(said).toContain('2 rule files found')
  })

  // Each by itself, as no rule reads another: all of them at every minute of every test cost seven times as much.
  it('sees every rule fire on one series and stay silent on another', () => {
    const paths = RULES.map((rule) => {
      writeFileSync(join(dir, `${rule.name}.yml`), ruleFile(rule.name, [rule]))
      const path = join(dir, `${rule.name}.test.yml`)
      writeFileSync(path, ruleTestFile([`${rule.name}.yml`], [rule]))
      return path
    })
    const { code, said } = promtool('test', 'rules', ...paths)
    expect(code, said).toBe(0)
    expect(said.match(/SUCCESS/g)).toHaveLength(RULES.length)
  })
})

const MINUTES = 180
/** What is recorded a minute: the room adds these up, Prometheus scrapes their sums. */
const COUNTERS = {
  ml_predict_latency_ms_count: 'timed',
  'ml_predict_latency_ms_bucket{le="80"}': 'within80',
  'ml_predict_latency_ms_bucket{le="120"}': 'within120',
  ml_shadow_latency_ms_count: 'shadowTimed',
  'ml_shadow_latency_ms_bucket{le="60"}': 'shadowWithin60',
  ml_model_errors_total: 'modelErrors',
  ml_baseline_latency_ms_count: 'modelOk',
  'ml_shadow_error_total{kind="nan"}': 'shadowErrors',
  ml_shadow_success_total: 'shadowOk',
  ml_shadow_match_total: 'matched',
  ml_shadow_mismatch_total: 'mismatched',
} as const
type Minute = Record<(typeof COUNTERS)[keyof typeof COUNTERS], number> & {
  psi: number
  staleness: number
  canary: number
  breaker: number
}

/** A seeded course in which every figure goes in and out of its bounds for a while. */
function course(seed: number): Minute[] {
  const random = seededRandom(seed)
  const bad = {
    latency: false,
    shadow: false,
    model: false,
    errors: false,
    match: false,
    psi: false,
    stale: false,
    canary: false,
    breaker: false,
  }
  return Array.from({ length: MINUTES }, () => {
    for (const name of Object.keys(bad) as (keyof typeof bad)[]) if (random.next() < 0.06) bad[name] = !bad[name]
    const n = 50 + Math.floor(random.next() * 100)
    const part = (share: number): number => Math.round(n * share * (0.5 + random.next()))
    const above80 = Math.min(n, part(bad.latency ? 0.1 : 0.02))
    const shadowErrors = Math.min(n, part(bad.errors ? 0.05 : 0.005))
    const mismatched = Math.min(n, part(bad.match ? 0.1 : 0.02))
    const modelErrors = Math.min(n, part(bad.model ? 0.04 : 0))
    return {
      timed: n,
      within80: n - above80,
      within120: n - Math.round(above80 / 2),
      shadowTimed: n,
      shadowWithin60: n - Math.min(n, part(bad.shadow ? 0.1 : 0.02)),
      modelErrors,
      modelOk: n - modelErrors,
      shadowErrors,
      shadowOk: n - shadowErrors,
      matched: n - mismatched,
      mismatched,
      psi: bad.psi ? 0.35 : 0.1,
      staleness: bad.stale ? 400 : 60,
      canary: bad.canary ? 1 : 0,
      breaker: bad.breaker ? 1 : 0,
    }
  })
}

function spanOf(minutes: readonly Minute[]): SpanFigures {
  const sum = (of: (minute: Minute) => number): number => minutes.reduce((total, minute) => total + of(minute), 0)
  return {
    requests: sum((m) => m.timed),
    timed: sum((m) => m.timed),
    above80Ms: sum((m) => m.timed - m.within80),
    above120Ms: sum((m) => m.timed - m.within120),
    tried: sum((m) => m.modelErrors + m.modelOk),
    modelErrors: sum((m) => m.modelErrors),
    shadowTried: sum((m) => m.shadowErrors + m.shadowOk),
    shadowErrors: sum((m) => m.shadowErrors),
    shadowTimed: sum((m) => m.shadowTimed),
    shadowAbove60Ms: sum((m) => m.shadowTimed - m.shadowWithin60),
    compared: sum((m) => m.matched + m.mismatched),
    matched: sum((m) => m.matched),
  }
}

/** What the judge of a canary that runs has seen: more than the minute had, so that it may be certain. */
function seenIn({ canary, shadowErrors, shadowOk }: Minute): AlertInputs['canarySeen'] {
  if (canary === 0) return null
  const counts = { tried: 8 * (shadowErrors + shadowOk), errors: 8 * shadowErrors }
  return { ...counts, certain: errorsAreCertain(counts, JUDGE_LIMITS) }
}

/** Rules that fire at each minute, as the room evaluates them. */
function firingInTheRoom(minutes: readonly Minute[]): string[][] {
  let active: readonly ActiveAlert[] = []
  let evaluatedMs: number | null = null
  return minutes.map((minute, i) => {
    const atMs = SECOND_OF_JUNE + i * MINUTE
    // The first sample is what the counters stood at before: it counts for nothing, on both sides.
    const inputs = {
      ...QUIET,
      atMs,
      last5: spanOf(minutes.slice(Math.max(1, i - 4), i + 1)),
      last10: spanOf(minutes.slice(Math.max(1, i - 9), i + 1)),
      canary: minute.canary > 0 ? { psi: minute.psi } : null,
      psi: minute.psi,
      psiDayAgo: null,
      rowAgeMs: minute.staleness * 1_000,
      breakerOpen: minute.breaker === 1,
      canarySeen: seenIn(minute),
    }
    const step = evaluateRules(RULES, { active, evaluatedMs, changed: new Map() }, inputs, atMs)
    active = step.active
    evaluatedMs = atMs
    return active.filter((alert) => alert.state === 'firing').map((alert) => alert.rule)
  })
}

const WATCHED = RULES.filter(({ name }) => !['MLPSIJump', 'MLDriftCritical', 'MLPoorCalibration'].includes(name))

/** What was recorded of a market, and what the room said of each minute. */
interface Course {
  readonly symbol: string
  readonly minutes: readonly Minute[]
  readonly firing: readonly string[][]
}

function seriesOf({ symbol, minutes }: Course): { readonly series: string; readonly values: string }[] {
  const running = (of: (minute: Minute) => number): string => {
    let total = 0
    return minutes.map((minute) => (total += of(minute))).join(' ')
  }
  const gauge = (of: (minute: Minute) => number): string => minutes.map(of).join(' ')
  const series: readonly (readonly [string, string])[] = [
    ...Object.entries(COUNTERS).map(([name, field]) => [name, running((minute) => minute[field])] as const),
    ['ml_psi_score', gauge((m) => m.psi)],
    ['ml_drift_level', gauge(() => 0)],
    ['ml_canary_psi', gauge((m) => m.psi)],
    ['ml_canary_share', gauge((m) => m.canary)],
    ['ml_shadow_meant_to_match', gauge(() => 1)],
    ['ml_feature_staleness_seconds', gauge((m) => m.staleness)],
    ['ml_breaker_open', gauge((m) => m.breaker)],
    ['ml_canary_tries', minutes.map((m) => seenIn(m)?.tried ?? 'stale').join(' ')],
    ['ml_canary_errors', minutes.map((m) => seenIn(m)?.errors ?? 'stale').join(' ')],
  ]
  return series.map(([name, values]) => {
    const [, metric = '', labels] = /^(\w+)(?:\{(.*)\})?$/.exec(name) ?? []
    return {
      series: `${metric}{${[`symbol="${symbol}"`, ...(labels === undefined ? [] : [labels])].join(',')}}`,
      values,
    }
  })
}

/** The same courses as a rule test: what must fire at each minute is what the room said. */
function ruleTest(courses: readonly Course[]): string {
  const expected = Array.from({ length: MINUTES }, (_, minute) =>
    WATCHED.map((rule) => {
      const firing = courses.filter((one) => one.firing[minute]?.includes(rule.name))
      const alerts = firing.map(({ symbol }) => ({
        exp_labels: { severity: rule.severity, symbol },
        exp_annotations: {
          summary: rule.summary,
          description: rule.next.join(' '),
          runbook: `docs/runbook.md#${rule.name.toLowerCase()}`,
        },
      }))
      return { eval_time: `${minute}m`, alertname: rule.name, exp_alerts: alerts }
    }),
  ).flat()
  // JSON is YAML.
  return JSON.stringify({
    rule_files: [join(ROOT, 'rules/ml.yml'), join(ROOT, 'rules/ml-canary.yml')],
    evaluation_interval: '1m',
    tests: [{ interval: '1m', input_series: courses.flatMap(seriesOf), alert_rule_test: expected }],
  })
}

describe.skipIf(!HAS_PROMETHEUS)('the room and Prometheus', () => {
  // Of four markets, which Prometheus looks at in one go.
  const courses = [1, 2, 3, 4].map((seed): Course => {
    const minutes = course(seed)
    return { symbol: `SEED${seed}`, minutes, firing: firingInTheRoom(minutes) }
  })

  it('say the same of every rule at every minute of the same recorded series', () => {
    const path = join(dir, 'courses.yml')
    writeFileSync(path, ruleTest(courses))
    const { code, said } = promtool('test', 'rules', path)
    expect(code, said.slice(0, 3_000)).toBe(0)
  })

  it('do so about rules that fire: each of them does in one of these courses', () => {
    const fired = new Set(courses.flatMap(({ firing }) => firing.flat()))
    const watched = [
      'MLShadowMatchLow',
      'MLShadowErrorRateHigh',
      'MLPredictLatencyP95High',
      'MLShadowLatencyP95High',
      'MLModelErrorsHigh',
      'MLFeatureStaleness',
      'MLDataGap',
      'MLBreakerOpen',
      'MLCanaryShadowErrorRateHigh',
    ]
    expect(watched.filter((name) => !fired.has(name))).toEqual([])
  })
})
