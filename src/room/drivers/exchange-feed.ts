import { conflict, messageOf, OperatorError, unavailable } from '../../engine/kernel/errors.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import { DAY_MS, floorTo, MINUTE_MS, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import { ExchangeFault, type Exchange } from '../../feeds/exchange.ts'
import { ExchangeHistory } from '../../feeds/exchange-history.ts'
import { historyFromMs, LAST_PAUSE_MS, roomSymbol } from '../../feeds/exchange-plan.ts'
import type { Turns } from '../../work/turns.ts'
import type { Desks } from '../desk/desks.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { ExchangeClock } from './exchange-clock.ts'
import type { RoomLog } from '../desk/room-state.ts'
import { faultText, Requests } from './exchange-requests.ts'
import { REAL_PAUSES, type Pauses } from './pace.ts'
import { ExchangeSymbol } from './exchange-symbol.ts'
import { runHistory } from './history-run.ts'
import type { WorkBoard } from '../../work/board.ts'

/** At a first start a person waits for it; later the room opens with what it has. */
const FIRST_TRIES = 3
const CLOCK_EVERY_MS = 10 * MINUTE_MS

export interface ExchangeChoice {
  readonly kind: 'exchange'
  readonly exchange: string
  /** As the command line names them: `BTC/USDT` or `BTCUSDT`. */
  readonly markets: readonly string[]
  /** The room's names for them, in the same order. */
  readonly symbols: readonly string[]
  readonly open: (signal: AbortSignal) => Promise<Exchange>
}

interface ExchangeFeedParts {
  readonly desks: Desks
  readonly timeline: Timeline
  readonly choice: ExchangeChoice
  readonly wall: Clock
  readonly work: WorkBoard
  readonly log: RoomLog
  readonly signal: AbortSignal
  readonly pauses?: Pauses
}

/** Feeds a room from an exchange's public market data: history before it opens, then every minute as it closes. */
export class ExchangeFeed {
  private readonly requests: Requests
  private readonly clock: ExchangeClock
  private readonly pauses: Pauses
  /** The exchange's names by the room's, once they are known. */
  private readonly markets = new Map<string, string>()
  /** Symbols whose history was run through in this process. */
  private readonly fresh = new Set<string>()

  private constructor(
    private readonly parts: ExchangeFeedParts,
    private readonly exchange: Exchange,
  ) {
    const { desks, wall, signal, log } = parts
    this.pauses = parts.pauses ?? REAL_PAUSES
    this.clock = new ExchangeClock(wall)
    this.requests = new Requests({
      troubles: desks.troubles,
      exchange: exchange.name,
      wall,
      pauses: this.pauses,
      signal,
      log,
    })
  }

  /**
   * Connects, and at a first start runs through the history that training needs. A room that has its history opens without
   * the exchange too: it serves what it has, and goes on asking.
   * @throws OperatorError for an unknown exchange or market, one that differs from what the directory has, and at a first
   *   start when the exchange cannot be asked
   */
  static async open(parts: ExchangeFeedParts): Promise<ExchangeFeed> {
    const { desks, choice, signal } = parts
    for (const symbol of choice.symbols) refuseOtherExchange(desks, choice.exchange, symbol)
    const feed = new ExchangeFeed(parts, await choice.open(signal))
    const complete = choice.symbols.every((symbol) => desks.store.facts.of(symbol, 'market')?.complete === true)
    try {
      await feed.connect(complete ? 1 : FIRST_TRIES)
    } catch (error) {
      if (!complete) throw error instanceof ExchangeFault ? unreachable(choice.exchange, error) : error
      const why = error instanceof ExchangeFault ? faultText(choice.exchange, error) : messageOf(error)
      desks.troubles.report('exchange', `${why}; the room opens with what it has`)
      parts.log.info(`exchange: ${why}`)
    }
    if (!complete) await feed.runHistories()
    for (const [symbol, market] of feed.markets) feed.tellConnected(symbol, market)
    return feed
  }

  /** Until the room ends: every market on its own, so that one that fails holds no other. */
  async run(turns: Turns): Promise<void> {
    const markets = this.parts.choice.symbols.map((symbol) => this.runMarket(symbol, turns))
    await Promise.all([...markets, this.watchClock()])
  }

  private async runMarket(symbol: string, turns: Turns): Promise<void> {
    const { desks, timeline, wall, signal } = this.parts
    const { requests, clock, exchange, pauses } = this
    const market = this.markets.get(symbol) ?? (await this.connectLate(symbol))
    if (market === null) return
    // Before the first look: on a machine that is ahead an open candle would pass for a closed one. Where it fails,
    // `watchClock` goes on and names why.
    if (clock.reading === null) await this.measureClock(FIRST_TRIES).catch(() => undefined)
    const desk = desks.of(symbol)
    const { config } = desks.options
    const { troubles, evidence } = desks
    const parts = {
      timeline,
      desk,
      evidence,
      config,
      troubles,
      market,
      exchange,
      requests,
      clock,
      pauses,
      wall,
      turns,
      signal,
    }
    await new ExchangeSymbol(parts, !this.fresh.has(symbol)).run()
  }

  /** A market of a room that opened without it. @returns null when the room ends */
  private async connectLate(symbol: string): Promise<string | null> {
    const { desks, signal } = this.parts
    while (!signal.aborted) {
      try {
        const market = await this.resolve(symbol, Number.POSITIVE_INFINITY)
        if (market === null) return null
        this.tellConnected(symbol, market)
        return market
      } catch (error) {
        desks.troubles.report(`exchange ${symbol}`, messageOf(error))
        await this.pauses.wait(LAST_PAUSE_MS, signal)
      }
    }
    return null
  }

  private async resolve(symbol: string, maxTries: number): Promise<string | null> {
    const { choice } = this.parts
    const asked = choice.markets[choice.symbols.indexOf(symbol)] ?? symbol
    const resolved = await this.requests.ask(symbol, () => this.exchange.resolve(asked), maxTries)
    if (resolved !== null) this.markets.set(symbol, resolved.answer)
    return resolved?.answer ?? null
  }

  private async connect(maxTries: number): Promise<void> {
    for (const symbol of this.parts.choice.symbols) await this.resolve(symbol, maxTries)
    await this.measureClock(maxTries)
  }

  /** What was connected to, on the screen and in the log. */
  private tellConnected(symbol: string, market: string): void {
    const { desks, log, wall } = this.parts
    const said = `${this.exchange.name} ${market}: ${this.clock.say()}`
    const desk = desks.of(symbol)
    // Until the first bar comes, the machine's clock is the only one.
    if (desk.tape.momentMs === 0) desk.tape.enterMoment(wall.now())
    desk.transaction(() => desk.events.log('feed', 'info', said))
    log.info(said)
  }

  private async measureClock(maxTries: number): Promise<void> {
    const { desks } = this.parts
    const market = [...this.markets.values()][0]
    if (market === undefined) return
    const measure = (): Promise<void> => this.clock.measure(() => this.exchange.serverTimeMs(market))
    if ((await this.requests.ask('', measure, maxTries)) === null) return
    const problem = this.clock.problem(this.exchange.name)
    if (problem === null) desks.troubles.clear('clock')
    else if (![...desks.troubles.lines].includes(`clock: ${problem}`)) {
      desks.troubles.report('clock', problem)
      this.parts.log.info(`clock: ${problem}`)
    }
  }

  private async watchClock(): Promise<void> {
    const { desks, signal } = this.parts
    while (!signal.aborted) {
      await this.pauses.wait(CLOCK_EVERY_MS, signal)
      if (signal.aborted) return
      try {
        await this.measureClock(Number.POSITIVE_INFINITY)
      } catch (error) {
        desks.troubles.report('clock', `the exchange's time cannot be read: ${messageOf(error)}`)
      }
    }
  }

  private async runHistories(): Promise<void> {
    const { desks, work, signal } = this.parts
    const { symbols } = this.parts.choice
    work.begin('history', { symbol: symbols[0] ?? '', what: 'history', cancellable: false }, signal)
    for (const [i, symbol] of symbols.entries()) {
      if (desks.store.facts.of(symbol, 'market')?.complete === true) continue
      await this.runOne(symbol, (share, step) =>
        work.progress('history', { symbol, what: 'history', step, share: (i + share) / symbols.length }),
      )
    }
    work.end('history')
  }

  private async runOne(symbol: string, said: (share: number, step: string) => void): Promise<void> {
    const { desks, signal } = this.parts
    const { requests, exchange, clock } = this
    const market = this.markets.get(symbol)
    if (market === undefined || signal.aborted) return
    const { name } = exchange
    desks.store.facts.setOf(symbol, 'market', { exchange: name, market, complete: false })
    const desk = desks.of(symbol)
    const neededMs = historyFromMs(clock.nowMs(), desks.options.config.training.window_days)
    const fromMs = desk.tape.newestBar === null ? neededMs : desk.tape.newestBar.tsMs + MINUTE_MS
    const feed = new ExchangeHistory({
      fromMs,
      limit: exchange.pageLimit(market),
      page: async (pageMs, limit) =>
        (await requests.ask(symbol, () => exchange.candles(market, pageMs, limit)))?.answer ?? null,
      closedByMs: () => clock.nowMs(),
    })
    await runHistory({
      timeline: this.parts.timeline,
      desk,
      feed,
      untilMs: Number.POSITIVE_INFINITY,
      signal,
      onProgress: (atMs) =>
        said((atMs - neededMs) / Math.max(1, clock.nowMs() - neededMs), `${name} ${symbol} ${minuteText(atMs)}`),
    })
    if (signal.aborted) return
    desks.store.facts.setOf(symbol, 'market', { exchange: name, market, complete: true })
    if (fromMs === neededMs) this.fresh.add(symbol)
    this.tellShort(symbol)
  }

  /** Some exchanges give the last hours only: then it is the room that gathers the first window. */
  private tellShort(symbol: string): void {
    const { desks } = this.parts
    const days = desks.options.config.training.window_days
    const firstMs = desks.store.bars.firstMs(symbol)
    const neededMs: UnixMs = floorTo(this.clock.nowMs(), DAY_MS) - days * DAY_MS
    if (firstMs !== null && firstMs <= neededMs) return
    const have = firstMs === null ? 'no history' : `history from ${minuteText(firstMs)} UTC on only`
    const said = `${this.exchange.name} has ${have}: the first model is trained once ${days} days from a UTC midnight are there`
    const desk = desks.of(symbol)
    desk.transaction(() => desk.events.log('training', 'warning', said))
    this.parts.log.info(said)
  }
}

/** The room's names for markets. @throws OperatorError when none or two of the same name are asked for */
export function exchangeSymbols(markets: readonly string[]): string[] {
  const symbols = markets.map(roomSymbol)
  const twice = symbols.find((symbol, i) => symbols.indexOf(symbol) !== i)
  if (twice !== undefined)
    throw new OperatorError(
      `${twice} was named twice`,
      'each market can appear once in a room',
      'name it once',
      'symbol',
    )
  if (symbols.length === 0)
    throw new OperatorError(
      'no market was named',
      'a room needs one',
      'write for instance: --symbol BTC/USDT',
      'symbol',
    )
  return symbols
}

function refuseOtherExchange(desks: Desks, exchange: string, symbol: string): void {
  const known = desks.store.facts.of(symbol, 'market')
  if (known === null || known.exchange === exchange) return
  throw conflict(
    `${symbol} comes from ${known.exchange} in this data directory`,
    `prices on ${exchange} are another market's`,
    'use another --data-dir',
    'exchange',
  )
}

function unreachable(exchange: string, fault: ExchangeFault): OperatorError {
  return unavailable(
    `${exchange} cannot be reached`,
    `it ${faultText(exchange, fault).slice(exchange.length + 1)}`,
    'check the connection, and whether the exchange serves your region; then start again',
    'exchange',
  )
}
