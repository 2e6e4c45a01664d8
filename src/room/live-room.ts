import { machineRandom } from '../engine/kernel/random.ts'
import type { Answers, CommandHandlers, CommandKind, CommandOf } from '../control/commands.ts'
import type { ControlRoom } from '../control/control-room.ts'
import type { MarketFigures, MetricsSource } from '../control/figures.ts'
import type { Findings, QueryHandlers, QueryKind, QueryOf } from '../control/queries.ts'
import type { ClockView, RoomView } from '../control/view.ts'
import { explain } from '../db/faults.ts'
import { databasePath } from '../db/store.ts'
import type { ServingDoor } from '../serving/door.ts'
import { PredictionService } from '../serving/service.ts'
import { Turns } from '../work/turns.ts'
import { judgingOf, longWorkOf, timelineOf } from './timeline/assemble.ts'
import type { Desk } from './desk/desk.ts'
import { Desks } from './desk/desks.ts'
import { requireStored } from './desk/unsaved.ts'
import { RoomState } from './desk/room-state.ts'
import { REAL_PAUSES } from './drivers/pace.ts'
import { Player } from './drivers/player.ts'
import { RealClock } from './drivers/real-clock.ts'
import { notOpenYet, realClockSpeed, realClockView, refuseOtherClock } from './drivers/room-clock.ts'
import { openRoomFeeds, type OpenedFeeds } from './drivers/room-feeds.ts'
import { commandHandlers } from './handlers/commands.ts'
import { headed } from './handlers/headed.ts'
import { queryHandlers } from './handlers/queries.ts'
import { servingDoor } from './handlers/serving-door.ts'
import type { Release } from './release/release.ts'
import { ReportPages } from './reports/report-pages.ts'
import type { RoomOptions } from './room-options.ts'
import { Access } from './safety/access.ts'
import { KillDrills } from './safety/kill-drill.ts'
import { ServiceScoring } from './timeline/scoring.ts'
import type { Timeline } from './timeline/timeline.ts'
import { Retraining } from './training/retraining.ts'
import { SmokeRuns } from './validation/smoke-run.ts'
import { Validation } from './validation/validation-run.ts'
import { RoomViews } from './views/room-view.ts'
import { marketFigures } from './views/market-figures.ts'
import { noteStop, noticeReturn } from './watch/outage.ts'
import { BusyDays } from './watch/busy-days.ts'
import { RuleInputs } from './watch/rule-inputs.ts'
import { WorkBoard } from '../work/board.ts'

const NO_LOG = { info: () => undefined }

/** The room in its own process: what the timeline plays, what is served, and what people ask of it. */
export class LiveRoom implements ControlRoom, MetricsSource {
  readonly desks: Desks
  readonly symbols: readonly string[]
  readonly state = new RoomState()
  /** Who may change things. */
  readonly access: Access
  /** Where predictions are asked for. */
  readonly serving: ServingDoor
  private readonly service: PredictionService
  private readonly timeline: Timeline
  private readonly release: Release
  private readonly pages: ReportPages
  private readonly drills: KillDrills
  private readonly views: RoomViews
  private readonly inputs = new RuleInputs(null)
  private readonly work: WorkBoard
  private readonly turns = new Turns()
  private readonly stop = new AbortController()
  private readonly commands: CommandHandlers
  private readonly queries: QueryHandlers
  private player: Player | null = null
  /** Whether it has run: the end of a room that only stood is no stop of the one that feeds were meant for. */
  private ran = false

  constructor(private readonly options: RoomOptions) {
    const { dataDir, feed, wall, stopwatch, meter, notify } = options
    const { turns, state } = this
    const { signal } = this.stop
    options.signal.addEventListener('abort', () => this.stop.abort(), { once: true })
    const desks = openDesks(options)
    this.desks = desks
    this.symbols = desks.symbols
    refuseOtherClock(desks, feed)
    const smokes = new SmokeRuns(desks.limits.smoke)
    const work = new WorkBoard(options.onProgress)
    this.work = work
    const service = new PredictionService({
      store: desks.store,
      wall,
      stopwatch,
      random: machineRandom,
      limits: desks.limits.serving,
      meter,
      onTrouble: (text) => desks.troubles.report('predictions', text),
      onStored: () => desks.troubles.clear('predictions'),
    })
    this.service = service
    const judging = judgingOf(desks)
    const { judge, release } = judging
    this.release = release
    const pages = new ReportPages(desks, turns, signal)
    this.pages = pages
    const busyDays = new BusyDays(desks, turns, signal)
    const longWork = longWorkOf(desks, signal, work)
    const timeline = timelineOf(desks, judging, {
      scoring: new ServiceScoring(service, stopwatch),
      meter,
      pages,
      busyDays,
      beside: { ...longWork, turns },
      signal,
      onProgress: (symbol, share, step) =>
        work.progress('history', { symbol, what: 'history', step: `training: ${step}, ${Math.round(share * 100)} %` }),
    })
    this.timeline = timeline
    const views = new RoomViews(desks, judge, release)
    this.views = views
    const access = new Access(desks.store, dataDir, () => wall.now())
    this.access = access
    const retraining = new Retraining(desks, work, turns, signal)
    const validation = new Validation({ desks, smokes, work, turns, signal, state })
    const openDesk = (symbol: string | undefined): Desk => this.openDesk(symbol)
    this.serving = servingDoor({ service, smokes, stopwatch, openDesk })
    const drills = new KillDrills(desks, REAL_PAUSES, signal)
    this.drills = drills
    this.commands = commandHandlers({
      desks,
      judge,
      release,
      turns,
      openDesk,
      feed,
      state,
      timeline,
      views,
      wall,
      player: () => this.recordingPlayer(),
      clock: (symbol) => this.clockView(symbol),
      retraining,
      validation,
      ...longWork,
      work,
      pages,
      smokes,
      access,
      drills,
      notify,
      signal,
    })
    const view = (symbol: string | undefined): RoomView => this.viewNow(symbol)
    this.queries = queryHandlers({ desks, judge, release, access, retraining, state, view })
  }

  /** Runs until the signal ends it: history first, then the room is open. */
  async run(onOpen: () => void): Promise<void> {
    try {
      await this.goOn(onOpen)
    } catch (error) {
      throw this.explained(error)
    }
  }

  private async goOn(onOpen: () => void): Promise<void> {
    const { desks, options, timeline, turns, work } = this
    const { wall, stopwatch, log = NO_LOG } = options
    const { signal } = this.stop
    this.ran = true
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
      await Promise.all([
        new RealClock({ ...pacing, stopwatch }).run(),
        feeds.kind === 'exchange' ? feeds.feed.run(turns) : null,
      ])
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
    await this.drills.settled()
    await this.service.drain()
    await this.options.notify?.close()
    try {
      for (const desk of desks.all()) if (desk.tape.feed.clockMs > 0) desk.transaction(() => desk.persist())
      requireStored(desks.all().map(({ unsaved }) => unsaved))
      if (this.ran) noteStop(desks)
      desks.writeLogs()
      desks.drainOutbox()
      await desks.signed()
    } catch (error) {
      throw this.explained(error)
    } finally {
      desks.close()
    }
  }

  view(symbol?: string): Promise<RoomView> {
    return Promise.resolve(this.viewNow(symbol))
  }

  async read<K extends QueryKind>(query: QueryOf<K>): Promise<Findings[K]> {
    const kind: K = query.kind
    try {
      return headed(this.desks, query, await this.queries[kind](query))
    } catch (error) {
      throw this.explained(error)
    }
  }

  /** Reaches its handler before this returns: an abort waits for nothing. */
  async ask<K extends CommandKind>(command: CommandOf<K>): Promise<Answers[K]> {
    const kind: K = command.kind
    try {
      return headed(this.desks, command, await this.commands[kind](command))
    } catch (error) {
      throw this.explained(error)
    }
  }

  figures(symbol: string): MarketFigures {
    return marketFigures(this.desks.of(symbol), this.inputs)
  }

  /** A full disk or a locked database is no bug: people are told what to do. */
  private explained(error: unknown): unknown {
    return explain(databasePath(this.options.dataDir), error)
  }

  private openDesk(symbol: string | undefined): Desk {
    const desk = this.desks.of(symbol)
    if (this.state.phase === 'history') {
      const step = this.work.views(desk.symbol)[0]?.step ?? ''
      throw notOpenYet(step, 'try again in a moment')
    }
    return desk
  }

  private viewNow(symbol: string | undefined): RoomView {
    const desk = this.desks.of(symbol ?? this.desks.symbols[0])
    const { phase, url } = this.state
    return this.views.view({
      symbol: desk.symbol,
      phase,
      clock: this.clockView(desk.symbol),
      url,
      work: this.work.views(desk.symbol),
      notifications: this.options.notify?.views() ?? [],
    })
  }

  private clockView(symbol: string): ClockView {
    const { player, views, state } = this
    if (player === null) return realClockView(this.desks.of(symbol), this.options.wall.now())
    return player.view(state.phase === 'open' ? views.nextMoment(symbol) : null)
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

function openDesks({ feed, notify, ...options }: RoomOptions): Desks {
  const { dataDir, evidenceDir, config, wall, version, program } = options
  return new Desks({
    dataDir,
    evidenceDir,
    mode: 'write',
    config,
    clockKind: feed.kind === 'recording' ? 'replay' : 'real',
    wall,
    version,
    program,
    symbols: feed.kind === 'recording' ? feed.recordings.map((recording) => recording.symbol) : feed.symbols,
    listener: notify,
  })
}
