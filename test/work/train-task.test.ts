import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dayScoreOf } from '../../src/engine/features/catalogue.ts'
import { logisticModel } from '../../src/engine/models/logistic.ts'
import { SCALERS } from '../../src/engine/training/preparation.ts'
import { defaultConfig } from '../../src/room/config/config.ts'
import { planTraining } from '../../src/room/training/plan-training.ts'
import { runTraining } from '../../src/work/train-task.ts'
import { aDesk } from '../kit/a-desk.ts'
import { freshDirectories } from '../kit/directories.ts'
import { DAY, MINUTE, START } from '../kit/moments.ts'
import { wanderingBar } from '../kit/wandering-bars.ts'

const fresh = freshDirectories()
const MINUTES = 2 * 1440

describe('a training', () => {
  it('gives a model its features or their z-scores over 24 hours, and watches the drift of the features', () => {
    const dir = fresh()
    const config = defaultConfig()
    const kit = aDesk(dir)
    const bars = Array.from({ length: MINUTES }, (_, i) => wanderingBar(START + i * MINUTE))
    kit.timeline.history(
      kit.desk,
      bars.map((bar) => ({ rows: [{ line: 0, bar }], atMs: bar.tsMs + MINUTE })),
    )
    const { model, drift } = kit.desk.catalogue.set('v1.8.1') ?? { model: [], drift: [] }
    for (const scaler of SCALERS) {
      const training = { ...config.training, window_days: 1, scaler }
      const request = { version: 'v1', features: 'v1.8.1' }
      const { task } = planTraining(
        kit.desk,
        { ...config, training },
        join(dir, 'data'),
        START + 2 * DAY,
        request,
        'first',
      )
      const { weights, reference, report } = runTraining(task, () => undefined)
      const features = scaler === 'standard' ? model : model.map(dayScoreOf)
      expect(weights.features).toEqual(features)
      expect(Object.keys(reference.features)).toEqual(drift)
      // The day before the window is looked back at, so that every row of it has its scores.
      expect(report.dropped.missing_features).toBe(0)
      if (weights.kind !== 'logistic') throw new Error('it is of another kind')
      const fitted = logisticModel(weights, kit.desk.catalogue)
      const rows = [...kit.desk.parts.store.features.each(kit.desk.symbol, START + DAY, START + 2 * DAY, features)]
      const mean = rows.reduce((sum, { values }) => sum + fitted.score(values), 0) / rows.length
      expect(mean).toBeGreaterThan(report.base_rate - 0.05)
      expect(mean).toBeLessThan(report.base_rate + 0.05)
    }
    kit.desks.close()
  })
})
