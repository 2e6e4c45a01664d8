import { DAY_MS, floorTo, type UnixMs } from '../engine/kernel/units.ts'
import type { Channel } from '../notify/channel.ts'
import type { Ping } from '../notify/ping.ts'
import { redact } from '../notify/secret.ts'
import type { Timers } from '../notify/timers.ts'
import type { ChannelView } from '../control/view.ts'
import type { Core } from './core.ts'
import { DeadMan, type Vitals } from './dead-man.ts'
import { Delivery } from './delivery.ts'
import { testChannels, type TestedChannel } from './notify-channels.ts'
import type { NotifyConfig } from './notify-config.ts'
import { isTold, messageOf, testMessage, type Setting, type Told } from './telling.ts'

/** Beyond so many that wait for one channel the oldest are given up: a dead channel must not fill the disk. */
const MAX_WAITING = 1_000
const KEPT_DAYS = 30

export interface NotificationParts {
  readonly config: NotifyConfig
  readonly channels: readonly Channel[]
  readonly ping: Ping | null
  readonly timers: Timers
  /** Takes a line for the log. */
  readonly log: (line: string) => void
}

/** What `begin` has set up. */
interface Begun {
  readonly core: Core
  readonly deliveries: readonly Delivery[]
  readonly deadMan: DeadMan | null
}

/** Tells people who do not sit in front of the room. It tells nothing before the room opens: history is not news. */
export class NotificationDesk {
  private begun: Begun | null = null
  private readonly stop = new AbortController()
  private woken = false
  private prunedDayMs: UnixMs = 0

  constructor(private readonly parts: NotificationParts) {}

  /** From now on events are told, and what a process that died had left is sent. */
  begin(core: Core, isOpen: () => boolean): void {
    const { channels } = this.parts
    const names = channels.map((channel) => channel.name)
    core.store.notifications.abandon(names, 'the channel is no longer configured')
    this.begun = {
      core,
      deliveries: channels.map((channel) => this.deliveryOf(core, channel)),
      deadMan: this.deadManOf(core, isOpen),
    }
    for (const { name, broken } of channels) if (broken !== null) this.trouble(name, broken)
    this.wake()
    // The room opens in this very turn; asked before, it would not be called alive.
    setImmediate(() => this.begun?.deadMan?.start())
  }

  /** Puts an event into the outbox, a row a channel; inside the transaction of what it tells of. */
  tell(told: Told): void {
    const { begun } = this
    const { config, channels } = this.parts
    if (begun === null || !isTold(told, config.min_severity)) return
    const setting = this.settingOf(begun.core)
    if (setting.clock === 'replay' && !config.on_replay) return
    const { notifications } = begun.core.store
    const { wallMs } = setting
    const message = JSON.stringify(messageOf(told, setting))
    for (const { name } of channels) {
      notifications.enqueue({ channel: name, message, tsMs: told.tsMs, wallMs })
      notifications.shed(name, MAX_WAITING, `more than ${MAX_WAITING} messages waited`)
    }
    const dayMs = floorTo(wallMs, DAY_MS)
    if (dayMs !== this.prunedDayMs) notifications.prune(dayMs - KEPT_DAYS * DAY_MS)
    this.prunedDayMs = dayMs
    this.wake()
  }

  views(): ChannelView[] {
    if (this.begun === null) return []
    const { notifications } = this.begun.core.store
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

  /** Sends one message through each channel now, past the outbox. @throws OperatorError when there is none, or not that one */
  test(core: Core, only: string | undefined): Promise<TestedChannel[]> {
    return testChannels(this.parts.channels, only, testMessage(this.settingOf(core)), this.stop.signal)
  }

  /** Ends what is under way; what was not sent is sent by the next start. */
  async close(): Promise<void> {
    this.stop.abort()
    await this.settled()
  }

  /** Resolves when no delivery and no ping is under way. */
  async settled(): Promise<void> {
    await Promise.all((this.begun?.deliveries ?? []).map((delivery) => delivery.settled()))
    await this.begun?.deadMan?.settled()
  }

  /** In a later turn, for the transaction that has enqueued must be over; what was undone is then not there. */
  private wake(): void {
    if (this.woken) return
    this.woken = true
    setImmediate(() => {
      this.woken = false
      for (const delivery of this.begun?.deliveries ?? []) delivery.look()
    })
  }

  private deliveryOf(core: Core, channel: Channel): Delivery {
    const { config, timers } = this.parts
    return new Delivery(channel, {
      repo: core.store.notifications,
      limits: { firstMs: config.first_retry_ms, lastMs: config.last_retry_ms, tries: config.max_tries },
      wall: core.options.wall,
      timers,
      signal: this.stop.signal,
      onTrouble: (name, text) => this.trouble(name, text),
      onDelivered: (name) => this.recovered(name),
    })
  }

  private deadManOf(core: Core, isOpen: () => boolean): DeadMan | null {
    const { config, ping, timers } = this.parts
    if (ping === null || config.dead_man === null) return null
    return new DeadMan({
      ping,
      everyMs: config.dead_man.every_s * 1_000,
      timers,
      signal: this.stop.signal,
      vitals: () => vitalsOf(core, isOpen()),
      onTrouble: (text) => this.trouble('dead_man', text),
      onPinged: () => this.recovered('dead_man'),
    })
  }

  private settingOf(core: Core): Setting {
    const { wall, version } = core.options
    return {
      clock: core.evidence.parts.clockKind,
      chainHead: core.store.journal.lastEntry()?.hash ?? null,
      wallMs: wall.now(),
      version,
    }
  }

  private trouble(channel: string, text: string): void {
    this.begun?.core.trouble(`notify ${channel}`, text)
    this.parts.log(redact(`notify ${channel}: ${text}`))
  }

  private recovered(channel: string): void {
    if (this.begun?.core.clearTrouble(`notify ${channel}`) === true) this.parts.log(`notify ${channel}: works again`)
  }
}

function vitalsOf(core: Core, open: boolean): Vitals {
  const moments = [...core.stations.values()].map(({ desk }) => desk.feed.clockMs).filter((ms) => ms > 0)
  return {
    open,
    clock: core.evidence.parts.clockKind,
    momentMs: moments.length === 0 ? null : Math.min(...moments),
    wallMs: core.options.wall.now(),
    feedTrouble: [...core.troubles].some((trouble) => trouble.startsWith('feed: ')),
  }
}
