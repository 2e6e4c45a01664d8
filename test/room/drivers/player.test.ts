import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../src/engine/kernel/clock.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import type { Speed } from '../../../src/control/view.ts'
import { Player } from '../../../src/room/drivers/player.ts'
import { openRecording, Recordings } from '../../../src/room/drivers/recordings.ts'
import { judgingOf } from '../../../src/room/timeline/assemble.ts'
import { Turns } from '../../../src/work/turns.ts'
import { barLines, openDesks, SYMBOL, timelineFor, writeRecording } from '../../kit/room.ts'
import { MINUTE, START } from '../../kit/moments.ts'

/** A clock that is always late, so that every moment is due at once. */
class LateClock extends ManualClock {
  override now(): number {
    this.set(super.now() + MINUTE)
    return super.now()
  }
}

describe('a recording that is played', () => {
  let dir = ''
  let desks: Desks
  const stop = new AbortController()
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'onay-player-'))
    desks = openDesks(dir)
  })
  afterEach(() => {
    stop.abort()
    desks.close()
    rmSync(dir, { recursive: true })
  })

  it('stands still once a pause was answered, wherever in a step it was asked for', async () => {
    const path = writeRecording(dir, barLines(200))
    const { feed } = await openRecording(desks, SYMBOL, path, { fromMs: START, untilMs: Number.POSITIVE_INFINITY })
    const turns = new Turns()
    const recordings = new Recordings(desks, { recordings: [], fromMs: START, untilMs: Number.POSITIVE_INFINITY })
    vi.spyOn(recordings, 'open').mockResolvedValue(feed)
    // Asked for at every point where a step waits for something, one after the other.
    const points: (() => void)[] = []
    const knownMs = feed.nextKnownMs.bind(feed)
    let askIn = -1
    feed.nextKnownMs = async () => {
      const answer = await knownMs()
      if (askIn-- === 0) for (const point of points.splice(0)) point()
      return answer
    }
    const player = new Player(
      {
        desks,
        timeline: timelineFor(desks),
        wall: new LateClock(START),
        recordings,
        release: judgingOf(desks).release,
        turns,
        signal: stop.signal,
      },
      600,
      null,
    )
    const running = player.run()
    for (let point = 0; point < 6; point++) {
      const stillMs = await new Promise<number>((resolve) => {
        points.push(() => {
          player.setPaused(true)
          void turns.settled().then(() => resolve(player.nowMs()))
        })
        askIn = point
        player.setPaused(false)
      })
      await turnsPass()
      expect(player.nowMs(), `paused at point ${point}`).toBe(stillMs)
      expect(player.view(null).paused).toBe(true)
    }
    expect(player.nowMs()).toBeGreaterThan(START + 3 * MINUTE)
    stop.abort()
    await running
  })

  it('stands still after a restart when it was paused, until somebody lets it go on or names a speed', async () => {
    const begun = (speed: Speed | null): { player: Player; end: () => Promise<void> } => {
      const stopped = new AbortController()
      const player = playerOf(speed, stopped.signal)
      const running = player.run()
      const end = async (): Promise<void> => {
        await turnsPass()
        stopped.abort()
        await running
      }
      return { player, end }
    }
    const first = begun(60)
    first.player.setPaused(true)
    await first.end()
    const again = begun(null)
    expect(again.player.view(null)).toMatchObject({ paused: true, speed: 60 })
    await again.end()
    const named = begun(600)
    expect(named.player.view(null)).toMatchObject({ paused: false, speed: 600 })
    named.player.setPaused(true)
    await named.end()
    const released = begun(null)
    released.player.setPaused(false)
    await released.end()
    const last = begun(null)
    expect(last.player.view(null).paused).toBe(false)
    await last.end()
  })

  it('tries again by itself, while nothing is due, to write what could not be written', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const stopped = new AbortController()
    const full = vi.spyOn(desks.store.facts, 'set').mockImplementation(() => {
      throw new Error('the disk is full')
    })
    const written = vi.spyOn(desks, 'writeLogs')
    const player = playerOf(60, stopped.signal)
    player.setPaused(true)
    const running = player.run()
    full.mockRestore()
    await vi.advanceTimersByTimeAsync(10_000)
    vi.useRealTimers()
    expect(written.mock.calls.length).toBeGreaterThan(0)
    expect(desks.store.facts.get('paused')).toBe(true)
    expect(player.view(null).paused).toBe(true)
    stopped.abort()
    await running
  })

  function playerOf(speed: Speed | null, signal: AbortSignal): Player {
    const path = writeRecording(dir, barLines(200))
    const span = { fromMs: START, untilMs: Number.POSITIVE_INFINITY }
    const recordings = new Recordings(desks, { recordings: [{ symbol: SYMBOL, path }], ...span })
    const { release } = judgingOf(desks)
    const parts = { desks, timeline: timelineFor(desks), wall: new ManualClock(START), recordings, release }
    return new Player({ ...parts, turns: new Turns(), signal }, speed, null)
  }

  async function turnsPass(): Promise<void> {
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
})
