import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import { takePushed } from '../../../src/room/drivers/pushed-bars.ts'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { FailingWrites } from '../../kit/failing-writes.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR

const overdue = ({ desk }: DeskKit): string[] =>
  desk.alerts.active.filter(({ rule }) => rule === 'MLJobOverdue').map(({ text }) => text)

describe('the job that logs features', () => {
  it('is done on a real feed whose bar comes seconds after its moment, minute after minute, and never overdue', async () => {
    const wall = new ManualClock(NOON)
    const kit = aDesk(fresh(), { clockKind: 'real', wall, serves: true })
    for (let at = 0; at < 8; at++) {
      const atMs = NOON + at * MINUTE
      wall.set(atMs)
      await kit.timeline.live(kit.desk, [], atMs)
      wall.set(atMs + 2_000)
      await takePushed(kit.timeline, kit.desk, [wanderingBar(atMs - MINUTE)], wall)
      if (at > 0) expect(kit.desk.jobs.of('feature logger')).toMatchObject({ ok: 1, result: 'ok', lastOkMs: atMs })
    }
    expect(overdue(kit)).toEqual([])
    kit.desks.close()
  })

  it.each(['replay', 'real'] as const)(
    'is overdue once no bar has come for some minutes, on the clock of a %s feed',
    async (clockKind) => {
      const wall = new ManualClock(NOON)
      const kit = aDesk(fresh(), { clockKind, wall, serves: true })
      await play(kit, [wanderingBar(NOON - MINUTE)])
      for (let at = 1; at <= 5; at++) {
        wall.set(NOON + at * MINUTE)
        await kit.timeline.live(kit.desk, [], NOON + at * MINUTE)
      }
      expect(kit.desk.jobs.of('feature logger')).toMatchObject({ ok: 0, result: 'no row' })
      expect(overdue(kit)).toEqual(['overdue: feature logger'])
      kit.desks.close()
    },
  )
})

describe('a job that fails', () => {
  it('is undone alone, says so, and is tried again when it is next due; the moment goes on', async () => {
    const kit = aDesk(fresh(), { serves: true })
    registerModel(kit.desk, 'baseline', 'v1')
    await play(kit, [wanderingBar(NOON - 2 * MINUTE)])
    const writes = new FailingWrites(kit.desks.store.db, 'ABORT')
    writes.failAtTable('psi_snapshots')
    await play(kit, [wanderingBar(NOON - MINUTE)])
    writes.failAt(null)
    expect(kit.desk.jobs.of('psi hourly')).toMatchObject({
      ok: 0,
      lastMs: NOON,
      lastOkMs: null,
      nextMs: NOON + HOUR,
      result: 'failed: the disk is full',
    })
    const events = kit.desks.store.journal.events(SYMBOL, 20).map(({ text }) => text)
    expect(events).toContain('psi hourly failed: the disk is full')
    expect(kit.desk.drift.snapshotOf('v1')).toBeUndefined()
    expect(kit.desk.tape.feed.clockMs).toBe(NOON)
    kit.desks.close()
  })
})

describe('jobs whose time came while the room was down', () => {
  it('run once when it is back, and what was missed is logged', async () => {
    const kit = aDesk(fresh(), { serves: true })
    registerModel(kit.desk, 'baseline', 'v1')
    await play(kit, [wanderingBar(NOON - MINUTE), wanderingBar(NOON + 5 * HOUR + 7 * MINUTE)])
    const { journal } = kit.desks.store
    const caughtUp = journal.events(SYMBOL, 50).filter(({ kind }) => kind === 'job')
    expect(caughtUp.map(({ text }) => text)).toEqual([
      'drift check: 20 runs were missed while the room was down; ran once to catch up',
      'psi hourly: 5 runs were missed while the room was down; ran once to catch up',
    ])
    expect(kit.desk.jobs.of('psi hourly')).toMatchObject({
      lastMs: NOON + 5 * HOUR + 8 * MINUTE,
      nextMs: NOON + 6 * HOUR,
    })
    await play(kit, [wanderingBar(NOON + DAY)])
    expect(kit.desks.store.reports.dailies(SYMBOL).map(({ date }) => date)).toEqual(['2025-05-05'])
    kit.desks.close()
  })
})
