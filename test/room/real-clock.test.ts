import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Core } from '../../src/room/core.ts'
import { RealClock } from '../../src/room/real-clock.ts'
import { freshDirectories } from '../kit/directories.ts'
import { openCore } from '../kit/room.ts'

const OPENED = Date.parse('2026-01-02T03:04:05Z')
const fresh = freshDirectories()

describe('the moments of a real feed', () => {
  let core: Core
  const stop = new AbortController()
  const moments: string[] = []
  /** How long each takes, by its name. */
  const takes = new Map<string, number>()

  beforeEach(() => {
    vi.useFakeTimers({ now: OPENED })
    core = openCore(fresh())
    const clock = new RealClock({
      core,
      wall: { now: () => Date.now() },
      exclusive: async (work) => {
        const done = await work()
        const name = moments.at(-1) ?? ''
        await new Promise((ended) => setTimeout(ended, takes.get(name) ?? 0))
        return done
      },
      signal: stop.signal,
    })
    const note = (atMs: number): void => {
      moments.push(new Date(atMs).toISOString().slice(14, 19))
    }
    core.timeline.watchAlerts = (_station, atMs) => note(atMs)
    core.timeline.live = (_station, _rows, atMs) => Promise.resolve(note(atMs))
    void clock.run()
  })
  afterEach(() => {
    stop.abort()
    vi.useRealTimers()
    core.close()
  })

  it('come every 30 s, and a minute that was overrun is gone through late rather than left out', async () => {
    await vi.advanceTimersByTimeAsync(120_000)
    expect(moments.splice(0)).toEqual(['04:30', '05:00', '05:30', '06:00'])
    takes.set('06:30', 65_000)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(moments).toEqual(['06:30', '07:00', '08:00'])
  })
})
