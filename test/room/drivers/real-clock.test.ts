import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Desks } from '../../../src/room/desk/desks.ts'
import { RealClock } from '../../../src/room/drivers/real-clock.ts'
import { Turns } from '../../../src/work/turns.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { openDesks, timelineFor } from '../../kit/room.ts'

const OPENED = Date.parse('2026-01-02T03:04:05Z')
const fresh = freshDirectories()

describe('the moments of a real feed', () => {
  let desks: Desks
  const stop = new AbortController()
  const moments: string[] = []
  /** How long each takes, by its name. */
  const takes = new Map<string, number>()

  beforeEach(() => {
    vi.useFakeTimers({ now: OPENED })
    desks = openDesks(fresh())
    const timeline = timelineFor(desks)
    const clock = new RealClock({
      desks,
      timeline,
      wall: { now: () => Date.now() },
      turns: new Turns(),
      signal: stop.signal,
    })
    const note = async (atMs: number): Promise<void> => {
      const name = new Date(atMs).toISOString().slice(14, 19)
      moments.push(name)
      await new Promise((ended) => setTimeout(ended, takes.get(name) ?? 0))
    }
    vi.spyOn(timeline, 'between').mockImplementation((_desk, atMs) => note(atMs))
    vi.spyOn(timeline, 'live').mockImplementation(async (_desk, _rows, atMs) => {
      await note(atMs)
      return []
    })
    void clock.run()
  })
  afterEach(() => {
    stop.abort()
    vi.useRealTimers()
    desks.close()
  })

  it('come every 30 s, and a minute that was overrun is gone through late rather than left out', async () => {
    await vi.advanceTimersByTimeAsync(120_000)
    expect(moments.splice(0)).toEqual(['04:30', '05:00', '05:30', '06:00'])
    takes.set('06:30', 65_000)
    await vi.advanceTimersByTimeAsync(120_000)
    expect(moments).toEqual(['06:30', '07:00', '08:00'])
  })
})
