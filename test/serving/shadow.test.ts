import { describe, expect, it } from 'vitest'
import type { Model } from '../../src/engine/models/contract.ts'
import { type Bench, type BenchOptions, freshBenches, modelOf, ROW_MS, rowOf } from '../kit/desk.ts'

const bench = freshBenches()

type Failing = [line: string, score: (room: Bench) => number, fault: string, latencyMs: number]

const FAILING: Failing[] = [
  [
    'throws',
    () => {
      throw new Error('boom')
    },
    'throw',
    0,
  ],
  ['gives NaN', () => Number.NaN, 'nan', 0],
  ['gives 2', () => 2, 'range', 0],
  ['gives less than nothing', () => -0.01, 'range', 0],
  [
    'is slower than 60 ms',
    (room) => {
      room.pass(60.5)
      return 0.5
    },
    'timeout',
    60.5,
  ],
]

/** A room whose candidate scores as told; the model needs the room for its clock. */
function withCandidate(score: (room: Bench) => number, options: BenchOptions = {}): Bench {
  const room: Bench = bench({ ...options, candidate: modelOf('v2', () => score(room)) })
  return room
}

describe('a candidate', () => {
  it.each(FAILING)('that %s never shows in an answer', async (_line, score, fault, latencyMs) => {
    const plain = await bench().ask()
    const room = withCandidate(score)
    const { answer, shadow } = await room.askWithShadow()
    expect({ ...answer, id: '' }).toEqual({ ...plain, id: '' })
    expect(shadow).toEqual({ kind: 'fault', fault, latencyMs })
    expect(room.comparisons()).toMatchObject([
      { id: answer.id, model: 'v2', baselineScore: 0.5, score: null, fault, latencyMs },
    ])
    expect(room.totals('v2')).toMatchObject({ requests: 0, tried: 1, errors: 1, compared: 0 })
    expect(room.totals('base')).toMatchObject({ requests: 1, tried: 1, errors: 0 })
  })

  it('within 60 ms, that included, is no error', async () => {
    const room = withCandidate((bench_) => {
      bench_.pass(60)
      return 0.5
    })
    expect((await room.askWithShadow()).shadow).toEqual({ kind: 'compared', delta: 0, matched: true, latencyMs: 60 })
    expect(room.totals('v2')).toMatchObject({ modelTimed: 1, modelAbove60: 0 })
  })

  it('runs after the answer has gone, and does not delay it', async () => {
    const order: string[] = []
    const room = withCandidate((bench_) => {
      order.push('candidate')
      bench_.pass(50)
      return 0.5
    })
    const answer = await room.ask()
    order.push('answer')
    expect(room.comparisons()).toEqual([])
    await room.service.drain()
    expect(order).toEqual(['answer', 'candidate'])
    expect(answer.latency_ms).toBe(0)
    expect(room.comparisons()).toHaveLength(1)
  })

  it('is compared with the model in charge: both scores, delta, match, both latencies', async () => {
    const room = withCandidate(() => 0.5625)
    const { shadow } = await room.askWithShadow()
    expect(shadow).toEqual({ kind: 'compared', delta: 0.0625, matched: false, latencyMs: 0 })
    expect(room.comparisons()).toMatchObject([
      { baselineScore: 0.5, score: 0.5625, latencyMs: 0, fault: null, tsMs: ROW_MS },
    ])
    expect(room.predictions()).toMatchObject([{ modelMs: 0 }])
    expect(room.totals('v2')).toMatchObject({ compared: 1, matched: 0, deltaSum: 0.0625, deltaMax: 0.0625 })
  })

  it('that lacks a feature abstains, which is no error', async () => {
    const candidate = modelOf('v2', () => 0.5, ['mid', 'zscore_mid_24h'])
    const room = bench({ candidate, row: rowOf(['zscore_mid_24h']) })
    const { answer, shadow } = await room.askWithShadow()
    expect(answer.served_by).toBe('baseline')
    expect(shadow).toEqual({ kind: 'abstained', latencyMs: null })
    expect(room.comparisons()).toMatchObject([{ score: null, latencyMs: null, fault: null }])
    expect(room.totals('v2')).toMatchObject({ tried: 0, errors: 0, compared: 0 })
  })

  it('takes from the newest row what a request does not give it', async () => {
    const candidate = modelOf('v2', (values) => (values[9] ?? 0) / 100, ['mid', 'zscore_mid_24h'])
    const room = bench({ candidate })
    await room.askWithShadow({ features: { mid: 1, rsi14: 2 } })
    expect(room.comparisons()).toMatchObject([{ score: 0.1 }])
  })

  it('is not compared where the fallback answered, and is scored all the same', async () => {
    const room = bench({ baseline: modelOf('base', () => Number.NaN), candidate: modelOf('v2', () => 0.5) })
    await room.askWithShadow()
    expect(room.comparisons()).toMatchObject([{ baselineScore: null, score: 0.5, fault: null }])
    expect(room.totals('v2')).toMatchObject({ tried: 1, errors: 0, compared: 0 })
  })
})

describe('the shadow', () => {
  it('tells settlement of the scores of the room itself, and of no caller', async () => {
    const room = bench({ candidate: modelOf('v2', () => 0.25) })
    await room.askWithShadow()
    expect(room.scored).toEqual([])
    await room.askWithShadow({ source: 'minute' })
    expect(room.scored).toEqual([
      [ROW_MS, 'base', 0.5],
      [ROW_MS, 'v2', 0.25],
    ])
    expect(room.store.predictions.scoresAt('AAAUSDT', ROW_MS)).toHaveLength(2)
  })

  it('runs the former model beside the candidate', async () => {
    const room = bench({ candidate: modelOf('v2', () => 0.25), former: modelOf('v0', () => 0.75) })
    await room.askWithShadow()
    expect(new Map(room.comparisons().map((row) => [row.model, row.score]))).toEqual(
      new Map([
        ['v0', 0.75],
        ['v2', 0.25],
      ]),
    )
  })

  it('is stopped by the breaker after 50 errors, tries every 20th prediction then, and goes on after 50 clean ones', async () => {
    let good = false
    let runs = 0
    const score: Model['score'] = () => {
      runs++
      return good ? 0.5 : Number.NaN
    }
    const room = bench({ candidate: modelOf('v2', score) })
    await Promise.all(Array.from({ length: 50 }, () => room.ask()))
    await room.service.drain()
    expect([runs, room.breakerChanges]).toEqual([50, ['opened']])
    good = true
    await Promise.all(Array.from({ length: 999 }, () => room.ask()))
    await room.service.drain()
    expect([runs, room.breaker.open]).toEqual([99, true])
    await room.askWithShadow()
    expect([runs, room.breakerChanges]).toEqual([100, ['opened', 'closed']])
  })

  it('counts a clean try as one, also where the fallback answered', async () => {
    const room = bench({ baseline: modelOf('base', () => Number.NaN), candidate: modelOf('v2', () => 0.5) })
    for (let i = 0; i < 50; i++) room.breaker.record(false)
    await Promise.all(Array.from({ length: 1_000 }, () => room.ask()))
    await room.service.drain()
    expect(room.breaker.open).toBe(false)
  })
})

describe('a smoke run', () => {
  it('counts nowhere but in its own file', async () => {
    const room = bench({ candidate: modelOf('v2', () => 0.5) })
    const { answer, shadow } = await room.askWithShadow({ source: 'smoke' })
    expect(answer.score).toBe(0.5)
    expect(shadow).toMatchObject({ kind: 'compared', matched: true })
    expect(room.totals()).toMatchObject({ requests: 0, tried: 0, compared: 0, timed: 0 })
    expect(room.rollups.takeDirty()).toEqual([])
    expect(room.rollups.serviceDay().count).toBe(0)
    expect(room.scored).toEqual([])
    expect(room.store.predictions.scoresAt('AAAUSDT', ROW_MS)).toEqual([])
    expect(room.metered).toEqual([])
  })

  it('does not open the breaker', async () => {
    const room = bench({ candidate: modelOf('v2', () => Number.NaN) })
    await Promise.all(Array.from({ length: 100 }, () => room.ask({ source: 'smoke' })))
    await room.service.drain()
    expect(room.breaker.open).toBe(false)
  })
})
