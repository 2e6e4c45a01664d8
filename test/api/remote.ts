/** A screen that is attached to a room over HTTP, with its clock and its pauses in the hands of a test. */
import { RemoteRoom } from '../../src/api/remote-room.ts'
import { greet, RoomLink } from '../../src/api/room-link.ts'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import type { RoomView } from '../../src/control/view.ts'
import { QUERY_ANSWERS } from '../kit/answers.ts'
import { ServedRoom, TOKEN } from '../kit/served-room.ts'
import { BLOCKED, changed } from '../kit/views.ts'

export const NOW_MS = Date.parse('2026-01-02T10:41:07Z')

/** Its events come by the stream alone. */
export const QUIET: RoomView = changed(BLOCKED, { room: { events: [] } })

export interface Attached {
  readonly served: ServedRoom
  readonly room: RemoteRoom
  readonly wall: ManualClock
  /** Milliseconds of each pause before another try. */
  readonly pauses: number[]
  /** Ends the pause that is under way, or the next one. */
  readonly tryAgain: () => void
  /** Looks again at each change until what is seen is what is wanted; what the look threw counts as seen. */
  readonly until: (wanted: (seen: RoomView | Error) => boolean) => Promise<RoomView | Error>
  readonly end: () => Promise<void>
}

export async function attached(dir: string, token: string | null = TOKEN, before = 0): Promise<Attached> {
  const served = new ServedRoom(dir, BLOCKED.room.version)
  served.room.findings = { ...QUERY_ANSWERS, view: QUIET }
  served.add(before)
  await served.open()
  const wall = new ManualClock(NOW_MS)
  const pauses: number[] = []
  const stop = new AbortController()
  let release: () => void = () => {}
  const pause = (ms: number): Promise<void> => {
    pauses.push(ms)
    return new Promise((done) => {
      release = done
      stop.signal.addEventListener('abort', () => done(), { once: true })
    })
  }
  const locate = (): { url: string; token: string | null } => ({ url: served.url, token })
  const link = new RoomLink({ locate: () => locate(), wall, pause }, await greet(locate()))
  const room = new RemoteRoom(link, wall, BLOCKED.room.version)
  const connected = new Promise<void>((done) => {
    const off = link.onChange(() => {
      off()
      done()
    })
  })
  const kept = link.run(stop.signal)
  await connected
  const see = (): Promise<RoomView | Error> => room.view().catch((error: Error) => error)
  return {
    served,
    room,
    wall,
    pauses,
    tryAgain: () => release(),
    until: async (wanted) => {
      for (;;) {
        const changed = new Promise<void>((done) => {
          const off = room.onChange(() => {
            off()
            done()
          })
        })
        const seen = await see()
        if (wanted(seen)) return seen
        await changed
      }
    },
    end: async () => {
      stop.abort()
      await kept
      await served.close()
    },
  }
}
