/** What lowers risk while the database cannot be written: on a full disk, and while another process holds its lock. */
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import Sqlite from 'better-sqlite3'
import { z } from 'zod'
import { actOneEnd, BRIEF_PLAN } from '../kit/acts.ts'
import { databaseIn, damageOf, reading, lostPredictions } from '../kit/contents.ts'
import { Approval, Canary } from '../kit/play.ts'
import { prepare } from '../kit/prepared.ts'
import { stage, type Room } from '../kit/program.ts'
import { done } from '../kit/torture.ts'
import { until } from '../kit/until.ts'
import { callWhile } from './callers.ts'
import { SmallDisk } from '../kit/small-disk.ts'

const AMPLE_KIB = 500_000
/** Looks at a canary that must stay aborted: over several moments of a room at this speed. */
const LOOKS = 100
const SPEED = '60'
/** The most that anybody waits for an answer while the lock is another's (issue: a second; here with a machine's own). */
const BOUND_MS = 2_000

const shell = stage()
const config = shell.configured({ canary: BRIEF_PLAN })
const Unwell = z.object({ ok: z.boolean(), troubles: z.array(z.string()) })

/** A room whose canary runs, on that directory. */
async function ramping(dataDir: string): Promise<Room> {
  const room = await shell.serve(dataDir, ['--speed', '1', ...config])
  const asked = Approval.parse((await room.change('/canary/start', { plan: 'brief', live: true })).json)
  const approved = await room.change(`/approvals/${asked.id}`, { decision: 'approve', phrase: 'ONAY', reason: 'tried' })
  expect(approved.status, approved.text).toBe(200)
  return room
}

async function stateOf(room: Room): Promise<string> {
  return Canary.parse((await room.get('/canary')).json).state
}

/** Held until the test says otherwise, as a backup or a shell would. */
function lockOf(dataDir: string): () => void {
  const db = new Sqlite(databaseIn(dataDir))
  db.exec('BEGIN IMMEDIATE')
  const release = (): void => {
    if (!db.open) return
    db.exec('ROLLBACK')
    db.close()
  }
  onTestFinished(release)
  return release
}

function diskOf(kib: number): SmallDisk {
  const disk = new SmallDisk(kib)
  onTestFinished(() => disk.remove())
  return disk
}

/** Aborts while nothing can be written, looks for a while, lets it be written, and starts the room again. */
async function expectAbortKept(dataDir: string, room: Room, hold: () => () => void): Promise<void> {
  await room.change('/speed', { speed: Number(SPEED) })
  const release = hold()
  const answer = await room.change('/canary/abort', { reason: 'tried' })
  expect(answer.status, answer.text).toBe(200)
  let looks = 0
  await until('many looks', async () => {
    expect(await stateOf(room)).toBe('aborted')
    return ++looks >= LOOKS
  })
  release()
  const stored = (): number =>
    reading(dataDir, (db) =>
      Number(
        db.prepare(`SELECT count(*) FROM chain WHERE kind = 'canary' AND detail LIKE '%"ABORTED"%'`).pluck().get(),
      ),
    )
  await until('the abort in the chain', () => stored() === 1)
  expect(await stateOf(room)).toBe('aborted')
  await room.process.kill()
  done('kills')
  const again = await shell.serve(dataDir, ['--speed', SPEED, ...config])
  expect(await stateOf(again)).toBe('aborted')
  expect(stored()).toBe(1)
  expect(await again.process.kill('SIGTERM')).toMatchObject({ code: 0 })
  expect(damageOf(dataDir, 'integrity_check')).toBe('ok')
  expect(await shell.run(['evidence', 'verify', '--data-dir', dataDir])).toMatchObject({ code: 0 })
}

describe('an abort that was acknowledged stays', () => {
  it('while the disk is full, once it is freed, and after a kill', async () => {
    const disk = diskOf(AMPLE_KIB)
    shell.copy(await prepare(shell, 'candidate'), disk.dataDir)
    const room = await ramping(disk.dataDir)
    await expectAbortKept(disk.dataDir, room, () => {
      disk.fill()
      done('full disks')
      return () => disk.free()
    })
  })
})

describe('a rollback', () => {
  let promoted: string
  beforeAll(async () => {
    promoted = shell.copy((await actOneEnd(shell)).dataDir)
  })

  it('works while the disk is full, and is kept once it is freed and after a kill', async () => {
    const disk = diskOf(AMPLE_KIB)
    shell.copy(promoted, disk.dataDir)
    const room = await shell.serve(disk.dataDir, ['--speed', '1'])
    expect((await room.health()).model).toBe('v1.8.1')
    disk.fill()
    done('full disks')
    const answer = await room.change('/rollback', { reason: 'tried' })
    expect(answer.status, answer.text).toBe(200)
    expect((await room.health()).model).toBe('v1.8-b0')
    disk.free()
    await until('nothing left to store', async () =>
      Unwell.parse((await room.get('/healthz')).json).troubles.every((trouble) => !trouble.startsWith('unsaved')),
    )
    await room.process.kill()
    done('kills')
    const again = await shell.serve(disk.dataDir, ['--speed', '1'])
    expect((await again.health()).model).toBe('v1.8-b0')
    expect(await again.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    expect(await shell.run(['evidence', 'verify', '--data-dir', disk.dataDir])).toMatchObject({ code: 0 })
  })
})

describe('a lock that another process holds', () => {
  it('loses nothing that was acknowledged, and goes by', async () => {
    const dataDir = await prepare(shell, 'candidate')
    const room = await shell.serve(dataDir, ['--speed', SPEED])
    const callers = callWhile(room, 4)
    await until('answers', () => callers.acknowledged.length > 100)
    const release = lockOf(dataDir)
    await until('an answer that could not be stored', () => callers.refused.length > 0)
    release()
    const before = callers.acknowledged.length
    await until('answers again', () => callers.acknowledged.length > before + 100)
    await callers.end()
    expect(callers.refused.filter((status) => status !== 507)).toEqual([])
    expect(await room.process.kill('SIGTERM')).toMatchObject({ code: 0 })
    expect(lostPredictions(dataDir, callers.acknowledged)).toEqual([])
    done('acknowledged predictions', callers.acknowledged.length)
  })

  it('delays neither an abort nor a look at the room', async () => {
    const dataDir = await prepare(shell, 'candidate')
    const room = await ramping(dataDir)
    const callers = callWhile(room, 2)
    const release = lockOf(dataDir)
    const took: Record<string, number> = {}
    for (const [what, act] of [
      ['abort', () => room.change('/canary/abort', { reason: 'tried' })],
      ['health', () => room.get('/healthz')],
    ] as const) {
      const startMs = performance.now()
      const { status } = await act()
      expect(status).toBeLessThan(504)
      took[what] = performance.now() - startMs
    }
    release()
    await callers.end()
    expect(Object.entries(took).filter(([, ms]) => ms > BOUND_MS)).toEqual([])
  })
})
