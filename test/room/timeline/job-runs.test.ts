import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aDesk, play, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { FailingWrites } from '../../kit/failing-writes.ts'
import { DAY, HOUR, MINUTE, START } from '../../kit/moments.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { SYMBOL } from '../../kit/room.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const fresh = freshDirectories()
const NOON = START + 12 * HOUR
const MIDNIGHT = START + DAY
/** The first Sunday's last minute. */
const WEEK_ENDS = START + 7 * DAY - MINUTE

let kit: DeskKit
const open = (clockKind: 'replay' | 'real' = 'replay'): void => {
  kit = aDesk(fresh(), { clockKind })
}
afterEach(() => kit.desks.close())

/** A moment that no bar comes with. */
const moment = async (atMs: number): Promise<void> => {
  await kit.timeline.live(kit.desk, [], atMs)
}
const jobOf = (name: string) => kit.desk.jobs.of(name)
const texts = (kind: string): string[] =>
  kit.desks.store.journal
    .events(SYMBOL, 50)
    .filter((event) => event.kind === kind)
    .map(({ severity, text }) => `${severity}: ${text}`)
const hoursMissed = (count: number): string =>
  `info: psi hourly: ${count} runs were missed while the room was down; ran once to catch up`

describe('a job', () => {
  beforeEach(() => open())

  it('runs when its time has come, says how it ended, and is due again at its next time', async () => {
    await moment(NOON)
    const ran = { lastMs: NOON, lastOkMs: NOON, ok: 1 }
    expect(jobOf('psi hourly')).toMatchObject({ ...ran, result: 'no model yet', nextMs: NOON + HOUR })
    expect(jobOf('gates')).toMatchObject({ ...ran, result: 'no model yet', nextMs: NOON + MINUTE })
    expect(jobOf('feature logger')).toMatchObject({ lastMs: NOON, lastOkMs: null, ok: 0, result: 'no row' })
    expect([jobOf('daily report'), jobOf('weekly report')]).toEqual([undefined, undefined])
    await moment(NOON + MINUTE)
    expect(['psi hourly', 'gates'].map((name) => jobOf(name)?.lastMs)).toEqual([NOON, NOON + MINUTE])
    expect(kit.desks.store.jobs.list(SYMBOL)).toHaveLength(4)
  })

  it('that has never run is due once its first time has passed, and has missed none', async () => {
    await moment(NOON - 29 * MINUTE)
    expect(jobOf('psi hourly')).toBeUndefined()
    await moment(NOON + 70 * MINUTE)
    expect(jobOf('psi hourly')).toMatchObject({ lastMs: NOON + 70 * MINUTE, nextMs: NOON + 2 * HOUR })
    expect(texts('job')).toEqual([])
  })

  it('remembers when it last succeeded while it fails', async () => {
    await play(kit, [wanderingBar(NOON - MINUTE)])
    await moment(NOON + MINUTE)
    expect(jobOf('feature logger')).toMatchObject({ lastMs: NOON + MINUTE, lastOkMs: NOON, ok: 0, result: 'no row' })
  })

  it('says how many runs were missed while the room was down, up to ten thousand', async () => {
    const said = async (atMs: number): Promise<string[]> => {
      const before = texts('job').length
      await moment(atMs)
      expect(jobOf('psi hourly')?.lastMs).toBe(atMs)
      // What is due each minute has missed more, and nobody needs to hear of it.
      return texts('job')
        .slice(0, texts('job').length - before)
        .filter((text) => text.includes('psi hourly'))
    }
    expect(await said(NOON)).toEqual([])
    expect(await said(NOON + HOUR)).toEqual([])
    expect(await said(NOON + 2 * HOUR + MINUTE)).toEqual([hoursMissed(1)])
    expect(await said(NOON + 5 * HOUR)).toEqual([hoursMissed(2)])
    expect(await said(NOON + 600 * DAY)).toEqual([hoursMissed(10_000)])
  })
})

describe('the clock of a pushed feed', () => {
  it('may begin within the minute that is gone through next: its jobs are due all the same', async () => {
    open('real')
    await kit.timeline.push(kit.desk, [], NOON + 1_000)
    await moment(NOON)
    expect(jobOf('psi hourly')).toMatchObject({ lastMs: NOON })
  })
})

describe('the job that logs features', () => {
  it.each([
    ['replay', ['ok', 'no row', 'no row']],
    ['real', ['ok', 'ok', 'no row']],
  ] as const)('of a %s feed, one, two and three minutes after the newest bar', async (clockKind, results) => {
    open(clockKind)
    await play(kit, [wanderingBar(NOON - MINUTE)])
    for (const [minutes, result] of results.entries()) {
      await moment(NOON + minutes * MINUTE)
      expect(jobOf('feature logger')).toMatchObject({ result, ok: result === 'ok' ? 1 : 0 })
    }
  })
})

describe('a report', () => {
  /** Rounds of the gates' log at a moment, the newest. */
  const roundAt = (atMs: number) => kit.desks.store.watch.newestGatesIn(SYMBOL, atMs, atMs + 1)?.round

  beforeEach(async () => {
    open()
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: START })
  })

  it('of a day is followed by another look at the gates, and counts all that the day has brought', async () => {
    await play(kit, [wanderingBar(MIDNIGHT - 2 * MINUTE)])
    const key = { tsMs: MIDNIGHT - MINUTE, model: 'v1', source: 'caller', phase: '' } as const
    for (let i = 0; i < 3; i++) kit.desk.rollups.answered(key, false, 1)
    const { timeline, desk, desks } = kit
    timeline.history(desk, [{ rows: [], atMs: MIDNIGHT }])
    expect([MIDNIGHT - MINUTE, MIDNIGHT].map(roundAt)).toEqual([0, 1])
    expect(desks.store.reports.daily(SYMBOL, '2025-05-05')?.n).toMatchObject({ requests: 3 })
  })

  it.each([
    ['has a page when the day was lived through', 'live', ['2025-05-05']],
    ['has none when it is history', 'waiting', []],
  ] as const)('of a day %s', async (_, kind, dates) => {
    await play(kit, [wanderingBar(MIDNIGHT - 2 * MINUTE)])
    await kit.timeline[kind](kit.desk, [], MIDNIGHT)
    expect(kit.desks.store.outbox.pending().pages.map(({ date }) => date)).toEqual(dates)
  })

  it('of a week is none that the gates wait for', async () => {
    await play(kit, [wanderingBar(WEEK_ENDS - MINUTE)])
    expect(jobOf('weekly report')).toMatchObject({ lastMs: WEEK_ENDS, ok: 1 })
    expect(roundAt(WEEK_ENDS)).toBe(0)
  })
})

describe('a job that fails', () => {
  beforeEach(() => {
    open()
    registerModel(kit.desk, 'baseline', 'v1', { sinceMs: NOON - HOUR })
  })

  it('is undone alone, whatever it has written, and the moment goes on', async () => {
    const writes = new FailingWrites(kit.desks.store.db, 'ABORT')
    // The snapshot is stored before its file is chained.
    writes.failAtTable('chain')
    await moment(NOON)
    expect(jobOf('psi hourly')).toMatchObject({ ok: 0, lastOkMs: null, result: 'failed: the disk is full' })
    expect(texts('job')).toEqual(['warning: psi hourly failed: the disk is full'])
    expect(kit.desks.store.drift.countSnapshots(SYMBOL)).toBe(0)
    expect(kit.desk.drift.snapshotOf('v1')).toBeUndefined()
    expect(kit.desk.tape.feed.clockMs).toBe(NOON)
  })

  it('takes its moment with it where the database has undone the whole transaction', async () => {
    const writes = new FailingWrites(kit.desks.store.db, 'ROLLBACK')
    writes.failAtTable('psi_snapshots')
    await expect(moment(NOON)).rejects.toThrow('the disk is full')
    expect(kit.desk.jobs.all()).toEqual([])
    expect(kit.desk.tape.feed.clockMs).toBe(0)
    expect(texts('job')).toEqual([])
    await moment(NOON)
    expect(jobOf('psi hourly')).toMatchObject({ ok: 1, lastMs: NOON })
  })
})
