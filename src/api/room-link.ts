/** The connection to a room that is elsewhere: kept up, noticed when it is cut, and resumed where it was. */
import * as z from 'zod'
import type { Clock } from '../engine/kernel/clock.ts'
import { OperatorError, unauthorized, unavailable } from '../engine/kernel/errors.ts'
import { isoTime, type UnixMs } from '../engine/kernel/units.ts'
import type { EventView } from '../control/view.ts'
import { askAt, networkWhy, type Address } from './http-request.ts'
import { listen, type Hello } from './event-stream.ts'

const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 10_000
const GREETING_TIMEOUT_MS = 5_000
/** How long the screen says what came in while it was cut off, wall time. */
const CAUGHT_UP_MS = 15_000
/** The newest events that are kept for views that are older. */
const KEPT_EVENTS = 50

const Access = z.object({
  service: z.literal('onay'),
  version: z.string(),
  /** Which room it is; an older one does not say. */
  room: z.string().optional(),
  name: z.string().nullable(),
})
type Access = z.infer<typeof Access>

interface LinkParts {
  /** Where the room is now, and the token for it; looked up again each time. @throws OperatorError when no room is there */
  readonly locate: () => Address
  readonly wall: Clock
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

type State =
  | { readonly kind: 'up' }
  /** The room answers, but has no stream to give. */
  | { readonly kind: 'polled'; readonly why: string }
  | { readonly kind: 'down'; readonly why: string; readonly sinceMs: UnixMs; readonly againMs: UnixMs | null }

interface CaughtUp {
  readonly count: number
  readonly downMs: number
  readonly untilMs: UnixMs
}

export class RoomLink {
  address: Address
  access: Access
  /** Ascending, the newest last. */
  readonly events: EventView[] = []
  private lastId: number | null = null
  private state: State = { kind: 'up' }
  private caughtUp: CaughtUp | null = null
  /** Events up to this id happened while the connection was cut. */
  private missedUpTo = 0
  /** The room that was attached to, as it calls itself; undefined where it is too old to say. */
  private readonly attachedTo: string | undefined
  private cut = new AbortController()
  private readonly listeners = new Set<() => void>()

  /** @param greeted what `greet` has found */
  constructor(
    private readonly parts: LinkParts,
    greeted: { readonly address: Address; readonly access: Access },
  ) {
    this.address = greeted.address
    this.access = greeted.access
    this.attachedTo = greeted.access.room
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => {
      this.listeners.delete(listener)
    }
  }

  /** Keeps the connection up until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    let pauseMs = FIRST_RETRY_MS
    while (!signal.aborted) {
      let opened = false
      let fault: State
      try {
        if (this.state.kind === 'down') await this.findAgain()
        this.cut = new AbortController()
        const ended = AbortSignal.any([signal, this.cut.signal])
        const why = await listen(this.address, this.lastId, this.heard, ended)
        opened = this.state.kind === 'up'
        fault = this.cut.signal.aborted ? this.state : this.down(why)
      } catch (error) {
        fault = this.refused(error) ?? this.down(whyOf(error))
      }
      if (signal.aborted) return
      if (opened) pauseMs = FIRST_RETRY_MS
      const againMs = this.parts.wall.now() + pauseMs
      this.state = fault.kind === 'down' ? { ...fault, againMs } : fault
      this.changed()
      await this.parts.pause(pauseMs, signal)
      pauseMs = Math.min(LAST_RETRY_MS, pauseMs * 2)
    }
  }

  /** A request got no answer: the connection is cut, even where the stream still seems to be open. */
  missed(why: string): void {
    if (this.state.kind === 'down') return
    this.state = this.down(why)
    this.cut.abort()
  }

  /** @throws OperatorError while the room cannot be reached, with since when and what is tried */
  refuseDown(): void {
    if (this.state.kind !== 'down') return
    const { sinceMs, why, againMs } = this.state
    const nowMs = this.parts.wall.now()
    const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1_000))} s`
    throw unavailable(
      `not connected since ${isoTime(sinceMs).slice(11, 19)} UTC (${seconds(nowMs - sinceMs)})`,
      why,
      againMs === null || againMs <= nowMs ? 'trying again now' : `trying again in ${seconds(againMs - nowMs)}`,
      'not_connected',
    )
  }

  /** What a person should know although the room answers. */
  notes(): readonly string[] {
    const { state, caughtUp } = this
    const nowMs = this.parts.wall.now()
    const polled = state.kind === 'polled' ? [`no stream of events: ${state.why}; the state is fetched instead`] : []
    if (this.isAnother(this.access))
      return [...polled, 'another room answers at this address now, not the one that was attached to']
    if (caughtUp === null || caughtUp.untilMs <= nowMs) return polled
    const { count, downMs } = caughtUp
    const events = count === 1 ? '1 event' : `${count} events`
    return [...polled, `connected again after ${Math.round(downMs / 1_000)} s; ${events} came in meanwhile`]
  }

  private readonly heard = {
    onHello: (hello: Hello): void => {
      const { state } = this
      this.state = { kind: 'up' }
      // Fewer events than were seen here: it was restored to an earlier day.
      if (this.lastId !== null && hello.newest < this.lastId) this.forget()
      if (state.kind === 'down') {
        const nowMs = this.parts.wall.now()
        this.missedUpTo = this.lastId === null ? 0 : hello.newest
        this.caughtUp = { count: 0, downMs: nowMs - state.sinceMs, untilMs: nowMs + CAUGHT_UP_MS }
      }
      this.lastId ??= hello.newest
      this.changed()
    },
    onEvent: (event: EventView): void => {
      if (this.lastId !== null && event.id <= this.lastId) return
      this.lastId = event.id
      this.events.push(event)
      if (this.events.length > KEPT_EVENTS) this.events.shift()
      if (this.caughtUp !== null && event.id <= this.missedUpTo)
        this.caughtUp = { ...this.caughtUp, count: this.caughtUp.count + 1 }
      this.changed()
    },
  }

  /** It may have been restarted elsewhere, be another version, or have revoked the token. */
  private async findAgain(): Promise<void> {
    const { address, access } = await greet(this.parts.locate())
    if (this.isAnother(access) !== this.isAnother(this.access)) this.forget()
    this.address = address
    this.access = access
  }

  /** Whether it is not the room that was attached to; one that does not say may be. */
  private isAnother({ room }: Access): boolean {
    return room !== undefined && this.attachedTo !== undefined && room !== this.attachedTo
  }

  /** Nothing of one room is shown as another's. */
  private forget(): void {
    this.events.length = 0
    this.lastId = null
  }

  /** Down since now, or since it first was. */
  private down(why: string): State {
    const sinceMs = this.state.kind === 'down' ? this.state.sinceMs : this.parts.wall.now()
    return { kind: 'down', why, sinceMs, againMs: null }
  }

  /** The room is there and has no stream to give: its state can still be fetched. */
  private refused(error: unknown): State | null {
    const full = error instanceof OperatorError && error.code === 'too_many_streams'
    return full ? { kind: 'polled', why: error.why } : null
  }

  private changed(): void {
    for (const listener of this.listeners) listener()
  }
}

/** Asks the server at an address who it is. @throws OperatorError when it is not a room, or does not accept the token */
export async function greet(address: Address): Promise<{ readonly address: Address; readonly access: Access }> {
  const answer = await askAt(
    address,
    { method: 'GET', path: '/access' },
    AbortSignal.timeout(GREETING_TIMEOUT_MS),
  ).catch((error: unknown) => {
    throw error instanceof OperatorError && error.status === 401 ? notAccepted(address) : error
  })
  const access = Access.safeParse(answer)
  if (!access.success)
    throw new OperatorError(
      `the server at ${address.url} is not an onay room`,
      'it did not identify itself as one',
      'check the address',
      'not_onay',
      502,
    )
  if (address.token !== null && access.data.name === null) throw notAccepted(address)
  return { address, access: access.data }
}

function notAccepted({ url, token }: Address): OperatorError {
  return token === null
    ? unauthorized(
        'a token is needed',
        `the room at ${url} answers other machines only with one`,
        'pass it with --token or ONAY_TOKEN',
        'token',
      )
    : unauthorized(
        'the token was not accepted',
        `the room at ${url} does not know it, or it was revoked`,
        "create one on the room's machine with: onay token add NAME; without a token you can look, on that machine only",
        'token',
      )
}

function whyOf(error: unknown): string {
  if (!(error instanceof OperatorError)) return networkWhy(error)
  return error.code === 'no_answer' || error.code === 'no_room' ? error.why : `${error.what}, ${error.why}`
}
