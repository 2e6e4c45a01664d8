/** A room that runs elsewhere, over HTTP: what a screen sees of it and asks of it. */
import type { Clock } from '../engine/kernel/clock.ts'
import { OperatorError } from '../engine/kernel/errors.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import { z } from 'zod'
import type {
  ApprovalAnswer,
  AttachedView,
  CanaryRequest,
  ControlRoom,
  DetailView,
  EventView,
  Panel,
  RetrainRequest,
  RoomView,
  Speed,
  ValidateRequest,
} from '../room/control-room.ts'
import { abortedText, answeredText, dryRunText, rolledBackText, waitsText } from '../room/sentences.ts'
import { askAt, NOTHING_LISTENS, type Question } from './asking.ts'
import type { RoomLink } from './room-link.ts'
import { isDetail, isView, viewFault } from './room-shape.ts'

/** A little below the screen's half second: its timers may come early. */
const STATE_EVERY_MS = 450
const LOOK_TIMEOUT_MS = 5_000
/** Opening a prompt waits for the moment that the room is going through; a dry run reads a day. */
const COMMAND_TIMEOUT_MS = 60_000
const EVENTS_SHOWN = 50
const READ_ONLY = 'read-only: attached without a token; start onay attach with --token or ONAY_TOKEN'

const Said = z.object({ said: z.string() })
const Acknowledged = z.object({ said: z.string().optional() })
const Choices = z.object({
  items: z.array(z.object({ features: z.string(), version: z.string(), refused: z.string().nullable() })),
})
const Waits = z.object({ sentence: z.string(), id: z.string() })
const Answered = z.object({
  sentence: z.string(),
  state: z.enum(['waiting', 'approved', 'refused', 'expired', 'stale']),
})
const DryRun = z.object({
  status: z.enum(['SUCCESS', 'ABORTED', 'INCONCLUSIVE']),
  phases: z.array(z.object({ reason: z.string() })),
})
const Aborted = z.object({ candidate: z.string().nullable() })
const RolledBack = z.object({ baseline: z.string().nullable() })

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
    return { ...view, events: this.withNewer(view), attached: this.attached(view) }
  }

  async detail(symbol: string, panel: Panel): Promise<DetailView> {
    const answer = await this.get(`/detail/${panel}${of(symbol)}`)
    if (isDetail(answer)) return answer
    throw this.unreadable(`the ${panel} in large`)
  }

  onChange(listener: () => void): () => void {
    return this.link.onChange(listener)
  }

  setSpeed(speed: Speed, untilMs?: UnixMs): Promise<string> {
    return this.said('/speed', { speed, until_ms: untilMs })
  }

  setPaused(paused: boolean): Promise<string> {
    return this.said('/speed', { speed: paused ? 'pause' : 'play' })
  }

  playToNext(symbol: string): Promise<string> {
    return this.said('/speed', { speed: 'next', symbol })
  }

  startRetrain({ windowMs, untilMs, dryRun, ...request }: RetrainRequest): Promise<string> {
    return this.said('/retrain', { ...request, window_ms: windowMs, until_ms: untilMs, dry_run: dryRun })
  }

  async retrainChoices(symbol: string): ReturnType<ControlRoom['retrainChoices']> {
    return this.read(Choices, await this.get(`/retrain/choices${of(symbol)}`)).items
  }

  cancelWork(id: string): Promise<string> {
    return this.said(`/work/${encodeURIComponent(id)}/cancel`, {})
  }

  startValidate(request: ValidateRequest): Promise<string> {
    return this.said('/validate', request)
  }

  async startCanary(request: CanaryRequest): Promise<string> {
    const answer = await this.change('/canary/start', request)
    return request.live ? waitsText(this.read(Waits, answer)) : dryRunText(this.read(DryRun, answer))
  }

  async abortCanary(symbol: string): Promise<string> {
    return abortedText(this.read(Aborted, await this.change('/canary/abort', { symbol, reason: 'two keystrokes' })))
  }

  async promote(symbol: string): Promise<string> {
    return waitsText(this.read(Waits, await this.change('/promote', { symbol })))
  }

  async rollback(symbol: string): Promise<string> {
    const answer = await this.change('/rollback', { symbol, reason: 'two keystrokes' })
    return rolledBackText(this.read(RolledBack, answer).baseline)
  }

  async answerApproval(id: string, answer: ApprovalAnswer): Promise<string> {
    return answeredText(this.read(Answered, await this.change(`/approvals/${encodeURIComponent(id)}`, answer)))
  }

  async acknowledge(symbol: string, rule: string, reason: string): Promise<string> {
    const answer = await this.change(`/alerts/${encodeURIComponent(rule)}/ack`, { symbol, reason })
    return this.read(Acknowledged, answer).said ?? `${rule} is acknowledged`
  }

  private async look(symbol: string | undefined, nowMs: UnixMs): Promise<RoomView> {
    this.lastLookMs = nowMs
    const answer = await this.get(`/state${symbol === undefined ? '' : of(symbol)}`).catch((error: unknown) => {
      if (error instanceof OperatorError && error.code === 'no_answer') this.link.missed(error.why)
      throw error
    })
    if (!isView(answer)) throw this.unreadable('its state', viewFault(answer))
    this.last = { asked: symbol, view: answer }
    return answer
  }

  /** Events that the stream has brought since the state was asked for, newest first. */
  private withNewer(view: RoomView): readonly EventView[] {
    const newestId = view.events[0]?.id ?? 0
    const newer = this.link.events.filter(
      (event) => event.id > newestId && (event.symbol === view.symbol || event.symbol === ''),
    )
    return newer.length === 0 ? view.events : [...newer.reverse(), ...view.events].slice(0, EVENTS_SHOWN)
  }

  private attached({ version }: RoomView): AttachedView {
    const { link } = this
    const other = version === this.version ? [] : [`the room is onay ${version}, this screen ${this.version}`]
    return {
      url: link.address.url,
      readOnly: link.access.name === null ? READ_ONLY : null,
      notes: [...other, ...link.notes()],
    }
  }

  private get(path: string): Promise<unknown> {
    return this.ask({ method: 'GET', path }, LOOK_TIMEOUT_MS)
  }

  private async said(path: string, body: object): Promise<string> {
    return this.read(Said, await this.change(path, body)).said
  }

  /** @throws OperatorError 401 without a token, else what the room refuses */
  private async change(path: string, body: object): Promise<unknown> {
    if (this.link.access.name === null)
      throw new OperatorError('nothing can be changed from here', READ_ONLY, 'the room was not asked', 'token', 401)
    try {
      return await this.ask({ method: 'POST', path, body }, COMMAND_TIMEOUT_MS)
    } catch (error) {
      if (!(error instanceof OperatorError) || error.code !== 'no_answer') throw error
      // The request may have reached the room before the line was cut.
      const next =
        error.why === NOTHING_LISTENS ? 'it was not done' : 'whether it was done shows when the room is there again'
      throw new OperatorError('no answer came', error.why, next, error.code, error.status)
    } finally {
      // The screen looks again after a command, and must see what it did.
      this.lastLookMs = Number.NEGATIVE_INFINITY
    }
  }

  private ask(question: Question, timeoutMs: number): Promise<unknown> {
    return askAt(this.link.address, question, AbortSignal.timeout(timeoutMs))
  }

  private read<T>(schema: z.ZodType<T>, answer: unknown): T {
    const parsed = schema.safeParse(answer)
    if (parsed.success) return parsed.data
    throw this.unreadable('its answer')
  }

  private unreadable(what: string, why: string | null = null): OperatorError {
    return new OperatorError(
      `${what} cannot be read`,
      `the room is onay ${this.link.access.version}, this screen ${this.version}${why === null ? '' : ` (${why})`}`,
      'attach with the version of the room',
      'other_version',
      502,
    )
  }
}

function of(symbol: string): string {
  return `?symbol=${encodeURIComponent(symbol)}`
}
