import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { damageOf, reading } from '../../kit/contents.ts'
import { prepare } from '../../kit/prepared.ts'
import { stage, type Room } from '../../kit/program.ts'
import { killAt, timesCommitted, type ChainMark, type KillPoint } from './kill-points.ts'

const REGISTERED: ChainMark = { kind: 'set', detail: { name: 'v2_paper' } }
const SWAPPED: ChainMark = { kind: 'swap', detail: { to: 'v2_paper' } }
const Compared = z.object({ approval: z.string() })

const shell = stage()
let dataDir = ''

beforeAll(async () => {
  dataDir = await prepare(shell, 'candidate')
})

async function killed(point: KillPoint, mark: ChainMark, cause: (room: Room) => Promise<unknown>): Promise<void> {
  await killAt(await shell.serve(dataDir, ['--speed', '1']), point, mark, cause)
  expect(damageOf(dataDir, 'quick_check')).toBe('ok')
}

const train = (room: Room) => room.change('/paper/retrain', { mode: 'force' })

async function swap(room: Room): Promise<void> {
  const compared = await room.change('/ab', { force_swap: true })
  const { approval } = Compared.parse(compared.json)
  const answer = { decision: 'approve', phrase: 'ONAY', reason: 'tried' }
  await room.change(`/approvals/${approval}`, answer)
}

/** What the tables say of sets and arms. */
function standing(): unknown {
  return reading(dataDir, (db) => ({
    sets: db.prepare('SELECT version FROM model_sets ORDER BY version').pluck().all(),
    names: db.prepare('SELECT name, version FROM set_names ORDER BY name').raw().all(),
    trained: db.prepare('SELECT count(*) FROM phase2_retrain_runs WHERE success = 1').pluck().get(),
    active: db.prepare('SELECT active_arm FROM ab_active_model').pluck().all(),
    executed: db.prepare('SELECT count(*) FROM ab_test_runs WHERE swap_executed = 1').pluck().get(),
  }))
}

describe('a room that is killed', () => {
  it('while a set is registered has all five models and their name, or none', async () => {
    const before = standing()
    expect(before).toMatchObject({ sets: ['set-1'], names: [['v1_backtest', 'set-1']], trained: 1 })
    await killed('before', REGISTERED, train)
    expect(standing()).toEqual(before)
    await killed('after', REGISTERED, train)
    expect(standing()).toMatchObject({
      sets: ['set-1', 'set-2'],
      names: [
        ['v1_backtest', 'set-1'],
        ['v2_paper', 'set-2'],
      ],
      trained: 2,
    })
    expect(timesCommitted(dataDir, REGISTERED)).toBe(1)
  })

  it('while arms are swapped has one active arm and the evaluation that it rests on, or neither', async () => {
    await killed('before', SWAPPED, swap)
    expect(standing()).toMatchObject({ active: [], executed: 0 })
    await killed('after', SWAPPED, swap)
    expect(standing()).toMatchObject({ active: ['v2_paper'], executed: 1 })
    const room = await shell.open(dataDir, ['--speed', '1'])
    expect((await room.get('/ab')).json).toMatchObject({ active: 'v2_paper', waiting: null })
    expect((await room.ask('POST', '/ml/signal', { body: {} })).json).toMatchObject({ arm: 'v2_paper', set: 'set-2' })
    await room.process.kill()
    const verified = await shell.run(['evidence', 'verify', '--data-dir', dataDir])
    expect(verified.stdout).toContain('everything matches')
  })
})
