import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { SCHEMA_VERSION } from '../../../src/db/connect.ts'
import { lockDirectory } from '../../../src/db/lock.ts'
import { databasePath, openStore } from '../../../src/db/store.ts'
import type { MachineFacts } from '../../../src/engine/approval/doctor.ts'
import { isSupported, machineFacts, NODE_RANGE } from '../../../src/room/readiness/machine.ts'
import { CONFIG_FILE } from '../../../src/room/config/load-config.ts'
import { fileDigests } from '../../kit/contents.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { START } from '../../kit/moments.ts'
import { ServedRoom } from '../../kit/served-room.ts'

const fresh = freshDirectories()
const listening: Server[] = []
afterEach(() => {
  for (const server of listening.splice(0)) server.close()
})

function directory(): string {
  const cwd = fresh()
  mkdirSync(join(cwd, 'data'), { recursive: true })
  return cwd
}

function look(cwd: string, change: { port?: number; dataDir?: string; config?: string } = {}): Promise<MachineFacts> {
  return machineFacts({
    cwd,
    dataDir: join(cwd, 'data'),
    evidenceDir: join(cwd, 'evidence'),
    config: undefined,
    host: '127.0.0.1',
    port: 1,
    nodeVersion: process.version,
    nowMs: START,
    ...change,
  })
}

/** Listens, and says nothing that a room would. */
function occupied(): Promise<number> {
  const server = createServer((socket) => socket.end('hello\n'))
  listening.push(server)
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      done(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

describe('what is found of a machine', () => {
  it('is little before the first start, and nothing is made', async () => {
    const cwd = fresh()
    mkdirSync(cwd)
    const facts = await look(cwd)
    expect(facts).toMatchObject({
      node: { isWithin: true },
      sqliteFault: null,
      config: { file: null, fault: null, unread: [] },
      data: { isThere: false, fault: null },
      evidence: { isThere: false, fault: null },
      tokenMode: null,
      database: null,
      clock: null,
      disk: { perDay: null },
    })
    expect(facts.disk.free).toBeGreaterThan(0)
    expect(fileDigests(cwd)).toEqual({})
  })

  it('supports the versions of Node that package.json asks for', () => {
    const { engines } = z
      .object({ engines: z.object({ node: z.string() }) })
      .parse(JSON.parse(readFileSync('package.json', 'utf8')))
    expect(`>=${NODE_RANGE.least.join('.')} <${NODE_RANGE.below}`).toBe(engines.node)
    const tried = ['v20.18.9', 'v20.19.0', 'v21.0.0', 'v26.9.9', 'v27.0.0', 'v18.20.0']
    expect(tried.map(isSupported)).toEqual([false, true, true, true, false, false])
  })

  it('is a file where a directory should be, and a token that others may read', async () => {
    const cwd = directory()
    writeFileSync(join(cwd, 'data/token'), 'secret')
    chmodSync(join(cwd, 'data/token'), 0o644)
    expect(await look(cwd)).toMatchObject({ tokenMode: '644', data: { isThere: true, fault: null } })
    const file = join(cwd, 'data/token')
    expect((await look(cwd, { dataDir: file })).data.fault).toBe(`${file} is not a directory`)
  })

  it('is who has the port: nobody, or another program', async () => {
    const cwd = directory()
    const port = await occupied()
    expect((await look(cwd, { port })).port.holder).toEqual({ kind: 'another program' })
    listening.splice(0).forEach((server) => server.close())
    expect((await look(cwd, { port })).port.holder).toEqual({ kind: 'nobody' })
  })
})

describe('a port that a room has', () => {
  async function served(): Promise<{ room: ServedRoom; port: number }> {
    const room = new ServedRoom(fresh(), '0.1.0')
    await room.open()
    return { room, port: Number(new URL(room.url).port) }
  }

  it('is told from that of another program, and the room of this directory from another', async () => {
    const { room, port } = await served()
    const cwd = directory()
    expect((await look(cwd, { port })).port.holder).toEqual({ kind: 'another room' })
    const lock = lockDirectory(join(cwd, 'data'), 'serve')
    lock.announce(room.url)
    expect((await look(cwd, { port })).port.holder).toEqual({ kind: 'this room', pid: process.pid })
    lock.release()
    await room.close()
  })
})

describe('what is found of a configuration', () => {
  it.each<[what: string, config: object | string, fault: RegExp | null, unread: readonly RegExp[]]>([
    ['an unknown field', { gates: { acu: 0.6 } }, /acu/, []],
    ['no JSON', '{', /cannot be read/, []],
    [
      'a field that is idle',
      { kill: { staleness_for_min: 9 } },
      null,
      [/^kill\.staleness_for_min has no effect: kill\.staleness is off$/],
    ],
    ['one that is not', { kill: { staleness: 'ask', staleness_for_min: 9 } }, null, []],
    ['one that has its default', { kill: { staleness_for_min: 5 } }, null, []],
    [
      'sets that are off',
      { paper: { sets: false, set_threshold: 0.6 }, training: { threads: 2 } },
      null,
      [/set_threshold/, /threads/],
    ],
    [
      'a limit of a rule that is off',
      { alerts: { MLDataGap: { off: true, limit: 600 } } },
      null,
      [/^alerts\.MLDataGap\.limit/],
    ],
    ['a rule that is off', { alerts: { MLDataGap: { off: true } } }, null, []],
  ])('%s', async (_, config, fault, unread) => {
    const cwd = directory()
    writeFileSync(join(cwd, CONFIG_FILE), typeof config === 'string' ? config : JSON.stringify(config))
    const found = (await look(cwd)).config
    expect(found.file).toBe(join(cwd, CONFIG_FILE))
    if (fault === null) expect(found.fault).toBeNull()
    else expect(found.fault?.why).toMatch(fault)
    expect(found.unread).toEqual(unread.map((text) => expect.stringMatching(text)))
  })

  it('a file in the data directory, which is not the one that is read', async () => {
    const cwd = directory()
    writeFileSync(join(cwd, 'data', CONFIG_FILE), '{}')
    expect((await look(cwd)).config.unread).toEqual([`${join(cwd, 'data', CONFIG_FILE)} is not read: no file is`])
  })

  it('a file that is named and is not there', async () => {
    expect((await look(directory(), { config: 'gone.json' })).config.fault?.why).toMatch(/gone\.json cannot be read/)
  })
})

describe('what is found of a database', () => {
  function made(clockKind: 'real' | 'replay', clockMs: number): string {
    const cwd = directory()
    const store = openStore(join(cwd, 'data'), 'write')
    store.db.transaction(() =>
      store.feeds.put({
        symbol: 'BTCUSDT',
        clockMs,
        clockKind,
        path: null,
        sha256: null,
        line: 0,
        fromMs: null,
        bars: 1_440,
        badRows: 0,
        duplicates: 0,
        late: 0,
        future: 0,
      }),
    )
    store.db.close()
    return cwd
  }

  it('is how far its newest minute is ahead of the clock, and how it grows', async () => {
    const facts = await look(made('real', START + 180_000))
    expect(facts).toMatchObject({ database: { fault: null }, clock: { fault: null, aheadMs: 180_000 } })
    expect(facts.disk.perDay).toBeGreaterThan(0)
  })

  it('is nothing about the clock where it is that of a recording', async () => {
    expect((await look(made('replay', START + 180_000))).clock).toBeNull()
  })

  it.each([
    ['newer', 1, 'newer_database'],
    ['older', -1, 'older_database'],
  ])('is that a %s onay wrote it, and it stays as it is', async (_, by, code) => {
    const cwd = made('real', START)
    const store = openStore(join(cwd, 'data'), 'write')
    store.db.raw.pragma(`user_version = ${SCHEMA_VERSION + by}`)
    store.db.close()
    const kept = (path: string): boolean => !/-(shm|wal)$/.test(path)
    const before = fileDigests(cwd, kept)
    expect((await look(cwd)).database?.fault).toMatchObject({
      code,
      said: expect.stringContaining(databasePath(join(cwd, 'data'))),
    })
    expect(fileDigests(cwd, kept)).toEqual(before)
  })

  it('is that it is none', async () => {
    const cwd = directory()
    writeFileSync(databasePath(join(cwd, 'data')), 'x'.repeat(200))
    expect((await look(cwd)).database?.fault?.said).toMatch(/SQLite/)
  })
})
