import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Failure, Gates, gateOf, ModelCard, Predicted, Psi } from '../kit/documents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage, type Answer, type Asking, type Room } from '../kit/program.ts'
import { until } from '../kit/until.ts'

const FEATURES = { mid: 109_000, mid_change_1m: 12, spread_bp: 1.5, vol1m_log: 15.7, rsi14: 52 }
const UNKNOWN_FEATURE = { ...FEATURES, moon: 1 }

const shell = stage()
let room: Room
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
  room = await shell.keeping(() => shell.open(shell.copy(prepared), ['--speed', '1']))
})

function predict(asking: Asking): Promise<Answer> {
  return room.ask('POST', '/ml/predict', asking)
}

function expectFailure(answer: Answer, status: number, ...named: readonly string[]): void {
  expect(answer.status, answer.text).toBe(status)
  const { error } = Failure.parse(answer.json)
  expect(answer.text).not.toMatch(/\bat .*\.[jt]s:\d+|stack/)
  for (const name of named) expect(error.message).toContain(name)
}

describe('a bad request', () => {
  const bad: readonly [what: string, asking: Asking, status: number, ...named: string[]][] = [
    ['a body that is no JSON', { raw: '{' }, 400],
    ['NaN, which JSON does not have', { raw: '{"features":{"mid":NaN}}' }, 400],
    ['a body of another content type', { raw: 'mid=1', headers: { 'content-type': 'text/xml' } }, 415],
    ['an array', { raw: '[]' }, 422],
    ['a number', { raw: '5' }, 422],
    ['a symbol that is a number', { body: { symbol: 5 } }, 422, 'symbol'],
    ['a symbol that the room does not have', { body: { symbol: 'NOPE' } }, 404, 'NOPE'],
    ['an empty key', { body: { key: '' } }, 422, 'key'],
    ['a field that is not known', { body: { price: 1 } }, 422, 'price'],
    ['a feature that is a string', { body: { features: { ...FEATURES, mid: 'x' } } }, 422, 'mid'],
    ['a feature that is null', { body: { features: { ...FEATURES, rsi14: null } } }, 422, 'rsi14'],
    ['a feature beyond every number', { raw: '{"features":{"mid":1e999}}' }, 422, 'mid'],
    ['no features at all', { body: { features: {} } }, 422, ...Object.keys(FEATURES)],
    [
      'features without some',
      { body: { features: { mid: 1, rsi14: 50 } } },
      422,
      'mid_change_1m',
      'spread_bp',
      'vol1m_log',
    ],
    ['a feature that nobody knows', { body: { features: UNKNOWN_FEATURE } }, 422, 'moon'],
    ['a body over 64 KiB', { raw: `{"features":{"mid":${'9'.repeat(70_000)}}}` }, 413],
  ]

  it.each(bad)(
    'with %s is refused with its status, naming what is wrong, without a stack',
    async (_, asking, status, ...named) => {
      expectFailure(await predict(asking), status, ...named)
      expectFailure(await room.ask('POST', '/predict-with-shadow', asking), status, ...named)
    },
  )

  it('to a route, model, panel or symbol that is not there is a 404', async () => {
    for (const path of [
      '/nope',
      '/models/v0',
      '/detail/nope',
      '/gates?symbol=NOPE',
      '/psi?model=v0',
      '/state?symbol=NOPE',
    ])
      expectFailure(await room.get(path), 404)
  })

  it('for what the room cannot do now is a 409', async () => {
    const bar = { ts_ms: 1_748_217_600_000, open: 1, high: 1, low: 1, close: 1, volume: 1 }
    expectFailure(await room.change('/feed/bars', { symbol: 'BTCUSDT', bars: [bar] }), 409)
    expectFailure(await room.change('/retrain', { version: 'v1.8.1' }), 409, 'v1.8.1')
  })

  it('that changes something is a 401 without a token that fits', async () => {
    for (const path of ['/speed', '/retrain', '/feed/bars', '/report/daily', '/evidence/export', '/smoke', '/tokens']) {
      expectFailure(await room.ask('POST', path, { body: {} }), 401)
      expectFailure(await room.ask('POST', path, { body: {}, token: 'wrong' }), 401)
    }
    expectFailure(await room.get('/tokens'), 401)
  })

  it('with fields that do not fit is a 422 on the changing routes too', async () => {
    expectFailure(await room.change('/speed', { speed: 5 }), 422, 'speed')
    expectFailure(await room.change('/speed', { speed: 60, until_ms: 1 }), 422)
    expectFailure(await room.change('/retrain', { profile: 'bold' }), 422, 'profile')
    expectFailure(await room.change('/retrain', { features: 'v9' }), 422, 'v9')
    expectFailure(await room.change('/report/daily', { date: '2025-13-01' }), 422, 'date')
  })
})

describe('a prediction', () => {
  it('comes from the newest row, by the model in charge, with all that was promised', async () => {
    for (const path of ['/ml/predict', '/predict-with-shadow']) {
      const answer = Predicted.parse((await room.ask('POST', path, { body: { symbol: 'BTCUSDT' } })).json)
      expect(answer).toMatchObject({ model_version: 'v1.8-b0', served_by: 'baseline' })
      expect(answer.score).toBeGreaterThan(0)
      expect(answer.score).toBeLessThan(1)
      expect(answer.latency_ms).toBeGreaterThan(0)
    }
  })

  it('of features given is the same each time, and differs from that of others', async () => {
    const score = async (features: object): Promise<number | null> =>
      Predicted.parse((await predict({ body: { features, key: 'order-17' } })).json).score
    expect(await score(FEATURES)).toBe(await score(FEATURES))
    expect(await score({ ...FEATURES, vol1m_log: 19 })).not.toBe(await score(FEATURES))
  })

  it('is a 503 while history is run through', async () => {
    const young = await shell.listening(shell.fresh())
    expectFailure(await young.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } }), 503)
    expect((await young.get('/healthz')).status).toBe(503)
    expectFailure(await young.change('/speed', { speed: 60 }), 503)
  })
})

describe('reading', () => {
  it('health says who serves and how old the newest row is', async () => {
    for (const path of ['/ml/health', '/healthz']) {
      const answer = await room.get(path)
      expect(answer.status).toBe(200)
      expect(answer.json).toMatchObject({
        ok: true,
        model: 'v1.8-b0',
        candidate: 'v1.8.1',
        service: 'onay',
        kill_switch: false,
      })
      expect(answer.json).toHaveProperty('feature_staleness_sec', 0)
    }
  })

  it('the model card, the shadow, PSI and gates are the documents of the commands', async () => {
    expect(ModelCard.parse((await room.get('/ml/model/info')).json)).toMatchObject({
      version: 'v1.8-b0',
      slot: 'baseline',
    })
    expect(ModelCard.parse((await room.get('/models/v1.8.1')).json)).toMatchObject({ slot: 'candidate' })
    expect(Psi.parse((await room.get('/psi?model=v1.8-b0')).json).overall_psi).toBeCloseTo(1.391, 3)
    expect(gateOf(Gates.parse((await room.get('/gates')).json), 'offline').verdict).toBe('PASS')
    const shadow = await until('a comparison', async () => {
      await predict({ body: {} })
      const answer = (await room.get('/shadow/metrics')).json
      return z.object({ comparisons: z.number().min(1) }).safeParse(answer).success ? answer : null
    })
    expect(shadow).toMatchObject({
      candidate: 'v1.8.1',
      errors: 0,
      breaker: 'closed',
      match_rate: expect.any(Number),
      mean_delta: expect.any(Number),
    })
  })

  it('metrics are fewer than 100 lines, under the names that dashboards know', async () => {
    const { text } = await room.get('/ml/metrics')
    const lines = text.split('\n').filter((line) => line.startsWith('ml_'))
    expect(lines.length).toBeGreaterThan(20)
    expect(lines.length).toBeLessThan(100)
    const names = ['ml_predict_requests_total', 'ml_predict_latency_ms_bucket', 'ml_shadow_match_total', 'ml_psi_score']
    for (const name of [...names, 'ml_shadow_match_rate', 'ml_psi_feature', 'ml_gate_status', 'ml_kill_switch'])
      expect(text).toContain(`\n${name}`)
    expect((await room.get('/metrics')).status).toBe(200)
  })

  it('every GET of the OpenAPI document answers, and the document has every route that is promised', async () => {
    const document = z
      .object({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse((await room.get('/openapi.json')).json)
    const promised = [
      '/ml/health',
      '/healthz',
      '/ml/predict',
      '/predict-with-shadow',
      '/ml/model/info',
      '/shadow/metrics',
    ]
    promised.push('/ml/metrics', '/metrics', '/gates', '/psi', '/alerts', '/jobs', '/models', '/evidence', '/state')
    promised.push('/retrain', '/speed', '/feed/bars', '/events')
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(promised))
    for (const [path, operations] of Object.entries(document.paths)) {
      if (!('get' in operations)) continue
      const url = path.replace('{version}', 'v1.8.1').replace('{panel}', 'drift')
      // The stream of events has no end that could be waited for.
      const answer = await room.ask(path === '/events' ? 'HEAD' : 'GET', url, { token: room.token })
      expect(answer.status, `${url}: ${answer.text.slice(0, 200)}`).toBe(200)
    }
  })
})

describe('what the room answers', () => {
  type JsonSchema = Parameters<typeof z.fromJSONSchema>[0]
  const Content = z.object({ content: z.record(z.string(), z.object({ schema: z.custom<JsonSchema>() })) })
  const Operation = z.object({ responses: z.record(z.string(), z.unknown()) })
  const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) })
  const HEADER = { schema: z.string(), generated_at: z.iso.datetime(), clock: z.enum(['real', 'replay']) }
  const Header = z.looseObject({ ...HEADER, onay_version: z.string() })
  /** Who answers is the route's own business, and streams and metrics are no JSON. */
  const APART = ['/access', '/events', '/metrics', '/ml/metrics']

  async function described(): Promise<z.infer<typeof Document>['paths']> {
    return Document.parse((await room.get('/openapi.json')).json).paths
  }

  function expectDescribed(operation: unknown, { status, json }: Answer, what: string): void {
    const { responses } = Operation.parse(operation)
    const { schema } = Content.parse(responses[status]).content['application/json'] ?? {}
    const fault = z.fromJSONSchema(schema ?? false).safeParse(json).error
    expect(fault?.issues ?? [], what).toEqual([])
    Header.parse(json)
  }

  it('to every GET is as the OpenAPI document says, and carries its header', async () => {
    const paths = await described()
    const urls = Object.keys(paths).filter((url) => paths[url]?.get !== undefined && !APART.includes(url))
    expect(urls.length).toBeGreaterThan(15)
    for (const url of urls) {
      const asked = url.replace('{version}', 'v1.8.1').replace('{panel}', 'gates')
      expectDescribed(paths[url]?.get, await room.ask('GET', asked, { token: room.token }), asked)
    }
  })

  it.each<[path: string, body: object]>([
    ['/speed', { speed: 1 }],
    ['/canary/preflight', {}],
    ['/canary/start', { plan: 'mini' }],
    ['/evidence/export', {}],
    ['/report/daily', {}],
    ['/smoke', {}],
    ['/tokens', { name: 'described' }],
  ])('to POST %s as well', async (path, body) => {
    expectDescribed((await described())[path]?.post, await room.change(path, body), path)
  })
})
