import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { reading } from '../../kit/contents.ts'
import { prepare } from '../../kit/prepared.ts'
import { type Room, stage } from '../../kit/program.ts'
import { done } from '../../kit/torture.ts'
import { until } from '../../kit/until.ts'
import { canMount, SmallDisk } from '../../kit/small-disk.ts'
import { killAt, type KillPoint } from './kill-points.ts'

const Predicted = z.object({ decision: z.string(), reason: z.string() })
const Switches = z.object({ items: z.array(z.object({ enabled: z.boolean(), reason: z.string() })) })
const Asked = z.object({ approvals: z.array(z.object({ id: z.string() })) })

const shell = stage()
let dataDir = ''

beforeAll(async () => {
  dataDir = await prepare(shell, 'candidate')
})

async function predicted(room: Room) {
  const answer = await room.ask('POST', '/ml/predict', { body: {} })
  return { status: answer.status, ...(answer.status === 200 ? Predicted.parse(answer.json) : {}) }
}

const throwIt = async (room: Room, reason = 'fills look wrong') =>
  Switches.parse((await room.change('/ml/kill?enabled=true', { reason })).json)

async function takeItBack(room: Room, reason: string): Promise<number> {
  const asked = Asked.parse((await room.change('/ml/kill?enabled=false', {})).json)
  const answer = { decision: 'approve', phrase: 'ONAY', reason }
  return (await room.change(`/approvals/${asked.approvals[0]?.id}`, answer)).status
}

/** What the chain says of it, in order. */
function recorded(dir: string): unknown {
  return reading(dir, (db) =>
    db
      .prepare("SELECT json_extract(detail, '$.step') FROM chain WHERE kind = 'kill_switch' ORDER BY seq")
      .pluck()
      .all(),
  )
}

describe('the kill switch of a room that serves', () => {
  it('lets no caller have anything but an abstention, under load, over kill -9, until ONAY takes it back', async () => {
    let room = await shell.serve(dataDir, ['--speed', '60'])
    const before: unknown[] = []
    const after: unknown[] = []
    let isOn = false
    const ending = new AbortController()
    const caller = async (): Promise<void> => {
      while (!ending.signal.aborted) {
        const list = isOn ? after : before
        list.push((await predicted(room)).decision)
      }
    }
    const callers = Promise.all(Array.from({ length: 8 }, caller))
    await until('answers', () => before.length > 50)
    expect(await throwIt(room)).toMatchObject({ items: [{ enabled: true, reason: 'fills look wrong' }] })
    isOn = true
    // A slip in the configuration keeps nobody from it: the room that runs has its own.
    const slip = shell.configured({ gates: { p95: 1 } })
    expect(await shell.run(['kill', '--data-dir', dataDir, ...slip])).toMatchObject({ code: 1, stderr: '' })
    await until('a thousand answers', () => after.length > 1_000)
    ending.abort()
    await callers
    expect(new Set(before).has('none') || new Set(before).has('signal')).toBe(true)
    expect(new Set(after)).toEqual(new Set(['abstain']))

    await room.process.kill()
    done('kills')
    room = await shell.serve(dataDir, ['--speed', '60'])
    expect(await predicted(room)).toMatchObject({ decision: 'abstain', reason: 'the kill switch is on' })
    expect(recorded(dataDir)).toEqual(['on'])

    expect(await takeItBack(room, 'it was a broken feed')).toBe(200)
    expect((await predicted(room)).decision).not.toBe('abstain')
    await room.process.kill()
    done('kills')
    const last = await shell.open(dataDir, ['--speed', '60'])
    expect((await predicted(last)).decision).not.toBe('abstain')
    expect(recorded(dataDir)).toEqual(['on', 'off'])
    expect((await shell.run(['evidence', 'verify', '--data-dir', dataDir])).code).toBe(0)
  })

  it('is thrown while another process holds the database, and recorded afterwards', async () => {
    const dir = shell.copy(dataDir)
    const room = await shell.serve(dir, ['--speed', '60'])
    const holder = new Sqlite(join(dir, 'onay.db'))
    holder.exec('BEGIN IMMEDIATE')
    expect(await throwIt(room)).toMatchObject({ items: [{ enabled: true }] })
    expect(Switches.parse((await room.get('/ml/kill')).json)).toMatchObject({ items: [{ enabled: true }] })
    holder.exec('ROLLBACK')
    holder.close()
    await until('its entry', () => JSON.stringify(recorded(dir)) === '["on","off","on"]')
    expect(await predicted(room)).toMatchObject({ decision: 'abstain' })
  })
})

describe('a room that is killed while its kill switch is thrown or taken back', () => {
  const STEPS: readonly (readonly [
    point: KillPoint,
    step: 'on' | 'off',
    decision: RegExp,
    committed: readonly string[],
  ])[] = [
    // Thrown: its file has it before the database does, and the next start records it.
    ['before', 'on', /^abstain$/, ['on']],
    ['before', 'off', /^abstain$/, []],
    ['after', 'off', /^(?:none|signal)$/, ['off']],
    ['after', 'on', /^abstain$/, ['on']],
  ]

  it('has it on once it was thrown, and off only once that is written down, each recorded once', async () => {
    const dir = shell.copy(dataDir)
    const entries = z.array(z.string()).parse(recorded(dir))
    let room = await shell.serve(dir, ['--speed', '60'])
    for (const [i, [point, step, decision, committed]] of STEPS.entries()) {
      const reason = `step ${i}`
      const mark = { kind: 'kill_switch', detail: { step, reason } }
      await killAt(room, point, mark, (asked) => (step === 'on' ? throwIt(asked, reason) : takeItBack(asked, reason)))
      room = await shell.serve(dir, ['--speed', '60'])
      expect((await predicted(room)).decision).toMatch(decision)
      entries.push(...committed)
      expect(recorded(dir)).toEqual(entries)
    }
    await room.process.kill()
    expect((await shell.run(['evidence', 'verify', '--data-dir', dir])).code).toBe(0)
  })
})

const mountable = canMount()

describe('the kill switch on a full disk', () => {
  it.skipIf(!mountable)('is thrown, holds over kill -9, and is recorded once there is room', async () => {
    const disk = new SmallDisk(60_000)
    try {
      shell.copy(dataDir, disk.dataDir)
      let room = await shell.serve(disk.dataDir, ['--speed', '60'])
      disk.fill()
      expect(await throwIt(room)).toMatchObject({ items: [{ enabled: true }] })
      // What cannot be stored is not answered; what can be abstains.
      const answer = await predicted(room)
      expect(answer.status === 507 || answer.decision === 'abstain').toBe(true)
      await room.process.kill()
      done('kills')
      disk.free()
      room = await shell.serve(disk.dataDir, ['--speed', '60'])
      expect(await predicted(room)).toMatchObject({ decision: 'abstain' })
      expect(recorded(disk.dataDir)).toEqual(['on', 'off', 'on'])
      await room.process.kill()
    } finally {
      disk.remove()
    }
  })
})
