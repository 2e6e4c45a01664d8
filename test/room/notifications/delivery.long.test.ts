import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { NotificationRepo, StoredNotification } from '../../../src/db/notifications.ts'
import { openStore, type Store } from '../../../src/db/store.ts'
import { failed, refused, type Channel, type DeliveryResult, type Parcel } from '../../../src/notify/channel.ts'
import { LONGEST_PAUSE_MS } from '../../../src/notify/retry.ts'
import { Delivery } from '../../../src/room/notifications/delivery.ts'
import { freshDirectories } from '../../kit/directories.ts'
import { Clockwork } from '../../kit/clockwork.ts'
import { parcelOf } from '../../kit/parcels.ts'

const WALL_MS = Date.parse('2026-01-02T03:04:05Z')
const LIMITS = { firstMs: 5_000, lastMs: 60_000, tries: 4 }
const OK: DeliveryResult = { ok: true }
const fresh = freshDirectories()
const open: Store[] = []

afterEach(() => {
  for (const store of open.splice(0)) store.db.close()
})

/** One channel over a real database, with time in the test's hands. */
class Bench {
  readonly store: Store
  readonly time = new Clockwork(WALL_MS)
  readonly stop = new AbortController()
  readonly sent: Parcel[] = []
  readonly troubles: string[] = []
  recovered = 0
  atOnce = 0
  mostAtOnce = 0
  answer: (parcel: Parcel, signal: AbortSignal) => DeliveryResult | Promise<DeliveryResult> = () => OK
  readonly delivery: Delivery

  constructor(
    readonly dir = fresh(),
    change: Partial<NotificationRepo> = {},
  ) {
    this.store = openStore(dir, 'write')
    open.push(this.store)
    const channel: Channel = { name: 'webhook', broken: null, send: (parcel, signal) => this.send(parcel, signal) }
    this.delivery = new Delivery(channel, {
      repo: { ...this.store.notifications, ...change },
      limits: LIMITS,
      wall: this.time,
      timers: this.time,
      signal: this.stop.signal,
      health: {
        failed: (_, text) => this.troubles.push(text),
        works: () => this.recovered++,
      },
    })
  }

  private async send(parcel: Parcel, signal: AbortSignal): Promise<DeliveryResult> {
    this.sent.push(parcel)
    this.atOnce++
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce)
    const delivered = await this.answer(parcel, signal)
    this.atOnce--
    return delivered
  }

  enqueue(...texts: string[]): void {
    for (const text of texts) {
      const { id: _, ...message } = parcelOf(text)
      const wallMs = this.time.now()
      const { db, notifications } = this.store
      db.transaction(() => notifications.enqueue({ channel: 'webhook', message, tsMs: 0, wallMs }))
    }
  }

  async look(): Promise<void> {
    this.delivery.look()
    await this.delivery.settled()
  }

  async ring(): Promise<void> {
    this.time.ring()
    await this.delivery.settled()
  }

  rows(): Pick<StoredNotification, 'id' | 'state' | 'tries' | 'lastError'>[] {
    const read = this.store.db.raw.prepare<[], StoredNotification>(
      'SELECT id, state, tries, last_error AS lastError FROM notifications ORDER BY id',
    )
    return read.all()
  }

  get texts(): string[] {
    return this.sent.map(({ text }) => text)
  }
}

describe('a message in the outbox', () => {
  it('is sent once the channel says so, in the order of the messages, one at a time', async () => {
    const bench = new Bench()
    bench.enqueue('one', 'two', 'three')
    bench.delivery.look()
    bench.delivery.look()
    await bench.delivery.settled()
    expect(bench.texts).toEqual(['one', 'two', 'three'])
    expect(bench.mostAtOnce).toBe(1)
    expect(bench.rows().map(({ state, tries }) => [state, tries])).toEqual(Array.from({ length: 3 }, () => ['sent', 1]))
    expect(bench.time.nextMs).toBeNull()
  })

  it('is tried again with growing pauses, shown meanwhile, and the trouble is over when it is through', async () => {
    const bench = new Bench()
    bench.answer = () => failed('answers 500')
    bench.enqueue('one')
    await bench.look()
    expect(bench.rows()).toEqual([{ id: 1, state: 'waiting', tries: 1, lastError: 'answers 500' }])
    expect(bench.troubles).toEqual(['answers 500; "one" waits after 1 try, the next at 03:04:10 UTC'])
    expect(bench.time.nextMs).toBe(5_000)
    await bench.ring()
    expect(bench.time.nextMs).toBe(10_000)
    bench.answer = () => OK
    await bench.ring()
    expect(bench.rows()).toEqual([{ id: 1, state: 'sent', tries: 3, lastError: null }])
    expect(bench.recovered).toBe(1)
    expect(bench.sent.map(({ id }) => id)).toEqual(['1', '1', '1'])
  })

  it('is given up after the last try, and said so', async () => {
    const bench = new Bench()
    bench.answer = () => failed('answers 500')
    bench.enqueue('one')
    await bench.look()
    for (let tries = 1; tries < LIMITS.tries; tries++) await bench.ring()
    expect(bench.rows()).toEqual([{ id: 1, state: 'given_up', tries: 4, lastError: 'answers 500' }])
    expect(bench.troubles.at(-1)).toBe('answers 500; gave up on "one" after 4 tries')
    expect(bench.sent).toHaveLength(4)
  })

  it('is given up at once where another try would fail in the same way, and the next comes after the pause', async () => {
    const bench = new Bench()
    bench.answer = ({ text }) => (text === 'one' ? refused('answers 401: the token is wrong') : OK)
    bench.enqueue('one', 'two')
    await bench.look()
    expect(bench.sent).toHaveLength(1)
    await bench.ring()
    expect(bench.rows()).toMatchObject([
      { state: 'given_up', tries: 1, lastError: 'answers 401: the token is wrong' },
      { state: 'sent', tries: 1 },
    ])
  })

  it('waits as long as the server asks', async () => {
    const bench = new Bench()
    bench.answer = () => failed('answers 429', 35_000)
    bench.enqueue('one', 'two')
    await bench.look()
    expect(bench.sent).toHaveLength(1)
    expect(bench.time.nextMs).toBe(35_000)
  })

  it('is not sent while the room closes, and is by the next start', async () => {
    const dir = fresh()
    const bench = new Bench(dir)
    bench.answer = (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(failed('was broken off')), { once: true })
      })
    bench.enqueue('one', 'two')
    bench.delivery.look()
    bench.stop.abort()
    await bench.delivery.settled()
    expect(bench.rows()).toMatchObject([
      { state: 'waiting', tries: 0 },
      { state: 'waiting', tries: 0 },
    ])
    expect(bench.sent).toHaveLength(1)
    const next = new Bench(dir)
    await next.look()
    expect(next.texts).toEqual(['one', 'two'])
    expect(next.rows().every(({ state }) => state === 'sent')).toBe(true)
  })

  it('keeps its tries and its pause over a restart', async () => {
    const dir = fresh()
    const bench = new Bench(dir)
    bench.answer = () => failed('answers 500')
    bench.enqueue('one')
    await bench.look()
    const next = new Bench(dir)
    next.answer = () => failed('answers 500')
    await next.look()
    expect(next.sent).toEqual([])
    expect(next.time.nextMs).toBe(5_000)
    await next.ring()
    expect(next.rows()).toMatchObject([{ tries: 2 }])
  })
})

describe('a channel that fails', () => {
  it('rests as a whole: many messages that wait are not as many requests', async () => {
    const bench = new Bench()
    bench.answer = () => failed('did not answer')
    bench.enqueue(...Array.from({ length: 50 }, (_, i) => `message ${i}`))
    await bench.look()
    expect(bench.sent).toHaveLength(1)
    const pauses: (number | null)[] = []
    for (let i = 0; i < 6; i++) {
      pauses.push(bench.time.nextMs)
      await bench.ring()
    }
    expect(bench.sent).toHaveLength(7)
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
    bench.answer = () => OK
    await bench.ring()
    while (bench.time.nextMs !== null) await bench.ring()
    expect(bench.rows().every(({ state }) => state === 'sent')).toBe(true)
  })

  it('is not held up by one message that nobody takes', async () => {
    const bench = new Bench()
    bench.answer = ({ text }) => (text === 'poison' ? failed('answers 500') : OK)
    bench.enqueue('poison', 'one', 'two')
    await bench.look()
    await bench.ring()
    expect(bench.texts.slice(0, 3)).toEqual(['poison', 'one', 'two'])
    expect(bench.rows().filter(({ state }) => state === 'sent')).toHaveLength(2)
  })

  it('goes on when the clock of the machine is set back', async () => {
    const bench = new Bench()
    bench.answer = () => failed('answers 500')
    bench.enqueue('one')
    await bench.look()
    bench.time.set(WALL_MS - 30 * LONGEST_PAUSE_MS)
    bench.answer = () => OK
    await bench.ring()
    expect(bench.rows()).toMatchObject([{ state: 'sent' }])
  })

  it('does not send without end what it has sent and cannot note', async () => {
    let full = true
    const dir = fresh()
    const { notifications } = new Bench(dir).store
    const bench: Bench = new Bench(dir, {
      sent: (id) => {
        if (full) throw new Error('database or disk is full')
        notifications.sent(id)
      },
    })
    bench.enqueue('one')
    await bench.look()
    expect(bench.sent).toHaveLength(1)
    expect(bench.troubles).toEqual(['the outbox cannot be read or written: database or disk is full'])
    expect(bench.time.nextMs).toBe(5_000)
    full = false
    await bench.ring()
    // At least once: the second time it was noted.
    expect(bench.texts).toEqual(['one', 'one'])
    expect(bench.rows()).toMatchObject([{ state: 'sent' }])
  })

  it('brings each message through at least once or gives it up, whatever it answers, never two at once', async () => {
    const outcome = fc.constantFrom<DeliveryResult>(
      OK,
      failed('answers 500'),
      failed('429', 90_000),
      refused('answers 400'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), async (script, n) => {
        const bench = new Bench()
        const left = [...script]
        const through = new Set<string>()
        bench.answer = ({ id }) => {
          const delivered = left.shift() ?? OK
          if (delivered.ok) through.add(id)
          return delivered
        }
        bench.enqueue(...Array.from({ length: n }, (_, i) => `message ${i}`))
        await bench.look()
        while (bench.time.nextMs !== null) await bench.ring()
        const rows = bench.rows()
        expect(rows.every(({ state }) => state !== 'waiting')).toBe(true)
        expect(rows.filter(({ state }) => state === 'sent').map(({ id }) => String(id))).toEqual([...through].sort())
        expect(Math.max(...rows.map(({ tries }) => tries))).toBeLessThanOrEqual(LIMITS.tries)
        expect(bench.mostAtOnce).toBe(1)
        bench.store.db.close()
        open.splice(open.indexOf(bench.store), 1)
      }),
      { numRuns: 25 },
    )
  })
})

describe('the outbox', () => {
  it('gives up the oldest beyond its limit, and what waits for a channel that is gone', () => {
    const bench = new Bench()
    const { notifications } = bench.store
    bench.enqueue('one', 'two', 'three')
    expect(notifications.shed('webhook', 3, 'too many waited')).toBe(0)
    expect(notifications.shed('webhook', 2, 'too many waited')).toBe(1)
    expect(bench.rows()).toMatchObject([
      { state: 'given_up', lastError: 'too many waited' },
      { state: 'waiting' },
      { state: 'waiting' },
    ])
    expect(notifications.abandon(['webhook'], 'gone')).toBe(0)
    expect(notifications.abandon([], 'gone')).toBe(2)
    expect(notifications.counts()).toEqual([{ channel: 'webhook', state: 'given_up', n: 3 }])
    expect(notifications.lastError('webhook')).toBe('gone')
  })

  it('forgets what is old and over, never what waits', () => {
    const bench = new Bench()
    const { notifications } = bench.store
    bench.enqueue('one', 'two')
    notifications.sent(1)
    expect(notifications.prune(WALL_MS)).toBe(0)
    expect(notifications.prune(WALL_MS + 1)).toBe(1)
    expect(bench.rows()).toMatchObject([{ id: 2, state: 'waiting' }])
  })
})
