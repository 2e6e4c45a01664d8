import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { askModel } from '../../src/serving/answer.ts'
import type { Answer } from '../../src/serving/contract.ts'
import { type Bench, freshBenches, KNOWN_MS, modelOf, rowOf } from '../kit/desk.ts'
import { Elsewhere, turns } from '../kit/elsewhere.ts'

const bench = freshBenches()

const candidate = modelOf('v2', () => 0.5)

describe('a model of another server', () => {
  it('in charge answers once it has been heard, for as long as that takes', async () => {
    const model = new Elsewhere('far')
    const room = bench({ baseline: model })
    const asked = room.ask()
    await turns()
    expect([model.asked, room.predictions()]).toEqual([1, []])
    model.reply({ ok: true, score: 0.7, latencyMs: 33 })
    expect(await asked).toMatchObject({ score: 0.7, decision: 'signal', model_version: 'far' })
    expect(room.predictions()).toMatchObject([{ modelMs: 33, fault: null }])
    expect(room.metered).toEqual(['far ok', 'baseline ok'])
  })

  it('in charge is waited for by whoever closes the room', async () => {
    const model = new Elsewhere('far')
    const room = bench({ baseline: model })
    const asked = room.ask()
    let closed = false
    const draining = room.service.drain().then(() => (closed = true))
    await turns()
    expect(closed).toBe(false)
    model.reply({ ok: false, fault: 'status', latencyMs: 2 })
    await draining
    expect(await asked).toMatchObject({ served_by: 'fallback', reason: 'far gave no score (status)' })
  })

  it('in the shadow is recorded once it has been heard, and late beyond its budget', async () => {
    const [model, next] = [new Elsewhere('far'), new Elsewhere('next')]
    const room = bench({ candidate: next, former: model })
    const said: unknown[] = []
    await room.ask({ onShadow: (result) => said.push(result) })
    await turns()
    expect([model.asked, next.asked, said.length]).toEqual([1, 1, 0])
    model.reply({ ok: true, score: 0.5, latencyMs: 60 })
    next.reply({ ok: true, score: 0.5, latencyMs: 60.1 })
    await room.service.drain()
    expect(said).toEqual([{ kind: 'fault', fault: 'timeout', latencyMs: 60.1 }])
    expect(room.totals('far')).toMatchObject({ tried: 1, errors: 0, compared: 1 })
    expect(room.totals('next')).toMatchObject({ tried: 1, errors: 1, compared: 0 })
  })

  it('is asked by those who can wait as one of this process is', async () => {
    const model = new Elsewhere('far')
    const { values } = rowOf()
    const asked = askModel(model, values, () => 0)
    model.reply({ ok: true, score: 1.5, latencyMs: 7 })
    expect(await asked).toEqual({ score: 1.5, fault: 'range', latencyMs: 7 })
    let ms = 0
    expect(
      await askModel(
        modelOf('near', () => 0.25),
        values,
        () => (ms += 3),
      ),
    ).toEqual({
      score: 0.25,
      fault: null,
      latencyMs: 3,
    })
  })
})

describe('a prediction', () => {
  it('is counted by a canary under its key, or under its own id where the caller gave none', async () => {
    const room = bench({ candidate, former: modelOf('v0', () => 0.5) })
    const keys: string[] = []
    room.desk = { ...room.desk, pick: (key) => ({ phase: `run/${keys.push(key)}`, exposedTo: null }) }
    const { id } = await room.ask()
    await room.askWithShadow({ key: 'order-1' })
    await room.askWithShadow({ source: 'smoke', key: 'order-2' })
    expect(keys).toEqual([id, 'order-1'])
    expect(room.predictions().map(({ phase }) => phase)).toEqual(['run/1', 'run/2', ''])
    // What the former model says beside it is none of the canary's.
    expect(
      room
        .comparisons()
        .map(({ model, phase }) => `${model} ${phase}`)
        .toSorted(),
    ).toEqual(['v0 ', 'v0 ', 'v0 ', 'v2 ', 'v2 run/1', 'v2 run/2'].toSorted())
  })

  it('is told to the metrics with what the model in charge and the candidate came to', async () => {
    const room = bench({ candidate })
    await room.askWithShadow()
    room.market.set(KNOWN_MS + 121_000)
    await room.askWithShadow({ source: 'minute' })
    const { values } = rowOf()
    await room.askWithShadow({ source: 'probe', probe: { values, phase: 'run/1' } })
    const one = (answer: string) => [`base ${answer}`, 'baseline ok', 'shadow compared']
    expect(room.metered).toEqual([...one('ok'), ...one('abstain')])
  })

  it('tells the metrics of a model in charge that failed, and of none where none was asked', async () => {
    const failing = bench({ baseline: modelOf('base', () => Number.NaN) })
    await failing.ask()
    expect(failing.metered).toEqual(['fallback abstain', 'baseline error'])
    const stopped = bench({ killSwitch: true })
    await stopped.ask()
    expect(stopped.metered).toEqual(['fallback abstain'])
  })

  it('has an id of its row, of its room and of its own', async () => {
    const room = bench()
    const ids = (await Promise.all([room.ask(), room.ask()])).map(({ id }) => id)
    expect(ids[0]).toMatch(/^[0-9a-z]{9}-[0-9a-z]{5}000001$/)
    expect(ids[1]).toMatch(/000002$/)
    expect(ids[1]?.slice(0, -6)).toBe(ids[0]?.slice(0, -6))
  })

  it('reaches the others of its turn where one of them cannot be sent', async () => {
    const room = bench()
    const sent: Answer[] = []
    const request = { source: 'caller', acceptedMs: 1_000 } as const
    const refused = (error: unknown) => {
      throw error
    }
    room.service.ask(room.desk, request, {
      answered: () => {
        throw new Error('the socket is gone')
      },
      refused,
    })
    room.service.ask(room.desk, request, { answered: (answer) => sent.push(answer), refused })
    await room.service.drain()
    expect(sent).toHaveLength(1)
    expect(room.troubles).toEqual(['an answer could not be sent: the socket is gone'])
    expect(room.totals('base').requests).toBe(2)
  })

  it('is refused with features that fit no model, and says which would', async () => {
    const room = bench({ baseline: null })
    await expect(room.ask({ features: { nonsense: 1 } })).rejects.toMatchObject({
      why: 'unknown: nonsense',
      next: 'send none, or leave features out',
    })
    const lacking = bench()
    await expect(lacking.ask({ features: { mid: 1 } })).rejects.toMatchObject({
      why: 'missing: rsi14',
      next: 'send mid, rsi14, or leave features out',
    })
  })

  it('may leave out a feature that the model may lack, which is then missing', async () => {
    const seen: number[][] = []
    const trees = modelOf('trees', (values) => {
      seen.push(Array.from(trees.places, (place) => values[place] ?? 0))
      return 0.7
    })
    const room = bench({ baseline: { ...trees, needed: trees.places.slice(0, 1) } })
    expect(await room.ask({ features: { mid: 7 } })).toMatchObject({ score: 0.7, served_by: 'baseline' })
    expect(seen).toEqual([[7, Number.NaN]])
    await expect(room.ask({ features: { rsi14: 1 } })).rejects.toMatchObject({ why: 'missing: mid' })
  })

  it('by the fallback is a signal from its threshold on', async () => {
    const room = bench({ baseline: null, limits: { fallbackDecides: true } })
    for (const [threshold, decision] of [
      [0.75, 'signal'],
      [0.7501, 'none'],
    ] as const) {
      room.desk = { ...room.desk, fallback: { ...room.desk.fallback, threshold } }
      expect(await room.ask()).toMatchObject({ score: 0.75, decision })
    }
  })

  it('lets the write-ahead log grow to eight megabytes before it is copied', () => {
    expect(bench().store.db.raw.pragma('wal_autocheckpoint', { simple: true })).toBe(2_000)
  })
})

describe('what ran beside an answer', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  async function asked(room: Bench, n: number): Promise<void> {
    await Promise.all(Array.from({ length: n }, () => room.ask()))
    await turns()
  }

  it('is written by itself 20 ms later', async () => {
    const room = bench({ candidate })
    await asked(room, 3)
    vi.advanceTimersByTime(19)
    expect(room.comparisons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(room.comparisons()).toHaveLength(3)
    await asked(room, 1)
    vi.advanceTimersByTime(20)
    expect(room.comparisons()).toHaveLength(4)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is written along with the next answers once there are 64 rows of it', async () => {
    const room = bench({ candidate })
    await asked(room, 63)
    await asked(room, 1)
    expect(room.comparisons()).toEqual([])
    await asked(room, 1)
    expect(room.comparisons()).toHaveLength(64)
    vi.advanceTimersByTime(20)
    expect(room.comparisons()).toHaveLength(65)
  })

  it('goes with a later commit where the one that it went along with failed, each row once', async () => {
    const room = bench({ candidate })
    await asked(room, 70)
    room.store.db.raw.exec(
      "CREATE TEMP TRIGGER full BEFORE INSERT ON predictions BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
    )
    await expect(room.ask()).rejects.toMatchObject({ status: 507 })
    room.store.db.raw.exec('DROP TRIGGER full')
    expect(room.comparisons()).toEqual([])
    await asked(room, 1)
    expect(room.comparisons()).toHaveLength(70)
    room.service.flushShadow()
    expect(new Set(room.comparisons().map(({ id }) => id)).size).toBe(71)
  })

  it('is tried again 20 ms after it could not be written', async () => {
    const room = bench({ candidate })
    room.store.db.raw.exec(
      "CREATE TEMP TRIGGER full BEFORE INSERT ON comparisons BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
    )
    await asked(room, 2)
    vi.advanceTimersByTime(20)
    room.store.db.raw.exec('DROP TRIGGER full')
    vi.advanceTimersByTime(19)
    expect(room.comparisons()).toEqual([])
    vi.advanceTimersByTime(1)
    expect(room.comparisons()).toHaveLength(2)
    expect(room.troubles).toEqual(['comparisons cannot be stored: disk is full'])
  })

  it('is done for at most 500 answers a turn, and for all of them in the end', async () => {
    let runs = 0
    const room = bench({ candidate: modelOf('v2', () => (runs++, 0.5)) })
    const answers = Promise.all(Array.from({ length: 501 }, () => room.ask()))
    await answers
    expect(runs).toBe(0)
    await turns(1)
    expect(runs).toBe(500)
    await turns(2)
    expect(runs).toBe(501)
  })
})

describe('the breaker', () => {
  it('counts no try on a row that lacked what the candidate needs', async () => {
    const lacking = modelOf('v2', () => 0.5, ['mid', 'zscore_mid_24h'])
    const room = bench({ candidate: lacking, row: rowOf(['zscore_mid_24h']) })
    for (let i = 0; i < 49; i++) room.breaker.record(false)
    await room.askWithShadow()
    expect([room.breaker.open, room.breakerChanges]).toEqual([false, []])
  })

  it('keeps the candidate alone back, and says that it was skipped', async () => {
    const room = bench({ candidate, former: modelOf('v0', () => 0.5) })
    for (let i = 0; i < 50; i++) room.breaker.record(false)
    const { shadow } = await room.askWithShadow()
    expect(shadow).toEqual({ kind: 'skipped' })
    expect(room.comparisons().map(({ model }) => model)).toEqual(['v0'])
  })
})
