/** A room whose first start was cut off, and directories as an older or broken start leaves them. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { databaseIn, damageOf } from '../kit/contents.ts'
import { prepare } from '../kit/prepared.ts'
import { stage } from '../kit/program.ts'
import { chanceOf, done, times } from '../kit/torture.ts'

const KILLS = times(10, 110)
const FIRST_MS = 25
const PUSH = ['--feed', 'push', '--symbol', 'BTCUSDT']

const shell = stage()

/** What the next start says where it does not open; null where it does. */
async function opened(dataDir: string, args: readonly string[] = PUSH): Promise<string | null> {
  try {
    const room = await shell.listening(dataDir, args)
    await room.process.kill()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Kills a first start so long after its database appears. @returns the files that it leaves, with their sizes */
async function cutOff(dataDir: string, afterMs: number): Promise<string> {
  const first = shell.start(['serve', '--port', '0', '--data-dir', dataDir, ...PUSH])
  while (!existsSync(databaseIn(dataDir)) && first.alive) await new Promise((done) => setImmediate(done))
  const appearedMs = performance.now()
  while (performance.now() - appearedMs < afterMs);
  await first.kill()
  done('kills')
  return readdirSync(dataDir)
    .map((name) => `${name} ${statSync(join(dataDir, name)).size}`)
    .join(', ')
}

/** Copies of a database and its journal, taken while a transaction is half written: what a kill leaves there. */
function hotJournal(from: string, to: string): void {
  const path = databaseIn(from)
  const db = new Sqlite(path)
  db.pragma('journal_mode = DELETE')
  db.pragma('cache_size = 1')
  db.exec('BEGIN EXCLUSIVE; CREATE TABLE half (text); ')
  db.prepare(
    'WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) INSERT INTO half SELECT hex(randomblob(2000)) FROM n',
  ).run()
  mkdirSync(to, { recursive: true })
  for (const end of ['', '-journal']) copyFileSync(`${path}${end}`, `${databaseIn(to)}${end}`)
  db.exec('ROLLBACK')
  db.close()
}

describe('a directory', () => {
  it('whose first start was killed within its first milliseconds opens', async () => {
    const random = seededRandom(chanceOf(25))
    const dead: string[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const dataDir = shell.fresh()
      // Most of the damage is done at once.
      const afterMs = random.next() ** 2 * FIRST_MS
      const files = await cutOff(dataDir, afterMs)
      const why = await opened(dataDir)
      if (why !== null) dead.push(`${afterMs.toFixed(1)} ms: ${files}: ${why}`)
      else expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
    }
    expect(dead).toEqual([])
  })

  it('that was killed in the middle of a transaction without a write-ahead log opens', async () => {
    const room = await shell.serve(shell.fresh(), PUSH)
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    const dataDir = shell.fresh()
    hotJournal(room.dataDir, dataDir)
    expect(await opened(dataDir)).toBe(null)
    expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
  })

  it('with an empty database opens', async () => {
    for (const args of [PUSH, []]) {
      const dataDir = shell.fresh()
      mkdirSync(dataDir)
      writeFileSync(databaseIn(dataDir), '')
      expect(await opened(dataDir, args)).toBe(null)
    }
  })

  it('of an older schema opens, by its own feed', async () => {
    const dataDir = await prepare(shell, 'opening')
    const db = new Sqlite(databaseIn(dataDir))
    db.pragma('user_version = 2')
    db.close()
    const room = await shell.serve(dataDir, ['--speed', '1'])
    expect((await room.health()).model).toBe('v1.8-b0')
  })
})
