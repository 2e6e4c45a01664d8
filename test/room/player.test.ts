import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import type { Core } from '../../src/room/core.ts'
import { Player } from '../../src/room/player.ts'
import { openRecording } from '../../src/room/recordings.ts'
import { barLines, openCore, SYMBOL, writeRecording } from '../kit/room.ts'
import { MINUTE, START } from '../kit/moments.ts'

/** A clock that is always late, so that every moment is due at once. */
class LateClock extends ManualClock {
  override now(): number {
    this.set(super.now() + MINUTE)
    return super.now()
  }
}

describe('a recording that is played', () => {
  let dir = ''
  let core: Core
  const stop = new AbortController()
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'onay-player-'))
    core = openCore(dir)
  })
  afterEach(() => {
    stop.abort()
    core.close()
    rmSync(dir, { recursive: true })
  })

  it('stands still once a pause was answered, wherever in a step it was asked for', async () => {
    const path = writeRecording(dir, barLines(200))
    const { feed } = await openRecording(core, SYMBOL, path, { fromMs: START, untilMs: Number.POSITIVE_INFINITY })
    let queue: Promise<unknown> = Promise.resolve()
    const exclusive = <T>(work: () => Promise<T>): Promise<T> => {
      const next = queue.then(work)
      queue = next.catch(() => undefined)
      return next
    }
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
        core,
        wall: new LateClock(START),
        openFeed: () => Promise.resolve(feed),
        exclusive,
        signal: stop.signal,
        restraint: () => null,
        stepMs: () => MINUTE,
      },
      600,
      null,
    )
    const running = player.run()
    for (let point = 0; point < 6; point++) {
      const stillMs = await new Promise<number>((resolve) => {
        points.push(() => {
          player.setPaused(true)
          void exclusive(() => Promise.resolve()).then(() => resolve(player.nowMs()))
        })
        askIn = point
        player.setPaused(false)
      })
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(player.nowMs(), `paused at point ${point}`).toBe(stillMs)
      expect(player.view(null).paused).toBe(true)
    }
    expect(player.nowMs()).toBeGreaterThan(START + 3 * MINUTE)
    stop.abort()
    await running
  })
})
