import { OperatorError } from '../engine/kernel/errors.ts'
import { machineRandom } from '../engine/kernel/random.ts'
import type { UnixMs } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'
import type { EvalResultDocument } from '../evidence/validation-documents.ts'
import { PredictionService } from '../serving/service.ts'
import { Turns } from '../work/turns.ts'
import { judgingOf, timelineOf, type Judging } from './assemble.ts'
import type {
  ApprovalAnswer,
  CanaryRequest,
  ControlRoom,
  DetailView,
  Panel,
  RetrainRequest,
  RoomView,
  Speed,
  ValidateRequest,
} from './control-room.ts'
import type { Desk } from './desk/desk.ts'
import { Desks } from './desk/desks.ts'
import { RoomState } from './desk/room-state.ts'
import { detailView } from './details.ts'
import { Player } from './drivers/player.ts'
import { takePushed, type PushAnswer } from './drivers/pushed-bars.ts'
import { RealClock } from './drivers/real-clock.ts'
import { notOpenYet, realClockSpeed, realClockView, refuseOtherClock, refusePush } from './drivers/room-clock.ts'
import { openRoomFeeds, type OpenedFeeds } from './drivers/room-feeds.ts'
import { ReleaseCommands } from './release-commands.ts'
import type { Release } from './release/release.ts'
import { ReportPages } from './reports/report-pages.ts'
import type { RoomOptions } from './room-options.ts'
import { ServiceScoring } from './timeline/scoring.ts'
import type { Timeline } from './timeline/timeline.ts'
import { Retraining } from './training/retraining.ts'
import { SmokeRuns } from './validation/smoke-run.ts'
import { Validation } from './validation/validation-run.ts'
import { RoomViews } from './view.ts'
import { noteStop, noticeReturn } from './watch/outage.ts'
import { WorkBoard } from './work-board.ts'

const NO_LOG = { info: () => undefined }

/** The room in its own process: what the timeline plays, what is served, and what people ask of it. */
export class LiveRoom implements ControlRoom {
  readonly desks: Desks
  readonly judging: Judging
  readonly service: PredictionService
  readonly state = new RoomState()
  readonly turns = new Turns()
  readonly smokes: SmokeRuns
  readonly retraining: Retraining
  readonly pages: ReportPages
  private player: Player | null = null
  private readonly timeline: Timeline
  private readonly views: RoomViews
  private readonly work = new WorkBoard()
  private readonly stop = new AbortController()
  private readonly validation: Validation
  private readonly releaseCommands: ReleaseCommands

  constructor(readonly options: RoomOptions) {
    const { dataDir, evidenceDir, config, version, feed, wall, stopwatch, meter } = options
    const { turns, work, state } = this
    const { signal } = this.stop
    options.signal.addEventListener('abort', () => this.stop.abort(), { once: true })
    const desks = new Desks({
      dataDir,
      evidenceDir,
      mode: 'write',
      config,
      clockKind: feed.kind === 'recording' ? 'replay' : 'real',
      wall,
      version,
      symbols: feed.kind === 'recording' ? feed.recordings.map((recording) => recording.symbol) : feed.symbols,
      listener: options.notify,
    })
    this.desks = desks
    refuseOtherClock(desks, feed)
    const smokes = new SmokeRuns(desks.limits.smoke)
    this.smokes = smokes
    this.service = new PredictionService({
      store: desks.store,
      wall,
      stopwatch,
      random: machineRandom,
      limits: desks.limits.serving,
      meter,
      onTrouble: (text) => desks.troubles.report('predictions', text),
    })
    this.judging = judgingOf(desks)
    this.pages = new ReportPages(desks, turns, signal)
    this.timeline = timelineOf(desks, this.judging, {
      scoring: new ServiceScoring(this.service, stopwatch),
      meter,
      pages: this.pages,
      signal,
      onProgress: (symbol, share, step) =>
        work.progress('history', { symbol, what: 'history', step: `training: ${step}`, share }),
    })
    this.views = new RoomViews(desks, this.judging.judge, this.release)
    this.releaseCommands = new ReleaseCommands(desks, this.release, turns)
    this.validation = new Validation({ desks, smokes, work, turns, signal, state })
    this.retraining = new Retraining(desks, work, turns, signal)
  }

  get release(): Release {
    return this.judging.release
  }

  /** Runs until the signal ends it: history first, then the room is open. */
  async run(onOpen: () => void): Promise<void> {
    const { desks, options, timeline, turns, work } = this
    const { wall, log = NO_LOG } = options
    const { signal } = this.stop
    const feeds = await openRoomFeeds(options.feed, { desks, timeline, wall, work, log, signal })
    if (signal.aborted) return
    // Before anything goes on: a canary that is broken off by the start is news.
    options.notify?.begin(desks, this.state)
    this.release.resume()
    this.state.opens()
    this.pages.wake()
    desks.store.facts.set('opened', true)
    onOpen()
    const pacing = { desks, timeline, wall, turns, signal }
    if (feeds.kind === 'recording') {
      this.player = this.playerOf(feeds)
      await this.player.run()
    } else {
      noticeReturn(desks, wall.now())
      await Promise.all([new RealClock(pacing).run(), feeds.kind === 'exchange' ? feeds.feed.run(turns) : null])
    }
  }

  /** Opens a room that plays nothing. */
  stand(): void {
    this.state.opens()
  }

  /** Ends everything that runs and writes what is left. The server has stopped taking requests before. */
  async close(): Promise<void> {
    const { desks } = this
    this.state.closes()
    this.stop.abort()
    this.work.cancelAll()
    await this.turns.settled()
    await this.service.drain()
    await this.options.notify?.close()
    try {
      for (const desk of desks.all()) if (desk.tape.feed.clockMs > 0) desk.transaction(() => desk.persist())
      noteStop(desks)
      desks.writeLogs()
      desks.drainOutbox()
      await desks.signed()
    } finally {
      desks.close()
    }
  }

  /** Takes bars that a program of the user's own pushes. @throws OperatorError when it is fed otherwise */
  pushBars(symbol: string, bars: readonly Bar[]): Promise<PushAnswer> {
    refusePush(this.options.feed)
    if (this.state.phase !== 'open')
      throw new OperatorError(
        'the room is not open',
        'it is starting up or shutting down',
        'try again in a moment',
        'history',
        503,
      )
    const { desks, timeline, options } = this
    return this.turns.take(() => takePushed(timeline, desks.forPush(symbol), bars, options.wall))
  }

  /** @throws OperatorError 503 while history is run through. */
  openDesk(symbol: string | undefined): Desk {
    const desk = this.desks.of(symbol)
    if (this.state.phase === 'history') {
      const step = this.work.views(desk.symbol)[0]?.step ?? ''
      throw notOpenYet(step, 'ask again in a moment')
    }
    return desk
  }

  view(symbol?: string): Promise<RoomView> {
    const desk = this.desks.of(symbol ?? this.desks.symbols[0])
    const { phase, url } = this.state
    const view = this.views.view({
      symbol: desk.symbol,
      phase,
      clock:
        this.player?.view(phase === 'open' ? this.views.nextMoment(desk.symbol) : null) ??
        realClockView(desk, this.options.wall.now()),
      url,
      work: this.work.views(desk.symbol),
    })
    return Promise.resolve({ ...view, notifications: this.options.notify?.views() ?? [] })
  }

  async detail(symbol: string, panel: Panel): Promise<DetailView> {
    return detailView(this.desks, await this.view(symbol), panel)
  }

  setSpeed(speed: Speed, untilMs?: UnixMs): Promise<string> {
    return Promise.resolve(this.recordingPlayer().setSpeed(speed, untilMs))
  }

  /** Resolves when the moment that is being gone through has ended: paused means that nothing moves. */
  async setPaused(paused: boolean): Promise<string> {
    const said = this.recordingPlayer().setPaused(paused)
    if (paused) await this.turns.settled()
    return said
  }

  playToNext(symbol: string): Promise<string> {
    return Promise.resolve(this.recordingPlayer().playTo(this.views.nextMoment(symbol)))
  }

  startRetrain(request: RetrainRequest): Promise<string> {
    return Promise.resolve(this.retraining.start(this.openDesk(request.symbol), request))
  }

  retrainChoices(symbol: string): ReturnType<ControlRoom['retrainChoices']> {
    return Promise.resolve(this.retraining.choices(this.desks.of(symbol)))
  }

  startValidate(request: ValidateRequest): Promise<string> {
    return Promise.resolve(this.validation.start(this.openDesk(request.symbol), request))
  }

  /** Validates and waits for the end. @throws OperatorError when it is refused, fails or is cancelled */
  async validate(
    request: ValidateRequest,
    onProgress?: (share: number, step: string) => void,
  ): Promise<EvalResultDocument> {
    return this.validation.run(this.openDesk(request.symbol), request, onProgress)
  }

  startCanary(request: CanaryRequest): Promise<string> {
    return this.releaseCommands.startCanary(request)
  }

  abortCanary(symbol: string): Promise<string> {
    return this.releaseCommands.abortCanary(symbol)
  }

  promote(symbol: string): Promise<string> {
    return this.releaseCommands.promote(symbol)
  }

  rollback(symbol: string): Promise<string> {
    return this.releaseCommands.rollback(symbol)
  }

  answerApproval(id: string, answer: ApprovalAnswer): Promise<string> {
    return this.releaseCommands.answerApproval(id, answer)
  }

  acknowledge(symbol: string, rule: string, reason: string): Promise<string> {
    return this.releaseCommands.acknowledge(symbol, rule, reason)
  }

  cancelWork(id: string): Promise<string> {
    return Promise.resolve(this.work.cancel(id))
  }

  private recordingPlayer(): Player {
    if (this.player !== null) return this.player
    throw this.state.phase === 'history' ? notOpenYet('', 'try again in a moment') : realClockSpeed()
  }

  private playerOf({ recordings, waits }: Extract<OpenedFeeds, { kind: 'recording' }>): Player {
    const { desks, timeline, turns, release, options } = this
    const parts = { desks, timeline, turns, release, recordings, wall: options.wall, signal: this.stop.signal }
    return new Player(parts, options.speed, waits)
  }
}
