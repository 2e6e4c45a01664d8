import { conflict, invalid, OperatorError, reasonOf } from '../../engine/kernel/errors.ts'
import { floorTo, MINUTE_MS, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import { knownAt } from '../../engine/market/bar.ts'
import type { RecordingFeed } from '../../feeds/recording.ts'
import type { ClockView, Speed } from '../../control/view.ts'
import type { Desk } from '../desk/desk.ts'
import type { Release } from '../release/release.ts'
import { Rest, type Pacing } from './pace.ts'
import type { Recordings } from './recordings.ts'

const SPEEDS: readonly Speed[] = [1, 60, 600, 'max']
const DEFAULT_SPEED: Speed = 60
const FIRST_RETRY_MS = 1_000
const LAST_RETRY_MS = MINUTE_MS
/** During a longer wait, speed and restraints are looked at again this often. */
const RETHINK_MS = 200
/** While nothing is due, what could not be written before is tried again this often. */
const WRITE_AGAIN_MS = 5_000
/** At `max`, moments of so long are run before others get a turn of the event loop. */
const BURST_MS = 8

export function parseSpeed(text: string): Speed {
  const speed = text === 'max' ? 'max' : Number(text)
  const known = SPEEDS.find((candidate) => candidate === speed)
  if (known === undefined)
    throw new OperatorError(
      `there is no speed ${text}`,
      'the speeds are 1, 60, 600 and max',
      'name one of them',
      'speed',
    )
  return known
}

interface PlayerParts extends Pacing {
  readonly recordings: Recordings
  readonly release: Release
}

interface Stop {
  readonly atMs: UnixMs
  readonly why: string
  /** What follows: the speed from before, or a pause. */
  readonly after: Speed | 'pause'
}

/** Plays recordings: one moment after the other, the speed only sets the pause between them. */
export class Player {
  private feeds = new Map<string, RecordingFeed>()
  private speed: Speed
  private paused: boolean
  /** Whether it is stored that it is paused. */
  private storedPaused: boolean
  private stop: Stop | null = null
  private ended = false
  /** Counts what people asked for, so that nothing asked while a step looked elsewhere is overlooked. */
  private asked = 0
  private readonly rest: Rest
  private momentWallMs = 0

  /** @param speed null when nobody named one: then a room that was paused stays so */
  constructor(
    private readonly parts: PlayerParts,
    speed: Speed | null,
    firstStop: { atMs: UnixMs } | null,
  ) {
    this.rest = new Rest(parts.signal)
    this.speed = speed ?? DEFAULT_SPEED
    this.storedPaused = parts.desks.store.facts.get('paused') ?? false
    this.paused = this.storedPaused && speed === null
    if (firstStop !== null) this.stop = { atMs: firstStop.atMs, why: 'until', after: 'pause' }
  }

  async run(): Promise<void> {
    const { desks, signal } = this.parts
    this.momentWallMs = this.parts.wall.now()
    let retryMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      try {
        await this.step()
        desks.troubles.clear('feed')
        retryMs = FIRST_RETRY_MS
      } catch (error) {
        if (signal.aborted) break
        // The desks stand where the database does: the recordings are opened anew there.
        desks.troubles.report('feed', `the feed has stalled: ${reasonOf(error)}`)
        await this.reopen()
        await this.rest.take(retryMs)
        retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)
      }
    }
    this.storePaused()
    for (const feed of this.feeds.values()) await feed.close()
  }

  setSpeed(speed: Speed, untilMs?: UnixMs): string {
    if (untilMs !== undefined && untilMs <= this.nowMs()) {
      throw invalid(
        `${minuteText(untilMs)} UTC has passed`,
        `it is ${minuteText(this.nowMs())} UTC on the market clock`,
        'name a later time',
        'until',
      )
    }
    const restraint = this.parts.release.restraint()
    if (speed === 'max' && restraint !== null) {
      const why = restraint === 'approval' ? 'an approval waits for a person' : 'a canary runs'
      throw conflict('full speed is refused', why, 'use 600, or finish that first', 'restraint')
    }
    this.stop = untilMs === undefined ? null : { atMs: untilMs, why: 'until', after: 'pause' }
    this.speed = speed
    this.paused = false
    this.changed()
    return untilMs === undefined ? `speed ${speed}` : `speed ${speed} until ${minuteText(untilMs)} UTC`
  }

  setPaused(paused: boolean): string {
    this.paused = paused
    this.changed()
    return paused ? 'paused' : `goes on at speed ${this.speed}`
  }

  /** Plays at full speed until a moment that something waits for, then goes on as before. */
  playTo(moment: { atMs: UnixMs; why: string }): string {
    const before = this.stop === null ? this.speed : this.stop.after
    this.stop = { ...moment, after: before === 'max' ? 60 : before }
    this.speed = 'max'
    this.paused = false
    this.changed()
    return `plays to ${minuteText(moment.atMs)} UTC: ${moment.why}`
  }

  private changed(): void {
    this.asked += 1
    this.rest.end()
  }

  /** The speed that applies now. */
  private effective(): Speed {
    const restraint = this.parts.release.restraint()
    if (restraint === 'approval') return 1
    return restraint === 'canary' && this.speed === 'max' ? 600 : this.speed
  }

  view(nextMoment: { atMs: UnixMs; why: string } | null): ClockView {
    return {
      kind: 'replay',
      marketMs: this.nowMs(),
      wallMs: this.parts.wall.now(),
      speed: this.effective(),
      paused: this.paused,
      ended: this.ended,
      stop: this.stop === null ? null : { atMs: this.stop.atMs, why: this.stop.why },
      nextMoment,
    }
  }

  nowMs(): UnixMs {
    return Math.max(0, ...this.parts.desks.all().map(({ tape }) => tape.momentMs))
  }

  private async step(): Promise<void> {
    this.storePaused()
    if (this.paused) {
      await this.idle()
      this.momentWallMs = this.parts.wall.now()
      return
    }
    const asked = this.asked
    const atMs = await this.nextMoment()
    if (asked !== this.asked) return
    this.ended = atMs === null
    if (atMs === null) {
      this.stop = null
      await this.idle()
      return
    }
    if (this.stop !== null && atMs > this.stop.atMs) {
      this.reachStop(this.stop)
      return
    }
    const beforeMs = this.nowMs()
    const dueMs = this.dueWallMs(atMs - beforeMs)
    if (await this.waitFor(atMs - beforeMs)) return
    await this.parts.turns.take(() => this.moment(atMs))
    // Never ahead of the wall: the speed may have fallen while the moment was gone through.
    const nowMs = this.parts.wall.now()
    this.momentWallMs = Math.min(nowMs, Math.max(dueMs, nowMs - BURST_MS))
  }

  /** Started again, it stands where it stood. */
  private storePaused(): void {
    if (this.storedPaused === this.paused) return
    try {
      this.parts.desks.store.facts.set('paused', this.paused)
      this.storedPaused = this.paused
    } catch {
      // The database is full or locked, which is shown elsewhere: the next step tries again.
    }
  }

  private reachStop(stop: Stop): void {
    this.stop = null
    if (stop.after === 'pause') this.paused = true
    else this.speed = stop.after
    this.momentWallMs = this.parts.wall.now()
  }

  /** The next moment of the market clock, or null when every recording is at its end. */
  private async nextMoment(): Promise<UnixMs | null> {
    let nextMs: UnixMs | null = null
    for (const symbol of this.parts.desks.symbols) {
      const mine = await this.nextOf(symbol)
      if (mine !== null && (nextMs === null || mine < nextMs)) nextMs = mine
    }
    return nextMs
  }

  private async nextOf(symbol: string): Promise<UnixMs | null> {
    const desk = this.parts.desks.of(symbol)
    const feed = await this.feedOf(symbol)
    const knownMs = await feed.nextKnownMs()
    const { stepMs } = desk.canary
    const nextMs = desk.tape.feed.clockMs > 0 ? floorTo(desk.tape.feed.clockMs, stepMs) + stepMs : knownMs
    if (nextMs === null || knownMs !== null) return nextMs
    const lastMs = Math.max(feed.endMs() ?? 0, desk.tape.newestBar === null ? 0 : knownAt(desk.tape.newestBar))
    return nextMs <= lastMs ? nextMs : null
  }

  private async moment(atMs: UnixMs): Promise<void> {
    const { desks, timeline } = this.parts
    for (const symbol of desks.symbols) {
      if ((await this.nextOf(symbol)) !== atMs) continue
      const feed = await this.feedOf(symbol)
      const desk = desks.of(symbol)
      await this.dropPassed(desk, feed)
      await timeline.live(desk, await feed.takeKnown(atMs), atMs)
      await this.dropPassed(desk, feed)
    }
    timeline.writeOut()
  }

  /** A file may hold more rows of minutes that have passed than are taken at a time. */
  private async dropPassed(desk: Desk, feed: RecordingFeed): Promise<void> {
    const { clockMs } = desk.tape.feed
    for (;;) {
      const knownMs = await feed.nextKnownMs()
      if (knownMs === null || knownMs > clockMs || this.parts.signal.aborted) return
      this.parts.timeline.passed(desk, await feed.takeKnown(clockMs))
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
  }

  /** When a moment so much later on the market clock is due on the wall. */
  private dueWallMs(spanMs: number): number {
    const speed = this.effective()
    return speed === 'max' ? this.momentWallMs : this.momentWallMs + Math.max(0, Math.min(spanMs, MINUTE_MS)) / speed
  }

  /** Waits until the moment is due; true when something changed meanwhile and the moment is to be thought over. */
  private async waitFor(spanMs: number): Promise<boolean> {
    const waitMs = this.dueWallMs(spanMs) - this.parts.wall.now()
    // Nothing signals that a restraint has ended, so look again: an operator who has typed ONAY should not wait a minute.
    if (waitMs > RETHINK_MS) return this.rest.take(RETHINK_MS).then(() => true)
    if (waitMs > 0) return this.rest.take(waitMs)
    const asked = this.asked
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
    return this.parts.signal.aborted || asked !== this.asked
  }

  /** Waits until somebody asks for something; a disk that was full may have room again meanwhile. */
  private async idle(): Promise<void> {
    while (!(await this.rest.take(WRITE_AGAIN_MS))) {
      this.storePaused()
      this.parts.timeline.writeOut()
    }
  }

  private async feedOf(symbol: string): Promise<RecordingFeed> {
    const known = this.feeds.get(symbol)
    if (known !== undefined) return known
    const feed = await this.parts.recordings.open(symbol)
    this.feeds.set(symbol, feed)
    return feed
  }

  private async reopen(): Promise<void> {
    // They are opened anew whatever closing them says.
    for (const feed of this.feeds.values()) await feed.close().catch(() => undefined)
    this.feeds = new Map()
  }
}
