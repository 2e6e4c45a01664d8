import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BAKE_LIMITS } from '../../../src/engine/canary/bake.ts'
import { JUDGE_LIMITS } from '../../../src/engine/canary/plan.ts'
import { PROBE_LIMITS } from '../../../src/engine/canary/probes.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { explainedFields } from '../../../src/room/config/explained.ts'
import { CONFIG_FILE, loadConfig } from '../../../src/room/config/load-config.ts'
import { limitsOf } from '../../../src/room/config/limits.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'

const fresh = freshDirectories()

function directoryWith(text: string): string {
  const dir = fresh()
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, CONFIG_FILE), text)
  return dir
}

describe('the configuration', () => {
  it('has the limits of the gates, the breaker and the judge as defaults', () => {
    const limits = limitsOf(defaultConfig())
    expect(limits.gates).toMatchObject({ psiOverall: 0.2, psiFeature: 0.3, p95Ms: 80, p95MinRequests: 59, auc: 0.62 })
    expect(limits.gates).toMatchObject({
      precisionAt20: 0.58,
      meanDelta: 0.05,
      deltaMinComparisons: 500,
      alertCoverage: 0.99,
    })
    expect(limits.serving).toMatchObject({
      stalenessBars: 2,
      shadowBudgetMs: 60,
      matchTolerance: 0.05,
      fallbackDecides: false,
    })
    expect(limits.breaker).toEqual({ window: 200, minTries: 50, maxErrorShare: 0.02, probeEvery: 20, cleanToClose: 50 })
    expect(limits.outcome).toEqual({ minRows: 1_440, margin: 0.005, block: 60, draws: 500 })
    expect(limits.judge).toEqual(JUDGE_LIMITS)
    expect(limits.probes).toEqual(PROBE_LIMITS)
    expect(limits.bake).toEqual(BAKE_LIMITS)
    expect(limits.validation).toEqual({ hours: 24, minutesShare: 0.9 })
    expect(limits.label).toEqual({ kind: 'move', horizonMin: 5, thresholdBp: 6 })
  })

  it('is the defaults where there is no file, and the defaults but for what a file says', () => {
    expect(loadConfig(undefined, fresh())).toEqual(defaultConfig())
    const config = loadConfig(undefined, directoryWith('{"gates": {"auc": 0.7}}'))
    expect(config).toEqual({ ...defaultConfig(), gates: { ...defaultConfig().gates, auc: 0.7 } })
  })

  it('is explained field by field, each with its default and what it does', () => {
    const fields = explainedFields()
    expect(fields.filter(({ about }) => about === '')).toEqual([])
    const defaults: unknown = JSON.parse(JSON.stringify(defaultConfig()))
    const named = fields.map(({ field, default: value }) => [field, value])
    expect(named).toEqual(
      Object.entries(Object(defaults)).flatMap(([group, of]) =>
        Object.entries(Object(of)).map(([name, value]) => [`${group}.${name}`, value]),
      ),
    )
  })

  it('is refused, by the field, when one is unknown or out of range, and when it is no JSON', () => {
    for (const [text, why] of [
      ['{"gates": {"auk": 0.7}}', /auk/],
      ['{"nonsense": 1}', /nonsense/],
      ['{"gates": {"auc": 1.5}}', /gates\.auc/],
      ['{"training": {"folds": 1}}', /training\.folds/],
      ['{"judge": {"error_rate_within": 0.03}}', /judge: a limit for stopping must not be stricter/],
      [
        '{"canary": {"plans": {"slow": [{"split": 0.5, "duration_min": 30}, {"split": 0.1, "duration_min": 30}]}}}',
        /canary\.plans\.slow: phase 2: its split 0\.1 is not above/,
      ],
      ['{"gates"', /JSON/],
    ] as const) {
      const error = refusal(() => loadConfig(undefined, directoryWith(text)))
      expect(error.code).toBe('config')
      expect(error.why).toMatch(why)
    }
    expect(refusal(() => loadConfig('missing.json', fresh())).what).toContain('missing.json')
  })
})
