import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { plainText, type DeliveryResult } from '../../src/notify/channel.ts'
import { command } from '../../src/notify/command.ts'
import { pingOf } from '../../src/notify/ping.ts'
import { Secret } from '../../src/notify/secret.ts'
import { telegram } from '../../src/notify/telegram.ts'
import { signatureOf, webhook } from '../../src/notify/webhook.ts'
import { freshDirectories } from '../kit/directories.ts'
import { HEAD, inWords, parcelOf } from '../kit/parcels.ts'
import { GOOD, Receiver, type Manner } from '../kit/webhook-receiver.ts'

const server = new Receiver()
const fresh = freshDirectories()
const parcel = parcelOf('MLPSICritical fired: PSI 1.391 above 0.3')
/** Enough for a server on this machine, and soon over for one that hangs. */
const PATIENT_MS = 10_000
const SHORT_MS = 60
const open = (): AbortSignal => new AbortController().signal
const status = (code: number, headers: Record<string, string> = {}, body = ''): Manner => ({
  kind: 'answers',
  status: code,
  headers,
  body,
})

beforeAll(() => server.listen())
afterAll(() => server.close())
beforeEach(() => {
  server.manner = GOOD
  server.received.length = 0
})

describe('the webhook', () => {
  const hook = (timeoutMs = PATIENT_MS, key: Secret | null = null) =>
    webhook({ url: new Secret(`${server.url}/hooks/T0?k=v`), key, timeoutMs })

  it('posts the message as JSON, signed with the key', async () => {
    expect(await hook(PATIENT_MS, new Secret('shared key')).send(parcel, open())).toEqual({ ok: true })
    const [got] = server.received
    expect(got).toMatchObject({ method: 'POST', path: '/hooks/T0?k=v' })
    expect(JSON.parse(got?.body ?? '')).toEqual(parcel)
    expect(got?.headers).toMatchObject({
      'content-type': 'application/json',
      'x-onay-delivery': '7',
      'x-onay-signature': signatureOf(got?.body ?? '', 'shared key'),
    })
  })

  it('signs as any other HMAC-SHA256 does', () => {
    // RFC 4231, test case 2.
    expect(signatureOf('what do ya want for nothing?', 'Jefe')).toBe(
      'sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    )
  })

  it('is unsigned without a key', async () => {
    await hook().send(parcel, open())
    expect(server.received[0]?.headers).not.toHaveProperty('x-onay-signature')
  })

  it('gives the name and password of its address as a header, for they may not stand in a request', async () => {
    const url = new Secret(`${server.url.replace('//', '//ada:p%40ss@')}/hook`)
    expect(inWords(await webhook({ url, key: null, timeoutMs: PATIENT_MS }).send(parcel, open()))).toBe('ok')
    const expected = `Basic ${Buffer.from('ada:p@ss').toString('base64')}`
    expect(server.received[0]?.headers.authorization).toBe(expected)
  })

  const cases: readonly [what: string, manner: Manner, timeoutMs: number, said: string][] = [
    ['answers 204', status(204), PATIENT_MS, 'ok'],
    ['hangs', { kind: 'hangs' }, SHORT_MS, 'again: did not answer within 60 ms'],
    ['never ends its answer', { kind: 'drips' }, SHORT_MS, 'again: did not answer within 60 ms'],
    ['closes the connection', { kind: 'closes' }, PATIENT_MS, 'again: cannot be reached (UND_ERR_SOCKET)'],
    ['answers 500', status(500), PATIENT_MS, 'again: answered 500'],
    ['asks to wait', status(503, { 'retry-after': '7' }), PATIENT_MS, 'again after 7000 ms: answered 503'],
    ['limits its rate', status(429, { 'retry-after': '30' }), PATIENT_MS, 'again after 30000 ms: answered 429'],
    ['redirects', status(302, { location: '/elsewhere' }), PATIENT_MS, 'again: redirects (302), which is not followed'],
    [
      'has moved',
      status(308, { location: '/elsewhere' }),
      PATIENT_MS,
      'never: has moved for good (308): configure its new address',
    ],
    ['answers 400', status(400), PATIENT_MS, 'never: answered 400'],
    ['answers 404', status(404), PATIENT_MS, 'never: answered 404'],
  ]
  it.each(cases)('that %s is said so', async (_, manner, timeoutMs, said) => {
    server.manner = manner
    expect(inWords(await hook(timeoutMs).send(parcel, open()))).toBe(said)
    // Nothing is followed and nothing is tried twice within one try.
    expect(server.received.map(({ path }) => path)).toEqual(['/hooks/T0?k=v'])
  })

  it('that nobody listens at is said so, without its address', async () => {
    const gone = new Receiver()
    await gone.listen()
    await gone.close()
    const url = new Secret(`${gone.url}/hook`)
    const delivered = await webhook({ url, key: null, timeoutMs: PATIENT_MS }).send(parcel, open())
    expect(inWords(delivered)).toBe('again: cannot be reached (ECONNREFUSED)')
  })

  it('at a port that nobody is let to speak to is said so', async () => {
    const url = new Secret('http://127.0.0.1:9/hook')
    const delivered = await webhook({ url, key: null, timeoutMs: PATIENT_MS }).send(parcel, open())
    expect(inWords(delivered)).toBe('again: cannot be reached (bad port)')
  })

  it('is broken off when the room closes', async () => {
    server.manner = { kind: 'hangs' }
    const stop = new AbortController()
    const sent = hook().send(parcel, stop.signal)
    stop.abort()
    expect(inWords(await sent)).toBe('again: was cut off: the room is closing')
  })
})

describe('Telegram', () => {
  const TOKEN = '123456:AAtoken_of-a-bot'
  const bot = (timeoutMs = PATIENT_MS, baseUrl = server.url) =>
    telegram({ token: new Secret(TOKEN), chatId: '-100200', baseUrl, timeoutMs })

  it('sends the message as text to the chat, at the configured server', async () => {
    expect(await bot(PATIENT_MS, `${server.url}/`).send(parcel, open())).toEqual({ ok: true })
    const [got] = server.received
    expect(got).toMatchObject({ method: 'POST', path: `/bot${TOKEN}/sendMessage` })
    expect(JSON.parse(got?.body ?? '')).toMatchObject({ chat_id: '-100200', text: plainText(parcel) })
    expect(plainText(parcel)).toBe(
      `onay CRITICAL BTCUSDT: MLPSICritical fired: PSI 1.391 above 0.3\n2025-05-26 00:03 UTC, replay\nchain head ${HEAD}`,
    )
  })

  it('cuts a text that is too long, and never through a character', async () => {
    await bot().send(parcelOf('\u{1F600}'.repeat(5_000)), open())
    const { text } = JSON.parse(server.received[0]?.body ?? '') as { text: string }
    expect(text.length).toBeLessThanOrEqual(4_096)
    expect(text.length).toBeGreaterThan(4_000)
    expect(text).not.toMatch(/\p{Surrogate}/u)
  })

  const said = (code: number, description: string, parameters: object = {}): Manner =>
    status(code, {}, JSON.stringify({ ok: false, error_code: code, description, parameters }))
  const cases: readonly [what: string, manner: Manner, said: string][] = [
    ['a wrong token', said(401, 'Unauthorized'), 'never: answered 401: the token is wrong (Unauthorized)'],
    ['a token that is none', said(404, 'Not Found'), 'never: answered 404: the token is wrong (Not Found)'],
    [
      'too many messages',
      said(429, 'Too Many Requests: retry after 35', { retry_after: 35 }),
      'again after 35000 ms: answered 429 (Too Many Requests: retry after 35)',
    ],
    ['a wrong chat', said(400, 'Bad Request: chat not found'), 'never: answered 400 (Bad Request: chat not found)'],
    ['trouble of its own', said(502, 'Bad Gateway'), 'again: answered 502 (Bad Gateway)'],
    ['a page of somebody else', status(200, {}, '<html>'), 'again: answered 200 without confirming that it was sent'],
    ['a redirect', status(302, { location: '/' }), 'again: redirects (302), which is not followed'],
  ]
  it.each(cases)('with %s says so', async (_, manner, words) => {
    server.manner = manner
    expect(inWords(await bot().send(parcel, open()))).toBe(words)
  })

  it('that hangs is given up after the timeout', async () => {
    server.manner = { kind: 'hangs' }
    expect(inWords(await bot(SHORT_MS).send(parcel, open()))).toBe('again: did not answer within 60 ms')
  })
})

describe('the command', () => {
  function script(lines: string): string {
    const dir = fresh()
    mkdirSync(dir)
    const path = join(dir, 'tell.mjs')
    writeFileSync(path, `import { readFileSync, writeFileSync } from 'node:fs'\n${lines}\n`)
    return path
  }
  const run = (lines: string, args: readonly string[] = [], timeoutMs = PATIENT_MS): Promise<DeliveryResult> =>
    command({
      program: process.execPath,
      args: [script(lines), ...args].map((arg) => new Secret(arg)),
      timeoutMs,
    }).send(parcel, open())

  it('gets the message on its input, its fields in its environment, and its arguments unread by any shell', async () => {
    const out = `${fresh()}.json`
    const lines = `const stdin = JSON.parse(readFileSync(0, 'utf8'))
const { ONAY_SEVERITY, ONAY_KIND, ONAY_SYMBOL, ONAY_TEXT, ONAY_CHAIN_HEAD } = process.env
writeFileSync(process.argv[2], JSON.stringify({ stdin, env: [ONAY_SEVERITY, ONAY_KIND, ONAY_SYMBOL, ONAY_TEXT, ONAY_CHAIN_HEAD], arg: process.argv[3] }))`
    expect(inWords(await run(lines, [out, '$(exit 1); `false`']))).toBe('ok')
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
      stdin: parcel,
      env: ['critical', 'alert', 'BTCUSDT', parcel.text, HEAD],
      arg: '$(exit 1); `false`',
    })
  })

  it('that ends without reading its input has done its work', async () => {
    expect(inWords(await run('process.exit(0)'))).toBe('ok')
  })

  it('that ends with another code is tried again', async () => {
    expect(inWords(await run('process.exit(3)'))).toBe('again: ended with 3')
    expect(inWords(await run(`process.kill(process.pid, 'SIGTERM')`))).toBe('again: was ended by SIGTERM')
  })

  it('that does not end is killed, with what it started', async () => {
    const out = `${fresh()}.pid`
    const lines = `import { spawn } from 'node:child_process'
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
writeFileSync(process.argv[2], String(child.pid))
setInterval(() => {}, 1000)`
    let timedOut = ''
    // On a busy machine it may be killed before it has started anything: then it is given longer.
    for (let timeoutMs = 500; !existsSync(out); timeoutMs *= 2) timedOut = inWords(await run(lines, [out], timeoutMs))
    expect(timedOut).toMatch(/^again: did not end within \d+ ms and was killed$/)
    const pid = Number(readFileSync(out, 'utf8'))
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  it('that is not there is given up at once', async () => {
    const gone = command({ program: join(fresh(), 'gone'), args: [], timeoutMs: PATIENT_MS })
    expect(inWords(await gone.send(parcel, open()))).toBe('never: cannot be started (ENOENT)')
  })
})

/** A process that was killed and is not yet collected by its new parent counts as dead. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const stat = `/proc/${pid}/stat`
  return !(existsSync(stat) && / Z /.test(readFileSync(stat, 'utf8')))
}

describe("the dead man's ping", () => {
  it('asks the address, and is content with any good answer', async () => {
    expect(await pingOf(new Secret(`${server.url}/ping/0123`), PATIENT_MS)(open())).toEqual({ ok: true })
    expect(server.received).toMatchObject([{ method: 'GET', path: '/ping/0123' }])
  })

  it('says what is wrong with the answer', async () => {
    const ping = (timeoutMs: number) => pingOf(new Secret(`${server.url}/ping`), timeoutMs)(open())
    server.manner = status(404)
    expect(inWords(await ping(PATIENT_MS))).toBe('never: answered 404')
    server.manner = { kind: 'hangs' }
    expect(inWords(await ping(SHORT_MS))).toBe('again: did not answer within 60 ms')
  })
})
