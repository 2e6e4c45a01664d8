/** What people elsewhere hear of a room, through the built program: real processes, a real receiver. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { signatureOf } from '../../src/notify/webhook.ts'
import { GOOD, Receiver, type Manner } from '../kit/webhook-receiver.ts'
import { reading } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage, type Room } from '../kit/program.ts'
import { until } from '../kit/until.ts'

const HOOK_PATH = '/services/T0AA/aWebhookPathNobodyMaySee'
const PING_PATH = '/ping/aPingUuidNobodyMaySee'
const TOKEN = '998877:aBotTokenNobodyMaySee'
const KEY = 'aSigningKeyNobodyMaySee'
const ARGUMENT = 'anArgumentNobodyMaySee'
const BEGUN = { plan: 'mini', live: true }

const shell = stage()
const hook = new Receiver()
const bot = new Receiver()
let prepared = ''

const Message = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.string(),
  symbol: z.string(),
  text: z.string(),
  clock: z.string(),
  chain_head: z.string().regex(/^[0-9a-f]{64}$/),
})
const Opened = z.object({ id: z.string() })
/** The part of the state that is about the room itself. */
const State = z.object({
  troubles: z.array(z.string()),
  notifications: z.array(z.object({ channel: z.string(), waiting: z.number(), sent: z.number(), givenUp: z.number() })),
})
const Tested = z.object({ items: z.array(z.object({ channel: z.string(), ok: z.boolean(), said: z.string() })) })

beforeAll(async () => {
  await hook.listen()
  await bot.listen()
  prepared = await prepare(shell, 'candidate')
})
afterAll(async () => {
  await hook.close()
  await bot.close()
})
beforeEach(() => {
  for (const server of [hook, bot]) {
    server.manner = GOOD
    server.received.length = 0
  }
})

/** A configuration beside the data, never in it. */
function configured(notify: object): string[] {
  return shell.configured({ notify })
}

function heard(): z.infer<typeof Message>[] {
  return hook.received.filter(({ path }) => path === HOOK_PATH).map(({ body }) => Message.parse(JSON.parse(body)))
}

const hearing = (what: string) => until(what, () => heard().find(({ text }) => text.includes(what)))
const webhook = () => ({ url: `${hook.url}${HOOK_PATH}`, secret: KEY })
const states = (dataDir: string): unknown[] =>
  reading(dataDir, (db) => db.prepare('SELECT state FROM notifications ORDER BY id').pluck().all())

async function stateOf(room: Room): Promise<z.infer<typeof State>> {
  return z.object({ room: State }).parse((await room.get('/state')).json).room
}

async function startCanary(room: Room): Promise<string> {
  const answer = await room.change('/canary/start', BEGUN)
  if (answer.status >= 300) throw new Error(`the canary did not start: ${answer.text}`)
  return Opened.parse(answer.json).id
}

async function rejectCanary(room: Room, id: string): Promise<void> {
  const answer = await room.change(`/approvals/${id}`, { decision: 'reject', reason: 'the test says so' })
  if (answer.status >= 300) throw new Error(`the prompt was not refused: ${answer.text}`)
}

describe('a room with people elsewhere', () => {
  it('tells them of a prompt that waits and of a canary that is aborted, signed, and on every channel', async () => {
    const out = shell.fresh()
    const append = `require('node:fs').appendFileSync(${JSON.stringify(out)}, process.env.ONAY_TEXT + '\\n')`
    const config = configured({
      webhook: webhook(),
      telegram: { token: TOKEN, chat_id: 5, base_url: bot.url },
      command: [process.execPath, '-e', append],
    })
    const room = await shell.open(shell.copy(prepared), ['--speed', '1', ...config])
    const id = await startCanary(room)
    expect(await hearing('ONAY: Canary START')).toMatchObject({
      kind: 'approval',
      severity: 'info',
      symbol: 'BTCUSDT',
      clock: 'replay',
      text: expect.stringContaining(`${id} waits until`),
    })
    await room.change(`/approvals/${id}`, { decision: 'approve', phrase: 'ONAY', reason: 'the test says so' })
    await room.change('/canary/abort', { reason: 'the test says so' })
    const aborted = await hearing('ABORTED')
    expect(aborted).toMatchObject({ kind: 'canary', severity: 'critical' })
    const chained = reading(room.dataDir, (db) => db.prepare('SELECT hash FROM chain').pluck().all())
    expect(chained).toContain(aborted.chain_head)
    for (const { body, headers } of hook.received) expect(headers['x-onay-signature']).toBe(signatureOf(body, KEY))
    await until('the message by Telegram', () => bot.received.some(({ body }) => body.includes('ABORTED')))
    expect(bot.received[0]?.path).toBe(`/bot${TOKEN}/sendMessage`)
    await until('the command', () => existsSync(out) && readFileSync(out, 'utf8').includes('ABORTED'))
    await until('every message to be noted as sent', () => states(room.dataDir).every((state) => state === 'sent'))
    expect((await stateOf(room)).troubles).toEqual([])
  })

  it('tells them of alerts and of the daily report as the recording plays, and of nothing before', async () => {
    const room = await shell.open(shell.copy(prepared), ['--speed', '1', ...configured({ webhook: webhook() })])
    await room.change('/speed', { speed: 'max', until_ms: Date.parse('2025-05-27T00:05:00Z') })
    expect(await hearing('MLPSICritical fired')).toMatchObject({ kind: 'alert', severity: 'critical' })
    const report = await hearing('report 2025-05-26')
    const document = reading(room.dataDir, (db) =>
      db.prepare("SELECT hash FROM chain WHERE subject = 'ml/daily/report_2025-05-26.json'").pluck().get(),
    )
    const chained = reading(room.dataDir, (db) => db.prepare('SELECT hash FROM chain ORDER BY seq').pluck().all())
    // The head that is told covers the report itself.
    expect(chained.indexOf(report.chain_head)).toBeGreaterThanOrEqual(chained.indexOf(document))
    expect(chained.indexOf(document)).toBeGreaterThan(0)
    const times = hook.received.map(
      ({ body }) => z.object({ market_time: z.string() }).parse(JSON.parse(body)).market_time,
    )
    expect(times.filter((time) => time < '2025-05-26T00:00')).toEqual([])
  })

  it('killed between deciding and telling, tells it after the next start', async () => {
    const config = configured({ webhook: webhook(), timeout_ms: 120_000 })
    const dataDir = shell.copy(prepared)
    hook.manner = { kind: 'hangs' }
    const room = await shell.serve(dataDir, ['--speed', '1', ...config])
    await startCanary(room)
    const first = await hearing('ONAY: Canary START')
    await room.process.kill('SIGKILL')
    expect(states(dataDir)).toEqual(['waiting'])
    hook.manner = GOOD
    hook.received.length = 0
    await shell.open(dataDir, ['--speed', '1', ...config])
    // At least once: the same message, by the same id.
    expect(await hearing('ONAY: Canary START')).toEqual(first)
    await until('the message to be noted as sent', () => states(dataDir)[0] === 'sent')
  })

  it('answers as ever while the webhook hangs, and closes at once', async () => {
    hook.manner = { kind: 'hangs' }
    const config = configured({ webhook: webhook(), timeout_ms: 120_000 })
    const room = await shell.open(shell.copy(prepared), ['--speed', '1', ...config])
    await startCanary(room)
    await hearing('ONAY: Canary START')
    for (let i = 0; i < 100; i++) {
      const { status, json } = await room.ask('POST', '/ml/predict', { body: { symbol: 'BTCUSDT' } })
      expect(status).toBe(200)
      expect(json).toMatchObject({ served_by: 'baseline' })
    }
    // All that while the one message was under way.
    expect(heard()).toHaveLength(1)
    expect(states(room.dataDir)).toEqual(['waiting'])
    expect((await room.process.kill('SIGTERM')).code).toBe(0)
    expect(states(room.dataDir)).toEqual(['waiting'])
  })
})

describe('secrets of notifications', () => {
  const refusing = (status: number, headers: Record<string, string> = {}): Manner => ({
    kind: 'answers',
    status,
    headers,
    // A server that repeats what it was sent.
    body: JSON.stringify({ ok: false, description: `${TOKEN} ${HOOK_PATH} is wrong` }),
  })
  const failures: readonly [manner: Manner, named: RegExp][] = [
    [{ kind: 'hangs' }, /notify webhook: did not answer within 3000 ms/],
    [{ kind: 'closes' }, /notify webhook: cannot be reached/],
    [refusing(500), /notify webhook: answered 500/],
    [refusing(302, { location: `${HOOK_PATH}/moved` }), /notify webhook: redirects \(302\)/],
    [refusing(401), /notify webhook: answered 401; gave up on "/],
  ]

  it('reach no file, no log, no screen, no answer and no error, however a channel fails', async () => {
    const config = configured({
      // A command of the machine's own ends in it, on a busy one too.
      timeout_ms: 3_000,
      first_retry_ms: 10,
      last_retry_ms: 20,
      max_tries: 3,
      webhook: webhook(),
      telegram: { token: TOKEN, chat_id: 5, base_url: bot.url },
      command: ['/bin/sh', '-c', `echo ${ARGUMENT} >&2; exit 3`, ARGUMENT],
      dead_man: { url: `${hook.url}${PING_PATH}`, every_s: 1 },
    })
    const room = await shell.open(shell.copy(prepared), ['--speed', '1', ...config])
    const seen: string[] = []
    const see = async (): Promise<readonly string[]> => {
      for (const path of ['/healthz', '/state', '/gates', '/ml/metrics']) seen.push((await room.get(path)).text)
      return (await stateOf(room)).troubles
    }
    bot.manner = refusing(401)
    for (const [manner, named] of failures) {
      hook.manner = manner
      const id = await startCanary(room)
      await until(String(named), async () => (await see()).some((text) => named.test(text)))
      await rejectCanary(room, id)
    }
    const troubles = await until('every channel to be named', async () => {
      const those = await see()
      // The ping goes by its own time: what it says of an earlier manner stands until the next one.
      return those.length === 4 && those.some((text) => text === 'notify dead_man: answered 401') ? those : null
    })
    expect(troubles.join('\n')).toMatch(/notify telegram: answered 401: the token is wrong/)
    expect(troubles.join('\n')).toMatch(/notify command: ended with 3/)
    await until('messages that are given up', async () => {
      const { notifications } = await stateOf(room)
      return notifications.length === 3 && notifications.every(({ givenUp }) => givenUp > 0)
    })
    const commands = [
      ['notify', 'test'],
      ['notify', 'test', '--json'],
      ['config'],
      ['config', '--json'],
      ['gates', '--save', 'secrets'],
      ['evidence', 'export'],
      ['notify', 'test', '--channel', 'pigeon'],
    ]
    for (const command of commands) {
      const ended = await shell.run([...command, '--data-dir', room.dataDir, ...config])
      seen.push(ended.stdout, ended.stderr)
    }
    expect(seen.join('\n')).toContain('[hidden]')
    const ended = await room.process.kill('SIGTERM')
    seen.push(ended.stdout, ended.stderr)
    expect(ended.stderr).toMatch(/notify webhook: answered 500/)
    const files = everyFile(room.dataDir)
    expect([...files.keys()].filter((path) => path.includes('/log/'))).not.toEqual([])
    expect([...files.keys()].some((path) => path.endsWith('gates_secrets.json'))).toBe(true)
    for (const secret of [HOOK_PATH, PING_PATH, TOKEN, KEY, ARGUMENT, 'NobodyMaySee']) {
      expect(seen.join('\n')).not.toContain(secret)
      expect([...files].filter(([, content]) => content.includes(secret)).map(([path]) => path)).toEqual([])
    }
  })
})

/** The bytes of every file under a directory, the database and its log among them. */
function everyFile(dir: string): Map<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path, readFileSync(path, 'latin1')]
    }),
  )
}

describe('onay notify test', () => {
  const both = () => ({
    webhook: { url_env: 'TEST_HOOK_URL' },
    telegram: { token_env: 'TEST_BOT_TOKEN', chat_id: 5, base_url: bot.url },
  })
  const env = () => ({ TEST_HOOK_URL: `${hook.url}${HOOK_PATH}`, TEST_BOT_TOKEN: TOKEN })
  const run = (args: readonly string[], given: Record<string, string> = env()) =>
    shell.run(['notify', 'test', '--json', '--data-dir', shell.fresh(), ...args], given)

  it('sends one message a channel without a room, and ends with 0 when all were delivered', async () => {
    const ended = await run(configured(both()))
    expect(Tested.parse(JSON.parse(ended.stdout)).items).toEqual([
      { channel: 'webhook', ok: true, said: 'delivered' },
      { channel: 'telegram', ok: true, said: 'delivered' },
    ])
    expect(ended.code).toBe(0)
    expect([hook.received.length, bot.received.length]).toEqual([1, 1])
  })

  it('ends with 1 when one does not work, and says why of each', async () => {
    bot.manner = { kind: 'answers', status: 404, body: '{"ok":false,"description":"Not Found"}' }
    const ended = await run(configured(both()), { TEST_BOT_TOKEN: TOKEN })
    expect(Tested.parse(JSON.parse(ended.stdout)).items).toEqual([
      { channel: 'webhook', ok: false, said: 'the variable that notify.webhook.url_env names is not set' },
      { channel: 'telegram', ok: false, said: 'answered 404: the token is wrong (Not Found)' },
    ])
    expect(ended.code).toBe(1)
    const one = await run(['--channel', 'telegram', ...configured(both())])
    expect(one.code).toBe(1)
  })

  it('ends with 3 where none is configured', async () => {
    const ended = await run(configured({}))
    expect(ended.code).toBe(3)
    expect(ended.stderr).toContain('none is configured')
  })

  it('asks the room that runs, which has the environment', async () => {
    const room = await shell.open(shell.copy(prepared), ['--speed', '1', ...configured({ webhook: webhook() })])
    const ended = await shell.run(['notify', 'test', '--data-dir', room.dataDir])
    expect(ended.stdout).toBe('webhook   ok  delivered\n')
    expect(ended.code).toBe(0)
    expect(heard()).toMatchObject([{ kind: 'test' }])
  })
})
