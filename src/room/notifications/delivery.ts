import type { NotificationRepo, StoredNotification } from '../../db/notifications.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../../engine/kernel/units.ts'
import type { Channel, Message } from '../../notify/channel.ts'
import { LONGEST_PAUSE_MS, nextTry, type RetryLimits } from '../../notify/retry.ts'
import { redact } from '../../notify/secret.ts'
import type { Timers } from '../../notify/timers.ts'

/** Hears how channels fare: what failed is shown until the channel works again. */
export interface ChannelHealth {
  failed(channel: string, text: string): void
  works(channel: string): void
}

interface DeliveryParts {
  readonly repo: NotificationRepo
  readonly limits: RetryLimits
  readonly wall: Clock
  readonly timers: Timers
  readonly signal: AbortSignal
  readonly health: ChannelHealth
}

/**
 * Takes the messages of one channel out of the database, one at a time. A row is sent only after the channel has said so: a
 * process that dies between sends it again. A channel that fails rests as a whole, with growing pauses, so that a hundred
 * messages which wait for it do not become a hundred requests.
 */
export class Delivery {
  private underWay: Promise<void> | null = null
  /** Tries in a row that failed, and until when the channel therefore rests. */
  private failures = 0
  private restsUntilMs: UnixMs = 0
  private callOff: () => void = () => undefined

  constructor(
    readonly channel: Channel,
    private readonly parts: DeliveryParts,
  ) {
    parts.signal.addEventListener('abort', () => this.callOff(), { once: true })
  }

  /** Looks whether something is due; nothing happens while a delivery is under way. */
  look(): void {
    const { repo, wall, signal } = this.parts
    if (this.underWay !== null || signal.aborted) return
    this.callOff()
    const nowMs = wall.now()
    const restMs = this.restsUntilMs - nowMs
    // Ignore a rest longer than the longest pause: the wall clock has been set back since.
    if (restMs > 0 && restMs <= LONGEST_PAUSE_MS) return this.lookIn(restMs)
    try {
      const row = repo.due(this.channel.name, nowMs, LONGEST_PAUSE_MS)
      if (row !== null) this.begin(row)
      else this.lookWhenDue(nowMs)
    } catch (error) {
      this.storageFailed(error)
    }
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.underWay !== null) await this.underWay
  }

  private begin(row: StoredNotification): void {
    this.underWay = this.deliver(row).finally(() => {
      this.underWay = null
      this.look()
    })
  }

  private async deliver(row: StoredNotification): Promise<void> {
    const { signal } = this.parts
    try {
      const { message } = row
      const delivered = await this.channel.send({ ...message, id: String(row.id) }, signal)
      if (delivered.ok) this.wentWell(row)
      // What the room's end broke off was no failure of the channel: the next start sends it.
      else if (!signal.aborted) this.wentWrong(row, message, delivered)
    } catch (error) {
      this.storageFailed(error)
    }
  }

  private wentWell(row: StoredNotification): void {
    this.parts.repo.sent(row.id)
    this.failures = 0
    this.restsUntilMs = 0
    this.parts.health.works(this.channel.name)
  }

  private wentWrong(
    row: StoredNotification,
    message: Message,
    { why, retry, afterMs }: { readonly why: string; readonly retry: boolean; readonly afterMs: number | null },
  ): void {
    const { repo, limits, wall } = this.parts
    const tries = row.tries + 1
    const next = retry ? nextTry(tries, wall.now(), limits, afterMs) : ({ kind: 'givenUp' } as const)
    const tried = tries === 1 ? '1 try' : `${tries} tries`
    if (next.kind === 'givenUp') {
      repo.givenUp(row.id, why)
      this.say(`${why}; gave up on "${message.text}" after ${tried}`)
    } else {
      repo.failed(row.id, why, next.atMs)
      this.say(`${why}; "${message.text}" waits after ${tried}, the next at ${isoTime(next.atMs).slice(11, 19)} UTC`)
    }
    this.rest(afterMs)
  }

  private rest(afterMs: number | null): void {
    this.failures++
    // The limit of tries is a message's, never the channel's.
    const limits = { ...this.parts.limits, tries: Number.POSITIVE_INFINITY }
    const next = nextTry(this.failures, this.parts.wall.now(), limits, afterMs)
    if (next.kind === 'again') this.restsUntilMs = next.atMs
  }

  /** What was sent and could not be noted would be sent without end: the channel rests as after any failure. */
  private storageFailed(error: unknown): void {
    this.say(`the outbox cannot be read or written: ${messageOf(error)}`)
    this.rest(null)
    if (this.underWay === null) this.lookIn(Math.max(0, this.restsUntilMs - this.parts.wall.now()))
  }

  private say(text: string): void {
    this.parts.health.failed(this.channel.name, redact(text))
  }

  private lookWhenDue(nowMs: UnixMs): void {
    const nextMs = this.parts.repo.nextDueMs(this.channel.name)
    if (nextMs !== null) this.lookIn(Math.min(LONGEST_PAUSE_MS, Math.max(0, nextMs - nowMs)))
  }

  private lookIn(ms: number): void {
    this.callOff()
    this.callOff = this.parts.timers.after(ms, () => this.look())
  }
}
