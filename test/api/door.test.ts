/** Who comes in: by the names that a request carries, before anything of its body is read. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readerOf } from '../../src/api/door.ts'
import { tryJson } from '../../src/engine/kernel/json.ts'
import { secretText } from '../../src/notify/secret.ts'
import { freshDirectories } from '../kit/directories.ts'
import { ServedRoom, TOKEN } from '../kit/served-room.ts'

const fresh = freshDirectories()
const EVIL = 'evil.example.com:4510'
let served: ServedRoom

beforeAll(async () => {
  served = new ServedRoom(fresh(), '0.0.0-test')
  await served.open()
})
afterAll(() => served.close())

interface Answered {
  readonly status: number | undefined
  readonly code: string | null
}

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

/** Asks with exactly these headers, as a browser or an attacker may. */
function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  begun?: string,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(`${served.url}${path}`, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      response.on('end', () => {
        const refusal = Refusal.safeParse(tryJson(text))
        resolve({ status: response.statusCode, code: refusal.success ? refusal.data.error.code : null })
        sent.destroy()
      })
    })
    sent.on('error', reject)
    if (begun === undefined) sent.end()
    else sent.write(begun)
  })
}

describe('a room on loopback', () => {
  it.each([
    ['127.0.0.1:4010', 200],
    ['localhost:4010', 200],
    ['localhost', 200],
    ['[::1]:4010', 200],
    ['192.168.1.5:4010', 200],
    [EVIL, 403],
    ['localhost.example.com', 403],
    ['127.0.0.1.example.com', 403],
    ['a b', 403],
  ])('asked as %j answers %i', async (host, status) => {
    expect((await ask('GET', '/access', { host })).status).toBe(status)
    // Once more, now that it may be remembered.
    expect((await ask('GET', '/access', { host })).status).toBe(status)
  })

  it.each([
    ['http://127.0.0.1:4010', null],
    ['http://127.0.0.1:4011', 'origin'],
    ['https://evil.example.com', 'origin'],
    ['null', 'origin'],
    ['', 'origin'],
  ])('asked by a page of %j refuses with %s', async (origin, code) => {
    expect((await ask('GET', '/access', { host: '127.0.0.1:4010', origin })).code).toBe(code)
  })

  it.each(['/ml/predict', '/predict-with-shadow'])(
    'answers no page at %s, whose request needs no leave',
    async (path) => {
      expect(await ask('POST', path, { origin: 'https://evil.example.com' })).toEqual({ status: 403, code: 'origin' })
      expect(await ask('POST', path, { host: EVIL })).toEqual({ status: 403, code: 'host' })
    },
  )

  it.each(['/state', '/approvals', '/models', '/events', '/ml/metrics', '/openapi.json', '/no/such/path'])(
    'tells nothing at %s under a name that may lead anywhere',
    async (path) => {
      expect(await ask('GET', path, { host: EVIL })).toEqual({ status: 403, code: 'host' })
    },
  )

  it('answers whoever has a token, by whatever name a proxy knows it', async () => {
    const authorization = `Bearer ${TOKEN}`
    expect(
      (await ask('GET', '/access', { host: EVIL, origin: 'https://evil.example.com', authorization })).status,
    ).toBe(200)
    expect((await ask('GET', '/access', { host: EVIL, authorization: 'Bearer wrong' })).code).toBe('host')
  })
})

describe('a request without a token', () => {
  it.each(['/feed/bars', '/canary/start', '/speed'])('is refused at %s before its body has come', async (path) => {
    const headers = { 'content-type': 'application/json', 'content-length': '1000000' }
    expect(await ask('POST', path, headers, '[')).toEqual({ status: 401, code: 'token' })
  })
})

describe('a request of a smoke run', () => {
  it('needs a token, though it comes from this machine: it counts for a model', async () => {
    const authorization = `Bearer ${TOKEN}`
    // What answers here has nothing to serve.
    expect((await ask('POST', '/ml/predict', {})).code).toBe('nothing')
    expect(await ask('POST', '/ml/predict', { 'x-onay-smoke': 'run-1' })).toEqual({ status: 401, code: 'token' })
    expect((await ask('POST', '/ml/predict', { 'x-onay-smoke': 'run-1', authorization })).code).toBe('nothing')
  })
})

describe('an error', () => {
  it('says no secret, whatever was thrown', async () => {
    secretText('a-token-of-telegram')
    const body = JSON.stringify({ 'a-token-of-telegram': 1 })
    const response = await fetch(`${served.url}/ml/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { error } = Refusal.parse(await response.json())
    expect(error.message).toContain('there is no field [hidden] here')
  })
})

describe('a reader of a machine that knows two kinds of addresses', () => {
  const reader = (ip: string): unknown => {
    const nobody = { callerOf: () => null }
    return readerOf(nobody, { ip, headers: {} })
  }

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('is local at %s', (ip) => {
    expect(reader(ip)).toBeNull()
  })

  it.each(['203.0.113.9', '::ffff:203.0.113.9', '127.0.0.2.example'])('is not local at %s', (ip) => {
    expect(() => reader(ip)).toThrow('token')
  })
})
