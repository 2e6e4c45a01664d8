import { statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Failure } from '../kit/documents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage, type Room } from '../kit/program.ts'
import { until } from '../kit/until.ts'

const shell = stage()
let prepared = ''

beforeAll(async () => {
  prepared = await prepare(shell, 'opening')
})

function open(speed = '1'): Promise<Room> {
  return shell.open(shell.copy(prepared), ['--speed', speed])
}

const Work = z.object({ id: z.string(), what: z.string(), share: z.number().nullable() })
const State = z.object({ room: z.object({ work: z.array(Work) }) })

describe('tokens', () => {
  let room: Room

  beforeAll(async () => {
    room = await shell.keeping(() => open())
  })

  it('are made on the command line, work over HTTP, are listed without their secret, and open nothing once revoked', async () => {
    const at = ['--data-dir', room.dataDir]
    const made = z
      .object({ name: z.string(), person: z.literal('risk'), token: z.string().min(20) })
      .parse(await shell.json(['token', 'add', 'risk', ...at]))
    const speed = (token: string): Promise<number> =>
      room.ask('POST', '/speed', { body: { speed: 1 }, token }).then((answer) => answer.status)
    expect(await speed(made.token)).toBe(200)
    expect(await speed(room.token)).toBe(200)

    const list = JSON.stringify(await shell.json(['token', 'list', ...at]))
    expect(list).toContain('"risk"')
    expect(list).not.toContain(made.token)
    await shell.json(['token', 'revoke', 'risk', ...at])
    expect(await speed(made.token)).toBe(401)
    expect(await speed(room.token)).toBe(200)
    expect((await shell.run(['token', 'add', 'risk', ...at])).code).toBe(3)
  })

  it('of the directory itself is readable by its owner only', () => {
    expect(statSync(join(room.dataDir, 'token')).mode & 0o077).toBe(0)
  })
})

describe('the speed', () => {
  it('is changed over HTTP: paused, set, with a moment to stop at', async () => {
    const room = await open('60')
    expect((await room.change('/speed', { speed: 'pause' })).json).toMatchObject({ speed: 'pause' })
    const paused = (await room.health()).market_time
    const untilMs = Date.parse(paused) + 30 * 60_000
    expect((await room.change('/speed', { speed: 'max', until_ms: untilMs })).json).toMatchObject({
      speed: 'max',
      until: new Date(untilMs).toISOString(),
    })
    await until('the stop', async () => (await room.health()).market_time === new Date(untilMs).toISOString())
    expect((await room.get('/state')).json).toMatchObject({ room: { clock: { paused: true, stop: null } } })
    expect((await room.change('/speed', { speed: 60 })).json).toMatchObject({ speed: 60, until: null })
    await until('time to go on', async () => Date.parse((await room.health()).market_time) > untilMs)
  })
})

describe('retraining', () => {
  let room: Room

  beforeAll(async () => {
    room = await shell.keeping(() => open())
  })

  it('is accepted at once, answers predictions meanwhile, and can be cancelled', async () => {
    expect((await room.change('/retrain', { version: 'v1.9' })).status).toBe(202)
    const busy = await room.change('/retrain', { version: 'v1.8.1' })
    expect(busy.status).toBe(409)
    Failure.parse(busy.json)
    const work = await until('progress', async () => State.parse((await room.get('/state')).json).room.work[0])
    expect((await room.ask('POST', '/ml/predict', { body: {} })).status).toBe(200)
    expect((await room.change(`/work/${encodeURIComponent(work.id)}/cancel`, {})).status).toBe(200)
    await until('no work', async () => State.parse((await room.get('/state')).json).room.work.length === 0)
    expect((await room.health()).candidate).toBeNull()
    expect((await room.get('/models/v1.9')).status).toBe(404)
    const unknown = await room.change('/work/nope/cancel', {})
    expect(unknown.status).toBe(404)
    expect(Failure.parse(unknown.json).error.message).toContain('nope')
  })

  it('as a dry run reports and registers nothing', async () => {
    const answer = await room.change('/retrain', { version: 'v1.8.1', dry_run: true, wait: true })
    expect(answer.json).toMatchObject({ version: 'v1.8.1', slot: null })
    expect((await room.health()).candidate).toBeNull()
  })

  it('is waited for when that is asked, and the candidate is then in the shadow', async () => {
    const answer = await room.change('/retrain', { version: 'v1.8.1', wait: true })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ version: 'v1.8.1', slot: 'candidate', offline: { rows: 20_155 } })
    expect((await room.health()).candidate).toBe('v1.8.1')
    expect((await room.change('/retrain', { version: 'v1.8.1', wait: true })).status).toBe(409)
  })
})
