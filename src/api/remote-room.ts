/** A room that runs elsewhere, over HTTP: what a screen sees of it and asks of it. */
import type { Answers, CommandKind, CommandOf } from '../control/commands.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { Findings, QueryKind, QueryOf } from '../control/queries.ts'
import type { AttachedView, EventView, RoomView } from '../control/view.ts'
import type { Clock } from '../engine/kernel/clock.ts'
import { OperatorError, unauthorized } from '../engine/kernel/errors.ts'
import { type UnixMs, MINUTE_MS } from '../engine/kernel/units.ts'
import { askAt, NOTHING_LISTENS, type Question } from './http-request.ts'
import { COMMAND_ROUTES } from './command-routes.ts'
import { QUERY_ROUTES } from './query-routes.ts'
import type { RoomLink } from './room-link.ts'
import { commandQuestion, queryQuestion, understood } from './wire.ts'

/** A little below the screen's half second: its timers may come early. */
const STATE_EVERY_MS = 450
const LOOK_TIMEOUT_MS = 5_000
/** Opening a prompt waits for the moment that the room is going through; a dry run reads a day. */
const COMMAND_TIMEOUT_MS = MINUTE_MS
const EVENTS_SHOWN = 50
const READ_ONLY = 'read-only: attached without a token; start onay attach with --token or ONAY_TOKEN'

export class RemoteRoom implements ControlRoom {
  private last: { readonly asked: string | undefined; readonly view: RoomView } | null = null
  private lastLookMs = Number.NEGATIVE_INFINITY

  constructor(
    private readonly link: RoomLink,
    private readonly wall: Clock,
    /** This program's, to be compared with the room's. */
    private readonly version: string,
  ) {}

  /** The room's state, asked for at most twice a second; in between, the last one with the events that came since. */
  async view(symbol?: string): Promise<RoomView> {
    this.link.refuseDown()
    const nowMs = this.wall.now()
    const { last } = this
    const fresh = last !== null && last.asked === symbol && nowMs - this.lastLookMs < STATE_EVERY_MS
    const view = fresh ? last.view : await this.look(symbol, nowMs)
    return { ...view, room: { ...view.room, events: this.withNewer(view) }, attached: this.attached(view) }
  }

  async read<K extends QueryKind>(query: QueryOf<K>): Promise<Findings[K]> {
    const kind: K = query.kind
    const answer = await this.send(queryQuestion(query), LOOK_TIMEOUT_MS)
    return understood(QUERY_ROUTES[kind].answer, answer, kind === 'view' ? 'its state' : 'its answer', this.versions())
  }

  /** The room knows who asks by the token. @throws OperatorError 401 without one, else what the room refuses */
  async ask<K extends CommandKind>(command: CommandOf<K>): Promise<Answers[K]> {
    const kind: K = command.kind
    const answer = await this.change(commandQuestion(command))
    return understood(COMMAND_ROUTES[kind].answer, answer, 'its answer', this.versions())
  }

  onChange(listener: () => void): () => void {
    return this.link.onChange(listener)
  }

  private async look(symbol: string | undefined, nowMs: UnixMs): Promise<RoomView> {
    this.lastLookMs = nowMs
    const view = await this.read({ kind: 'view', symbol }).catch((error: unknown) => {
      if (error instanceof OperatorError && error.code === 'no_answer') this.link.missed(error.why)
      throw error
    })
    this.last = { asked: symbol, view }
    return view
  }

  /** Events that the stream has brought since the state was asked for, newest first. */
  private withNewer({ room }: RoomView): readonly EventView[] {
    const newestId = room.events[0]?.id ?? 0
    const newer = this.link.events.filter(
      (event) => event.id > newestId && (event.symbol === room.symbol || event.symbol === ''),
    )
    return newer.length === 0 ? room.events : [...newer.reverse(), ...room.events].slice(0, EVENTS_SHOWN)
  }

  private attached({ room: { version } }: RoomView): AttachedView {
    const { link } = this
    const other = version === this.version ? [] : [`the room is onay ${version}, this screen ${this.version}`]
    return {
      url: link.address.url,
      readOnly: link.access.name === null ? READ_ONLY : null,
      notes: [...other, ...link.notes()],
    }
  }

  private async change(question: Question): Promise<unknown> {
    if (this.link.access.name === null)
      throw unauthorized('nothing can be changed from here', READ_ONLY, 'the room was not asked', 'token')
    try {
      return await this.send(question, COMMAND_TIMEOUT_MS)
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'no_answer') throw error
      // The request may have reached the room before the line was cut.
      const next =
        error.why === NOTHING_LISTENS ? 'it was not done' : 'whether it was done will show once the room answers again'
      throw new OperatorError('no answer came', error.why, next, error.code, error.status)
    } finally {
      // The screen looks again after a command, and must see what it did.
      this.lastLookMs = Number.NEGATIVE_INFINITY
    }
  }

  private send(question: Question, timeoutMs: number): Promise<unknown> {
    return askAt(this.link.address, question, AbortSignal.timeout(timeoutMs))
  }

  private versions(): string {
    return `the room is onay ${this.link.access.version}, this screen ${this.version}`
  }
}
