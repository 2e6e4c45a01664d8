import { describe, expect, it } from 'vitest'
import { type Config, defaultConfig } from '../../../src/room/config/config.ts'
import { planTraining, type TrainingRequest } from '../../../src/room/training/plan-training.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary } from '../../kit/canary.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const AT = START + 2 * DAY + 3 * HOUR + 20 * MINUTE

function desk(config: Config = defaultConfig()): DeskKit {
  const kit = aDesk(fresh(), { config })
  kit.desk.transaction(() => kit.desks.store.bars.insert(SYMBOL, wanderingBar(START), 0, false))
  return kit
}

function plan(kit: DeskKit, config: Config, request: TrainingRequest = {}, kind: 'first' | 'candidate' = 'candidate') {
  return planTraining(kit.desk, config, '/data', AT, request, kind)
}

const oneDay = (): Config => {
  const config = defaultConfig()
  return {
    ...config,
    training: { window_days: 1, folds: 7, embargo_min: 33, seed: 9, scaler: 'rolling_zscore_24h', threads: 0 },
  }
}

describe('a training that is planned', () => {
  it('takes window, folds, embargo and seed from the configuration, and the label and limits of the room', () => {
    const config: Config = {
      ...oneDay(),
      label: { kind: 'up', name: 'mine', horizon_min: 7, threshold_bp: 3 },
      gates: { ...defaultConfig().gates, auc: 0.51, precision_at_20: 0.52 },
    }
    const kit = desk(config)
    registerModel(kit.desk, 'baseline', 'v1')
    expect(plan(kit, config).task).toMatchObject({
      symbol: SYMBOL,
      window: { fromMs: START + DAY, untilMs: START + 2 * DAY },
      folds: 7,
      embargoMin: 33,
      seed: 9,
      scaler: 'rolling_zscore_24h',
      label: { kind: 'up', horizonMin: 7, thresholdBp: 3 },
      limits: { auc: 0.51, precisionAt20: 0.52 },
      countUntilMs: START + 2 * DAY + 3 * HOUR,
      baseline: { version: 'v1' },
    })
    kit.desks.close()
  })

  it('ends at the time and has the length that are asked for', () => {
    const kit = desk()
    registerModel(kit.desk, 'baseline', 'v1')
    const untilMs = START + 30 * HOUR
    expect(plan(kit, oneDay(), { untilMs, windowMs: 5 * HOUR }).task.window).toEqual({
      fromMs: START + 25 * HOUR,
      untilMs,
    })
    kit.desks.close()
  })

  it.each([
    ['first', {}, 'v1.8-b0', 'v1.8-b0', 'baseline', 'equivalent'],
    ['candidate', {}, 'v1.8.1', 'v1.8.1', 'candidate', 'equivalent'],
    ['candidate', { features: 'v1.9', profile: 'improve' }, 'v1.9', 'v1.9', 'candidate', 'improve'],
    ['candidate', { version: 'mine' }, 'mine', 'v1.8.1', 'candidate', 'equivalent'],
    ['candidate', { version: 'v1.9' }, 'v1.9', 'v1.9', 'candidate', 'equivalent'],
  ] as const)('as %s, asked for %j, is called %s, of the set %s, for the slot %s, to be %s', (...row) => {
    const [kind, request, version, featureSet, slot, profile] = row
    const kit = desk()
    if (kind === 'candidate') registerModel(kit.desk, 'baseline', 'v1')
    expect(plan(kit, oneDay(), request, kind)).toMatchObject({ task: { version, featureSet }, slot, profile })
    kit.desks.close()
  })

  it.each([
    ['a feature set that there is not', { features: 'v7' }, 'features'],
    ['a name that is not a version', { version: '../v1' }, 'version'],
    ['a version that exists', { version: 'v1' }, 'version_exists'],
    ['a window that lies ahead', { untilMs: AT + MINUTE }, 'window'],
    ['an empty window', { windowMs: 0 }, 'window'],
    ['more bars than there are', { windowMs: 3 * DAY }, 'too_little_data'],
  ] as const)('is refused for %s', (_, request, code) => {
    const kit = desk()
    registerModel(kit.desk, 'baseline', 'v1')
    expect(refusal(() => plan(kit, oneDay(), request)).code).toBe(code)
    kit.desks.close()
  })

  it('is refused as a candidate before the first model, and while a canary is under way', () => {
    const kit = desk()
    expect(refusal(() => plan(kit, oneDay())).code).toBe('no_baseline')
    registerModel(kit.desk, 'baseline', 'v1')
    kit.desk.canary.take(runningCanary(SYMBOL, { candidate: 'v2', baseline: 'v1', sinceMs: START }))
    expect(refusal(() => plan(kit, oneDay())).code).toBe('canary_runs')
    kit.desks.close()
  })
})
