import { afterEach, describe, expect, it } from 'vitest'
import type { Severity } from '../../../src/engine/alerts/rule.ts'
import { failed, type Channel, type DeliveryResult, type Parcel } from '../../../src/notify/channel.ts'
import { defaultConfig, type Config } from '../../../src/room/config/config.ts'
import type { Desks } from '../../../src/room/desk/desks.ts'
import { Notifier } from '../../../src/room/notifications/notifier.ts'
import { runHistory } from '../../../src/room/drivers/history-run.ts'
import { openRecording } from '../../../src/room/drivers/recordings.ts'
import { RoomState } from '../../../src/room/desk/room-state.ts'
import type { EventKind, EventWeight } from '../../../src/room/record/event-log.ts'
import { isWorthAMessage } from '../../../src/room/notifications/messages.ts'
import { freshDirectories, refusal } from '../../kit/directories.ts'
import { barLines, openDesks, SYMBOL, timelineFor, writeRecording } from '../../kit/room.ts'
import { Clockwork } from '../../kit/clockwork.ts'
import { DAY, MINUTE, START } from '../../kit/moments.ts'

const WALL_MS = Date.parse('2026-01-02T03:04:05Z')
const fresh = freshDirectories()
const open: Bench[] = []

afterEach(async () => {
  for (const bench of open.splice(0)) {
    await bench.notify.close()
    bench.desks.store.db.close()
  }
})

/** The deliveries look in the next turn of the loop, after the transaction. */
const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

class Bench {
  readonly desks: Desks
  readonly state = new RoomState()
  readonly notify: Notifier
  readonly time = new Clockwork(WALL_MS)
  readonly sent: [channel: string, parcel: Parcel][] = []
  readonly log: string[] = []
  pings = 0
  answer: (channel: string) => DeliveryResult = () => ({ ok: true })

  constructor(change: Partial<Config['notify']> = {}, dir = fresh()) {
    const config = { ...defaultConfig(), notify: { ...defaultConfig().notify, ...change } }
    this.notify = new Notifier({
      config: config.notify,
      channels: [this.channel('webhook'), this.channel('telegram')],
      ping: async () => {
        this.pings++
        return { ok: true }
      },
      timers: this.time,
      log: { info: (line) => this.log.push(line) },
    })
    this.desks = openDesks(dir, { config, wall: this.time, listener: this.notify })
    open.push(this)
  }

  get desk() {
    return this.desks.of(SYMBOL)
  }

  private channel(name: 'webhook' | 'telegram'): Channel {
    return {
      name,
      broken: null,
      send: async (parcel) => {
        this.sent.push([name, parcel])
        return this.answer(name)
      },
    }
  }

  async settle(): Promise<void> {
    await nextTurn()
    await this.notify.settled()
  }

  counts() {
    return this.desks.store.notifications.counts()
  }
}

describe('what people elsewhere are told', () => {
  const cases: readonly [kind: EventKind, weight: EventWeight, least: Severity, told: boolean][] = [
    ['alert', 'critical', 'warning', true],
    ['alert', 'warning', 'warning', true],
    ['alert', 'info', 'warning', false],
    ['alert', 'warning', 'critical', false],
    ['canary', 'info', 'warning', false],
    ['canary', 'always', 'critical', true],
    ['approval', 'always', 'critical', true],
    ['promotion', 'always', 'critical', true],
    ['rollback', 'always', 'critical', true],
    ['report', 'always', 'critical', true],
    ['breaker', 'warning', 'warning', true],
    ['gate', 'warning', 'info', false],
    ['job', 'critical', 'info', false],
  ]
  it.each(cases)('%s of weight %s, with %s as the least: %s', (kind, weight, least, told) =>
    expect(isWorthAMessage(kind, weight, least)).toBe(told),
  )
})

describe('the notifications of a room', () => {
  it('are not made before the room is open: history is not news', async () => {
    const dir = fresh()
    const bench = new Bench({ min_severity: 'info' }, dir)
    const path = writeRecording(dir, barLines(1_500))
    const untilMs = START + DAY + 30 * MINUTE
    const { feed } = await openRecording(bench.desks, SYMBOL, path, { fromMs: START, untilMs })
    const { signal } = new AbortController()
    const { desk } = bench
    const timeline = timelineFor(bench.desks)
    await runHistory({ timeline, desk, feed, untilMs, onProgress: () => undefined, signal })
    await feed.close()
    // The day's report is an event that would always be told.
    expect(bench.desks.store.journal.events(SYMBOL, 50).some(({ kind }) => kind === 'report')).toBe(true)
    bench.notify.begin(bench.desks, bench.state)
    await bench.settle()
    expect(bench.counts()).toEqual([])
    expect(bench.sent).toEqual([])
  })

  it('are one a channel, in the transaction of what they tell of, with the head of the chain', async () => {
    const bench = new Bench()
    const { desks, desk } = bench
    bench.notify.begin(desks, bench.state)
    desks.store.db.transaction(() => {
      desks.evidence.recordFact('rollback', SYMBOL, desk.tape.momentMs, { reason: 'test' })
      desk.events.log('rollback', 'critical', 'rolled back', 'always')
      expect(bench.counts()).toMatchObject([{ n: 1 }, { n: 1 }])
    })
    expect(bench.sent).toEqual([])
    await bench.settle()
    expect(bench.sent.map(([channel]) => channel).sort()).toEqual(['telegram', 'webhook'])
    expect(bench.sent[0]?.[1]).toMatchObject({
      schema: 'notification/1',
      kind: 'rollback',
      severity: 'critical',
      symbol: SYMBOL,
      text: 'rolled back',
      clock: 'replay',
      wall_time: '2026-01-02T03:04:05.000Z',
      chain_head: desks.store.journal.lastEntry()?.hash,
    })
    expect(bench.sent[0]?.[1].chain_head).toMatch(/^[0-9a-f]{64}$/)
  })

  it('are not there when what they tell of is undone', async () => {
    const bench = new Bench()
    const { desks, desk } = bench
    bench.notify.begin(desks, bench.state)
    const undone = (): never =>
      desks.store.db.transaction(() => {
        desk.events.log('rollback', 'critical', 'rolled back', 'always')
        throw new Error('disk full')
      })
    expect(undone).toThrow('disk full')
    await bench.settle()
    expect(bench.counts()).toEqual([])
    expect(bench.sent).toEqual([])
  })

  it("ping a dead man's switch as soon as the room is open, which it is in the turn in which they begin", async () => {
    const bench = new Bench({ dead_man: { url_env: 'UNUSED', every_s: 60 } })
    bench.notify.begin(bench.desks, bench.state)
    bench.state.opens()
    await bench.settle()
    expect(bench.pings).toBe(1)
    expect([...bench.desks.troubles.lines]).toEqual([])
    bench.desks.troubles.report('feed', 'the disk is full')
    bench.time.ring()
    await bench.settle()
    expect(bench.pings).toBe(1)
    expect([...bench.desks.troubles.lines].at(-1)).toBe('notify dead_man: no ping is sent: the feed has stalled')
  })

  it('can be turned off for recordings', async () => {
    const bench = new Bench({ on_replay: false })
    bench.notify.begin(bench.desks, bench.state)
    bench.desk.events.log('rollback', 'critical', 'rolled back', 'always')
    await bench.settle()
    expect(bench.counts()).toEqual([])
  })

  it('of an alert that is over go where those of its firing went', async () => {
    const bench = new Bench()
    bench.notify.begin(bench.desks, bench.state)
    bench.desk.events.log('alert', 'info', 'MLPSICritical resolved: PSI 0.1', 'critical')
    bench.desk.events.log('alert', 'info', 'MLCanaryPSIWarning resolved: PSI 0.1', 'info')
    await bench.settle()
    expect(bench.sent.map(([, { text }]) => text)).toEqual([
      'MLPSICritical resolved: PSI 0.1',
      'MLPSICritical resolved: PSI 0.1',
    ])
  })

  it('that fail on one channel are a trouble of the room and in its log until they are through, and hold up no other', async () => {
    const bench = new Bench()
    bench.answer = (channel) => (channel === 'webhook' ? failed('answers 500') : { ok: true })
    bench.notify.begin(bench.desks, bench.state)
    bench.desk.events.log('breaker', 'warning', 'the breaker of the shadow opened')
    await bench.settle()
    const text =
      'notify webhook: answers 500; "the breaker of the shadow opened" waits after 1 try, the next at 03:04:10 UTC'
    expect([...bench.desks.troubles.lines]).toEqual([text])
    expect(bench.log).toEqual([text])
    expect(bench.notify.views()).toEqual([
      { channel: 'webhook', waiting: 1, sent: 0, givenUp: 0, lastError: 'answers 500' },
      { channel: 'telegram', waiting: 0, sent: 1, givenUp: 0, lastError: null },
    ])
    bench.answer = () => ({ ok: true })
    bench.time.ring()
    await bench.settle()
    expect([...bench.desks.troubles.lines]).toEqual([])
    expect(bench.log.at(-1)).toBe('notify webhook: works again')
    expect(bench.notify.views()).toMatchObject([{ waiting: 0, sent: 1, lastError: null }, {}])
  })

  it('can be tried with one test message a channel, past the outbox', async () => {
    const bench = new Bench()
    bench.answer = (channel) => (channel === 'webhook' ? failed('answers 500') : { ok: true })
    expect(await bench.notify.test(bench.desks, undefined)).toEqual([
      { channel: 'webhook', ok: false, said: 'answers 500' },
      { channel: 'telegram', ok: true, said: 'delivered' },
    ])
    expect(bench.sent[0]?.[1]).toMatchObject({ kind: 'test', severity: 'info' })
    expect(await bench.notify.test(bench.desks, 'telegram')).toHaveLength(1)
    expect(refusal(() => bench.notify.test(bench.desks, 'pigeon')).why).toBe('there is webhook, telegram')
    expect(bench.counts()).toEqual([])
  })
})
