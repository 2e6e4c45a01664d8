import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONFIG_FILE, defaultConfig, loadConfig } from '../../../src/room/config/config.ts'
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
    expect(limits.label).toEqual({ kind: 'move', horizonMin: 5, thresholdBp: 6 })
  })

  it('is the defaults where there is no file, and the defaults but for what a file says', () => {
    expect(loadConfig(undefined, fresh())).toEqual(defaultConfig())
    const config = loadConfig(undefined, directoryWith('{"gates": {"auc": 0.7}}'))
    expect(config).toEqual({ ...defaultConfig(), gates: { ...defaultConfig().gates, auc: 0.7 } })
  })

  it('is refused, by the field, when one is unknown or out of range, and when it is no JSON', () => {
    for (const [text, why] of [
      ['{"gates": {"auk": 0.7}}', /auk/],
      ['{"nonsense": 1}', /nonsense/],
      ['{"gates": {"auc": 1.5}}', /gates\.auc/],
      ['{"training": {"folds": 1}}', /training\.folds/],
      ['{"gates"', /JSON/],
    ] as const) {
      const error = refusal(() => loadConfig(undefined, directoryWith(text)))
      expect(error.code).toBe('config')
      expect(error.why).toMatch(why)
    }
    expect(refusal(() => loadConfig('missing.json', fresh())).what).toContain('missing.json')
  })
})
