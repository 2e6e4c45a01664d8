import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AnyModel, Model } from '../../../src/engine/models/contract.ts'
import { promote } from '../../../src/room/release/promotion.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HOUR } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { BEGAN_MS, ReleaseDesk } from '../../kit/release-desk.ts'
import { SYMBOL } from '../../kit/room.ts'
import { moveWeights, savedByXgboost } from '../../kit/saved-trees.ts'

const fresh = freshDirectories()
const FEATURES = savedByXgboost('move').features
const bars = walk(
  Array.from({ length: 180 }, (_, minute) => minute),
  5,
)
let dir: string
let kit: DeskKit

function local(model: AnyModel | undefined): Model {
  if (model === undefined || model.kind === 'http') throw new Error('there is no model of this process')
  return model
}

beforeEach(() => {
  dir = fresh()
  kit = aDesk(dir, { serves: true })
})
afterEach(() => kit.desks.close())

describe('trees of another library', () => {
  it('are asked in the shadow about rows that lack what they may lack, and compared', async () => {
    registerModel(kit.desk, 'baseline', 'v1')
    registerModel(kit.desk, 'candidate', 'xgb-9', { weights: moveWeights('xgb-9') })
    await play(kit, bars)
    const { comparisons } = kit.desks.store.predictions.rawSince(SYMBOL, 0)
    const scored = comparisons.filter(({ score }) => score !== null)
    // A z-score over 24 hours is missing in all of these rows: XGBoost sends it by its default direction.
    expect(scored.length).toBeGreaterThan(100)
    expect(scored.every(({ score }) => score !== null && score > 0 && score < 1)).toBe(true)
  })

  it('say the same after a restart as before', () => {
    registerModel(kit.desk, 'candidate', 'xgb-9', { weights: moveWeights('xgb-9') })
    const rows = savedByXgboost('move').rows.map((row) => {
      const values = new Float64Array(kit.desk.catalogue.names.length).fill(Number.NaN)
      kit.desk.catalogue.places(FEATURES).forEach((place, j) => {
        values[place] = row[j] ?? Number.NaN
      })
      return values
    })
    const said = (): number[] => rows.map((values) => local(kit.desk.lineUp.candidate?.model).score(values))
    const before = said()
    kit.desks.close()
    kit = aDesk(dir, { serves: true })
    expect(kit.desk.lineUp.candidate?.model).toMatchObject({ version: 'xgb-9', kind: 'trees', threshold: 0.6 })
    expect(said()).toEqual(before)
    expect(before).toEqual(savedByXgboost('move').predictions)
  })

  it('are promoted, and still in charge after a restart', () => {
    const home = fresh()
    const stand = new ReleaseDesk(home, { candidate: null })
    registerModel(stand.desk, 'candidate', 'xgb-9', { weights: moveWeights('xgb-9'), sinceMs: BEGAN_MS })
    stand.at(BEGAN_MS + HOUR)
    const how = { approvalId: 'promote-1', reason: 'it is time', atMs: BEGAN_MS + HOUR }
    stand.desk.transaction(() => promote(stand.parts, stand.desk, how))
    stand.desk.reloadSlots()
    stand.close()
    const again = new ReleaseDesk(home, { candidate: null })
    expect(again.desk.lineUp.inCharge?.model).toMatchObject({ version: 'xgb-9', kind: 'trees' })
    again.close()
  })
})
