import { describe, expect, it } from 'vitest'
import { scoreFallback, scoreHistory } from '../../src/serving/score-history.ts'
import { LineUp } from '../../src/serving/line-up.ts'
import { type Bench, freshBenches, modelOf, ROW_MS, rowOf, SERVING_LIMITS } from '../kit/desk.ts'
import { MINUTE } from '../kit/moments.ts'

const bench = freshBenches()

function scored(room: Bench, row = rowOf()): Bench {
  const { db, predictions } = room.store
  db.transaction(() => scoreHistory(room.desk, row, { id: `row ${row.tsMs}`, wallMs: 5 }, predictions, SERVING_LIMITS))
  return room
}

describe('a row that nobody asks about', () => {
  it('is scored, stored, counted and kept for settlement by every model and the fallback', () => {
    const room = scored(
      bench({
        baseline: modelOf('base', () => 0.7),
        candidate: modelOf('v2', () => 0.71),
        former: modelOf('v0', () => 0.1),
      }),
    )
    expect(room.predictions()).toMatchObject([
      {
        id: `row ${ROW_MS}`,
        source: 'history',
        model: 'base',
        score: 0.7,
        decision: 'signal',
        wallMs: 5,
        latencyMs: null,
      },
    ])
    expect(
      new Map(room.comparisons().map(({ model, baselineScore, score }) => [model, [baselineScore, score]])),
    ).toEqual(
      new Map([
        ['v2', [0.7, 0.71]],
        ['v0', [0.7, 0.1]],
      ]),
    )
    expect(room.totals('base')).toMatchObject({ requests: 1, tried: 1, timed: 0 })
    expect(room.totals('v2')).toMatchObject({ tried: 1, compared: 1, matched: 1, modelTimed: 0 })
    expect(room.totals('v0')).toMatchObject({ compared: 1, matched: 0 })
    expect(room.scored.map(([, model, score]) => [model, score])).toEqual([
      ['fallback', 0.75],
      ['base', 0.7],
      ['v2', 0.71],
      ['v0', 0.1],
    ])
  })

  it('is answered by the fallback where the model in charge fails, and compared with nothing', () => {
    const room = scored(bench({ baseline: modelOf('base', () => Number.NaN), candidate: modelOf('v2', () => 0.5) }))
    expect(room.predictions()).toMatchObject([{ servedBy: 'fallback', fault: 'nan', score: 0.75 }])
    expect(room.comparisons()).toMatchObject([{ baselineScore: null, score: 0.5 }])
    expect(room.totals('base')).toMatchObject({ tried: 1, errors: 1 })
  })

  it('leaves settlement nothing of a model that gave no score, nor of a fallback that has none', () => {
    const lacks = rowOf(['ewma_var_1m', 'rsi14'])
    const room = scored(bench({ candidate: modelOf('v2', () => 0.5, ['rsi14']) }), lacks)
    expect(room.predictions()).toMatchObject([{ score: null, fault: 'missing', reason: 'base lacks rsi14' }])
    expect(room.comparisons()).toMatchObject([{ model: 'v2', score: null, fault: null }])
    expect(room.scored).toEqual([])
    expect(room.totals('v2').tried).toBe(0)
    scoreFallback(room.desk, rowOf())
    expect(room.scored).toEqual([[ROW_MS, 'fallback', 0.75]])
  })

  it('is not asked about while the kill switch is on', () => {
    const room = scored(bench({ killSwitch: true }))
    expect(room.predictions()).toMatchObject([{ servedBy: 'fallback', reason: 'the kill switch is on' }])
  })

  it('leaves nothing but the fallback before a model is in charge, and of each model from the row after its role', () => {
    const none = scored(bench({ baseline: null }))
    expect([none.predictions(), none.scored]).toEqual([[], [[ROW_MS, 'fallback', 0.75]]])
    const room = bench({ candidate: modelOf('v2', () => 0.5) })
    const { inCharge, candidate } = room.desk.lineUp
    if (inCharge === null || candidate === null) throw new Error('nobody stands')
    const sinceMs = (minutes: number) => ROW_MS + minutes * MINUTE
    const lineUp = new LineUp({
      inCharge: { ...inCharge, sinceMs: sinceMs(1) },
      candidate: { ...candidate, sinceMs: sinceMs(2) },
    })
    room.desk = { ...room.desk, lineUp }
    for (const minute of [0, 1, 2]) scored(room, rowOf([], sinceMs(minute)))
    expect(room.predictions().map(({ tsMs }) => (tsMs - ROW_MS) / MINUTE)).toEqual([1, 2])
    expect(room.comparisons().map(({ tsMs }) => (tsMs - ROW_MS) / MINUTE)).toEqual([2])
  })
})
