import { afterEach, describe, expect, it } from 'vitest'
import { DAY_MS, MINUTE_MS } from '../../../src/engine/kernel/units.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { takePushed } from '../../../src/room/drivers/pushed-bars.ts'
import { RealClock } from '../../../src/room/drivers/real-clock.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import type { Judging } from '../../../src/room/timeline/assemble.ts'
import { Turns } from '../../../src/work/turns.ts'
import { aDesk } from '../../kit/a-desk.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HandTime } from '../../kit/hand-time.ts'
import { registerModel } from '../../kit/registered-models.ts'
import { standReady } from '../../kit/release-desk.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'
import { Market, OPENED } from '../../kit/exchange-room.ts'

const fresh = freshDirectories()
const LOOK_MS = 10_000
/** Three phases of five minutes each. */
const BRIEF = { brief: [0.05, 0.25, 1].map((split) => ({ split, duration_min: 5 })) }
const CONFIG = { ...defaultConfig(), canary: { ...defaultConfig().canary, min_live: 4, plans: BRIEF } }
const HISTORY_MIN = 180

/** A room on a real clock that is moved by hand: bars come, and moments, and nothing else. */
interface FedRoom {
  readonly desks: Desks
  readonly judging: Judging
  pass(ms: number): Promise<void>
  close(): Promise<void>
}

/** What feeds rooms on one directory, one after the other. */
interface Feed {
  readonly time: HandTime
  open(): Promise<FedRoom>
  end(): Promise<void>
}

/** @param bars of history, in minutes */
function pushFeed(bars: number): Feed {
  const dir = fresh()
  const time = new HandTime(OPENED)
  const { wall, stopwatch, pause } = time
  const newestMs = (): number => Math.floor(wall.now() / MINUTE_MS) * MINUTE_MS - MINUTE_MS
  const open = async (): Promise<FedRoom> => {
    const kit = aDesk(dir, { config: CONFIG, clockKind: 'real', serves: true, wall })
    const { timeline, desk, desks, judging } = kit
    const push = (tsMs: number) => takePushed(timeline, desk, [wanderingBar(tsMs)], wall)
    const missing = desk.tape.newestBar === null ? bars : 1
    for (let i = missing - 1; i >= 0; i--) await push(newestMs() - i * MINUTE_MS)
    const stop = new AbortController()
    const { signal } = stop
    const turns = new Turns()
    time.byItself = false
    const clock = new RealClock({ desks, timeline, wall, stopwatch, turns, signal, pauses: { wait: pause } })
    const pusher = async (): Promise<void> => {
      while (!signal.aborted) {
        await pause(MINUTE_MS - (wall.now() % MINUTE_MS) + 1_000, signal)
        if (!signal.aborted) await turns.take(async () => void (await push(newestMs())))
      }
    }
    const running = Promise.all([clock.run(), pusher()])
    return {
      desks,
      judging,
      pass: (ms) => time.reach(wall.now() + ms, 2),
      close: async () => {
        stop.abort()
        await running
        desks.close()
      },
    }
  }
  return { time, open, end: () => Promise.resolve() }
}

function exchangeFeed(bars: number): Feed {
  const market = new Market()
  market.sinceMs = Math.floor(OPENED / MINUTE_MS) * MINUTE_MS - bars * MINUTE_MS
  return {
    time: market.time,
    open: async () => {
      if (market.url === '') market.url = await market.server.listen()
      const room = await market.open({ config: CONFIG })
      const { judging } = room.parts
      return { desks: room.desks, judging, pass: (ms) => room.pass(ms), close: () => room.close() }
    },
    end: () => market.close(),
  }
}

describe.each<[string, (bars: number) => Feed]>([
  ['pushed bars', pushFeed],
  ['an exchange', exchangeFeed],
])('a canary on a real clock, fed by %s', (_, feedOf) => {
  let feed: Feed
  let room: FedRoom

  async function started(bars = HISTORY_MIN, candidate: { bias?: number } = {}): Promise<void> {
    feed = feedOf(bars)
    room = await feed.open()
    const { desks, judging } = room
    const desk = desks.of(undefined)
    registerModel(desk, 'baseline', 'v1')
    registerModel(desk, 'candidate', 'v2', candidate)
    await room.pass(MINUTE_MS)
    standReady(desks, desk)
    const { id } = judging.release.requestCanary({ symbol: desk.symbol, plan: 'brief' }, 'ada')
    judging.release.answer(id, { decision: 'approve', phrase: 'ONAY', reason: 'it is time' }, 'grace')
  }
  const run = () => {
    const { newest } = room.desks.of(undefined).canary
    if (newest === null) throw new Error('there is no canary')
    return newest
  }
  const stateOf = (): string => run().state.kind

  afterEach(async () => {
    await room.close()
    await feed.end()
  })

  it('is looked at every 10 s, its probes as evenly, and goes through its phases', async () => {
    await started()
    const looks: number[] = []
    const sent: number[] = []
    for (let i = 0; i < 24; i++) {
      await room.pass(LOOK_MS)
      looks.push(run().lastLook?.atMs ?? 0)
      sent.push(run().probesSent)
    }
    const steps = looks.slice(1).map((ms, i) => ms - (looks[i] ?? 0))
    expect(new Set(steps)).toEqual(new Set([LOOK_MS]))
    const probes = sent.slice(1).map((n, i) => n - (sent[i] ?? 0))
    // 300 in the first nine tenths of five minutes.
    expect(Math.min(...probes)).toBeGreaterThanOrEqual(11)
    expect(Math.max(...probes)).toBeLessThanOrEqual(12)
    for (let i = 0; i < 14 && stateOf() === 'ramping'; i++) await room.pass(MINUTE_MS)
    expect(stateOf()).toBe('succeeded')
    expect(run().phases.map(({ decision }) => decision)).toEqual(['advance', 'advance', 'advance'])
  })

  it('is aborted by its judge within a look of certainty', async () => {
    await started(HISTORY_MIN, { bias: -3 })
    for (let i = 0; i < 30 && stateOf() === 'ramping'; i++) await room.pass(LOOK_MS)
    expect(stateOf()).toBe('aborted')
    expect(run().phases[0]?.reason).toContain('match 0 % of 1')
    expect(run().lastLook?.figures.comparisons).toBeLessThan(125)
  })

  it('is held where too little was compared, and ends inconclusive', async () => {
    await started(40)
    await room.pass(5 * MINUTE_MS + LOOK_MS)
    expect(stateOf()).toBe('holding')
    await room.pass(5 * MINUTE_MS)
    expect(stateOf()).toBe('inconclusive')
  })

  it('goes on after a restart in the same phase with the same salt, and holds a phase whose end passed meanwhile', async () => {
    await started()
    await room.pass(MINUTE_MS)
    const { runId, salt } = run()
    await room.close()
    room = await feed.open()
    room.judging.release.resume()
    await room.pass(MINUTE_MS)
    expect(run()).toMatchObject({ runId, salt, state: { kind: 'ramping', phase: 0 } })
    expect(run().lastLook?.atMs).toBeGreaterThan(feed.time.wall.now() - 2 * LOOK_MS)

    await room.close()
    feed.time.wall.set(feed.time.wall.now() + DAY_MS)
    room = await feed.open()
    room.judging.release.resume()
    await room.pass(LOOK_MS)
    expect(run()).toMatchObject({ runId, salt, state: { kind: 'holding', phase: 0 } })
  })
})
