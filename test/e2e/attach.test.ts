import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventReader } from '../../src/api/event-stream.ts'
import { keptTerminals, PseudoTerminal } from '../kit/pseudo-terminal.ts'
import { reading } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import { PROGRAM, Room, stage } from '../kit/program.ts'
import { BTC } from '../kit/samples.ts'
import { smallRoom } from '../kit/small-room.ts'
import { until } from '../kit/until.ts'
import { ENTER_ALTERNATE, openScreen, shown } from '../kit/screens.ts'

const SIZE = [120, 40] as const
/** Runs one hour on from where the directory stands, and waits there. */
const ONE_HOUR = ['--speed', 'max', '--until', '2025-05-26T01:00']
const AT_ONE = /05-26 01:00 UTC +\|\| paused/

const State = z.object({
  room: z.object({ clock: z.object({ paused: z.boolean() }) }),
  models: z.object({ canary: z.object({ state: z.string() }) }),
})

const shell = stage()
const kept = keptTerminals()
let prepared = ''
/** For tests that only look. */
let room: Room

beforeAll(async () => {
  prepared = await prepare(shell, 'candidate')
  room = await shell.keeping(() => shell.open(shell.copy(prepared), ['--speed', '1']))
})

function attach(args: readonly string[], env: Readonly<Record<string, string>> = {}): PseudoTerminal {
  return kept(new PseudoTerminal(PROGRAM, ['attach', ...args], ...SIZE, env))
}

/** What stands below the header. */
const panels = (terminal: PseudoTerminal): string => terminal.lines.slice(1).join('\n')

/** Latencies are each room's own. */
const withoutLatencies = (text: string): string =>
  text
    .split('\n')
    .map((line) => (/\d ms|p95/.test(line) ? line.replaceAll(/[\d.]+/g, '#').replaceAll(/ +/g, ' ') : line))
    .join('\n')

async function state(room: Room): Promise<z.infer<typeof State>> {
  return State.parse((await room.get('/state')).json)
}

async function expectEnded(terminal: PseudoTerminal, code: number): Promise<void> {
  expect((await terminal.ended).exitCode).toBe(code)
}

/** Reads the stream of a room into `ids` until it ends or is told to stop. */
async function follow(room: Room, lastId: number, ids: number[], stop: AbortSignal): Promise<void> {
  const reader = eventReader({ onHello: () => {}, onEvent: ({ id }) => ids.push(id) })
  try {
    const response = await fetch(`${room.url}/events`, { headers: { 'last-event-id': String(lastId) }, signal: stop })
    for await (const piece of response.body ?? []) reader.feed(Buffer.from(piece).toString())
  } catch {
    // A room that was killed cuts the stream.
  }
}

const idsOf = (dataDir: string): unknown[] =>
  reading(dataDir, (db) => db.prepare('SELECT id FROM events ORDER BY id').pluck().all())

describe('attached screens', () => {
  it("show what the room's own screen shows, line for line below the header, two at once, of start and of serve; closing one changes nothing", async () => {
    const dataDir = shell.copy(prepared)
    const own = kept(openScreen(dataDir, SIZE, ONE_HOUR))
    await shown(own, AT_ONE)
    const [first, second] = [attach(['--data-dir', dataDir]), attach(['--data-dir', dataDir])]
    for (const terminal of [first, second]) {
      await shown(terminal, AT_ONE)
      await until('the same panels', () => panels(terminal) === panels(own))
      expect(terminal.lines[0]).toMatch(/@127\.0\.0\.1:\d+ /)
      expect(terminal.lines[0]).not.toContain('READ-ONLY')
    }
    expect(own.lines[0]).not.toContain('@')

    const served = await shell.open(shell.copy(prepared), ONE_HOUR)
    const third = attach(['--data-dir', served.dataDir])
    await shown(third, AT_ONE)
    await until('the same panels', () => withoutLatencies(panels(third)) === withoutLatencies(panels(own)))

    first.press('q')
    await expectEnded(first, 0)
    second.press('\t')
    await shown(second, '▸2 CANARY')
    expect(own.onAlternateScreen).toBe(true)
    expect(panels(own)).toContain('▸1 GATES')
    second.press('\t\t\t\t\t\t')
    await until('the same panels', () => panels(second) === panels(own))
  })

  it('only look without a token, and say so of each key that would change something', async () => {
    const terminal = attach([room.url])
    await shown(terminal, 'READ-ONLY')
    for (const key of [' ', 'n', 'r', 'v', 'C', 'p', 'a', '\u000b', 'b']) {
      terminal.press('?')
      await shown(terminal, 'KEYS')
      terminal.press('\u001b')
      await shown(terminal, 'last 15 minutes')
      terminal.press(key)
      await shown(terminal, 'read-only: attached without a token')
    }
    expect((await state(room)).room.clock.paused).toBe(false)
    terminal.press('q')
    await expectEnded(terminal, 0)
    expect((await room.health()).ok).toBe(true)
  })

  it('start a canary by a whole approval, abort it and throw the kill switch by two keystrokes, as on the screen of the room', async () => {
    const own = await shell.open(shell.copy(prepared), ['--speed', '1'])
    const terminal = attach([own.url], { ONAY_TOKEN: own.token })
    await shown(terminal, 'BLOCKED 2/6')
    terminal.press('C')
    await shown(terminal, 'dry run')
    terminal.press('\u001b[A')
    await shown(terminal, /▸ run/)
    terminal.press('\u001b[C')
    await shown(terminal, 'asks for ONAY')
    terminal.press('\r')
    await shown(terminal, 'Type ONAY and Enter')
    terminal.press('looks well\tONAY')
    await shown(terminal, /Enter +ONAY_/)
    terminal.press('\r')
    await shown(terminal, 'ramping 1 of 3')
    expect((await state(own)).models.canary.state).toBe('ramping')
    terminal.press('aa')
    await shown(terminal, 'is aborted: everything at 0 %')
    expect((await state(own)).models.canary.state).toBe('aborted')
    const other = attach([own.url])
    await shown(other, 'BLOCKED')
    terminal.press('\u0018\u0018')
    for (const screen of [terminal, other]) await shown(screen, 'KILL ON')
    expect((await own.ask('POST', '/ml/predict', { body: {} })).json).toMatchObject({ decision: 'abstain' })
    terminal.press(' ')
    await shown(terminal, '|| paused')
    expect((await state(own)).room.clock.paused).toBe(true)
  })
})

describe('a room that is killed and comes back', () => {
  /** The small room stands at its noon. */
  const DAY = '2025-05-07'

  it('is missed at once and found again: the screen catches up, and no event is lost or told twice', async () => {
    const { dataDir } = await smallRoom(shell.fresh())
    // Drift is known before the day has ended, so that the next moment is its midnight.
    const config = shell.configured({ training: { window_days: 1 }, drift: { window_days: 0.5 } })
    // The last hour of a day has every kind of event, and need not be played from its first.
    await shell.json([
      'replay',
      BTC,
      '--symbol',
      'BTCUSDT',
      '--until',
      `${DAY}T23:00`,
      '--data-dir',
      dataDir,
      ...config,
    ])
    const before = await shell.serve(dataDir, ['--speed', '1', ...config])
    const port = new URL(before.url).port
    const terminal = attach(['--data-dir', dataDir])
    await shown(terminal, /BLOCKED \d\/6/)
    const [ids, stop] = [[] as number[], new AbortController()]
    const following = follow(before, 0, ids, stop.signal)
    await until('the events so far', () => ids.length === idsOf(dataDir).length)

    await before.process.kill()
    await shown(terminal, /NO ANSWER +the figures below are out of date: not connected since \d\d:\d\d:\d\d UTC/)
    expect(terminal.lines[0]).toContain(' OLD ')
    expect(terminal.text).toContain('the figures below are out of date')
    await following

    const after = await shell.serve(dataDir, ['--speed', '1', '--port', port, ...config])
    expect(after.url).toBe(before.url)
    await after.change('/speed', { speed: 'next' })
    const resumed = follow(after, ids.at(-1) ?? 0, ids, stop.signal)
    await shown(terminal, /connected again after \d+ s; \d+ events? came in meanwhile/)
    expect(terminal.text).not.toContain('NO ANSWER')
    expect(terminal.lines[0]).not.toContain(' OLD ')
    await until('the events of midnight', async () => (await after.health()).market_time.startsWith('2025-05-08'))
    await after.change('/speed', { speed: 'pause' })
    await until('every event', () => ids.length === idsOf(dataDir).length)
    expect(ids).toEqual(idsOf(dataDir))
    await shown(terminal, `report ${DAY}`)
    stop.abort()
    await resumed
  })

  it('is found again on another port where a screen is attached to its directory', async () => {
    const before = await shell.open(shell.copy(prepared), ['--speed', '1'])
    const terminal = attach(['--data-dir', before.dataDir])
    await shown(terminal, 'BLOCKED 2/6')
    expect((await before.process.kill('SIGTERM')).code).toBe(0)
    await shown(terminal, /not connected since .*: (?:the room was closed|nothing listens there|the room has ended)/)
    const taken = createServer((_, response) => response.end('another program')).listen(new URL(before.url).port)
    await once(taken, 'listening')
    const other = await shell.open(before.dataDir, ['--speed', '1'])
    expect(other.url).not.toBe(before.url)
    await shown(terminal, `@${new URL(other.url).host} `)
    expect(terminal.lines[0]).not.toContain('READ-ONLY')
    taken.close()
    terminal.press('q')
    await expectEnded(terminal, 0)
  })
})

describe('attaching to what is not there', () => {
  async function expectRefused(args: readonly string[], ...said: readonly RegExp[]): Promise<void> {
    const terminal = attach(args)
    await expectEnded(terminal, 3)
    for (const what of said) expect(terminal.raw.replaceAll(/\s+/g, ' ')).toMatch(what)
    expect(terminal.raw).not.toContain(ENTER_ALTERNATE)
  }

  it('says in one line what is there instead, and how to start a room or which token is meant', async () => {
    await expectRefused(['http://127.0.0.1:4010/state'], /is not the address of a room/)
    const other = createServer((_, response) => response.end('<html>hello</html>')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expectRefused([`127.0.0.1:${port}`], /is not an onay room/)
    other.close()
    await once(other, 'close')
    await expectRefused(
      [`:${port}`],
      /no room answers at http:\/\/127\.0\.0\.1:\d+: nothing listens there/,
      /onay serve/,
    )
    await expectRefused([room.url, '--token', 'wrong'], /the token was not accepted/, /onay token add/)
  })

  it('says so where there is no terminal', async () => {
    const { code, stderr } = await shell.run(['attach'])
    expect(code).toBe(3)
    expect(stderr).toContain('standard output is not a terminal')
  })
})

describe('the events over HTTP', () => {
  it('are refused with what is wrong: an id that is none, a symbol that the room does not have', async () => {
    expect((await room.get('/events?last-event-id=x')).status).toBe(422)
    expect((await room.get('/events?symbol=NOPE')).status).toBe(404)
    expect((await room.ask('HEAD', '/events')).status).toBe(200)
  })
})
