import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { holderOf, lockDirectory } from '../../src/db/lock.ts'
import { freshDirectories, refusal } from '../kit/directories.ts'
import { asSomebody } from '../kit/somebody.ts'

const fresh = freshDirectories()
const HOLD = `
import { lockDirectory } from '../../src/db/lock.ts'
const lock = lockDirectory(process.argv[2] ?? '', 'start')
lock.announce('http://127.0.0.1:4010')
process.on('SIGTERM', () => { lock.release(); process.exit(0) })
process.stdout.write('held')
setInterval(() => undefined, 1_000)
`
const children: ChildProcess[] = []
let script: string

/** The lock in a program of its own, which is what it is for. Built beside the packages that it needs. */
beforeAll(async () => {
  script = join(import.meta.dirname, '../../node_modules/.cache', `onay-lock-${process.pid}.mjs`)
  await build({
    stdin: { contents: HOLD, loader: 'ts', resolveDir: import.meta.dirname },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  })
})

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(script, { force: true }))

async function holder(dir: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, dir], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

describe('a data directory', () => {
  it('is one process only; a second one is told the pid of the first and where it is', async () => {
    const dir = fresh()
    const first = await holder(dir)
    const error = refusal(() => lockDirectory(dir, 'replay'))
    expect(error).toMatchObject({ code: 'in_use', status: 409 })
    expect(error.why).toContain(`process ${first.pid} (onay start)`)
    expect(error.next).toContain('http://127.0.0.1:4010')
    expect(holderOf(dir)).toEqual({ pid: first.pid, url: 'http://127.0.0.1:4010', what: 'start' })
  })

  it('stays its holder’s when the lock file is deleted: a second one is told, and others still find it', async () => {
    const dir = fresh()
    const first = await holder(dir)
    rmSync(join(dir, 'room.lock'))
    for (let i = 0; i < 2; i++) {
      expect(holderOf(dir)?.pid).toBe(first.pid)
      const error = refusal(() => lockDirectory(dir, 'serve'))
      expect(error).toMatchObject({ code: 'in_use', status: 409 })
      expect(error.why).toBe(`process ${first.pid} (onay start) has it, though its file room.lock was deleted`)
    }
    await end(first, 'SIGKILL')
    expect(holderOf(dir)).toBeNull()
    lockDirectory(dir, 'serve').release()
  })

  it('can be asked for its holder by whoever may only read it', async () => {
    const dir = fresh()
    const first = await holder(dir)
    chmodSync(dir, 0o555)
    const seen = () => asSomebody(join(dir, '..'), () => holderOf(dir))
    try {
      expect((await seen())?.pid).toBe(first.pid)
      await end(first, 'SIGKILL')
      expect(await seen()).toBeNull()
    } finally {
      chmodSync(dir, 0o755)
    }
  })

  it('is free once its holder was killed with -9, whatever note that one left', async () => {
    const dir = fresh()
    const first = await holder(dir)
    await end(first, 'SIGKILL')
    expect(existsSync(join(dir, 'room.json'))).toBe(true)
    expect(holderOf(dir)).toBeNull()
    const lock = lockDirectory(dir, 'start')
    expect(holderOf(dir)).toEqual({ pid: process.pid, url: null, what: 'start' })
    lock.release()
  })

  it('is free once its holder has let it go, and no note stays', async () => {
    const dir = fresh()
    await end(await holder(dir), 'SIGTERM')
    expect(existsSync(join(dir, 'room.json'))).toBe(false)
    expect(holderOf(dir)).toBeNull()
  })

  it('has no holder where there is none, whatever its note says', () => {
    const dir = fresh()
    expect(holderOf(dir)).toBeNull()
    mkdirSync(dir, { recursive: true })
    for (const note of ['', 'no json', '{"pid":"1"}', '{"pid":1,"url":null,"what":"start"}']) {
      writeFileSync(join(dir, 'room.json'), note)
      expect(holderOf(dir)).toBeNull()
    }
  })

  it('that cannot be made is named', () => {
    const file = join(fresh(), '..', 'a-file')
    writeFileSync(file, '')
    const error = refusal(() => lockDirectory(join(file, 'room'), 'start'))
    expect(error.code).toBe('no_access')
    expect(error.what).toContain(join(file, 'room'))
  })
})
