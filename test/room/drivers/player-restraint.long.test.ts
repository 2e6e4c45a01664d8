import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Player } from '../../../src/room/drivers/player.ts'
import { Recordings } from '../../../src/room/drivers/recordings.ts'
import type { Speed } from '../../../src/control/view.ts'
import { Turns } from '../../../src/work/turns.ts'
import { aDesk, type DeskKit } from '../../kit/a-desk.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { MINUTE, START } from '../../kit/moments.ts'
import { barLines, SYMBOL, writeRecording } from '../../kit/room.ts'

const fresh = freshDirectories()
/** How long a room's pauses are let pass between two looks at where it stands. */
const LOOK_MS = 1_000

describe('a recording that is played while somebody is waited for', () => {
  let kit: DeskKit
  let stop: AbortController
  let running: Promise<void>
  const restraint = { now: null as 'approval' | 'canary' | null }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const dir = fresh()
    kit = aDesk(dir)
    stop = new AbortController()
    restraint.now = null
    vi.spyOn(kit.judging.release, 'restraint').mockImplementation(() => restraint.now)
    writeRecording(dir, barLines(500))
    kit.desk.tape.readFrom(`${dir}/bars.csv`, '')
  })
  afterEach(async () => {
    stop.abort()
    await running
    kit.desks.close()
    vi.useRealTimers()
  })

  function player(speed: Speed): Player {
    const span = { fromMs: START, untilMs: Number.POSITIVE_INFINITY }
    const path = kit.desk.tape.feed.path ?? ''
    const made = new Player(
      {
        desks: kit.desks,
        timeline: kit.timeline,
        wall: kit.wall,
        recordings: new Recordings(kit.desks, { recordings: [{ symbol: SYMBOL, path }], ...span }),
        release: kit.judging.release,
        turns: new Turns(),
        signal: stop.signal,
      },
      speed,
      null,
    )
    running = made.run()
    return made
  }

  const clockMs = (): number => kit.desk.tape.feed.clockMs
  /** Until nothing moves any more: the wall clock stands still, so that only what is due at once happens. */
  async function settled(): Promise<void> {
    for (let same = 0, last = -1; same < 20; same = clockMs() === last ? same + 1 : 0) {
      last = clockMs()
      // Time for whoever looks again now and then; what is read meanwhile is read from a real file.
      await vi.advanceTimersByTimeAsync(LOOK_MS)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** Until the first moment, which is due a minute after the start. */
  async function begun(): Promise<void> {
    kit.wall.set(kit.wall.now() + MINUTE)
    while (clockMs() === 0) await settled()
    await settled()
  }

  it.each([
    ['an approval waits: real speed, whatever was asked for', 'approval', 600, 1],
    ['an approval waits: real speed, also at full speed', 'approval', 'max', 1],
    ['a canary runs: 600 instead of full speed', 'canary', 'max', 600],
    ['a canary runs: a slower speed stays', 'canary', 60, 60],
    ['nobody is waited for: the speed that was asked for', null, 600, 600],
  ] as const)('%s', async (_, why, asked, speed) => {
    restraint.now = why
    const played = player(asked)
    await begun()
    const beforeMs = clockMs()
    expect(played.view(null).speed).toBe(speed)
    // A shorter pause than that of these speeds is waited for on the machine's own timer.
    if (speed === 600) return
    // What passes on the wall in ten minutes of that speed.
    for (let minute = 1; minute <= 10; minute++) {
      kit.wall.set(kit.wall.now() + MINUTE / speed)
      do await settled()
      while (clockMs() < beforeMs + minute * MINUTE)
      expect(clockMs() - beforeMs).toBe(minute * MINUTE)
    }
  })

  it('is refused full speed, and told what is waited for', () => {
    const played = player(1)
    for (const [why, said] of [
      ['approval', 'an approval waits for a person'],
      ['canary', 'a canary runs'],
    ] as const) {
      restraint.now = why
      expect(refusal(() => played.setSpeed('max'))).toMatchObject({ code: 'restraint', status: 409, why: said })
      expect(played.setSpeed(600)).toBe('speed 600')
    }
    restraint.now = null
    expect(played.setSpeed('max')).toBe('speed max')
  })

  it('refuses to play until a time that has passed', async () => {
    const played = player(600)
    await begun()
    expect(refusal(() => played.setSpeed(60, clockMs())).code).toBe('until')
  })
})
