import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { askAt } from '../../src/api/http-request.ts'
import { COMMAND_ROUTES } from '../../src/api/command-routes.ts'
import { openApi } from '../../src/api/openapi.ts'
import { QUERY_ROUTES } from '../../src/api/query-routes.ts'
import { commandQuestion, queryQuestion, understood } from '../../src/api/wire.ts'
import {
  type CommandHandlers,
  type CommandKind,
  type CommandOf,
  type Commands,
  SET_MODES,
} from '../../src/control/commands.ts'
import { PAGES, PANELS } from '../../src/control/panels.ts'
import type { Queries, QueryKind, QueryOf } from '../../src/control/queries.ts'
import { sentenceOf } from '../../src/control/sentences.ts'
import { COMMAND_ANSWERS, QUERY_ANSWERS } from '../kit/answers.ts'
import { freshDirectories } from '../kit/directories.ts'
import { BEARER, ServedRoom, TOKEN } from '../kit/served-room.ts'

type Drawn<T> = { readonly [F in keyof T]-?: fc.Arbitrary<T[F]> }

const word = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((text) => text.trim() !== '')
const name = fc.constantFrom('BTCUSDT', 'BTC/USDT', 'a b', 'x?y=z', '日経', '%2F')
const perhaps = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined })
const symbol = perhaps(name)
const zeroOrOne = fc.constantFrom(0 as const, 1 as const)
const profile = perhaps(fc.constantFrom('equivalent', 'improve'))
const ms = perhaps(fc.integer({ min: 1, max: 2 ** 41 }))
const yes = perhaps(fc.boolean())
const reason = fc.option(word)
const day = perhaps(fc.constantFrom('2025-05-25', '2024-02-29'))
/** JSON has one zero. */
const price = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0)
const retrain = {
  replace: perhaps(fc.boolean()),
  symbol,
  version: perhaps(word),
  features: perhaps(word),
  profile,
  windowMs: ms,
  untilMs: ms,
  dryRun: yes,
}
/** A body with a key named `__proto__` is refused at the door, before its route. */
const file = fc
  .json({ maxDepth: 2 })
  .filter((text) => !text.includes('__proto__'))
  .map((text): unknown => JSON.parse(text))
const model = {
  symbol,
  model: file,
  profile,
  windowMs: ms,
  untilMs: ms,
  trainedUntilMs: ms,
  replace: perhaps(fc.boolean()),
}
const validation = { symbol, version: perhaps(word), profile }
const canary = { symbol, plan: perhaps(word), profile, mode: perhaps(fc.constant('observe' as const)) }
const bar = fc.record({ tsMs: fc.nat(), open: price, high: price, low: price, close: price, volume: price })
const latencies = fc.record({ p50: fc.nat(), p95: fc.nat(), p99: fc.nat(), max: fc.nat() })
const figures = fc.record({
  requests: fc.integer({ min: 1 }),
  success: fc.nat(),
  seconds: fc.integer({ min: 1 }),
  latency_ms: latencies,
})

// JSON has no -0.
const amount = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0))
const trade = fc.record({
  id: fc.string({ minLength: 1, maxLength: 20 }),
  side: fc.constantFrom<1 | -1>(1, -1),
  openedMs: fc.nat(),
  closedMs: fc.nat(),
  qty: fc.double({ min: 0, max: 1e6, noNaN: true }),
  filledEntry: fc.double({ min: 0, max: 1e6, noNaN: true }),
  filledExit: fc.double({ min: 0, max: 1e6, noNaN: true }),
  expectedEntry: amount,
  expectedExit: amount,
  notional: amount,
  fees: amount,
  pnl: amount,
  exit: fc.option(fc.string({ maxLength: 20 })),
  predictionId: fc.option(fc.string({ maxLength: 30 })),
  key: fc.option(fc.string({ maxLength: 30 })),
})

const SPEEDS = [1, 60, 600, 'max', 'pause', 'play', 'next'] as const

/** How each field of each command is drawn: a command that is not here does not compile. */
const COMMANDS: { readonly [K in CommandKind]: Drawn<Commands[K]['takes']> } = {
  setSpeed: { symbol, speed: fc.constantFrom(...SPEEDS), untilMs: ms },
  pushBars: { symbol: fc.constantFrom('BTCUSDT', 'A.B:C-D'), bars: fc.array(bar, { maxLength: 3 }) },
  declareFeatures: {
    symbol: fc.constantFrom('BTCUSDT', 'A.B:C-D'),
    columns: fc.array(
      fc.record({
        name: fc.constantFrom('funding_rate', 'basis_bp'),
        maxAgeMs: fc.integer({ min: 60, max: 86_400 }).map((seconds) => seconds * 1_000),
        unit: fc.constantFrom('1', 'bp'),
        about: fc.constantFrom('', 'of the perpetual'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  },
  pushFeatures: {
    symbol: fc.constantFrom('BTCUSDT'),
    rows: fc.array(
      fc.record({
        tsMs: fc.nat(),
        values: fc.dictionary(fc.constantFrom('funding_rate', 'basis_bp'), fc.option(fc.integer()), {
          noNullPrototype: true,
        }),
      }),
      { maxLength: 3 },
    ),
  },
  pushOutcomes: {
    symbol: fc.constantFrom('BTCUSDT'),
    outcomes: fc.array(
      fc.oneof(fc.record({ tsMs: fc.nat(), label: zeroOrOne }), fc.record({ key: name, label: zeroOrOne })),
      {
        maxLength: 3,
      },
    ),
    dryRun: perhaps(fc.boolean()),
  },
  addTrades: {
    symbol: fc.constantFrom('BTCUSDT'),
    arm: fc.constantFrom('mybot', 'A_1.b-c'),
    trades: fc.array(trade, { maxLength: 3 }),
  },
  compareArms: {
    symbol,
    arms: perhaps(fc.array(name, { minLength: 1, maxLength: 2 })),
    mode: perhaps(fc.constantFrom('concurrent', 'sequential', 'labelled')),
    splitMs: ms,
    dryRun: perhaps(fc.boolean()),
    forceSwap: perhaps(fc.boolean()),
  },
  trainSet: { symbol, mode: perhaps(fc.constantFrom(...SET_MODES)) },
  signal: { symbol },
  fillBars: { symbol: fc.constantFrom('BTCUSDT', 'A.B:C-D'), bars: fc.array(bar, { maxLength: 3 }) },
  startRetrain: retrain,
  retrain,
  startAddingModel: model,
  addModel: model,
  startValidation: validation,
  validate: validation,
  challengeModel: { symbol, version: name, reason },
  retireModel: { symbol, version: name, reason },
  cancelWork: { id: name },
  preflight: { symbol },
  rehearseCanary: canary,
  startCanary: canary,
  abortCanary: { symbol, reason },
  answerApproval: { id: name, decision: fc.constantFrom('approve', 'reject'), phrase: perhaps(word), reason },
  promote: { symbol, version: perhaps(word) },
  drillKill: { symbol },
  goLive: { symbol },
  calibrate: { symbol, dryRun: perhaps(fc.boolean()) },
  rehearse: {
    symbol,
    days: perhaps(fc.constantFrom(1, 28)),
    variants: perhaps(fc.constantFrom(['drift.psi=0.25'])),
    plan: perhaps(fc.constantFrom('mini')),
  },
  switchKill: { symbol, reason, enabled: fc.boolean() },
  rollback: { symbol, reason },
  acknowledge: { symbol, rule: name, reason: word },
  saveGates: { symbol, label: name },
  reportDay: { symbol, date: day, html: yes },
  reportWeek: { symbol, date: day },
  exportEvidence: { symbol },
  beginSmoke: { symbol },
  finishSmoke: { run: name, shadow: fc.boolean(), figures },
  addToken: { name, person: fc.option(name, { nil: undefined }) },
  revokeToken: { name },
  testChannels: { channel: perhaps(word) },
}

const QUERIES: { readonly [K in QueryKind]: Drawn<Queries[K]['takes']> } = {
  health: { symbol },
  modelInCharge: { symbol },
  shadow: { symbol },
  gates: { symbol },
  psi: { symbol, model: perhaps(name), quick: perhaps(fc.constant(true)) },
  drift: { symbol, model: perhaps(name), atMs: ms },
  ensemble: { symbol },
  psiTrend: { symbol, model: perhaps(name), spanMs: ms },
  features: { symbol },
  models: { symbol },
  model: { symbol, version: name },
  jobs: { symbol },
  alerts: { symbol },
  chain: {},
  canary: { symbol },
  kill: { symbol },
  approvals: { id: perhaps(name) },
  paper: { symbol, arm: perhaps(name), sinceMs: ms, untilMs: ms, spanMs: ms },
  paperTrades: { symbol, arm: perhaps(name), limit: ms },
  execution: { symbol, arm: perhaps(name) },
  retrainGates: { symbol, arm: perhaps(name), smokeTest: perhaps(fc.constant(true)) },
  scoreboard: { symbol },
  ticks: { symbol, fromMs: ms, untilMs: ms, sample: ms },
  abStatus: { symbol },
  sets: { symbol },
  retrainChoices: { symbol },
  tokens: {},
  view: { symbol },
  detail: { symbol, panel: fc.constantFrom(...PANELS, ...PAGES) },
}

const RUNS = { numRuns: 12 }
const fresh = freshDirectories()
const served: { room?: ServedRoom } = {}

beforeAll(async () => {
  served.room = new ServedRoom(fresh(), '0.1.0')
  await served.room.open()
})

afterAll(async () => {
  await served.room?.close()
})

function room(): ServedRoom {
  if (served.room === undefined) throw new Error('it is not open')
  return served.room
}

const signal = (): AbortSignal => AbortSignal.timeout(20_000)
const asBearer = (): { url: string; token: string } => ({ url: room().url, token: TOKEN })
const kindsOf = <K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(table).filter((kind): kind is K => kind in table)

function asksOf<K extends CommandKind>(kind: K): fc.IAsyncProperty<[Commands[K]['takes']]> {
  const { answer: shape } = COMMAND_ROUTES[kind]
  return fc.asyncProperty(fc.record<Commands[K]['takes']>(COMMANDS[kind]), async (taken) => {
    const command: CommandOf<K> = { kind, by: 'whoever sits there', ...taken }
    const answer = await askAt(asBearer(), commandQuestion(command), signal())
    expect(room().room.received.at(-1)).toEqual({ ...command, by: BEARER, byPerson: BEARER })
    expect(understood(shape, answer, 'the answer')).toEqual(COMMAND_ANSWERS[kind])
  })
}

function readsOf<K extends QueryKind>(kind: K): fc.IAsyncProperty<[Queries[K]['takes']]> {
  const { answer: shape } = QUERY_ROUTES[kind]
  return fc.asyncProperty(fc.record<Queries[K]['takes']>(QUERIES[kind]), async (taken) => {
    const query: QueryOf<K> = { kind, ...taken }
    const answer = await askAt(asBearer(), queryQuestion(query), signal())
    expect(room().room.received.at(-1)).toEqual(query)
    expect(understood(shape, answer, 'the answer')).toEqual(QUERY_ANSWERS[kind])
  })
}

async function statusOf(method: string, path: string, body?: object, token?: string): Promise<number> {
  const response = await fetch(`${room().url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  await response.arrayBuffer()
  return response.status
}

describe('a command', () => {
  it.each(kindsOf(COMMAND_ROUTES))(
    '%s reaches the room as it was asked, by the name of the token, and its answer comes back whole',
    async (kind) => {
      await fc.assert(asksOf(kind), RUNS)
    },
  )

  it.each(kindsOf(COMMAND_ROUTES))(
    '%s needs a token, from this machine but for what is asked as a prediction is',
    async (kind) => {
      const { method, path, open } = COMMAND_ROUTES[kind]
      room().strict = open === true
      const before = room().room.received.length
      const body = method === 'POST' ? {} : undefined
      expect(await statusOf(method, path.replaceAll(':', ''), body)).toBe(401)
      expect(await statusOf(method, path.replaceAll(':', ''), body, 'wrong')).toBe(401)
      expect(room().room.received).toHaveLength(before)
      room().strict = false
    },
  )

  it('asked as a prediction is needs no token from this machine', async () => {
    expect(await statusOf('POST', '/ml/signal', {})).toBe(200)
    expect(room().room.received.at(-1)).toMatchObject({ kind: 'signal', by: 'caller' })
  })

  it.each(kindsOf(COMMAND_ROUTES))('%s has a sentence for its answer', (kind) => {
    const sentence = sentenceOf(kind, COMMAND_ANSWERS[kind])
    expect(sentence.length).toBeGreaterThan(8)
    expect(sentence).not.toMatch(/undefined|null|NaN|\[object/)
  })

  it('that begins, or waits for a person, is answered with 202, and one that is done with 200', async () => {
    const status = (path: string, body: object): Promise<number> => statusOf('POST', path, body, TOKEN)
    expect(await status('/retrain', {})).toBe(202)
    expect(await status('/retrain', { wait: false })).toBe(202)
    expect(await status('/retrain', { wait: true })).toBe(200)
    expect(await status('/canary/start', {})).toBe(200)
    expect(await status('/canary/start', { live: true })).toBe(202)
    expect(await status('/promote', {})).toBe(202)
    expect(await status('/canary/abort', {})).toBe(200)
  })

  it.each<[string, string, object]>([
    ['a field that it does not know', '/promote', { price: 1 }],
    ["a field by the room's own name of it", '/retrain', { windowMs: 1 }],
    ['a flag that is no yes or no', '/retrain', { wait: 'yes' }],
    ['a field that stands in the URL', '/alerts/x/ack', { rule: 'y', reason: 'z' }],
    ['a speed that there is not', '/speed', { speed: 5 }],
    ['a body that is a list', '/promote', []],
  ])('with %s is refused with 422, and the room is not asked', async (_, path, body) => {
    const before = room().room.received.length
    expect(await statusOf('POST', path, body, TOKEN)).toBe(422)
    expect(room().room.received).toHaveLength(before)
  })

  it.each(['/canary/start', '/canary/abort', '/promote', '/retrain', '/ml/predict'])(
    'to %s with the body null is refused with 422: nothing was said, not even nothing',
    async (path) => {
      const before = room().room.received.length
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` }
      const { status } = await fetch(`${room().url}${path}`, { method: 'POST', headers, body: 'null' })
      expect(status).toBe(422)
      expect(room().room.received).toHaveLength(before)
    },
  )

  it('needs no body where it needs no field', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    expect((await fetch(`${room().url}/canary/abort`, { method: 'POST', headers })).status).toBe(200)
  })

  it('is refused before it is sent where a field does not fit', () => {
    const command = { kind: 'reportDay', by: 'me', date: '2025-13-01' } as const
    expect(() => commandQuestion(command)).toThrow(/the request does not fit: date: /)
  })

  it('says nothing of a reason where none was given: blanks are none', async () => {
    for (const body of [{}, { reason: '' }, { reason: '  ' }]) {
      await statusOf('POST', '/canary/abort', body, TOKEN)
      expect(room().room.received.at(-1)).toMatchObject({ kind: 'abortCanary', by: BEARER, reason: null })
    }
  })
})

describe('a query', () => {
  it.each(kindsOf(QUERY_ROUTES))('%s is read of the room as it was asked, and comes back whole', async (kind) => {
    await fc.assert(readsOf(kind), RUNS)
  })

  it.each(kindsOf(QUERY_ROUTES))('%s needs a token from another machine, and of the tokens also here', async (kind) => {
    const [path] = QUERY_ROUTES[kind].paths
    const url = path.replace(':version', 'v1').replace(':panel', 'gates')
    expect(await statusOf('GET', url)).toBe(kind === 'tokens' ? 401 : 200)
    room().strict = true
    expect(await statusOf('GET', url)).toBe(401)
    expect(await statusOf('GET', url, undefined, TOKEN)).toBe(200)
    room().strict = false
  })

  it('of a panel that there is not is a 404 that names those there are', async () => {
    const asked = askAt(asBearer(), { method: 'GET', path: '/detail/nope' }, signal())
    await expect(asked).rejects.toMatchObject({
      status: 404,
      what: 'there is no panel nope',
      why: `they are ${[...PANELS, ...PAGES].join(', ')}`,
    })
  })

  it('of the health is a 503 while the room is not open', async () => {
    room().room.findings = { ...QUERY_ANSWERS, health: { ...QUERY_ANSWERS.health, ok: false, phase: 'history' } }
    expect(await statusOf('GET', '/healthz')).toBe(503)
    room().room.findings = QUERY_ANSWERS
    expect(await statusOf('GET', '/ml/health')).toBe(200)
  })
})

describe('the OpenAPI document', () => {
  const Operation = z.looseObject({ summary: z.string(), responses: z.record(z.string(), z.unknown()) })
  const { paths } = z
    .object({ paths: z.record(z.string(), z.record(z.string(), Operation)) })
    .parse(JSON.parse(JSON.stringify(openApi([], '0.1.0'))))

  it('has every command and every query, with what each answers', () => {
    for (const { method, path, status } of Object.values(COMMAND_ROUTES)) {
      const operation = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
      expect(operation?.responses, path).toHaveProperty(String(status ?? 200))
    }
    for (const { paths: urls } of Object.values(QUERY_ROUTES))
      for (const url of urls) expect(paths[url.replaceAll(/:(\w+)/g, '{$1}')]).toHaveProperty('get')
  })

  it('says of each field what it may be', () => {
    const promote = JSON.stringify(paths['/promote'])
    expect(promote).toContain('"version":{"type":"string","maxLength":40}')
    expect(JSON.stringify(paths['/retrain'])).toContain('"wait":{"type":"boolean"}')
    expect(JSON.stringify(paths['/alerts/{rule}/ack'])).not.toContain('"rule":{')
  })
})

describe('a new command', () => {
  it('does not compile without its handler or its place on the wire', () => {
    const { promote: _, ...routes } = COMMAND_ROUTES
    // @ts-expect-error a command without a place on the wire
    const incomplete: typeof COMMAND_ROUTES = routes
    expect(incomplete).not.toHaveProperty('promote')
    const handlers = (all: CommandHandlers): CommandHandlers => {
      const { promote: __, ...others } = all
      // @ts-expect-error a command without a handler
      return others
    }
    expect(handlers).toBeTypeOf('function')
  })

  it('is answered in its own type, and takes its own fields', () => {
    const asked = (command: CommandOf<'promote'>): CommandOf<'promote'> => command
    // @ts-expect-error a field that it does not have
    expect(asked({ kind: 'promote', by: 'me', phrase: 'ONAY' })).toMatchObject({ kind: 'promote' })
    // @ts-expect-error nobody who asks
    expect(asked({ kind: 'promote' })).toMatchObject({ kind: 'promote' })
  })
})
