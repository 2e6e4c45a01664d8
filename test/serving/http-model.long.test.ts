import { assert, integer, json, oneof, property, string } from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import { monotonicMs } from '../../src/engine/kernel/clock.ts'
import { parseHttpWeights } from '../../src/engine/models/artifact.ts'
import type { HttpWeights, RemoteModel, RemoteReply } from '../../src/engine/models/contract.ts'
import { inferBody, inferPath, scoresOf } from '../../src/engine/models/inference-protocol.ts'
import { httpModel } from '../../src/serving/http-model.ts'
import { freshDirectories } from '../kit/directories.ts'
import { Bench, modelOf, rowOf } from '../kit/desk.ts'
import { FAULTS, ModelServer } from '../kit/model-server.ts'

const FEATURES = ['rsi14', 'mid'] as const
/** Nothing here is to fail because a machine is slow; what hangs is given up soon. */
const PATIENT_MS = 20_000
const HASTY_MS = 40

function weightsOf(url: string, more: Partial<HttpWeights> = {}): HttpWeights {
  return {
    version: 'remote-1',
    kind: 'http',
    features: FEATURES,
    url,
    model: 'book',
    modelVersion: null,
    input: 'input',
    output: null,
    datatype: 'FP64',
    batch: 8,
    threshold: 0.6,
    label: { kind: 'move', horizonMin: 5, thresholdBp: 5 },
    ...more,
  }
}

function rowWith(rsi14: number, mid: number): Float64Array {
  const values = new Float64Array(builtInCatalogue.names.length)
  values[builtInCatalogue.place('rsi14')] = rsi14
  values[builtInCatalogue.place('mid')] = mid
  return values
}

function asked(model: RemoteModel, values: Float64Array): Promise<RemoteReply> {
  return new Promise((resolve) => model.ask(values, resolve))
}

describe('the Open Inference Protocol', () => {
  const weights = weightsOf('http://models:8000')
  const places = builtInCatalogue.places(FEATURES)

  it('is asked for each row its features in the order of the model', () => {
    expect(JSON.parse(inferBody(weights, places, [rowWith(1, 2), rowWith(3, 4)]))).toEqual({
      inputs: [{ name: 'input', shape: [2, 2], datatype: 'FP64', data: [1, 2, 3, 4] }],
    })
    expect(JSON.parse(inferBody({ ...weights, output: 'score' }, places, [rowWith(1, 2)]))).toMatchObject({
      outputs: [{ name: 'score' }],
    })
  })

  it('names model and version in the path, whatever letters they hold', () => {
    expect(inferPath(weights)).toBe('/v2/models/book/infer')
    expect(inferPath({ ...weights, model: 'a/b', modelVersion: '3?' })).toBe('/v2/models/a%2Fb/versions/3%3F/infer')
  })

  const tensor = (data: unknown, shape?: unknown, name = 'score'): string =>
    JSON.stringify({ outputs: [{ name, shape, data }] })
  it.each<[line: string, text: string, output: string | null, scores: number[] | null]>([
    ['a number a row', tensor([0.1, 0.2]), null, [0.1, 0.2]],
    ['a row of one number each', tensor([[0.1], [0.2]], [2, 1]), null, [0.1, 0.2]],
    ['two classes a row, of which the second counts', tensor([0.9, 0.1, 0.8, 0.2], [2, 2]), null, [0.1, 0.2]],
    ['the tensor that is named', tensor([0.1, 0.2], [2], 'other'), 'score', null],
    ['null for a row without a score', tensor([null, 0.2]), null, [Number.NaN, 0.2]],
    ['NaN, which JSON does not have', '{"outputs":[{"data":[NaN, 0.2]}]}', null, [Number.NaN, 0.2]],
    ['-Infinity, which is no score either', '{"outputs":[{"data":[-Infinity, 0.2]}]}', null, [Number.NaN, 0.2]],
    ['a row too many', tensor([0.1, 0.2, 0.3]), null, null],
    ['four numbers that are not said to be two classes', tensor([0.1, 0.2, 0.3, 0.4]), null, null],
    ['texts', tensor(['0.1', '0.2']), null, null],
    ['no tensor', '{"outputs":[]}', null, null],
    ['an error', '{"error":"no such model"}', null, null],
  ])('reads %s', (_line, text, output, scores) => {
    expect(scoresOf(text, 2, output)).toEqual(scores)
  })

  it('reads anything without harm', () => {
    assert(
      property(oneof(string(), json()), integer({ min: 1, max: 4 }), (text, rows) => {
        const scores = scoresOf(text, rows, null)
        expect(scores === null || scores.length === rows).toBe(true)
      }),
    )
  })
})

describe('the file of a model behind HTTP', () => {
  const file = {
    ...weightsOf('https://models.example:8443/base/'),
    batch: undefined,
    datatype: undefined,
    input: undefined,
  }

  it('needs version, url, model and features; the rest has its usual values', () => {
    expect(parseHttpWeights(file, builtInCatalogue)).toEqual({
      ...weightsOf('https://models.example:8443/base'),
      batch: 64,
    })
  })

  it.each<[line: string, change: object, said: RegExp]>([
    ['a name and a password in the address', { url: 'http://me:secret@models' }, /must not hold a name or a password/],
    ['a file for an address', { url: 'file:///etc/passwd' }, /must begin with http or https/],
    ['a link-local address', { url: 'http://169.254.169.254/models' }, /a link-local address/],
    ['one written as a number', { url: 'http://2852039166/' }, /a link-local address/],
    ['one within IPv6', { url: 'http://[::ffff:169.254.1.1]:8000' }, /a link-local address/],
    ['one of IPv6', { url: 'http://[fe80::1]:8000' }, /a link-local address/],
    ['no address', { url: 'models' }, /url is not a valid address: "models"/],
    ['a question in the address', { url: 'http://models?key=1' }, /must end before any \?/],
    ['no model', { model: '' }, /model must not be empty/],
    ['a batch of none', { batch: 0 }, /batch must be a whole number from 1/],
    ['whole numbers', { datatype: 'INT64' }, /datatype must be "FP32" or "FP64", not "INT64"/],
    ['an unknown feature', { features: ['moon'] }, /features\[0\] is not a column/],
  ])('is refused with %s', (_line, change, said) => {
    expect(() => parseHttpWeights({ ...file, ...change }, builtInCatalogue)).toThrow(said)
  })
})

describe('a model behind HTTP', () => {
  let server: ModelServer
  let url = ''
  beforeEach(async () => {
    server = new ModelServer(([rsi14 = 0, mid = 0]) => (rsi14 + mid) / 100)
    url = await server.listen()
  })
  afterEach(() => server.close())

  const modelAt = (budgetMs: number, more: Partial<HttpWeights> = {}): RemoteModel =>
    httpModel(weightsOf(url, more), { stopwatch: monotonicMs, budgetMs, catalogue: builtInCatalogue })

  it('gives each row its own score, however many share a request', async () => {
    const model = modelAt(PATIENT_MS)
    const replies = await Promise.all(Array.from({ length: 50 }, (_, i) => asked(model, rowWith(i, 1))))
    expect(replies.map((reply) => reply.ok && reply.score)).toEqual(Array.from({ length: 50 }, (_, i) => (i + 1) / 100))
    expect(server.asked.length).toBeLessThan(50)
  })

  it('takes rows one by one where its server knows no batches', async () => {
    const model = modelAt(PATIENT_MS, { batch: 1 })
    await Promise.all([1, 2, 3].map((i) => asked(model, rowWith(i, 1))))
    expect(server.asked).toHaveLength(3)
  })

  it.each(FAULTS.filter(([, fault]) => fault !== 'nan' && fault !== 'range'))(
    'whose server %s is a %s, and is well again when the server is',
    async (manner, fault) => {
      const model = modelAt(fault === 'timeout' ? HASTY_MS : PATIENT_MS)
      server.manner = manner
      const replies = await Promise.all([1, 2, 3].map((i) => asked(model, rowWith(i, 1))))
      expect(replies.map((reply) => (reply.ok ? 'a score' : reply.fault))).toEqual([fault, fault, fault])
      server.manner = 'good'
      const after = httpModel(weightsOf(url), {
        stopwatch: monotonicMs,
        budgetMs: PATIENT_MS,
        catalogue: builtInCatalogue,
      })
      expect(await asked(fault === 'timeout' ? after : model, rowWith(1, 1))).toMatchObject({ ok: true, score: 0.02 })
    },
  )

  it('whose server is not there is unreachable', async () => {
    const model = modelAt(PATIENT_MS)
    await server.close()
    expect(await asked(model, rowWith(1, 1))).toMatchObject({ ok: false, fault: 'unreachable' })
    await server.listen()
  })

  it('is asked again when the server has closed the connection that was kept', async () => {
    const model = modelAt(PATIENT_MS)
    expect(await asked(model, rowWith(1, 1))).toMatchObject({ ok: true })
    server.dropConnections()
    expect(await asked(model, rowWith(2, 1))).toMatchObject({ ok: true, score: 0.03 })
  })

  it('that hangs is not asked about ever more rows: what would wait too long is given up', async () => {
    const model = modelAt(HASTY_MS)
    server.manner = 'hangs'
    const replies = await Promise.all(Array.from({ length: 6_000 }, (_, i) => asked(model, rowWith(i, 1))))
    expect(new Set(replies.map((reply) => (reply.ok ? 'a score' : reply.fault)))).toEqual(new Set(['timeout']))
    expect(server.asked.length).toBeLessThan(50)
  })

  describe('as the candidate', () => {
    const fresh = freshDirectories()
    const rooms: Bench[] = []
    const room = (candidate?: RemoteModel): Bench => {
      const limits = { shadowBudgetMs: PATIENT_MS }
      const made = new Bench(fresh(), candidate === undefined ? {} : { candidate, limits })
      rooms.push(made)
      return made
    }
    afterEach(async () => {
      for (const made of rooms.splice(0)) await made.close()
    })

    it('is compared with the model in charge like any other', async () => {
      const { values } = rowOf()
      const expected =
        ((values[builtInCatalogue.place('rsi14')] ?? 0) + (values[builtInCatalogue.place('mid')] ?? 0)) / 100
      const made = room(modelAt(PATIENT_MS))
      expect((await made.askWithShadow()).shadow).toMatchObject({ kind: 'compared', delta: Math.abs(0.5 - expected) })
    })

    it.each(FAULTS)('that %s (%s) never shows in an answer', async (manner, fault) => {
      server.manner = manner
      const plain = await room().ask()
      const made = room(modelAt(fault === 'timeout' ? HASTY_MS : PATIENT_MS))
      const { answer, shadow } = await made.askWithShadow()
      expect({ ...answer, id: '' }).toEqual({ ...plain, id: '' })
      expect(shadow).toMatchObject({ kind: 'fault', fault })
      expect(made.comparisons()).toMatchObject([{ id: answer.id, model: 'remote-1', score: null }])
      expect(made.totals('remote-1')).toMatchObject({ tried: 1, errors: 1, compared: 0 })
    })

    it('is answered before its server has said anything', async () => {
      server.manner = 'hangs'
      const made = room(modelAt(HASTY_MS))
      const said: string[] = []
      const answer = await made.ask({ onShadow: () => said.push('shadow') })
      expect([answer.served_by, said]).toEqual(['baseline', []])
      await made.service.drain()
      expect(said).toEqual(['shadow'])
    })

    it('opens its breaker when it fails, and is then asked about every twentieth prediction', async () => {
      server.manner = 'errs'
      const made = room(modelAt(PATIENT_MS))
      for (let i = 0; i < 60; i++) await made.askWithShadow()
      expect(made.breakerChanges).toEqual(['opened'])
      const before = server.asked.length
      for (let i = 0; i < 40; i++) await made.askWithShadow()
      expect(server.asked.length - before).toBe(2)
    })
  })

  describe('in charge', () => {
    const fresh = freshDirectories()

    it.each([['good', 'baseline'] as const, ...FAULTS.map(([manner]) => [manner, 'fallback'] as const)])(
      'that is %s is answered for by the %s',
      async (manner, servedBy) => {
        server.manner = manner
        const made = new Bench(fresh(), { baseline: modelAt(manner === 'good' ? PATIENT_MS : HASTY_MS) })
        const answer = await made.ask()
        expect(answer.served_by).toBe(servedBy)
        if (servedBy === 'fallback') expect(answer.decision).toBe('abstain')
        else expect(answer).toMatchObject({ model_version: 'remote-1', reason: 'in charge' })
        await made.close()
      },
    )

    it('answers many at once, each with its own row committed', async () => {
      const made = new Bench(fresh(), { baseline: modelAt(PATIENT_MS), candidate: modelOf('v2', () => 0.4) })
      const answers = await Promise.all(Array.from({ length: 30 }, () => made.ask()))
      await made.service.drain()
      expect(new Set(made.predictions().map((row) => row.id))).toEqual(new Set(answers.map((answer) => answer.id)))
      expect(made.comparisons()).toHaveLength(30)
      await made.close()
    })
  })
})
