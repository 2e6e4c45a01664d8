import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planNamed, planViews } from '../../src/room/canary-plans.ts'
import { CONFIG_FILE, defaultConfig, limitsOf, loadConfig } from '../../src/room/config.ts'
import { nextVersion } from '../../src/room/registry.ts'
import { labelOf } from '../../src/room/settlement.ts'
import { freshDirectories, refusal } from '../db/directories.ts'

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

describe('the plans of a canary', () => {
  const own = {
    careful: [
      { split: 0.01, duration_min: 5 },
      { split: 1, duration_min: 90 },
    ],
    broken: [{ split: 0.5, duration_min: 30 }],
  }
  const config = { ...defaultConfig(), canary: { plans: own } }

  it("are the two that ship and the configuration's own, each offered with its phases or with what is wrong with it", () => {
    expect(planViews(defaultConfig()).map(({ name }) => name)).toEqual(['full', 'mini'])
    expect(planViews(config).slice(2)).toEqual([
      {
        name: 'careful',
        phases: [
          { split: 0.01, durationMin: 5 },
          { split: 1, durationMin: 90 },
        ],
        refused: null,
      },
      { name: 'broken', phases: [{ split: 0.5, durationMin: 30 }], refused: 'the last split is 1, not 0.5' },
    ])
  })

  it('are offered once where the configuration has one of the same name, which is the one that runs', () => {
    const replaced = { ...config, canary: { plans: { mini: own.careful } } }
    expect(planViews(replaced).map(({ name }) => name)).toEqual(['full', 'mini'])
    expect(planNamed(replaced, 'mini').phases.map(({ split }) => split)).toEqual([0.01, 1])
  })

  it('that are offered can be had by name, and no others', () => {
    for (const { name, refused } of planViews(config)) {
      if (refused === null) expect(planNamed(config, name).name).toBe(name)
      else expect(refusal(() => planNamed(config, name)).why).toBe(refused)
    }
    for (const name of ['none', 'constructor', '']) {
      expect(refusal(() => planNamed(config, name)).why).toBe('the plans are full, mini, careful, broken')
    }
  })
})

describe('the label', () => {
  const move = { kind: 'move', horizonMin: 5, thresholdBp: 6 } as const
  const up = { kind: 'up', horizonMin: 5, thresholdBp: 6 } as const

  it('is 1 beyond the threshold in basis points of log return: either way for move, upwards for up', () => {
    const later = (bp: number): number => 100 * Math.exp(bp / 1e4)
    const labels = [-7, -5.9, 0, 5.9, 7].map((bp) => [labelOf(100, later(bp), move), labelOf(100, later(bp), up)])
    expect(labels).toEqual([
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [1, 1],
    ])
  })
})

describe('a version that nobody named', () => {
  it('is the name of its feature set, and is never one that is taken', () => {
    expect(nextVersion([], 'v1.8.1')).toBe('v1.8.1')
    expect(nextVersion(['v1.8.1'], 'v1.8.1')).toBe('v1.8.2')
    expect(nextVersion(['v1.9'], 'v1.9')).toBe('v1.9.1')
    const set = fc.constantFrom('v1.8-b0', 'v1.8.1', 'v1.9', 'named')
    fc.assert(
      fc.property(set, fc.integer({ min: 0, max: 40 }), (name, times) => {
        const taken: string[] = []
        for (let i = 0; i < times; i++) taken.push(nextVersion(taken, name))
        expect(new Set(taken).size).toBe(times)
      }),
    )
  })
})
