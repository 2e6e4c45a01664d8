import { describe, expect, it } from 'vitest'
import { planNamed, planViews } from '../../../src/room/config/canary-plans.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { refusal } from '../../kit/directories.ts'

describe('the plans of a canary', () => {
  const own = {
    careful: [
      { split: 0.01, duration_min: 5 },
      { split: 1, duration_min: 90 },
    ],
    broken: [{ split: 0.5, duration_min: 30 }],
  }
  const { canary, ...rest } = defaultConfig()
  const config = { ...rest, canary: { ...canary, plans: own } }

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
    const replaced = { ...config, canary: { ...canary, plans: { mini: own.careful } } }
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
