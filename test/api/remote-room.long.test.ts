import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_UNREAD_BYTES } from '../../src/api/event-hub.ts'
import { greet } from '../../src/api/room-link.ts'
import type { RoomView } from '../../src/control/view.ts'
import { freshDirectories } from '../kit/directories.ts'
import { QUERY_ANSWERS } from '../kit/answers.ts'
import { BEARER, TOKEN } from '../kit/served-room.ts'
import { changed } from '../kit/views.ts'
import { attached, QUIET, type Attached } from './remote.ts'

const fresh = freshDirectories()
const running = new Set<Attached>()

afterEach(async () => {
  await Promise.all([...running].map((one) => one.end()))
  running.clear()
})

async function attach(token: string | null = TOKEN, before = 0): Promise<Attached> {
  const one = await attached(fresh(), token, before)
  running.add(one)
  return one
}

const PAUSE = { kind: 'setSpeed', by: '', speed: 'pause' } as const
const ABORT = { kind: 'abortCanary', by: '', symbol: 'BTCUSDT', reason: null } as const

const isView = (seen: RoomView | Error): seen is RoomView => !(seen instanceof Error)
const isLost = (seen: RoomView | Error): boolean => seen instanceof Error && seen.message.startsWith('not connected')
/** Tries again for as long as it is lost: the first request may meet a connection to the room that was killed. */
const found =
  (one: Attached) =>
  (seen: RoomView | Error): boolean => {
    if (isLost(seen)) one.tryAgain()
    return isView(seen)
  }
const newest = (seen: RoomView | Error): number => (isView(seen) ? (seen.room.events[0]?.id ?? 0) : 0)
const looks = ({ served }: Attached): number => served.asked.filter((asked) => asked.startsWith('GET /state')).length

describe('a room over HTTP', () => {
  it('is asked for its state at most twice a second, and shows events that come in between at once', async () => {
    const one = await attach(TOKEN, 24)
    await one.room.view()
    one.served.add(2)
    const seen = await one.until((view) => newest(view) === 26)
    expect(isView(seen) && seen.room.events.map(({ id }) => id)).toEqual([26, 25])
    expect(looks(one)).toBe(1)
    one.wall.set(one.wall.now() + 500)
    await one.room.view()
    expect(looks(one)).toBe(2)
  })

  it('is asked again at once after a command, and after a change of the symbol', async () => {
    const one = await attach()
    await one.room.view('BTCUSDT')
    await one.room.ask(PAUSE)
    await one.room.view('BTCUSDT')
    await one.room.view('ETHUSDT')
    expect(one.served.asked).toEqual([
      'GET /state?symbol=BTCUSDT',
      'POST /speed',
      'GET /state?symbol=BTCUSDT',
      'GET /state?symbol=ETHUSDT',
    ])
  })

  it('says where it is, and with whose leave', async () => {
    const [with_, without] = [await attach(), await attach(null)]
    expect((await with_.room.view()).attached).toEqual({ url: with_.served.url, readOnly: null, notes: [] })
    expect((await without.room.view()).attached?.readOnly).toContain('attached without a token')
    await expect(without.room.ask(ABORT)).rejects.toThrow(/read-only/)
    expect(without.served.asked).toEqual(['GET /state'])
  })

  it('of another machine is not seen without a token, or with one that is not accepted', async () => {
    const { served } = await attach()
    served.strict = true
    await expect(greet({ url: served.url, token: null })).rejects.toThrow(/a token is needed: .*; pass it with --token/)
    await expect(greet({ url: served.url, token: 'wrong' })).rejects.toThrow(/the token was not accepted/)
    expect(await greet({ url: served.url, token: TOKEN })).toMatchObject({ access: { name: BEARER } })
  })

  it('hears of an alert that was seen by its rule, with the reason, and from whom by the token', async () => {
    const one = await attach()
    const seen = { kind: 'acknowledge', symbol: 'BTCUSDT', rule: 'MLPSICritical', reason: 'known' } as const
    expect(await one.room.ask({ ...seen, by: 'whoever sits here' })).toEqual({ said: 'it was done' })
    expect(one.served.asked).toEqual(['POST /alerts/MLPSICritical/ack'])
    expect(one.served.room.received.at(-1)).toEqual({ ...seen, by: BEARER, byPerson: BEARER })
  })

  it('names both versions when they differ, and what cannot be read of another one', async () => {
    const one = await attach()
    const show = (view: RoomView): void => {
      one.served.room.findings = { ...QUERY_ANSWERS, view }
    }
    const other = changed(QUIET, { room: { version: '9.9.9' } })
    show(other)
    expect((await one.room.view()).attached?.notes).toEqual(['the room is onay 9.9.9, this screen 0.1.0'])
    // JSON has no such number.
    show(changed(other, { watch: { serving: { ...QUIET.watch.serving, requests: Number.NaN } } }))
    one.wall.set(one.wall.now() + 500)
    await expect(one.room.view()).rejects.toThrow(
      /its state cannot be read: .* this screen 0\.1\.0 \(watch\.serving\.requests/,
    )
  })

  it('says of a command without an answer that it may have been done', async () => {
    const one = await attach()
    one.served.mute = true
    await expect(one.room.ask(PAUSE)).rejects.toThrow(/no answer came: .*; whether it was done will show once/)
    await one.served.kill()
    await expect(one.room.ask(ABORT)).rejects.toThrow(/no answer came: nothing listens.*; it was not done/)
  })

  it('is looked at without a stream when it has no room for another one, and says so', async () => {
    const one = await attach()
    one.served.full = true
    await cutOff(one)
    await one.served.open()
    const seen = await one.until(found(one))
    expect(isView(seen) && seen.attached?.notes).toEqual([
      'no stream of events: 50 are open, which is the limit; the state is fetched instead',
    ])
  })
})

/** One that has seen a room of so many events grow by one. */
async function following(events: number): Promise<Attached> {
  const one = await attach(TOKEN, events)
  await one.room.view()
  one.served.add(1)
  await one.until((seen) => newest(seen) === events + 1)
  return one
}

async function cutOff(one: Attached): Promise<void> {
  await one.served.kill()
  await one.until(isLost)
}

describe('a line that is cut', () => {
  it('is missed with since when and why, tried again with growing pauses, and catches up with every event once', async () => {
    const one = await following(5)
    await cutOff(one)
    await expect(one.room.view()).rejects.toThrow(
      'not connected since 10:41:07 UTC (0 s): the connection was cut; trying again in 1 s',
    )
    one.served.add(7)
    while (one.pauses.length < 8) {
      const tries = one.pauses.length
      one.tryAgain()
      await one.until(() => one.pauses.length > tries)
    }
    expect(one.pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
    one.wall.set(one.wall.now() + 30_000)
    await expect(one.room.view()).rejects.toThrow(/\(30 s\): nothing listens there; trying again now/)
    await one.served.open()
    await one.until(found(one))
    const seen = await one.until((view) => newest(view) === 13)
    expect(isView(seen) && seen.room.events.map(({ id }) => id)).toEqual([13, 12, 11, 10, 9, 8, 7, 6])
    expect(isView(seen) && seen.attached?.notes).toEqual(['connected again after 30 s; 7 events came in meanwhile'])
    one.wall.set(one.wall.now() + 60_000)
    expect((await one.room.view()).attached?.notes).toEqual([])
  })

  it('is the line to another room when that has fewer events: nothing of the former is shown', async () => {
    const one = await following(9)
    await cutOff(one)
    one.served.store.db.raw.exec("DELETE FROM events; DELETE FROM sqlite_sequence WHERE name = 'events'")
    one.served.add(2, 'of another room')
    await one.served.open()
    await one.until(found(one))
    one.served.add(1, 'of another room')
    const seen = await one.until((view) => newest(view) === 3)
    expect(isView(seen) && seen.room.events.map(({ text }) => text)).toEqual(['of another room'])
  })

  it('is the line to another room for good when that says so, whatever its events', async () => {
    const one = await following(3)
    await cutOff(one)
    one.served.id = 'room-2'
    one.served.add(2, 'of another room')
    await one.served.open()
    await one.until(found(one))
    const note = 'another room answers at this address now, not the one that was attached to'
    one.wall.set(one.wall.now() + 60_000)
    expect((await one.room.view()).attached?.notes).toEqual([note])
    one.served.add(1, 'of another room')
    const seen = await one.until((view) => newest(view) === 7)
    expect(isView(seen) && seen.room.events.map(({ text }) => text)).toEqual(['of another room'])
  })

  it('stays down while the token is no longer accepted, and says that', async () => {
    const one = await attach()
    one.served.revoke()
    await cutOff(one)
    await one.served.open()
    const tries = one.pauses.length
    one.tryAgain()
    await one.until(() => one.pauses.length > tries)
    await expect(one.room.view()).rejects.toThrow(/the token was not accepted, .* or it was revoked/)
  })

  it('ends with a word when the room closes', async () => {
    const one = await attach()
    one.served.hub.close()
    await one.until(isLost)
    await expect(one.room.view()).rejects.toThrow(/the room was closed/)
  })
})

describe('a client that does not read', () => {
  it('is dropped, while the others get every event', async () => {
    const one = await attach()
    const deaf = connect(Number(new URL(one.served.url).port), '127.0.0.1')
    await once(deaf, 'connect')
    deaf.pause()
    deaf.write('GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n')
    while (one.served.hub.listeners < 2) await new Promise((done) => setImmediate(done))
    const text = 'x'.repeat(100_000)
    let added = 0
    // What the system keeps for a socket is beyond the room's limit many times over.
    while (one.served.hub.listeners === 2 && added < 400) {
      one.served.add(5, text)
      added += 5
      await one.until((seen) => newest(seen) === added)
    }
    expect(one.served.hub.listeners).toBe(1)
    expect(added * text.length).toBeGreaterThan(MAX_UNREAD_BYTES)
    one.served.add(1, 'after')
    const seen = await one.until((view) => newest(view) === added + 1)
    expect(isView(seen)).toBe(true)
    deaf.destroy()
  })
})
