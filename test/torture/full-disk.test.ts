/** A disk that becomes full at random moments. What was acknowledged stays, and everything goes on once there is room. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { randomInt, seededRandom, type Random } from '../../src/engine/kernel/random.ts'
import { MINUTE_MS } from '../../src/engine/kernel/units.ts'
import { count } from '../kit/validation-seen.ts'
import { damageOf, firstDifference, reading, tables, lostPredictions } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import type { Ended } from '../kit/inside.ts'
import { stage, type Answer, type Room } from '../kit/program.ts'
import { BTC } from '../kit/samples.ts'
import { chanceOf, done, times } from '../kit/torture.ts'
import { until } from '../kit/until.ts'
import { callWhile } from './callers.ts'
import { barsUntil, push, PUSH, SYMBOL } from '../kit/pushed-bars.ts'
import { SmallDisk } from '../kit/small-disk.ts'

const UNTIL = '2025-05-26'
/** More than any of it takes. */
const AMPLE_KIB = 400_000
const HISTORY_KIB = 18_000

const shell = stage()
const Health = z.object({ ok: z.boolean(), market_time: z.string(), troubles: z.array(z.string()) })

/** A file that could not be written stands later in the chain, and a report holds the chain's head; a room has a token of its own. */
const BY_ITS_ORDER = ['chain', 'reports', 'tokens', 'meta']

/** What stands in the chain and which days are reported, in no order. */
function recorded(dataDir: string): unknown[] {
  return reading(dataDir, (db) => [
    ...db.prepare('SELECT kind, subject FROM chain ORDER BY 1, 2').all(),
    ...db.prepare('SELECT symbol, period, date FROM reports ORDER BY 1, 2, 3').all(),
  ])
}

/** What rooms said on full disks that they should not have. Judged at the end: what is said is another matter than what is kept. */
const said = {
  bugsAnswered: new Set<string>(),
  bugsAtTheEnd: new Set<string>(),
  healthy: new Set<string>(),
  troublesLeft: new Set<string>(),
}

/** The answer to something that could not be written: anything but a success, and no bug. */
function expectRefused(what: string, { status, text }: Answer): void {
  expect(status, text).toBeGreaterThanOrEqual(400)
  if (status === 500) said.bugsAnswered.add(`${what}: ${text}`)
}

/** A run that was ended by the disk, or by a signal beside it. */
function noteEnd(what: string, { code, stderr }: Ended): void {
  expect(code, stderr).not.toBe(null)
  if (/this is a bug|\n {4}at /.test(stderr)) said.bugsAtTheEnd.add(`${what}: ${stderr.slice(0, 300)}`)
}

async function healthOf(room: Room): Promise<z.infer<typeof Health>> {
  return Health.parse((await room.get('/healthz')).json)
}

async function noteHealthWhileFull(what: string, room: Room): Promise<void> {
  if ((await healthOf(room)).ok) said.healthy.add(what)
}

/** How long a room may take to notice: what could not be written is tried again with the next moment. */
const NOTICED_WITHIN_MS = 15_000

/** After the disk was freed and everything has been written again. */
async function noteTroublesLeft(what: string, room: Room): Promise<void> {
  const over = async (): Promise<boolean> => (await healthOf(room)).troubles.length === 0
  await until('troubles to be over', over, NOTICED_WITHIN_MS).catch(() => undefined)
  for (const trouble of (await healthOf(room)).troubles) said.troublesLeft.add(`${what}: ${trouble}`)
}

async function expectWhole(dataDir: string): Promise<void> {
  expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
  expect(await shell.run(['evidence', 'verify', '--data-dir', dataDir])).toMatchObject({ code: 0 })
}

/** A disk that is gone after the test, and its chance. */
function disk(kib: number): SmallDisk {
  const made = new SmallDisk(kib)
  onTestFinished(() => made.remove())
  return made
}

function full(one: SmallDisk): void {
  one.fill()
  done('full disks')
}

function cases(usual: number, tortured: number, seed: number): readonly (readonly [number, Random])[] {
  return Array.from({ length: times(usual, tortured) }, (_, i) => [i, seededRandom(chanceOf(seed + i))] as const)
}

describe('a disk that becomes full', () => {
  it.each(cases(2, 7, 100))('in the first history leaves what goes on to the same end (%i)', async (i, random) => {
    const whole = await prepare(shell, 'opening')
    const small = disk(100 + randomInt(random, HISTORY_KIB))
    const args =
      i % 2 === 0
        ? ['replay', BTC, '--symbol', SYMBOL, '--until', UNTIL, '--data-dir', small.dataDir]
        : [
            'serve',
            '--recording',
            BTC,
            '--symbol',
            SYMBOL,
            '--until',
            UNTIL,
            '--speed',
            'max',
            '--port',
            '0',
            '--data-dir',
            small.dataDir,
          ]
    const ended = await shell.process(args)
    expect(ended.code).toBe(3)
    noteEnd(args[0] ?? '', ended)
    done('full disks')

    small.resize(AMPLE_KIB)
    const again = await shell.run(['replay', BTC, '--symbol', SYMBOL, '--until', UNTIL, '--data-dir', small.dataDir])
    expect(again).toMatchObject({ code: 0, stderr: '' })
    expect(damageOf(small.dataDir, 'integrity_check')).toBe('ok')
    const [seen, wanted] = [tables(small.dataDir), tables(whole)]
    const different = Object.keys(wanted).filter(
      (name) => !BY_ITS_ORDER.includes(name) && seen[name]?.sha256 !== wanted[name]?.sha256,
    )
    expect(different.map((name) => `${name}: ${firstDifference(name, small.dataDir, whole)}`)).toEqual([])
    expect(recorded(small.dataDir)).toEqual(recorded(whole))
    expect(await shell.run(['evidence', 'verify', '--data-dir', small.dataDir])).toMatchObject({ code: 0 })
  })

  it.each(cases(1, 4, 200))(
    'under a push feed has every bar that was taken, and takes the others again (%i)',
    async (_, random) => {
      const small = disk(40_000)
      const room = await shell.serve(small.dataDir, PUSH)
      const bars = barsUntil(Date.now(), 90)
      const before = 1 + randomInt(random, 60)
      const more = 1 + randomInt(random, 20)
      await push(room, bars.slice(0, before))
      full(small)
      const next = { symbol: SYMBOL, bars: bars.slice(before, before + more) }
      for (let i = 0; i <= randomInt(random, 3); i++) expectRefused('push', await room.change('/feed/bars', next))
      expect((await room.ask('POST', '/ml/predict', { body: {} })).status).toBe(507)
      expectRefused('token', await room.change('/tokens', { name: 'somebody' }))
      expectRefused('gates', await room.change('/gates/full', {}))
      await noteHealthWhileFull('push', room)

      small.free()
      expect(await push(room, next.bars)).toMatchObject({ accepted: more, duplicates: 0, late: 0 })
      const rest = bars.slice(before + more)
      expect(await push(room, rest)).toMatchObject({ accepted: rest.length })
      expect((await room.ask('POST', '/ml/predict', { body: {} })).status).toBe(200)
      await noteTroublesLeft('push', room)
      expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })

      const again = await shell.serve(small.dataDir, PUSH)
      expect(await push(again, bars)).toMatchObject({ accepted: 0, duplicates: bars.length })
      expect(count(small.dataDir, 'bars')).toBe(bars.length)
      await again.process.kill('SIGTERM')
      await expectWhole(small.dataDir)
    },
  )

  it.each(cases(1, 4, 300))(
    'while a recording is served has every acknowledged prediction and plays on (%i)',
    async (_, random) => {
      const small = disk(150_000)
      shell.copy(await prepare(shell, 'candidate'), small.dataDir)
      const room = await shell.serve(small.dataDir, ['--speed', '600'])
      const callers = callWhile(room, 4)
      const enough = 1 + randomInt(random, 1_000)
      await until(`${enough} answers`, () => callers.acknowledged.length >= enough)
      full(small)
      await until('an answer that could not be stored', () => callers.refused.length > 0)
      const stoodAt = (await healthOf(room)).market_time
      await noteHealthWhileFull('recording', room)
      expectRefused('retrain', await room.change('/retrain', { version: 'v9.9.9', wait: true }))

      small.free()
      const kept = callers.acknowledged.length
      await until('answers again', () => callers.acknowledged.length > kept + 50)
      await until('the market clock to go on', async () => (await healthOf(room)).market_time > stoodAt)
      await callers.end()
      await noteTroublesLeft('recording', room)
      expect(callers.refused.filter((status) => status !== 507)).toEqual([])
      expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
      expect(lostPredictions(small.dataDir, callers.acknowledged)).toEqual([])
      done('acknowledged predictions', callers.acknowledged.length)
      await expectWhole(small.dataDir)
    },
  )

  it.each(cases(1, 3, 400))(
    'in a training registers the model or does not, and trains another one (%i)',
    async (_, random) => {
      const small = disk(150_000)
      shell.copy(await prepare(shell, 'opening'), small.dataDir)
      const room = await shell.serve(small.dataDir, ['--speed', '1'])
      const training = room.change('/retrain', { version: 'v1.8.1', wait: true })
      for (let looks = randomInt(random, 40); looks > 0; looks--) await healthOf(room)
      full(small)
      const answer = await training
      if (answer.status !== 200) expectRefused('training', answer)
      small.free()
      const second = await room.change('/retrain', { version: 'v1.8.2', wait: true })
      expect(second.status, second.text).toBe(200)
      expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
      expect(count(small.dataDir, `models WHERE version = 'v1.8.1'`)).toBe(answer.status === 200 ? 1 : 0)
      await expectWhole(small.dataDir)
    },
  )

  it.each(cases(1, 2, 500))("before a day's report is written does not cost the report (%i)", async (_, random) => {
    const small = disk(150_000)
    shell.copy(await prepare(shell, 'opening'), small.dataDir)
    const room = await shell.serve(small.dataDir, ['--speed', '1'])
    const midnightMs = Date.parse('2025-05-27T00:00Z')
    const atMs = midnightMs - (1 + randomInt(random, 120)) * MINUTE_MS
    const marketMs = async (): Promise<number> => Date.parse((await healthOf(room)).market_time)
    const play = async (until_ms: number): Promise<void> =>
      expect((await room.change('/speed', { speed: 'max', until_ms })).status).toBe(200)
    await play(atMs)
    await until('a moment of the evening', async () => (await marketMs()) === atMs)
    full(small)
    const arrived = midnightMs + 30 * MINUTE_MS
    await play(arrived)
    await until('trouble', async () => (await healthOf(room)).troubles.length > 0)
    // A file of evidence that waits is a trouble by itself; what is judged is a feed that stands still.
    const stands = async (): Promise<boolean> =>
      (await healthOf(room)).troubles.some((trouble) => trouble.startsWith('feed: '))
    await until(
      'a feed that stands still, or has arrived',
      async () => (await stands()) || (await marketMs()) >= arrived,
    )
    if (await stands()) await noteHealthWhileFull('report', room)
    small.free()
    await until('the next day', async () => (await marketMs()) > midnightMs)
    await until("the day's report", () => existsSync(join(small.dataDir, 'evidence/ml/daily/report_2025-05-26.json')))
    await noteTroublesLeft('report', room)
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    await expectWhole(small.dataDir)
  })

  it.each(cases(1, 3, 600))('at the end of a room costs nothing that was there (%i)', async (_, random) => {
    const small = disk(40_000)
    const room = await shell.serve(small.dataDir, PUSH)
    const bars = barsUntil(Date.now(), 90)
    const taken = 1 + randomInt(random, 60)
    await push(room, bars.slice(0, taken))
    full(small)
    if (random.next() < 0.5)
      expectRefused('push', await room.change('/feed/bars', { symbol: SYMBOL, bars: bars.slice(taken) }))
    noteEnd('SIGTERM', await room.process.kill('SIGTERM'))
    small.free()
    const again = await shell.serve(small.dataDir, PUSH)
    expect(await push(again, bars)).toMatchObject({ duplicates: taken, accepted: bars.length - taken })
    expect(await again.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    await expectWhole(small.dataDir)
  })
})

describe('what a room says on a full disk', () => {
  it('is no bug in an answer', () => expect([...said.bugsAnswered]).toEqual([]))

  it('is no bug and no stack as it ends', () => expect([...said.bugsAtTheEnd]).toEqual([]))

  it('is that it is not well', () => expect([...said.healthy]).toEqual([]))

  it('is over when it is over', () => expect([...said.troublesLeft]).toEqual([]))
})
