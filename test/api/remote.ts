/** A room over HTTP that is none: a real server with real streams, whose state and moods a test sets. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EventHub } from '../../src/api/event-hub.ts'
import { RemoteRoom } from '../../src/api/remote-room.ts'
import { greet, RoomLink } from '../../src/api/room-link.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { ManualClock } from '../../src/engine/kernel/clock.ts'
import type { RoomView } from '../../src/control/view.ts'
import { BLOCKED } from '../tui/views.ts'

export const TOKEN = 'sesame'
export const NOW_MS = Date.parse('2026-01-02T10:41:07Z')

export const QUIET: RoomView = { ...BLOCKED, events: [] }

export class ServedRoom {
  /** Its events come by the stream alone. */
  shown: unknown = QUIET
  version = BLOCKED.version
  /** Answers `/events` with 503 while it is set. */
  full = false
  /** Takes commands and dies before it answers. */
  mute = false
  revoked = false
  /** As to another machine: nothing without a token. */
  strict = false
  readonly asked: string[] = []
  hub: EventHub
  private server: Server | null = null
  private port = 0

  constructor(readonly store: Store) {
    this.hub = this.newHub()
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async open(): Promise<void> {
    this.server = createServer((request, response) => this.answer(request, response))
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  /** As a process that is killed: every connection is cut, and nothing listens any more. */
  async kill(): Promise<void> {
    const { server } = this
    if (server === null) return
    this.server = null
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
    this.hub.close()
    this.hub = this.newHub()
  }

  add(count: number, text = 'it happened'): void {
    this.store.db.transaction(() => {
      for (let i = 0; i < count; i++)
        this.store.journal.addEvent({ symbol: 'BTCUSDT', tsMs: i, wallMs: i, kind: 'test', severity: 'info', text })
    })
  }

  private newHub(): EventHub {
    return new EventHub({ journal: this.store.journal, version: this.version, soon: setImmediate })
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const known = request.headers.authorization === `Bearer ${TOKEN}` && !this.revoked
    const path = request.url?.split('?')[0]
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (this.strict && !known)
      return json(401, { error: { code: 'token', message: 'a token is needed: it is elsewhere', next: 'send one' } })
    if (path === '/access') return json(200, { service: 'onay', version: this.version, name: known ? 'me' : null })
    if (path === '/events') {
      if (this.full)
        return json(503, { error: { code: 'too_many_streams', message: 'too many listen: 50 streams', next: 'wait' } })
      const last = request.headers['last-event-id']
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      return this.hub.open(response, { lastId: last === undefined ? null : Number(last), symbol: null })
    }
    this.asked.push(`${request.method} ${request.url}`)
    if (path === '/state') return json(200, this.shown)
    if (this.mute) {
      response.destroy()
      return
    }
    return json(200, { said: 'done' })
  }
}

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
  const served = new ServedRoom(openStore(dir, 'write'))
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
  const room = new RemoteRoom(link, wall, BLOCKED.version)
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
      await served.kill()
      served.store.db.close()
    },
  }
}
