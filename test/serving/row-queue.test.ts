import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { builtInCatalogue } from '../../src/engine/features/catalogue.ts'
import type { RemoteModel, RemoteReply } from '../../src/engine/models/contract.ts'
import { httpModel } from '../../src/serving/http-model.ts'
import { ModelServer } from '../kit/model-server.ts'

const BUDGET_MS = 100
const ROW = new Float64Array(builtInCatalogue.names.length).fill(1)

/** What the stopwatch shows; it stands still unless a test moves it. */
let nowMs = 0
let url = ''
let server: ModelServer
let model: RemoteModel
let replies: RemoteReply[] = []
/** A test that has failed waits no longer. */
const now = { waiting: { goesOn: true } }

function modelOf(at: string, batch: number): RemoteModel {
  const weights = {
    version: 'remote-1',
    kind: 'http',
    features: ['mid'],
    url: at,
    model: 'book',
    modelVersion: null,
    input: 'input',
    output: null,
    datatype: 'FP64',
    batch,
    threshold: 0.6,
    label: { kind: 'move', horizonMin: 5, thresholdBp: 5 },
  } as const
  return httpModel(weights, { stopwatch: () => nowMs, budgetMs: BUDGET_MS, catalogue: builtInCatalogue })
}

/** Asks about so many rows at once. */
function ask(rows: number): void {
  for (let i = 0; i < rows; i++) model.ask(ROW, (reply) => replies.push(reply))
}

/** How many rows each request asked about. */
const requests = () =>
  server.asked.map((body) => (JSON.parse(body) as { inputs: { shape: number[] }[] }).inputs[0]?.shape[0])

/** Turns of the event loop until it holds; the stopwatch and the timers stand still meanwhile. */
async function until(holds: () => boolean): Promise<void> {
  const { waiting } = now
  while (waiting.goesOn && !holds()) await new Promise<void>((resolve) => void setImmediate(resolve))
}
/** Time enough for a request that is not to be sent to arrive. */
async function nothingMore(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => void setImmediate(resolve))
}
const asked = (n: number) => until(() => server.asked.length >= n)
const answered = (n: number) => until(() => replies.length >= n)

/** Lets stopwatch and timers run on together. */
function pass(ms: number): void {
  nowMs += ms
  vi.advanceTimersByTime(ms)
}

beforeEach(async () => {
  nowMs = 1_000
  replies = []
  now.waiting = { goesOn: true }
  server = new ModelServer(([mid = 0]) => mid / 4)
  url = await server.listen()
  model = modelOf(url, 2)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(async () => {
  now.waiting.goesOn = false
  vi.useRealTimers()
  await server.close()
})

describe('rows that are asked about together', () => {
  it('share requests of the size that their server takes', async () => {
    ask(5)
    await answered(5)
    expect(requests().toSorted((a = 0, b = 0) => a - b)).toEqual([1, 2, 2])
    expect(replies).toEqual(Array.from({ length: 5 }, () => ({ ok: true, score: 0.25, latencyMs: 0 })))
  })

  it('go out at once, and the next ones 5 ms after them', async () => {
    ask(1)
    await answered(1)
    ask(1)
    pass(4)
    ask(1)
    pass(0.5)
    await nothingMore()
    expect(server.asked).toHaveLength(1)
    pass(0.5)
    await answered(3)
    expect(requests()).toEqual([1, 2])
  })

  it('have at most four requests under way', async () => {
    server.manner = 'hangs'
    ask(12)
    await asked(4)
    await nothingMore()
    pass(BUDGET_MS - 1)
    await nothingMore()
    expect([server.asked.length, replies.length]).toEqual([4, 0])
    pass(1)
    await answered(12)
    expect(replies.every((reply) => !reply.ok && reply.fault === 'timeout' && reply.latencyMs === BUDGET_MS)).toBe(true)
    expect(requests()).toEqual([2, 2, 2, 2])
  })

  it('are no more than four thousand: one more is given up at once', async () => {
    model = modelOf(url, 1_000)
    ask(4_000)
    expect(replies).toEqual([])
    ask(1)
    expect(replies).toEqual([{ ok: false, fault: 'timeout', latencyMs: 0 }])
    await answered(4_001)
    expect(replies.filter((reply) => reply.ok)).toHaveLength(4_000)
  })
})

describe('a server that fails', () => {
  it('is asked by one request at a time, 40 ms after the last, until it is well again', async () => {
    server.manner = 'errs'
    ask(1)
    await answered(1)
    server.manner = 'hangs'
    ask(6)
    pass(39)
    await nothingMore()
    expect(server.asked).toHaveLength(1)
    pass(1)
    await asked(2)
    await nothingMore()
    expect(server.asked).toHaveLength(2)
    server.manner = 'good'
    pass(BUDGET_MS)
    await answered(7)
    expect(server.asked).toHaveLength(2)
    pass(40)
    ask(1)
    await answered(8)
    expect(replies.at(-1)).toMatchObject({ ok: true })
    ask(1)
    pass(5)
    await answered(9)
    expect(replies.at(-1)).toMatchObject({ ok: true })
  })

  it('gives all rows of a request what became of it', async () => {
    server.manner = 'texts'
    ask(2)
    await answered(2)
    expect(replies).toEqual([1, 2].map(() => ({ ok: false, fault: 'garbage', latencyMs: 0 })))
  })
})

describe('an answer', () => {
  it.each([
    [BUDGET_MS, { ok: true, score: 0.25, latencyMs: BUDGET_MS }],
    [BUDGET_MS + 0.5, { ok: false, fault: 'timeout', latencyMs: BUDGET_MS + 0.5 }],
  ])('after %f ms of a budget of 100 is %j', async (afterMs, reply) => {
    server = await replaced(() => {
      nowMs += afterMs
      return 0.25
    })
    ask(1)
    await answered(1)
    expect(replies).toEqual([reply])
  })

  it('is given once, and leaves no timer behind', async () => {
    ask(3)
    await answered(3)
    pass(10 * BUDGET_MS)
    expect([replies.length, vi.getTimerCount()]).toEqual([3, 0])
  })
})

/** Another server in the place of the first. */
async function replaced(score: (row: readonly number[]) => number): Promise<ModelServer> {
  await server.close()
  const other = new ModelServer(score)
  model = modelOf(await other.listen(), 2)
  return other
}
