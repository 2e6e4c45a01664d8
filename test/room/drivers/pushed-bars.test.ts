import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import type { Bar } from '../../../src/engine/market/bar.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { takePushed } from '../../../src/room/drivers/pushed-bars.ts'
import { LiveRoom } from '../../../src/room/live-room.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { barAt, walk } from '../../kit/bars.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { FailingWrites, type Manner } from '../../kit/failing-writes.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { content, SYMBOL } from '../../kit/room.ts'

const fresh = freshDirectories()
const BARS = walk([0, 1, 2, 3, 4, 5, 6, 7], 9)

/** A room whose bars are pushed, opened on a directory without a server. */
function openRoom(dir: string, wall: ManualClock): LiveRoom {
  const room = new LiveRoom({
    dataDir: `${dir}/data`,
    evidenceDir: `${dir}/evidence`,
    config: defaultConfig(),
    version: '0.0.0-test',
    feed: { kind: 'push', symbols: [SYMBOL] },
    speed: 1,
    wall,
    stopwatch: () => 0,
    signal: new AbortController().signal,
    meter: { answered: () => undefined, baselineRan: () => undefined, shadowRan: () => undefined },
  })
  room.stand()
  return room
}

const push = (room: LiveRoom, bars: readonly Bar[]) => room.ask({ kind: 'pushBars', symbol: SYMBOL, bars, by: 'feed' })

/** What of a directory says which bars came, and what was made of them. */
function rowsOf(dir: string): unknown {
  const { bars, feature_rows, feeds, drift_counts } = content(dir)
  return { bars, feature_rows, drift_counts, counted: (feeds ?? []).map((row) => (row as { bars: number }).bars) }
}

async function pushedAtOnce(): Promise<string> {
  const dir = fresh()
  const room = openRoom(dir, new ManualClock(START + 10 * MINUTE))
  await push(room, BARS)
  await room.close()
  return dir
}

describe('a room to which bars are pushed while its disk is full', () => {
  it.each<[Manner, string, number]>([
    ['ROLLBACK', 'the bar', 1],
    ['ROLLBACK', 'its row', 2],
    ['ROLLBACK', 'where the feed stands', 3],
    ['ABORT', 'the bar', 1],
    ['ABORT', 'the state of the stream', 5],
  ])(
    'takes the same bars again once there is room, after %s at %s, and opens again after it was closed',
    async (...at) => {
      const [manner, , n] = at
      const dir = fresh()
      const wall = new ManualClock(START + 10 * MINUTE)
      const room = openRoom(dir, wall)
      await push(room, BARS.slice(0, 3))
      const writes = new FailingWrites(room.desks.store.db, manner)
      writes.failAt(n)
      await expect(push(room, BARS.slice(3, 6))).rejects.toThrow('the disk is full')
      writes.failAt(null)
      expect(await push(room, BARS.slice(3, 5))).toMatchObject({ accepted: 2, duplicates: 0, late: 0 })
      writes.failAt(1)
      await expect(push(room, BARS.slice(5))).rejects.toThrow('the disk is full')
      await room.close()

      const next = openRoom(dir, wall)
      expect(await push(next, BARS.slice(4))).toMatchObject({ accepted: 3, duplicates: 1 })
      await next.close()
      expect(rowsOf(dir)).toEqual(rowsOf(await pushedAtOnce()))
    },
  )

  it('opens again where it stood when not even closing could write', async () => {
    const dir = fresh()
    const wall = new ManualClock(START + 10 * MINUTE)
    const room = openRoom(dir, wall)
    await push(room, BARS)
    const writes = new FailingWrites(room.desks.store.db, 'ROLLBACK')
    writes.failAt(1)
    await room.close().catch(() => undefined)
    const next = openRoom(dir, wall)
    expect(next.desks.of(SYMBOL).tape.newestBar?.tsMs).toBe(BARS.at(-1)?.tsMs)
    await next.close()
    expect(rowsOf(dir)).toEqual(rowsOf(await pushedAtOnce()))
  })
})

describe('bars that are pushed', () => {
  it('are answered one by one: taken, twice, late, and each that is refused by its place and why', async () => {
    const wall = new ManualClock(START + 10 * MINUTE)
    const kit = aDesk(fresh(), { clockKind: 'real', wall, serves: true })
    const answer = await takePushed(
      kit.timeline,
      kit.desk,
      [
        barAt(5, 100),
        barAt(5, 101),
        barAt(3, 100),
        barAt(6, -1),
        barAt(6, 100, { high: 1 }),
        barAt(6, 100, { volume: -1 }),
        barAt(6, 100, { tsMs: START + 6 * MINUTE + 1 }),
        barAt(10, 100),
        barAt(6, 100),
      ],
      wall,
    )
    expect(answer).toEqual({
      accepted: 2,
      duplicates: 1,
      late: 1,
      rejected: [
        { index: 3, reason: 'a price is not above 0' },
        { index: 4, reason: 'high is below low' },
        { index: 5, reason: 'volume is negative' },
        { index: 6, reason: 'ts_ms is not the start of a minute' },
        { index: 7, reason: 'its minute has not ended yet' },
      ],
    })
    kit.desks.close()
  })

  it('of which there are none take no place of a symbol: the name may be a slip', async () => {
    const dir = fresh()
    const room = openRoom(dir, new ManualClock(START + 10 * MINUTE))
    const none = { kind: 'pushBars', bars: [], by: 'feed' } as const
    await expect(room.ask({ ...none, symbol: 'AAAUSTD' })).rejects.toMatchObject({
      code: 'unknown_symbol',
      status: 404,
    })
    expect(room.desks.symbols).toEqual([SYMBOL])
    expect(await room.ask({ ...none, symbol: SYMBOL })).toMatchObject({ accepted: 0 })
    await room.close()
  })

  it.each([
    [2_000, true],
    [2_001, false],
  ])('may be %i ms early by this clock: %s', async (earlyMs, taken) => {
    const wall = new ManualClock(START + MINUTE - earlyMs)
    const kit = aDesk(fresh(), { clockKind: 'real', wall, serves: true })
    expect((await takePushed(kit.timeline, kit.desk, [barAt(0, 100)], wall)).accepted).toBe(taken ? 1 : 0)
    kit.desks.close()
  })
})

describe('a pushed feed that stood still', () => {
  it('is well again with the bar that ends the standstill, and does not wait for the next look of the clock', async () => {
    const wall = new ManualClock(START + 60 * MINUTE)
    const kit = aDesk(fresh(), { clockKind: 'real', wall })
    const pushed = (minute: number) => takePushed(kit.timeline, kit.desk, [barAt(minute, 100)], wall)
    const troubles = () => kit.desk.parts.troubles.lines
    await pushed(20)
    expect(troubles()).toEqual([expect.stringMatching(/has stalled: no bar since/)])
    await pushed(59)
    expect(troubles()).toEqual([])
    kit.desks.close()
  })
})
