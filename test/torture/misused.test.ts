/** Directories, files and signals as nobody should use them, tried from outside. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { ModelServer } from '../kit/model-server.ts'
import { modelFile } from './model-file.ts'
import { databaseIn } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage } from '../kit/program.ts'
import { uidOfSomebody } from '../kit/somebody.ts'
import { until } from '../kit/until.ts'

const AT_REST = ['--speed', '1']
/** Asked one after the other, with the model's server in one of its manners. */
const QUESTIONS = 200
/** By how much the slowest twentieth may be slower than with a server that is well. */
const BOUND = 2
const ROUNDS = 3

const shell = stage()

describe('a closed room', () => {
  it('is read by somebody who may not write there', async () => {
    const dataDir = await prepare(shell, 'opening')
    const own = shell.fresh()
    mkdirSync(own)
    chmodSync(own, 0o777)
    const somebody = { ...uidOfSomebody(join(dataDir, '..')), env: { TMPDIR: own } }
    const paths = [
      dataDir,
      ...readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).map((name) => join(dataDir, name)),
    ]
    for (const path of paths) chmodSync(path, 0o555)
    for (const args of [['gates'], ['models'], ['evidence', 'verify']]) {
      const { code, stderr } = await shell.process([...args, '--data-dir', dataDir], somebody)
      expect(code, `${args.join(' ')}: ${stderr}`).toBeLessThan(2)
    }
    // The copies that were read are gone.
    expect(readdirSync(own)).toEqual([])
  })

  it('whose database is a directory, or lacks a table, is refused in words', async () => {
    const noFile = shell.fresh()
    mkdirSync(databaseIn(noFile), { recursive: true })
    const lacking = await prepare(shell, 'opening')
    const db = new Sqlite(databaseIn(lacking))
    db.exec('DROP TABLE gate_log')
    db.close()
    for (const dataDir of [noFile, lacking]) {
      const { code, stderr } = await shell.run(['gates', '--data-dir', dataDir])
      expect(code).toBe(3)
      expect(stderr).not.toContain('this is a bug')
    }
  })

  it('is no bundle, and that is said in words', async () => {
    const dataDir = await prepare(shell, 'opening')
    const { stderr } = await shell.run(['evidence', 'verify', '--bundle', dataDir])
    expect(stderr).not.toContain('this is a bug')
  })
})

describe('a room', () => {
  it('whose database was deleted says so', async () => {
    const room = await shell.serve(await prepare(shell, 'candidate'), ['--speed', '600'])
    for (const end of ['', '-wal', '-shm']) rmSync(`${databaseIn(room.dataDir)}${end}`, { force: true })
    const stands = (await room.health()).market_time
    await until(
      'some moments',
      async () => (await room.get('/healthz')).status !== 200 || (await room.health()).market_time > stands,
    )
    const { status } = await room.ask('POST', '/ml/predict', { body: {} })
    expect(status).not.toBe(200)
  })

  it('is not begun anew where the evidence of another one is', async () => {
    const dataDir = await prepare(shell, 'opening')
    rmSync(databaseIn(dataDir))
    expect(existsSync(join(dataDir, 'evidence/ml'))).toBe(true)
    const started = shell.start(['serve', '--port', '0', '--data-dir', dataDir, ...AT_REST])
    await until('a word of it, or a room', () => !started.alive || started.stderr.includes('listens on'))
    expect(started.stderr).toContain('evidence')
  })

  it('is alone in its directory, though its lock file is deleted', async () => {
    const room = await shell.serve(await prepare(shell, 'opening'), AT_REST)
    rmSync(join(room.dataDir, 'room.lock'))
    const second = shell.start(['serve', '--port', '0', '--data-dir', room.dataDir, ...AT_REST])
    await until('its end, or its room', () => !second.alive || second.stderr.includes('listens on'))
    expect((await second.kill()).code).toBe(3)
  })

  it('opens no inspector on SIGUSR1', async () => {
    const room = await shell.serve(await prepare(shell, 'opening'), AT_REST)
    room.process.child.kill('SIGUSR1')
    for (let i = 0; i < 20; i++) await room.health()
    expect(room.process.stderr).not.toContain('Debugger listening')
  })

  it('answers as quickly beside a candidate that answers with a megabyte', async () => {
    const server = new LongServer(([rsi14 = 50]) => 1 / (1 + Math.exp(1 - Math.abs(rsi14) / 2)))
    const url = await server.listen()
    try {
      const dataDir = await prepare(shell, 'opening')
      await shell.json(['models', 'add', modelFile(dataDir, url), '--data-dir', dataDir])
      const room = await shell.serve(dataDir, AT_REST)
      const slow = async (long: boolean): Promise<number> => {
        server.long = long
        const took: number[] = []
        for (let i = 0; i < QUESTIONS; i++) {
          const startMs = performance.now()
          await room.ask('POST', '/ml/predict', { body: {} })
          took.push(performance.now() - startMs)
        }
        return took.sort((a, b) => a - b)[Math.floor(QUESTIONS * 0.95)] ?? 0
      }
      const [well, long] = [[0], [0]]
      for (let i = 0; i < ROUNDS; i++) {
        well.push(await slow(false))
        long.push(await slow(true))
      }
      // The quietest round of each: what else the machine does is not the model's doing.
      expect(Math.min(...long.slice(1))).toBeLessThan(BOUND * Math.min(...well.slice(1)))
    } finally {
      await server.close()
    }
  })
})

class LongServer extends ModelServer {
  long = false

  protected override answer(...[request, body, response]: Parameters<ModelServer['answer']>): void {
    if (this.long) response.end(`{"outputs":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)
    else super.answer(request, body, response)
  }
}
