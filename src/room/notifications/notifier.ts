import { DAY_MS, floorTo, type UnixMs } from '../../engine/kernel/units.ts'
import type { Channel } from '../../notify/channel.ts'
import type { Ping } from '../../notify/ping.ts'
import { redact } from '../../notify/secret.ts'
import type { Timers } from '../../notify/timers.ts'
import type { ChannelView } from '../../control/view.ts'
import type { Desks } from '../desk/desks.ts'
import type { EventListener, EventWeight, RoomEvent } from '../record/event-log.ts'
import type { RoomLog, RoomState } from '../desk/room-state.ts'
import { DeadMan, type Vitals, type VitalSigns } from './dead-man.ts'
import { Delivery, type ChannelHealth } from './delivery.ts'
import { testChannels, type TestedChannel } from './channels.ts'
import type { NotifyConfig } from '../config/notify-config.ts'
import { isWorthAMessage, messageOf, testMessage, type Setting } from './messages.ts'

/** Beyond so many that wait for one channel the oldest are given up: a dead channel must not fill the disk. */
const MAX_WAITING = 1_000
const KEPT_DAYS = 30

interface NotifierParts {
  readonly config: NotifyConfig
  readonly channels: readonly Channel[]
  readonly ping: Ping | null
  readonly timers: Timers
  readonly log: RoomLog
}

/** What `begin` has set up. */
interface RunningNotifier {
  readonly desks: Desks
  readonly deliveries: readonly Delivery[]
  readonly deadMan: DeadMan | null
}

/** Notifies people who do not sit in front of the room. It sends nothing before the room opens: history is not news. */
export class Notifier implements EventListener, ChannelHealth {
  private running: RunningNotifier | null = null
  private readonly stop = new AbortController()
  private woken = false
  private prunedDayMs: UnixMs = 0

  constructor(private readonly parts: NotifierParts) {}

  /** From now on events become messages, and what a process that died had left is sent. */
  begin(desks: Desks, state: RoomState): void {
    const { channels } = this.parts
    const names = channels.map((channel) => channel.name)
    desks.store.notifications.abandon(names, 'the channel is no longer configured')
    this.running = {
      desks,
      deliveries: channels.map((channel) => this.deliveryOf(desks, channel)),
      deadMan: this.deadManOf(desks, state),
    }
    for (const { name, broken } of channels) if (broken !== null) this.failed(name, broken)
    this.wake()
    // The phase becomes 'open' later in this tick: start the dead man's ping after it, or its first ping says "not open".
    setImmediate(() => this.running?.deadMan?.start())
  }

  /** Puts an event into the outbox, a row a channel; inside the transaction of what it is about. */
  take(event: RoomEvent, weight: EventWeight): void {
    const { running } = this
    const { config, channels } = this.parts
    if (running === null || !isWorthAMessage(event.kind, weight, config.min_severity)) return
    const setting = this.settingOf(running.desks)
    if (setting.clock === 'replay' && !config.on_replay) return
    const { notifications } = running.desks.store
    const { wallMs } = setting
    const message = messageOf(event, setting)
    for (const { name } of channels) {
      notifications.enqueue({ channel: name, message, tsMs: event.tsMs, wallMs })
      notifications.shed(name, MAX_WAITING, `more than ${MAX_WAITING} messages waited`)
    }
    const dayMs = floorTo(wallMs, DAY_MS)
    if (dayMs !== this.prunedDayMs) notifications.prune(dayMs - KEPT_DAYS * DAY_MS)
    this.prunedDayMs = dayMs
    this.wake()
  }

  views(): ChannelView[] {
    if (this.running === null) return []
    const { notifications } = this.running.desks.store
    const counts = notifications.counts()
    return this.parts.channels.map(({ name }) => {
      const of = (state: string): number =>
        counts.find((count) => count.channel === name && count.state === state)?.n ?? 0
      return {
        channel: name,
        waiting: of('waiting'),
        sent: of('sent'),
        givenUp: of('given_up'),
        lastError: notifications.lastError(name),
      }
    })
  }

  get hasChannels(): boolean {
    return this.parts.channels.length > 0
  }

  /** Sends one message through each channel now, past the outbox. @throws OperatorError when there is none, or not that one */
  test(desks: Desks, only: string | undefined): Promise<TestedChannel[]> {
    return testChannels(this.parts.channels, only, testMessage(this.settingOf(desks)), this.stop.signal)
  }

  /** Ends what is under way; what was not sent is sent by the next start. */
  async close(): Promise<void> {
    this.stop.abort()
    await this.settled()
  }

  /** Resolves when no delivery and no ping is under way. */
  async settled(): Promise<void> {
    await Promise.all((this.running?.deliveries ?? []).map((delivery) => delivery.settled()))
    await this.running?.deadMan?.settled()
  }

  /** In a later turn, for the transaction that has enqueued must be over; what was undone is then not there. */
  private wake(): void {
    if (this.woken) return
    this.woken = true
    setImmediate(() => {
      this.woken = false
      for (const delivery of this.running?.deliveries ?? []) delivery.look()
    })
  }

  private deliveryOf(desks: Desks, channel: Channel): Delivery {
    const { config, timers } = this.parts
    return new Delivery(channel, {
      repo: desks.store.notifications,
      limits: { firstMs: config.first_retry_ms, lastMs: config.last_retry_ms, tries: config.max_tries },
      wall: desks.options.wall,
      timers,
      signal: this.stop.signal,
      health: this,
    })
  }

  private deadManOf(desks: Desks, state: RoomState): DeadMan | null {
    const { config, ping, timers } = this.parts
    if (ping === null || config.dead_man === null) return null
    return new DeadMan({
      ping,
      everyMs: config.dead_man.every_s * 1_000,
      timers,
      signal: this.stop.signal,
      vitals: new RoomVitals(desks, state),
      health: this,
    })
  }

  private settingOf(desks: Desks): Setting {
    const { wall, version } = desks.options
    return {
      clock: desks.clockKind,
      chainHead: desks.store.journal.lastEntry()?.hash ?? null,
      wallMs: wall.now(),
      version,
    }
  }

  /** A channel, or the dead man's ping, has failed: shown until it works again. */
  failed(channel: string, text: string): void {
    this.running?.desks.troubles.report(`notify ${channel}`, text)
    this.parts.log.info(redact(`notify ${channel}: ${text}`))
  }

  works(channel: string): void {
    if (this.running?.desks.troubles.clear(`notify ${channel}`) === true)
      this.parts.log.info(`notify ${channel}: works again`)
  }
}

class RoomVitals implements VitalSigns {
  constructor(
    private readonly desks: Desks,
    private readonly state: RoomState,
  ) {}

  read(): Vitals {
    const { desks, state } = this
    const moments = desks
      .all()
      .map(({ tape }) => tape.feed.clockMs)
      .filter((ms) => ms > 0)
    return {
      open: state.phase === 'open',
      clock: desks.clockKind,
      momentMs: moments.length === 0 ? null : Math.min(...moments),
      wallMs: desks.options.wall.now(),
      feedTrouble: desks.troubles.has('feed'),
    }
  }
}
