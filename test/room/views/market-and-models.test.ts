import { afterEach, describe, expect, it } from 'vitest'
import { rowLogLoss } from '../../../src/engine/stats/calibration.ts'
import { MarketViews } from '../../../src/room/views/market-part.ts'
import { SettledFigures } from '../../../src/room/views/settled-figures.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { DAY, MINUTE } from '../../kit/moments.ts'
import { BEGAN_MS, ReleaseDesk, SYMBOL } from '../../kit/release-desk.ts'
import { storeRows } from '../../kit/stored-rows.ts'

const fresh = freshDirectories()
let stand: ReleaseDesk

afterEach(() => stand.close())

function ready(): void {
  stand = new ReleaseDesk(fresh())
  stand.ready()
}

/** Settled minutes before the newest bar: what came of each, and what candidate, model in charge and fallback rest on. */
function settle(rows: readonly (readonly [label: 0 | 1, candidate: number | null, baseline: number])[]): void {
  const tsMs = (i: number): number => BEGAN_MS - (rows.length + 1 - i) * MINUTE
  const { predictions } = stand.desks.store
  storeRows(
    stand.desk,
    rows.map((_, i) => ({ tsMs: tsMs(i), values: { ewma_var_1m: 1e-8 } })),
  )
  stand.desk.transaction(() => {
    for (const [i, [label, candidate, baseline]] of rows.entries()) {
      if (candidate !== null) predictions.score(SYMBOL, tsMs(i), 'v2', candidate)
      predictions.score(SYMBOL, tsMs(i), 'v1', baseline)
      predictions.settle(SYMBOL, tsMs(i), label, tsMs(i) + 6 * MINUTE)
    }
  })
}

describe('how the models fared', () => {
  it('is told of the same minutes for all: those that every one of them scored', () => {
    ready()
    settle([
      [0, 0.2, 0.4],
      [1, 0.9, 0.6],
      [1, null, 0.1],
      [0, 0.3, 0.7],
    ])
    const { figures, outcome } = new SettledFigures().of(stand.desk)
    expect([...figures.keys()]).toEqual(['v1', 'v2', 'fallback'])
    expect([...figures.values()].map(({ n }) => n)).toEqual([3, 3, 3])
    expect(figures.get('v2')?.auc).toBe(1)
    expect(figures.get('v1')?.auc).toBe(0.5)
    const loss = (rowLogLoss(0, 0.2) + rowLogLoss(1, 0.9) + rowLogLoss(0, 0.3)) / 3
    expect(figures.get('v2')?.logLoss).toBeCloseTo(loss)
    expect(outcome?.againstInCharge).toHaveLength(3)
  })

  it('is nothing while nothing has settled, and not read again within the hour', () => {
    ready()
    const settled = new SettledFigures()
    expect(settled.of(stand.desk)).toMatchObject({ figures: new Map(), outcome: null })
    settle([[1, 0.9, 0.6]])
    expect(settled.of(stand.desk).figures.size).toBe(0)
  })
})

describe('the market', () => {
  it('has the newest price, its change over a day, and quarters of an hour with what came of the signals in them', () => {
    ready()
    const views = new MarketViews()
    expect(views.of(stand.desk)).toMatchObject({
      price: 100,
      dayChange: null,
      predicts: { kind: 'move', horizonMin: 5, thresholdBp: 6 },
      threshold: stand.desk.lineUp.inCharge?.model.threshold,
    })
    const dayAgo = { tsMs: BEGAN_MS - MINUTE - DAY, open: 80, high: 81, low: 79, close: 80, volume: 1 }
    stand.desk.transaction(() => stand.desks.store.bars.insert(SYMBOL, dayAgo, 0, false))
    settle([
      [1, 0.5, 0.99],
      [0, 0.5, 0.99],
      [1, 0.5, 0.01],
    ])
    const market = new MarketViews().of(stand.desk)
    expect(market.dayChange).toBeCloseTo(0.25)
    expect(market.course).toHaveLength(96)
    expect(market.course.at(-1)).toEqual({ close: 100, cameTrue: 1, didNot: 1 })
  })

  it('is not read again within the quarter of an hour', () => {
    ready()
    const views = new MarketViews()
    const { course } = views.of(stand.desk)
    settle([[1, 0.5, 0.99]])
    expect(views.of(stand.desk).course).toBe(course)
  })
})
