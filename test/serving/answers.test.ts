import { describe, expect, it } from 'vitest'
import { type Database } from '../../src/db/connect.ts'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import type { Model } from '../../src/engine/models/contract.ts'
import { freshBenches, KNOWN_MS, modelOf, ROW_MS, rowOf, WALL_MS } from '../kit/desk.ts'

const bench = freshBenches()

async function refusedBy(asked: Promise<unknown>): Promise<OperatorError> {
  const error: unknown = await asked.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof OperatorError)) throw new Error(`no OperatorError but ${String(error)}`)
  return error
}

/** What makes a write fail as a full disk does. */
function fillDisk({ raw }: Database): void {
  raw.pragma(`max_page_count = ${Number(raw.pragma('page_count', { simple: true }))}`)
}

describe('an answer', () => {
  it('says who gave it and why', async () => {
    const room = bench({ baseline: modelOf('v1', () => 0.6) })
    const answer = await room.ask()
    expect(answer).toMatchObject({ score: 0.6, decision: 'signal', model_version: 'v1', served_by: 'baseline' })
    expect(answer.reason).toBe('in charge')
    expect(answer.id.startsWith(ROW_MS.toString(36).padStart(9, '0'))).toBe(true)
  })

  it('is a signal from the threshold on, none below it', async () => {
    for (const [score, decision] of [
      [0.5999, 'none'],
      [0.6, 'signal'],
      [0, 'none'],
      [1, 'signal'],
    ] as const) {
      expect(await bench({ baseline: modelOf('v1', () => score) }).ask()).toMatchObject({ score, decision })
    }
  })

  it('is a signal from the raised threshold on where its model promised too much', async () => {
    const raised = { map: null, raisedBy: 0.05 }
    for (const [score, decision] of [
      [0.56, 'none'],
      [0.6, 'none'],
      [0.649, 'none'],
      [0.651, 'signal'],
    ] as const)
      expect(await bench({ baseline: modelOf('v1', () => score), calibration: raised }).ask()).toMatchObject({
        score,
        decision,
      })
  })

  it('is the calibrated probability, and is decided by it; the score of the artifact is what is compared and kept', async () => {
    const map = { kind: 'platt', a: 1, b: -1 } as const
    const room = bench({ baseline: modelOf('v1', () => 0.7), calibration: { map, raisedBy: 0 } })
    const answer = await room.ask({ source: 'minute' })
    // The odds of 0.7, a factor of e lower.
    expect(answer.score).toBeCloseTo(1 / (1 + Math.exp(1) * (0.3 / 0.7)), 12)
    expect(answer.decision).toBe('none')
    expect(room.scored).toContainEqual([ROW_MS, 'v1', 0.7])
  })

  it('is told to the desk when a caller had it, for a drill asks when the last other one left', async () => {
    const room = bench({ baseline: modelOf('v1', () => 0.7) })
    await room.ask({ source: 'minute' })
    await room.ask({ source: 'probe' })
    expect(room.decided).toEqual([])
    await room.ask()
    expect(room.decided).toEqual(['signal'])
  })

  it('is in the database before it leaves, with both clocks', async () => {
    const room = bench()
    const asked = room.ask({ key: 'k' })
    expect(room.predictions()).toEqual([])
    const answer = await asked
    const [row] = room.predictions()
    expect(row).toMatchObject({ id: answer.id, tsMs: ROW_MS, wallMs: WALL_MS, key: 'k', score: 0.5, source: 'caller' })
  })

  it('shares a transaction with the others of its turn, each under an id of its own', async () => {
    const room = bench()
    const answers = await Promise.all(Array.from({ length: 100 }, () => room.ask()))
    expect(room.commits).toBe(1)
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(100)
    await room.ask()
    expect(room.commits).toBe(2)
    expect(room.predictions()).toHaveLength(101)
  })

  it('has the latency from its acceptance to its release', async () => {
    const room = bench()
    const asked = room.ask()
    room.pass(12.3456)
    expect((await asked).latency_ms).toBe(12.346)
    expect(room.rollups.serviceDay().quantileMs(1)).toBeCloseTo(12.346, 1)
  })

  it('is refused with 409 before the first row', async () => {
    const error = await refusedBy(bench({ row: null }).ask())
    expect(error).toMatchObject({ status: 409, code: 'no_row' })
  })

  it('is refused with 422 that names each feature that is unknown or missing', async () => {
    const error = await refusedBy(bench().ask({ features: { mid: 1, nonsense: 2, other: 3 } }))
    expect(error.status).toBe(422)
    expect(error.why).toBe('missing: rsi14; unknown: nonsense, other')
  })

  it('is given on the features of the request where they cover the set of the model in charge', async () => {
    const room = bench({ baseline: modelOf('v1', (values) => (values[0] ?? 0) / 10) })
    expect(await room.ask({ features: { mid: 7, rsi14: 1 } })).toMatchObject({ score: 0.7 })
    expect(await room.ask()).toMatchObject({ score: 0.1 })
    expect(room.desk.latest?.values[0]).toBe(1)
  })

  it('abstains, with the age, when the newest row is older than twice its bar', async () => {
    const room = bench({ baseline: modelOf('v1', () => 0.9) })
    room.market.set(KNOWN_MS + 120_000)
    expect(await room.ask()).toMatchObject({ decision: 'signal' })
    room.market.set(KNOWN_MS + 121_000)
    expect(await room.ask()).toMatchObject({ score: 0.9, decision: 'abstain', reason: 'the newest row is 121 s old' })
  })

  it('counts the age in bars of its own where it looks at longer frames alone', async () => {
    const quarters = { ...modelOf('v1', () => 0.9), features: ['mid@15m', 'rsi14@60m'] }
    const room = bench({ baseline: quarters })
    room.market.set(KNOWN_MS + 1_800_000)
    expect(await room.ask()).toMatchObject({ decision: 'signal' })
    room.market.set(KNOWN_MS + 1_801_000)
    expect(await room.ask()).toMatchObject({ decision: 'abstain', reason: 'the newest row is 1801 s old' })
  })

  it('abstains as well when the clock was set back and the newest row lies as far ahead of it', async () => {
    const room = bench({ baseline: modelOf('v1', () => 0.9) })
    room.market.set(KNOWN_MS - 120_000)
    expect(await room.ask()).toMatchObject({ decision: 'signal' })
    room.market.set(KNOWN_MS - 3 * 3_600_000)
    const reason = 'the newest row is 10800 s ahead of the clock'
    expect(await room.ask()).toMatchObject({ score: 0.9, decision: 'abstain', reason })
  })

  it.each([
    ['power', 1],
    ['process', 0],
  ] as const)(
    'is stored as durability %s asks: with %i commits that outlive the machine',
    async (durability, synced) => {
      const room = bench({ limits: { durability } })
      await Promise.all([room.ask(), room.ask()])
      expect(room.predictions()).toHaveLength(2)
      expect([room.synced, room.commits]).toEqual([synced, 1 - synced])
    },
  )
})

describe('the fallback answers and abstains, and nothing is rejected, when the model in charge', () => {
  const FAILING: readonly [line: string, baseline: Model | null, fault: string | null, reason: RegExp][] = [
    ['is not there yet', null, null, /no model is in charge yet/],
    [
      'throws',
      modelOf('v1', () => {
        throw new Error('boom')
      }),
      'throw',
      /v1 gave no score \(throw\)/,
    ],
    ['gives NaN', modelOf('v1', () => Number.NaN), 'nan', /\(nan\)/],
    ['gives 2', modelOf('v1', () => 2), 'range', /\(range\)/],
    ['gives -0.1', modelOf('v1', () => -0.1), 'range', /\(range\)/],
    ['gives infinity', modelOf('v1', () => Number.POSITIVE_INFINITY), 'range', /\(range\)/],
  ]

  it.each(FAILING.map((one) => [...one] as const))('%s', async (_line, baseline, fault, reason) => {
    const room = bench({ baseline })
    const answer = await room.ask()
    expect(answer).toMatchObject({ score: 0.75, decision: 'abstain', served_by: 'fallback', model_version: 'fallback' })
    expect(answer.reason).toMatch(reason)
    expect(room.predictions()).toMatchObject([{ fault, servedBy: 'fallback' }])
    expect(room.totals('v1')).toMatchObject({ tried: fault === null ? 0 : 1, errors: fault === null ? 0 : 1 })
    expect(room.totals('fallback')).toMatchObject({ requests: 1, abstained: 1 })
  })

  it('lacks a feature, which is no error of its', async () => {
    const room = bench({ row: rowOf(['rsi14']) })
    expect(await room.ask()).toMatchObject({ served_by: 'fallback', decision: 'abstain', reason: 'base lacks rsi14' })
    expect(room.predictions()).toMatchObject([{ fault: 'missing' }])
    expect(room.totals('base')).toMatchObject({ tried: 0, errors: 0 })
  })

  it('is stopped by the kill switch, even where the fallback may decide', async () => {
    const room = bench({ killSwitch: true, limits: { fallbackDecides: true } })
    expect(await room.ask()).toMatchObject({
      served_by: 'fallback',
      decision: 'abstain',
      reason: 'the kill switch is on',
    })
  })

  it('and the fallback itself have nothing to go by: no score', async () => {
    const room = bench({ baseline: null, row: rowOf(['ewma_var_1m']), limits: { fallbackDecides: true } })
    expect(await room.ask()).toMatchObject({ score: null, decision: 'abstain', served_by: 'fallback' })
    expect(room.predictions()).toMatchObject([{ score: null }])
  })
})

describe('the fallback decides where it was set to', () => {
  it('by its own threshold', async () => {
    const room = bench({ baseline: null, limits: { fallbackDecides: true } })
    expect(await room.ask()).toMatchObject({ score: 0.75, decision: 'signal', served_by: 'fallback' })
  })

  it('but never on a row that is too old', async () => {
    const room = bench({ baseline: null, limits: { fallbackDecides: true } })
    room.market.set(KNOWN_MS + 121_000)
    expect(await room.ask()).toMatchObject({ decision: 'abstain' })
  })
})

describe('a full disk', () => {
  it('has requests refused with 507, is told, and costs nothing that was acknowledged', async () => {
    const room = bench({ candidate: modelOf('v2', () => 0.5) })
    const before = await Promise.all(Array.from({ length: 5 }, () => room.ask()))
    fillDisk(room.store.db)
    const key = 'k'.repeat(20_000)
    const refusals = await Promise.all([refusedBy(room.ask({ key })), refusedBy(room.ask({ key }))])
    expect(refusals.map((error) => error.status)).toEqual([507, 507])
    expect(room.troubles.at(-1)).toMatch(/they cannot be stored/)
    room.store.db.raw.pragma('max_page_count = 1000000')
    const after = await room.ask({ key })
    expect(room.troubles.at(-1)).toBe('stored again')
    await room.service.drain()
    const ids = [...before, after].map((answer) => answer.id)
    expect(room.predictions().map((row) => row.id)).toEqual(ids)
    expect(room.comparisons().map((row) => row.id)).toEqual(ids)
    expect(room.totals('base').requests).toBe(6)
  })

  it('leaves the comparisons to be written once there is room', async () => {
    const room = bench({ candidate: modelOf('v2', () => 0.5) })
    room.store.db.raw.exec(
      "CREATE TEMP TRIGGER full BEFORE INSERT ON comparisons BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
    )
    await room.ask()
    await room.service.drain()
    expect(room.comparisons()).toEqual([])
    expect(room.troubles).toEqual(['comparisons cannot be stored: disk is full'])
    room.store.db.raw.exec('DROP TRIGGER full')
    room.service.flushShadow()
    expect(room.comparisons()).toHaveLength(1)
  })
})
