/** A room over HTTP: the routes, the access and the streams of the product, over a room that only records. */
import { Writable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { MAX_STREAMS, type EventHub } from '../../src/api/event-hub.ts'
import { Metrics } from '../../src/api/metrics.ts'
import { buildServer } from '../../src/api/server.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { OperatorError } from '../../src/engine/kernel/errors.ts'
import { sha256Hex } from '../../src/evidence/canonical.ts'
import { Access } from '../../src/room/safety/access.ts'
import { RecordingRoom } from './recording-room.ts'
import { bringDatabase } from './migrated.ts'

export const TOKEN = 'sesame'
/** Whose token that is. */
export const BEARER = 'me'
/** As another machine would be known. */
const ELSEWHERE = '203.0.113.9'
const LIMITS = { bodyLimit: 65_536, feedBodyLimit: 1_048_576 }

export class ServedRoom {
  readonly room = new RecordingRoom()
  readonly store: Store
  readonly bugs: unknown[] = []
  /** Every stream of events that a room may have is taken from the next start on. */
  full = false
  /** Which room it is. */
  id = 'room-1'
  /** Takes commands and dies before it answers. */
  mute = false
  /** As to another machine: nothing without a token. */
  strict = false
  /** Requests but for those that keep the line up, as `GET /state`. */
  readonly asked: string[] = []
  private readonly access: Access
  private server: { readonly app: FastifyInstance; readonly hub: EventHub; readonly metrics: Metrics } | null = null
  private port = 0

  constructor(
    dir: string,
    private readonly version: string,
  ) {
    bringDatabase(dir)
    this.store = openStore(dir, 'write')
    this.access = new Access(this.store, dir, () => 0)
    this.store.access.addToken({
      name: BEARER,
      person: BEARER,
      sha256: sha256Hex(TOKEN),
      wallMs: 0,
      revokedWallMs: null,
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  get hub(): EventHub {
    if (this.server === null) throw new Error('it does not listen')
    return this.server.hub
  }

  async open(): Promise<void> {
    const { room, store, version, access } = this
    const metrics = new Metrics()
    const nothing = (): never => {
      throw new OperatorError('nothing is served here', 'this room only records', 'ask another one', 'nothing', 404)
    }
    const { app, hub } = buildServer(
      {
        room,
        serving: { stopwatch: () => 0, ask: nothing },
        figures: { symbols: [], figures: nothing },
        metrics,
        door: access,
        journal: store.journal,
        version,
        id: this.id,
      },
      { ...LIMITS, onBug: (error) => this.bugs.push(error) },
    )
    app.addHook('onRequest', (request, _reply, done) => {
      const [path] = request.url.split('?')
      if (path !== '/access' && path !== '/events') this.asked.push(`${request.method} ${request.url}`)
      if (this.strict) Object.defineProperty(request, 'ip', { value: ELSEWHERE })
      done()
    })
    app.addHook('preHandler', (request, reply, done) => {
      if (!this.mute || request.method === 'GET') return done()
      reply.hijack()
      reply.raw.destroy()
    })
    await app.listen({ port: this.port, host: '127.0.0.1' })
    const address = app.server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : this.port
    if (this.full)
      for (let i = 0; i < MAX_STREAMS; i++) hub.open(new Writable({ write: () => {} }), { lastId: null, symbol: null })
    this.server = { app, hub, metrics }
  }

  /** As a room that ends in order: resolves when everybody has been answered. */
  async end(): Promise<void> {
    const { server } = this
    this.server = null
    await server?.app.close()
    server?.metrics.close()
  }

  /** As a process that is killed: every connection is cut, and nothing listens any more. */
  async kill(): Promise<void> {
    const { server } = this
    if (server === null) return
    this.server = null
    server.app.server.closeAllConnections()
    await server.app.close()
    server.metrics.close()
  }

  revoke(): void {
    this.access.revoke(BEARER)
  }

  add(count: number, text = 'it happened'): void {
    this.store.db.transaction(() => {
      for (let i = 0; i < count; i++)
        this.store.journal.addEvent({ symbol: 'BTCUSDT', tsMs: i, wallMs: i, kind: 'test', severity: 'info', text })
    })
  }

  async close(): Promise<void> {
    await this.kill()
    this.store.db.close()
  }
}
