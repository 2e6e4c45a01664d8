import { Writable } from 'node:stream'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventHub, MAX_STREAMS, MAX_UNREAD_BYTES } from '../../src/api/event-hub.ts'
import { eventReader } from '../../src/api/event-stream.ts'
import { openStore, type Store } from '../../src/db/store.ts'
import { freshDirectories } from '../kit/directories.ts'

const fresh = freshDirectories()

/** The other end of a stream: it keeps what it reads, and reads only what it is told to. */
class Outlet extends Writable {
  text = ''
  private waiting: (() => void) | null = null

  constructor(private reads: boolean) {
    super({ decodeStrings: false, highWaterMark: 1_024 })
  }

  override _write(chunk: string, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk
    if (this.reads) done()
    else this.waiting = done
  }

  readOn(): void {
    this.reads = true
    this.waiting?.()
  }
}

interface Stage {
  readonly store: Store
  readonly hub: EventHub
  /** Ends the turn: what was to be done after it is done. */
  readonly turn: () => void
  readonly add: (count: number, symbol?: string, text?: string) => void
}

function stage(): Stage {
  const store = openStore(fresh(), 'write')
  let due: (() => void)[] = []
  const hub = new EventHub({ journal: store.journal, version: '1', soon: (run) => due.push(run) })
  return {
    store,
    hub,
    turn: () => {
      while (due.length > 0) {
        const now = due
        due = []
        for (const run of now) run()
      }
    },
    add: (count, symbol = 'AAA', text = 'it happened') => {
      store.db.transaction(() => {
        for (let i = 0; i < count; i++)
          store.journal.addEvent({ symbol, tsMs: i, wallMs: i, kind: 'test', severity: 'info', text })
      })
    },
  }
}

function open(hub: EventHub, lastId: number | null, symbol: string | null = null, reads = true): Outlet {
  const out = new Outlet(reads)
  hub.open(out, { lastId, symbol })
  return out
}

function idsIn(text: string): number[] {
  const ids: number[] = []
  const reader = eventReader({ onHello: () => {}, onEvent: ({ id }) => ids.push(id) })
  reader.feed(text)
  return ids
}

const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('the events of a room', () => {
  it('reach every stream in order, from the id that it names or from now on', () => {
    const { hub, add, turn } = stage()
    add(450)
    const [all, some, now] = [open(hub, 0), open(hub, 440), open(hub, null)]
    add(700)
    turn()
    expect(idsIn(all.text)).toEqual(upTo(1_150))
    expect(idsIn(some.text)).toEqual(upTo(1_150, 441))
    expect(idsIn(now.text)).toEqual(upTo(1_150, 451))
  })

  it('reach a stream only once their transaction is committed, and never when it is undone', () => {
    const { store, hub, add, turn } = stage()
    const out = open(hub, 0)
    expect(() =>
      store.db.transaction(() => {
        add(3, 'AAA', 'undone')
        throw new Error('undone')
      }),
    ).toThrow('undone')
    turn()
    expect(idsIn(out.text)).toEqual([])
    add(2, 'AAA', 'kept')
    expect(idsIn(out.text)).toEqual([])
    turn()
    expect(idsIn(out.text)).toEqual([1, 2])
    expect(out.text).not.toContain('undone')
  })

  it("are those of one symbol and the room's own where a stream asks for one", () => {
    const { hub, add, turn } = stage()
    const [a, b] = [open(hub, 0, 'AAA'), open(hub, 0, 'BBB')]
    add(2, 'AAA')
    add(2, 'BBB')
    add(1, '')
    turn()
    expect(idsIn(a.text)).toEqual([1, 2, 5])
    expect(idsIn(b.text)).toEqual([3, 4, 5])
  })

  it('are told anew to a stream that comes from a room with more of them', () => {
    const { hub, add, turn } = stage()
    add(3)
    const out = open(hub, 1_000)
    add(1)
    turn()
    expect(out.text).toContain('"newest":3')
    expect(idsIn(out.text)).toEqual([4])
  })

  it('reach everyone exactly once and in order, wherever and however often a stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ events: fc.nat(40), cut: fc.double({ min: 0, max: 1, noNaN: true }) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (rounds, text, pieceChars) => {
          const { store, hub, add, turn } = stage()
          const got: { id: number; text: string }[] = []
          for (const { events, cut } of [...rounds, { events: 0, cut: 1 }]) {
            const out = open(hub, got.at(-1)?.id ?? 0)
            add(events, 'AAA', text)
            turn()
            const arrived = out.text.slice(0, Math.round(out.text.length * cut))
            const reader = eventReader({ onHello: () => {}, onEvent: (event) => got.push(event) })
            for (let at = 0; at < arrived.length; at += pieceChars) reader.feed(arrived.slice(at, at + pieceChars))
            out.destroy()
          }
          const sum = rounds.reduce((total, { events }) => total + events, 0)
          expect(got.map(({ id }) => id)).toEqual(upTo(sum))
          expect(new Set(got.map((event) => event.text)).size).toBeLessThanOrEqual(1)
          store.db.close()
        },
      ),
      { numRuns: 30 },
    )
  })
})

describe('a stream that nobody reads', () => {
  it('is dropped once too much is unread, while the others get everything', async () => {
    const { hub, add, turn } = stage()
    const [stalled, well] = [open(hub, null, null, false), open(hub, null)]
    const closed = new Promise((done) => stalled.once('close', done))
    const text = 'x'.repeat(1_000)
    let added = 0
    while (!stalled.destroyed && added < 10_000) {
      add(50, 'AAA', text)
      added += 50
      turn()
    }
    await closed
    expect(added * 1_000).toBeLessThan(2 * MAX_UNREAD_BYTES)
    expect(hub.listeners).toBe(1)
    add(10, 'AAA', text)
    turn()
    expect(idsIn(well.text)).toEqual(upTo(added + 10))
  })

  it('is given what it missed a page at a time, and only while it reads', async () => {
    const { hub, add } = stage()
    add(3_000, 'AAA', 'x'.repeat(500))
    const slow = open(hub, 0, null, false)
    expect(slow.writableLength).toBeLessThan(MAX_UNREAD_BYTES)
    slow.readOn()
    await new Promise((done) => setImmediate(done))
    while (slow.writableLength > 0) await new Promise((done) => setImmediate(done))
    expect(idsIn(slow.text)).toEqual(upTo(3_000))
  })

  it('is dropped when it has taken nothing between three beats; one that reads stays', () => {
    const { hub } = stage()
    const [stalled, well] = [open(hub, null, null, false), open(hub, null)]
    for (let beats = 0; beats < 3; beats++) hub.beat()
    expect(stalled.destroyed).toBe(true)
    expect(well.destroyed).toBe(false)
    expect(well.text.split(': beat')).toHaveLength(4)
  })
})

describe('the number of streams', () => {
  it('is limited, which is said with 503, and one that ends makes room', async () => {
    const { hub } = stage()
    const streams = Array.from({ length: MAX_STREAMS }, () => open(hub, null))
    expect(() => hub.refuseMore()).toThrow(/too many open event streams: 50 are open/)
    const closed = new Promise((done) => streams[0]?.once('close', done))
    streams[0]?.destroy()
    await closed
    expect(() => hub.refuseMore()).not.toThrow()
  })

  it('is none once the room closes: those that read are told, those that do not are cut', () => {
    const { hub } = stage()
    const [well, stalled] = [open(hub, null), open(hub, null, null, false)]
    hub.close()
    expect(well.text).toContain('event: closing')
    expect(well.writableEnded).toBe(true)
    expect(stalled.destroyed).toBe(true)
    expect(() => hub.refuseMore()).toThrow(/the room is closing/)
  })
})
