/** Requests that no program of ours would send, over every route. */
import { request as httpRequest, Agent } from 'node:http'
import { connect } from 'node:net'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { randomInt, seededRandom, type Random } from '../../src/engine/kernel/random.ts'
import { damageOf, tables, type TableDigest } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage, type Room } from '../kit/program.ts'
import { chanceOf, done, times } from '../kit/torture.ts'
import { ODD_BODIES, ODD_HEADERS, ODD_TEXTS, ODD_VALUES, RAW } from './odd.ts'

const REQUESTS = times(1_500, 25_000)
const AT_ONCE = 8
/** What a caller's predictions add to: everybody on this machine may ask for them. */
const OF_PREDICTIONS = ['predictions', 'scores', 'comparisons', 'rollups', 'outcomes', 'heartbeats']

const shell = stage()
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
const OpenApi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

let room: Room
let routes: readonly Route[]
let outside: string
let seenOutside: readonly string[]

interface Route {
  readonly method: string
  readonly path: string
}

interface Odd {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

beforeAll(async () => {
  const dataDir = await prepare(shell, 'candidate')
  outside = dirname(dataDir)
  room = await shell.keeping(() => shell.serve(dataDir, ['--speed', '1']))
  expect((await room.change('/speed', { speed: 'pause' })).status).toBe(200)
  const { paths } = OpenApi.parse((await room.get('/openapi.json')).json)
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  )
  expect(routes.length).toBeGreaterThan(40)
  seenOutside = namesIn(outside)
})
afterAll(() => agent.destroy())

function namesIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .flatMap((one) =>
      one.isDirectory() && join(dir, one.name) !== room.dataDir ? namesIn(join(dir, one.name)) : [join(dir, one.name)],
    )
    .sort()
}

function oneOf<T>(random: Random, of: readonly T[]): T {
  const found = of[randomInt(random, of.length)]
  if (found === undefined) throw new Error('there is nothing to choose from')
  return found
}

/** A request in which at least one thing is wrong: with a token the body always is, so that nothing is begun by it. */
function odd(random: Random, token: string | null): Odd {
  const route = oneOf(random, routes)
  const method =
    random.next() < 0.1 ? oneOf(random, ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'GET', 'POST']) : route.method
  const query =
    random.next() < 0.4
      ? `?${oneOf(random, ['symbol', 'model', 'span_ms', 'quick', '%00', 'a[]'])}=${encodeURIComponent(oneOf(random, ODD_TEXTS))}`
      : ''
  const path = route.path.replace(/\{\w+\}|:\w+/g, () => encodeURIComponent(oneOf(random, ODD_TEXTS)))
  const headers = random.next() < 0.3 ? oneOf(random, ODD_HEADERS) : {}
  const plain = method === 'GET' || method === 'HEAD'
  return {
    method,
    path: `${path}${query}`,
    headers: {
      ...(plain ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: plain ? null : oddBody(random),
  }
}

function oddBody(random: Random): string {
  if (random.next() < 0.4) return oneOf(random, ODD_BODIES)
  const names = [
    'symbol',
    'reason',
    'version',
    'plan',
    'live',
    'speed',
    'until_ms',
    'features',
    'bars',
    'name',
    'decision',
    'phrase',
    'date',
    'wait',
    'key',
    'url',
    'window_ms',
  ]
  const body: Record<string, unknown> = { no_such_field: oneOf(random, ODD_VALUES) }
  for (let fields = randomInt(random, 4); fields > 0; fields--) body[oneOf(random, names)] = oneOf(random, ODD_VALUES)
  return JSON.stringify(body)
}

interface Heard {
  /** 0 where there was no answer. */
  readonly status: number
  readonly text: string
}

/** A connection that was kept may have been closed after an earlier request: then on one of its own. */
async function send(one: Odd): Promise<Heard> {
  const heard = await sendOn(agent, one)
  return heard.status === 0 ? sendOn(false, one) : heard
}

/** Node frames the body of a DELETE only where it is told its length. */
function framed({ headers, body }: Odd): Odd['headers'] {
  if (body === null || 'transfer-encoding' in headers) return headers
  return { ...headers, 'content-length': String(Buffer.byteLength(body)) }
}

function sendOn(connections: Agent | false, one: Odd): Promise<Heard> {
  return new Promise((resolve) => {
    const url = new URL(room.url)
    const sent = httpRequest(
      { host: url.hostname, port: url.port, agent: connections, ...one, headers: framed(one) },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => (text += part))
        response.on('close', () => resolve({ status: response.statusCode ?? 0, text }))
        // `/events` goes on for ever.
        if (response.headers['content-type']?.startsWith('text/event-stream') === true) response.destroy()
      },
    )
    sent.on('error', () => resolve({ status: 0, text: '' }))
    sent.end(one.body)
  })
}

/** Sends as many, some at once. @returns what was answered with a 5xx, or shows the inside of the program */
async function bombard(count: number, random: Random, token: string | null): Promise<string[]> {
  const wrong: string[] = []
  let left = count
  const sendAll = async (): Promise<void> => {
    while (left-- > 0) {
      const one = odd(random, token)
      const { status, text } = await send(one)
      if (status === 0 || status >= 500 || /\n? {4}at |node_modules|\.js:\d+:\d+/.test(text))
        wrong.push(
          `${one.method} ${one.path} ${JSON.stringify(one.headers)} ${one.body?.slice(0, 200)}: ${status} ${text.slice(0, 300)}`,
        )
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, sendAll))
  done('malformed requests', count)
  return wrong
}

function withoutPredictions(): Record<string, TableDigest> {
  return Object.fromEntries(Object.entries(tables(room.dataDir)).filter(([name]) => !OF_PREDICTIONS.includes(name)))
}

async function expectServing(): Promise<void> {
  expect(room.process.alive, room.process.stderr).toBe(true)
  expect(room.process.stderr).not.toMatch(/\n {4}at /)
  expect((await room.ask('POST', '/ml/predict', { body: {} })).status).toBe(200)
  expect(namesIn(outside)).toEqual(seenOutside)
}

describe('malformed requests', () => {
  it('without a token are answered below 500 and change nothing', async () => {
    const before = withoutPredictions()
    expect(await bombard(REQUESTS / 2, seededRandom(chanceOf(11)), null)).toEqual([])
    await expectServing()
    expect(withoutPredictions()).toEqual(before)
  })

  it('with a token are answered below 500 and begin nothing', async () => {
    expect(await bombard(REQUESTS / 2, seededRandom(chanceOf(12)), room.token)).toEqual([])
    await expectServing()
    expect(damageOf(room.dataDir, 'quick_check')).toBe('ok')
  })

  it.each(RAW)('that are not even HTTP are refused: %s', async (_, bytes) => {
    const { hostname, port } = new URL(room.url)
    const text = await new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(Number(port), hostname, () => socket.end(bytes))
      socket.setEncoding('latin1').on('data', (part: string) => (heard += part))
      socket.on('error', () => resolve(heard))
      socket.on('close', () => resolve(heard))
    })
    expect(text).not.toMatch(/^HTTP\/1\.1 (?:2|5)|\n {4}at /)
    done('malformed requests')
    await expectServing()
  })

  it('leave a room that closes cleanly, with evidence that fits', async () => {
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    expect(await shell.run(['evidence', 'verify', '--data-dir', room.dataDir])).toMatchObject({ code: 0 })
  })
})
