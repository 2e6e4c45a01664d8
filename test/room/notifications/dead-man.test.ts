import { describe, expect, it } from 'vitest'
import { failed, type DeliveryResult } from '../../../src/notify/channel.ts'
import { ailment, DeadMan, type Vitals } from '../../../src/room/notifications/dead-man.ts'
import { Clockwork } from '../../kit/clockwork.ts'

const WALL_MS = Date.parse('2026-01-02T03:04:05Z')
const WELL: Vitals = { open: true, clock: 'real', momentMs: WALL_MS - 65_000, wallMs: WALL_MS, feedTrouble: false }

describe('whether the room may be called alive', () => {
  const cases: readonly [what: string, vitals: Partial<Vitals>, said: string | null][] = [
    ['an open room whose minutes go on', {}, null],
    ['a room before its first minute', { momentMs: null }, null],
    ['a room that is not open', { open: false }, 'the room is not open'],
    ['a feed that stands still', { feedTrouble: true }, 'the feed has stalled'],
    ['minutes that are late', { momentMs: WALL_MS - 200_000 }, 'the last minute was finished 200 s ago'],
    ['a recording of last year that plays or is paused', { clock: 'replay', momentMs: 1 }, null],
    ['a recording that cannot go on', { clock: 'replay', feedTrouble: true }, 'the feed has stalled'],
  ]
  it.each(cases)('%s', (_, vitals, said) => expect(ailment({ ...WELL, ...vitals })).toBe(said))
})

function bench(everyMs: number) {
  const time = new Clockwork(WALL_MS)
  const stop = new AbortController()
  const seen = { vitals: WELL, answer: (): DeliveryResult | Promise<DeliveryResult> => ({ ok: true }), pings: 0 }
  const said: string[] = []
  const deadMan = new DeadMan({
    everyMs,
    timers: time,
    signal: stop.signal,
    ping: async () => {
      seen.pings++
      return seen.answer()
    },
    vitals: { read: () => seen.vitals },
    health: {
      failed: (_, text) => said.push(text),
      works: () => said.push('pinged'),
    },
  })
  const ring = async (): Promise<void> => {
    time.ring()
    await deadMan.settled()
  }
  return { time, stop, seen, said, deadMan, ring }
}

describe("the dead man's ping", () => {
  it('goes out at the start and then at each interval', async () => {
    const { deadMan, seen, time, ring } = bench(30_000)
    deadMan.start()
    await deadMan.settled()
    expect([seen.pings, time.nextMs]).toEqual([1, 30_000])
    await ring()
    await ring()
    expect(seen.pings).toBe(3)
  })

  it('that fails is shown and not tried again before the next is due', async () => {
    const { deadMan, seen, said, time, ring } = bench(30_000)
    seen.answer = () => failed('answers 500')
    deadMan.start()
    await deadMan.settled()
    expect([seen.pings, time.nextMs]).toEqual([1, 30_000])
    seen.answer = () => ({ ok: true })
    await ring()
    expect(said).toEqual(['answers 500', 'pinged'])
  })

  it('is not sent while the room is not well, and is soon once it is, however rarely it pings', async () => {
    const { deadMan, seen, said, time, ring } = bench(3_600_000)
    seen.vitals = { ...WELL, feedTrouble: true }
    deadMan.start()
    expect([seen.pings, time.nextMs]).toEqual([0, 60_000])
    seen.vitals = WELL
    await ring()
    expect(said).toEqual(['no ping is sent: the feed has stalled', 'pinged'])
    expect(time.nextMs).toBe(3_600_000)
  })

  it('is not sent twice at once when one hangs', async () => {
    const { deadMan, seen, time } = bench(30_000)
    let answer: (delivered: DeliveryResult) => void = () => undefined
    seen.answer = () =>
      new Promise((resolve) => {
        answer = resolve
      })
    deadMan.start()
    time.ring()
    time.ring()
    expect(seen.pings).toBe(1)
    answer({ ok: true })
    await deadMan.settled()
    seen.answer = () => ({ ok: true })
    time.ring()
    await deadMan.settled()
    expect(seen.pings).toBe(2)
  })

  it('ends with the room', () => {
    const { deadMan, stop, time } = bench(30_000)
    deadMan.start()
    stop.abort()
    expect(time.nextMs).toBeNull()
  })
})
