import { OperatorError } from '../engine/kernel/errors.ts'
import { machineRandom } from '../engine/kernel/random.ts'
import { MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'
import { PredictionService } from '../serving/service.ts'
import type {
  ApprovalAnswer,
  CanaryRequest,
  ValidateRequest,
  ControlRoom,
  DetailView,
  Panel,
  RetrainRequest,
  RoomView,
  Speed,
} from './control-room.ts'
import { Core } from './core.ts'
import type { Desk } from './desk.ts'
import { detailView } from './details.ts'
import { noteStop, noticeReturn } from './outage.ts'
import { Player, type PlayerParts } from './player.ts'
import { RealClock } from './real-clock.ts'
import { Release } from './release.ts'
import { ReleaseCommands } from './release-commands.ts'
import { notOpenYet, realClockSpeed, realClockView, refuseOtherClock, refusePush } from './room-clock.ts'
import { SmokeRuns } from './smoke.ts'
import { Validation } from './validation-run.ts'
import type { EvalResultDocument } from '../evidence/validation-documents.ts'
import { scoreMinute } from './score-minute.ts'
import { sendProbes } from './send-probes.ts'
import { takePushed, type PushAnswer } from './push.ts'
import { openRoomFeeds, type OpenedFeeds } from './room-feeds.ts'
import type { RoomOptions } from './room-options.ts'
import { ReportPages } from './report-pages.ts'
import { Retraining } from './retraining.ts'
import { nextMoment, roomView } from './view.ts'
import { WorkBoard } from './work-board.ts'

/** The room in its own process: what the timeline plays, what is served, and what people ask of it. */
export class LiveRoom implements ControlRoom {
  readonly core: Core
  readonly service: PredictionService
  phase: RoomView['phase'] = 'history'
  url: string | null = null
  private player: Player | null = null
  private readonly work = new WorkBoard()
  private queue: Promise<unknown> = Promise.resolve()
  private readonly stop = new AbortController()
  readonly retraining: Retraining
  readonly smokes: SmokeRuns
  private readonly validation: Validation
  readonly pages: ReportPages
  readonly release: Release
  private readonly releaseCommands: ReleaseCommands

  constructor(readonly options: RoomOptions) {
    const { dataDir, evidenceDir, config, version, feed, wall, stopwatch } = options
    options.signal.addEventListener('abort', () => this.stop.abort(), { once: true })
    this.core = new Core({
      dataDir,
      evidenceDir,
      mode: 'write',
      config,
      clockKind: feed.kind === 'recording' ? 'replay' : 'real',
      wall,
      version,
      symbols: feed.kind === 'recording' ? feed.recordings.map((recording) => recording.symbol) : feed.symbols,
      signal: this.stop.signal,
      scoreLive: (desk) => scoreMinute(this.service, desk, stopwatch),
      series: () => options.meter.series?.() ?? null,
      sendProbes: (desk, atMs) => sendProbes(this.service, desk, atMs, stopwatch),
      tell: (told) => options.notify?.tell(told),
      onPageOwed: () => (this.phase === 'open' ? this.pages.wake() : undefined),
      onTraining: (symbol, share, step) =>
        this.work.progress('history', { symbol, what: 'history', step: `training: ${step}`, share }),
    })
    this.smokes = new SmokeRuns(this.core.limits.smoke)
    this.pages = new ReportPages(this.core, (work) => this.exclusive(work), this.stop.signal)
    refuseOtherClock(this.core, feed)
    this.release = new Release(this.core, wall)
    this.releaseCommands = new ReleaseCommands(this.core, this.release, (work) => this.exclusive(work))
    this.validation = new Validation({
      core: this.core,
      smokes: this.smokes,
      work: this.work,
      exclusive: (work) => this.exclusive(work),
      signal: this.stop.signal,
      url: () => this.url,
    })
    this.retraining = new Retraining(this.core, this.work, (work) => this.exclusive(work), this.stop.signal)
    this.service = new PredictionService({
      store: this.core.store,
      wall,
      stopwatch,
      random: machineRandom,
      limits: this.core.limits.serving,
      meter: options.meter,
      onTrouble: (text) => this.core.trouble('predictions', text),
    })
  }

  /** Runs until the signal ends it: history first, then the room is open. */
  async run(onOpen: () => void): Promise<void> {
    const { core, options } = this
    const { signal } = this.stop
    const feeds = await openRoomFeeds(core, options, this.work, signal)
    if (signal.aborted) return
    // Before anything goes on: a canary that is broken off by the start is news.
    options.notify?.begin(core, () => this.phase === 'open')
    this.release.resume()
    this.phase = 'open'
    this.pages.wake()
    core.store.access.setMeta('opened', 'yes')
    onOpen()
    if (feeds.kind === 'recording') {
      this.player = this.playerOf(feeds)
      await this.player.run()
    } else {
      noticeReturn(core, options.wall.now())
      const exclusive = <T>(work: () => Promise<T>): Promise<T> => this.exclusive(work)
      const clock = new RealClock({ core, wall: options.wall, exclusive, signal })
      const score = (desk: Desk): Promise<void> => scoreMinute(this.service, desk, options.stopwatch)
      await Promise.all([clock.run(), feeds.kind === 'exchange' ? feeds.feed.run({ exclusive, score }) : null])
    }
  }

  /** Ends everything that runs and writes what is left. The server has stopped taking requests before. */
  async close(): Promise<void> {
    this.phase = 'closing'
    this.stop.abort()
    this.work.cancelAll()
    await this.queue
    await this.service.drain()
    await this.options.notify?.close()
    try {
      this.core.store.db.transaction(() => {
        for (const { desk } of this.core.stations.values()) if (desk.feed.clockMs > 0) desk.persist()
        noteStop(this.core)
      })
      this.core.writeLogs()
      this.core.drainOutbox()
      await this.core.signed()
    } finally {
      this.core.close()
    }
  }

  /** One at a time with the moments of the timeline, in the order in which they were asked for. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work)
    // Who asked is told of a failure; whoever comes next is not to inherit it.
    this.queue = next.catch(() => undefined)
    return next
  }

  /** Takes bars that a program of the user's own pushes. @throws OperatorError when it is fed otherwise */
  pushBars(symbol: string, bars: readonly Bar[]): Promise<PushAnswer> {
    refusePush(this.options.feed)
    if (this.phase !== 'open')
      throw new OperatorError('the room is not open', 'it starts or ends', 'try again in a moment', 'history', 503)
    return this.exclusive(() =>
      takePushed(this.core, symbol, bars, (desk) => scoreMinute(this.service, desk, this.options.stopwatch)),
    )
  }

  /** @throws OperatorError 503 while history is run through. */
  openDesk(symbol: string | undefined): Desk {
    const { desk } = this.core.station(symbol)
    if (this.phase === 'history') {
      const step = this.work.views(desk.symbol)[0]?.step ?? ''
      throw notOpenYet(step, 'ask again in a moment')
    }
    return desk
  }

  view(symbol?: string): Promise<RoomView> {
    const name = symbol ?? this.core.symbols[0]
    const { desk } = this.core.station(name)
    const view = roomView({
      core: this.core,
      symbol: desk.symbol,
      phase: this.phase,
      clock:
        this.player?.view(this.phase === 'open' ? nextMoment(this.core, desk.symbol, this.release) : null) ??
        realClockView(desk, this.options.wall.now()),
      url: this.url,
      release: this.release,
      work: this.work.views(desk.symbol),
    })
    return Promise.resolve({ ...view, notifications: this.options.notify?.views() ?? [] })
  }

  async detail(symbol: string, panel: Panel): Promise<DetailView> {
    return detailView(this.core, await this.view(symbol), panel)
  }

  setSpeed(speed: Speed, untilMs?: UnixMs): Promise<string> {
    return Promise.resolve(this.recordingPlayer().setSpeed(speed, untilMs))
  }

  /** Resolves when the moment that is being gone through has ended: paused means that nothing moves. */
  async setPaused(paused: boolean): Promise<string> {
    const said = this.recordingPlayer().setPaused(paused)
    if (paused) await this.exclusive(() => Promise.resolve())
    return said
  }

  playToNext(symbol: string): Promise<string> {
    return Promise.resolve(this.recordingPlayer().playTo(nextMoment(this.core, symbol, this.release)))
  }

  startRetrain(request: RetrainRequest): Promise<string> {
    return Promise.resolve(this.retraining.start(this.openDesk(request.symbol), request))
  }

  retrainChoices(symbol: string): ReturnType<ControlRoom['retrainChoices']> {
    return Promise.resolve(this.retraining.choices(this.core.station(symbol).desk))
  }

  startValidate(request: ValidateRequest): Promise<string> {
    return Promise.resolve(this.validation.start(this.openDesk(request.symbol), request))
  }

  /** Validates and waits for the end. @throws OperatorError when it is refused, fails or is cancelled */
  async validate(request: ValidateRequest): Promise<EvalResultDocument> {
    return this.validation.run(this.openDesk(request.symbol), request)
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

  /** What restrains the pace of a recording, and how often the judge must look. */
  private pace(): Pick<PlayerParts, 'restraint' | 'stepMs'> {
    return {
      restraint: () => this.release.restraint(),
      stepMs: (symbol) => this.core.station(symbol).desk.canary?.stepMs ?? MINUTE_MS,
    }
  }

  private recordingPlayer(): Player {
    if (this.player !== null) return this.player
    throw this.phase === 'history' ? notOpenYet('', 'try again in a moment') : realClockSpeed()
  }

  private playerOf(feeds: Extract<OpenedFeeds, { kind: 'recording' }>): Player {
    return new Player(
      {
        core: this.core,
        wall: this.options.wall,
        openFeed: feeds.open,
        exclusive: (work) => this.exclusive(work),
        signal: this.stop.signal,
        ...this.pace(),
      },
      this.options.speed,
      feeds.waits,
    )
  }
}
