import { machineRandom } from '../engine/kernel/random.ts'
import { MINUTE_MS } from '../engine/kernel/units.ts'
import type { Answers, CommandHandlers, CommandKind, CommandOf } from '../control/commands.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { MarketFigures, MetricsSource } from '../control/figures.ts'
import type { Findings, QueryHandlers, QueryKind, QueryOf } from '../control/queries.ts'
import type { ClockView, RoomPart, RoomView } from '../control/view.ts'
import type { ServingDoor } from '../serving/door.ts'
import { PredictionService } from '../serving/service.ts'
import { Access } from './access.ts'
import { commandHandlers } from './commands.ts'
import { Core } from './core.ts'
import type { Desk } from './desk.ts'
import { marketFigures } from './market-figures.ts'
import { noteStop, noticeReturn } from './outage.ts'
import { Player, type PlayerParts } from './player.ts'
import { queryHandlers } from './queries.ts'
import { RealClock } from './real-clock.ts'
import { Release } from './release.ts'
import { ReportPages } from './report-pages.ts'
import { Retraining } from './retraining.ts'
import { notOpenYet, realClockSpeed, realClockView, refuseOtherClock } from './room-clock.ts'
import { openRoomFeeds, type OpenedFeeds } from './room-feeds.ts'
import type { RoomOptions } from './room-options.ts'
import { scoreMinute } from './score-minute.ts'
import { sendProbes } from './send-probes.ts'
import { servingDoor } from './serving-door.ts'
import { SmokeRuns } from './smoke.ts'
import { Validation } from './validation-run.ts'
import { nextMoment, roomView } from './view.ts'
import { WorkBoard } from './work-board.ts'

/** The room in its own process: what the timeline plays, what is served, and what people ask of it. */
export class LiveRoom implements ControlRoom, MetricsSource {
  readonly core: Core
  /** Where predictions are asked for. */
  readonly serving: ServingDoor
  readonly access: Access
  private readonly service: PredictionService
  private readonly release: Release
  private readonly pages: ReportPages
  private readonly work: WorkBoard
  private readonly commands: CommandHandlers
  private readonly queries: QueryHandlers
  private phase: RoomPart['phase'] = 'history'
  private url: string | null = null
  private player: Player | null = null
  /** Whether moments are gone through here: only then does a stop say that no outage follows. */
  private ran = false
  private queue: Promise<unknown> = Promise.resolve()
  private readonly stop = new AbortController()

  constructor(private readonly options: RoomOptions) {
    const { config, feed, wall, stopwatch, meter, notify } = options
    options.signal.addEventListener('abort', () => this.stop.abort(), { once: true })
    const { signal } = this.stop
    const inTurn = <T>(task: () => T | Promise<T>): Promise<T> => this.inTurn(task)
    const openDesk = (symbol: string | undefined): Desk => this.openDesk(symbol)
    this.work = new WorkBoard(options.onProgress)
    this.core = this.openCore(options)
    const { core, work } = this
    refuseOtherClock(core, feed)
    this.pages = new ReportPages(core, inTurn, signal)
    this.release = new Release(core, wall)
    this.access = new Access(core.store, options.dataDir, () => wall.now())
    this.service = new PredictionService({
      store: core.store,
      wall,
      stopwatch,
      random: machineRandom,
      limits: core.limits.serving,
      meter,
      onTrouble: (text) => core.trouble('predictions', text),
    })
    const smokes = new SmokeRuns()
    const retraining = new Retraining(core, work, inTurn, signal)
    const validation = new Validation({ core, smokes, work, exclusive: inTurn, signal, url: () => this.url })
    const { access, pages, release, service } = this
    this.serving = servingDoor({ service, smokes, stopwatch, openDesk })
    this.commands = commandHandlers({
      core,
      release,
      inTurn,
      openDesk,
      feed,
      isOpen: () => this.phase === 'open',
      player: () => this.recordingPlayer(),
      clock: (symbol) => this.clockView(symbol),
      score: (desk) => this.score(desk),
      retraining,
      validation,
      work,
      pages,
      smokes,
      access,
      notify,
    })
    this.queries = queryHandlers({
      core,
      release,
      retraining,
      access,
      phase: () => this.phase,
      view: (symbol) => this.viewNow(symbol),
    })
  }

  /** Runs until the signal ends it: history first, then the room is open. */
  async run(onOpen: () => void): Promise<void> {
    const { core, options } = this
    const { signal } = this.stop
    this.ran = true
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
      const exclusive = <T>(work: () => Promise<T>): Promise<T> => this.inTurn(work)
      const clock = new RealClock({ core, wall: options.wall, exclusive, signal })
      const score = (desk: Desk): Promise<void> => this.score(desk)
      await Promise.all([clock.run(), feeds.kind === 'exchange' ? feeds.feed.run({ exclusive, score }) : null])
    }
  }

  /** Opens the room where its market clock stands, for work that needs a room and no feed. */
  openStill(): void {
    this.phase = 'open'
  }

  /** From now on the room is asked over HTTP too. */
  listensAt(url: string): void {
    this.url = url
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
        if (this.ran) noteStop(this.core)
      })
      this.core.writeLogs()
      this.core.drainOutbox()
      await this.core.signed()
    } finally {
      this.core.close()
    }
  }

  view(symbol?: string): Promise<RoomView> {
    return Promise.resolve(this.viewNow(symbol))
  }

  async read<K extends QueryKind>(query: QueryOf<K>): Promise<Findings[K]> {
    const kind: K = query.kind
    return this.queries[kind](query)
  }

  /** Reaches its handler before this returns: an abort waits for nothing. */
  async ask<K extends CommandKind>(command: CommandOf<K>): Promise<Answers[K]> {
    const kind: K = command.kind
    return this.commands[kind](command)
  }

  figures(symbol?: string): MarketFigures {
    return marketFigures(this.core.station(symbol ?? this.core.symbols[0] ?? '').desk)
  }

  /** One at a time with the moments of the timeline, in the order in which they were asked for. */
  private inTurn<T>(task: () => T | Promise<T>): Promise<T> {
    const next = this.queue.then(task)
    // Whoever asked gets the error; whoever comes next must not inherit it.
    this.queue = next.catch(() => undefined)
    return next
  }

  private openDesk(symbol: string | undefined): Desk {
    const { desk } = this.core.station(symbol)
    if (this.phase === 'history') {
      const step = this.work.views(desk.symbol)[0]?.step ?? ''
      throw notOpenYet(step, 'ask again in a moment')
    }
    return desk
  }

  private viewNow(symbol: string | undefined): RoomView {
    const { core, release } = this
    const { desk } = core.station(symbol ?? core.symbols[0])
    return roomView({
      core,
      symbol: desk.symbol,
      phase: this.phase,
      clock: this.clockView(desk.symbol),
      url: this.url,
      release,
      work: this.work.views(desk.symbol),
      notifications: this.options.notify?.views() ?? [],
    })
  }

  private clockView(symbol: string): ClockView {
    const { core, player, release } = this
    if (player === null) return realClockView(core.station(symbol).desk, this.options.wall.now())
    return player.view(this.phase === 'open' ? nextMoment(core, symbol, release) : null)
  }

  private score(desk: Desk): Promise<void> {
    return scoreMinute(this.service, desk, this.options.stopwatch)
  }

  private openCore({ feed, stopwatch, notify, meter, ...options }: RoomOptions): Core {
    const { dataDir, evidenceDir, config, version, wall } = options
    return new Core({
      dataDir,
      evidenceDir,
      mode: 'write',
      config,
      clockKind: feed.kind === 'recording' ? 'replay' : 'real',
      wall,
      version,
      symbols: feed.kind === 'recording' ? feed.recordings.map((recording) => recording.symbol) : feed.symbols,
      signal: this.stop.signal,
      scoreLive: (desk) => this.score(desk),
      series: () => meter.series?.() ?? null,
      sendProbes: (desk, atMs) => sendProbes(this.service, desk, atMs, stopwatch),
      tell: (told) => notify?.tell(told),
      onPageOwed: () => (this.ran && this.phase === 'open' ? this.pages.wake() : undefined),
      onTraining: (symbol, share, step) =>
        this.work.progress('history', { symbol, what: 'history', step: `training: ${step}`, share }),
    })
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
        exclusive: (work) => this.inTurn(work),
        signal: this.stop.signal,
        ...this.pace(),
      },
      this.options.speed,
      feeds.waits,
    )
  }

  /** What restrains the pace of a recording, and how often the judge must look. */
  private pace(): Pick<PlayerParts, 'restraint' | 'stepMs'> {
    return {
      restraint: () => this.release.restraint(),
      stepMs: (symbol) => this.core.station(symbol).desk.canary?.stepMs ?? MINUTE_MS,
    }
  }
}
