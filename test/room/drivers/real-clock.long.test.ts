import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LEAD_MS } from '../../../src/engine/market/market-clock.ts'
import { defaultConfig } from '../../../src/room/config/config.ts'
import { takePushed } from '../../../src/room/drivers/pushed-bars.ts'
import { RealClock } from '../../../src/room/drivers/real-clock.ts'
import { Turns } from '../../../src/work/turns.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { runningCanary } from '../../kit/canary.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { HandTime } from '../../kit/hand-time.ts'
import { DAY, HOUR, MINUTE } from '../../kit/moments.ts'
import { wanderingBar } from '../../kit/wandering-bars.ts'

const OPENED = Date.parse('2026-01-02T03:04:05Z')
const fresh = freshDirectories()

let time: HandTime
let kit: DeskKit
let stop: AbortController
let running: Promise<void>
/** Moments that were gone through, as minute and second. */
let moments: string[]
/** What each of them does besides, by its name. */
const besides = new Map<string, () => void>()

const nameOf = (atMs: number): string => new Date(atMs).toISOString().slice(14, 19)
const told = (): string[] => kit.desks.store.journal.events(kit.desk.symbol, 20).map(({ text }) => text)

/** The bar of the minute that has just ended. */
async function pushNewest(): Promise<void> {
  const tsMs = Math.floor(time.wall.now() / MINUTE) * MINUTE - MINUTE
  await takePushed(kit.timeline, kit.desk, [wanderingBar(tsMs)], time.wall)
}

const pass = (ms: number): Promise<void> => time.reach(time.wall.now() + ms, 1)

beforeEach(async () => {
  time = new HandTime(OPENED)
  time.byItself = false
  // Longer than the market's clock goes on without bars.
  const config = { ...defaultConfig(), kill: { staleness: 'ask', staleness_for_min: 30 } } as const
  kit = aDesk(fresh(), { clockKind: 'real', wall: time.wall, config })
  stop = new AbortController()
  moments = []
  besides.clear()
  const { timeline, desks } = kit
  for (const kind of ['live', 'between'] as const) {
    const original = timeline[kind].bind(timeline) as (...args: unknown[]) => Promise<never>
    vi.spyOn(timeline, kind).mockImplementation((...args: readonly unknown[]) => {
      const name = nameOf(Number(args.at(-1)))
      moments.push(name)
      besides.get(name)?.()
      return original(...args)
    })
  }
  await pushNewest()
  const { wall, stopwatch, pause } = time
  const clock = new RealClock({
    desks,
    timeline,
    wall,
    stopwatch,
    turns: new Turns(),
    signal: stop.signal,
    pauses: { wait: pause },
  })
  running = clock.run()
})
afterEach(async () => {
  stop.abort()
  await running
  kit.desks.close()
})

describe('the moments of a real feed', () => {
  it('come every 30 s, and a minute that was overrun is gone through late rather than left out', async () => {
    await pass(2 * MINUTE)
    expect(moments.splice(0)).toEqual(['04:30', '05:00', '05:30', '06:00'])
    besides.set('06:30', () => time.wall.set(time.wall.now() + 65_000))
    await pass(2 * MINUTE)
    expect(moments).toEqual(['06:30', '07:00', '08:00'])
  })

  it('come every 10 s while a canary runs', async () => {
    kit.desk.canary.take(runningCanary(kit.desk.symbol, { candidate: 'v2', baseline: 'v1', sinceMs: OPENED }))
    await pass(MINUTE)
    expect(moments).toEqual(['04:10', '04:30', '05:00'])
    // Its candidate is not there: the judge ends it at its first look.
    expect(kit.desk.canary.running).toBe(false)
  })

  it('go ten minutes beyond the newest bar, and wait there for the next one', async () => {
    const { tsMs } = kit.desk.tape.newestBar ?? { tsMs: 0 }
    await pass(2 * HOUR)
    expect(kit.desk.tape.feed.clockMs).toBe(tsMs + MINUTE + LEAD_MS)
    expect(kit.desks.troubles.lines.join()).toContain('has stalled: no bar since')
    expect(kit.desks.troubles.grave).toBe(true)
    expect(kit.desk.alerts.active.filter(({ state }) => state === 'firing').map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['MLDataGap', 'MLFeatureStaleness']),
    )
    expect(told().filter((text) => text.includes('onay kill on'))).toHaveLength(1)
    await pushNewest()
    await pass(MINUTE)
    expect(kit.desks.troubles.lines).toEqual([])
    expect(time.wall.now() - kit.desk.tape.feed.clockMs).toBeLessThan(MINUTE)
  })
})

describe('a machine whose clock is set', () => {
  it('years ahead for four minutes, prunes nothing, reports no day, and is itself again once it is right', async () => {
    const reports = (): number => kit.desks.store.reports.dailies(kit.desk.symbol).length
    const before = kit.desk.tape.feed.clockMs
    time.jump(1_500 * DAY)
    await pass(4 * MINUTE)
    expect(kit.desk.tape.feed.clockMs - before).toBeLessThanOrEqual(LEAD_MS + MINUTE)
    expect(reports()).toBe(0)
    expect(told().join()).toContain("this machine's clock was set forward by 36000.0 h")

    time.jump(-1_500 * DAY)
    for (let i = 0; i < 12; i++) {
      await pushNewest()
      await pass(MINUTE)
    }
    expect(time.wall.now() - kit.desk.tape.feed.clockMs).toBeLessThan(MINUTE)
    expect(kit.desks.troubles.lines).toEqual([])
    expect(told().join()).toContain("this machine's clock was set back by 36000.0 h")
  })

  it('three hours back, judges nothing, says so, and goes on once it is right', async () => {
    await pass(MINUTE)
    const { clockMs } = kit.desk.tape.feed
    time.jump(-3 * HOUR)
    await pass(5 * MINUTE)
    expect(kit.desk.tape.feed.clockMs).toBeLessThanOrEqual(clockMs + MINUTE)
    expect(kit.desks.troubles.lines.join()).toContain('nothing is judged until the clock is right')
    expect(kit.desks.troubles.grave).toBe(true)

    time.jump(3 * HOUR)
    await pushNewest()
    await pass(MINUTE)
    expect(kit.desk.tape.feed.clockMs).toBeGreaterThan(clockMs + MINUTE)
    expect(kit.desks.troubles.lines).toEqual([])
  })
})
