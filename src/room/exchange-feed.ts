import { messageOf, OperatorError } from '../engine/kernel/errors.ts'
import type { Clock } from '../engine/kernel/clock.ts'
import { DAY_MS, floorTo, isoTime, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { ExchangeFault, type Exchange } from '../feeds/exchange.ts'
import { ExchangeHistory } from '../feeds/exchange-history.ts'
import { historyFromMs, LAST_PAUSE_MS, roomSymbol } from '../feeds/exchange-plan.ts'
import type { Core } from './core.ts'
import { ExchangeClock } from './exchange-clock.ts'
import { remember, rememberedMarket } from './exchange-memory.ts'
import { faultText, realPause, Requests, type Pause } from './exchange-requests.ts'
import { ExchangeSymbol, type SymbolParts } from './exchange-symbol.ts'
import { runHistory } from './history.ts'
import type { WorkBoard } from './work-board.ts'

/** At a first start a person waits for it; later the room opens with what it has. */
const FIRST_TRIES = 3
const CLOCK_EVERY_MS = 10 * 60_000

export interface ExchangeChoice {
  readonly kind: 'exchange'
  readonly exchange: string
  /** As the command line names them: `BTC/USDT` or `BTCUSDT`. */
  readonly markets: readonly string[]
  /** The room's names for them, in the same order. */
  readonly symbols: readonly string[]
  readonly open: (signal: AbortSignal) => Promise<Exchange>
}

export interface ExchangeFeedParts {
  readonly core: Core
  readonly choice: ExchangeChoice
  readonly wall: Clock
  readonly work: WorkBoard
  readonly signal: AbortSignal
  /** A line for the log. */
  readonly note: (text: string) => void
  readonly pause?: Pause
}

export type TakingParts = Pick<SymbolParts, 'exclusive' | 'score'>

/** Feeds a room from an exchange's public market data: history before it opens, then every minute as it closes. */
export class ExchangeFeed {
  private readonly requests: Requests
  private readonly clock: ExchangeClock
  private readonly pause: Pause
  /** The exchange's names by the room's, once they are known. */
  private readonly markets = new Map<string, string>()
  /** Symbols whose history was run through in this process. */
  private readonly fresh = new Set<string>()

  private constructor(
    private readonly parts: ExchangeFeedParts,
    private readonly exchange: Exchange,
  ) {
    const { core, wall, signal, note } = parts
    this.pause = parts.pause ?? realPause
    this.clock = new ExchangeClock(wall)
    this.requests = new Requests({ core, exchange: exchange.name, wall, pause: this.pause, signal, note })
  }

  /**
   * Connects, and at a first start runs through the history that training needs. A room that has its history opens without
   * the exchange too: it serves what it has, and goes on asking.
   * @throws OperatorError for an unknown exchange or market, one that differs from what the directory has, and at a first
   *   start when the exchange cannot be asked
   */
  static async open(parts: ExchangeFeedParts): Promise<ExchangeFeed> {
    const { core, choice, signal } = parts
    for (const symbol of choice.symbols) refuseOtherExchange(core, choice.exchange, symbol)
    const feed = new ExchangeFeed(parts, await choice.open(signal))
    const complete = choice.symbols.every((symbol) => rememberedMarket(core.store, symbol)?.complete === true)
    try {
      await feed.connect(complete ? 1 : FIRST_TRIES)
    } catch (error) {
      if (!complete) throw error instanceof ExchangeFault ? unreachable(choice.exchange, error) : error
      const why = error instanceof ExchangeFault ? faultText(choice.exchange, error) : messageOf(error)
      core.trouble('exchange', `${why}; the room opens with what it has`)
      parts.note(`exchange: ${why}`)
    }
    if (!complete) await feed.runHistories()
    for (const [symbol, market] of feed.markets) feed.tellConnected(symbol, market)
    return feed
  }

  /** Until the room ends: every market on its own, so that one that fails holds no other. */
  async run(taking: TakingParts): Promise<void> {
    const markets = this.parts.choice.symbols.map((symbol) => this.runMarket(symbol, taking))
    await Promise.all([...markets, this.watchClock()])
  }

  private async runMarket(symbol: string, taking: TakingParts): Promise<void> {
    const { core, signal } = this.parts
    const { requests, clock, exchange, pause } = this
    const market = this.markets.get(symbol) ?? (await this.connectLate(symbol))
    if (market === null) return
    // Before the first look: on a machine that is ahead an open candle would pass for a closed one. Where it fails,
    // `watchClock` goes on and names why.
    if (clock.reading === null) await this.measureClock(FIRST_TRIES).catch(() => undefined)
    const parts = { core, symbol, market, exchange, requests, clock, pause, signal, ...taking }
    await new ExchangeSymbol(parts, !this.fresh.has(symbol)).run()
  }

  /** A market of a room that opened without it. @returns null when the room ends */
  private async connectLate(symbol: string): Promise<string | null> {
    const { core, signal } = this.parts
    while (!signal.aborted) {
      try {
        const market = await this.resolve(symbol, Number.POSITIVE_INFINITY)
        if (market === null) return null
        this.tellConnected(symbol, market)
        return market
      } catch (error) {
        core.trouble(`exchange ${symbol}`, messageOf(error))
        await this.pause(LAST_PAUSE_MS, signal)
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
    const { core, note, wall } = this.parts
    const said = `${this.exchange.name} ${market}: ${this.clock.say()}`
    const { desk } = core.station(symbol)
    desk.momentMs = Math.max(desk.momentMs, wall.now())
    core.store.db.transaction(() => desk.event('feed', 'info', said))
    note(said)
  }

  private async measureClock(maxTries: number): Promise<void> {
    const { core } = this.parts
    const market = [...this.markets.values()][0]
    if (market === undefined) return
    const measure = (): Promise<void> => this.clock.measure(() => this.exchange.serverTimeMs(market))
    if ((await this.requests.ask('', measure, maxTries)) === null) return
    const problem = this.clock.problem(this.exchange.name)
    if (problem === null) core.clearTrouble('clock')
    else if (![...core.troubles].includes(`clock: ${problem}`)) {
      core.trouble('clock', problem)
      this.parts.note(`clock: ${problem}`)
    }
  }

  private async watchClock(): Promise<void> {
    const { core, signal } = this.parts
    while (!signal.aborted) {
      await this.pause(CLOCK_EVERY_MS, signal)
      if (signal.aborted) return
      try {
        await this.measureClock(Number.POSITIVE_INFINITY)
      } catch (error) {
        core.trouble('clock', `the exchange's time cannot be read: ${messageOf(error)}`)
      }
    }
  }

  private async runHistories(): Promise<void> {
    const { core, work, signal } = this.parts
    const { symbols } = this.parts.choice
    work.begin('history', { symbol: symbols[0] ?? '', what: 'history', cancellable: false }, signal)
    for (const [i, symbol] of symbols.entries()) {
      if (rememberedMarket(core.store, symbol)?.complete === true) continue
      await this.runOne(symbol, (share, step) =>
        work.progress('history', { symbol, what: 'history', step, share: (i + share) / symbols.length }),
      )
    }
    work.end('history')
  }

  private async runOne(symbol: string, said: (share: number, step: string) => void): Promise<void> {
    const { core, signal } = this.parts
    const { requests, exchange, clock } = this
    const market = this.markets.get(symbol)
    if (market === undefined || signal.aborted) return
    const { name } = exchange
    remember(core.store, symbol, { exchange: name, market, complete: false })
    const { desk } = core.station(symbol)
    const neededMs = historyFromMs(clock.nowMs(), core.options.config.training.window_days)
    const fromMs = desk.newestBar === null ? neededMs : desk.newestBar.tsMs + MINUTE_MS
    const feed = new ExchangeHistory({
      fromMs,
      limit: exchange.pageLimit(market),
      page: async (pageMs, limit) =>
        (await requests.ask(symbol, () => exchange.candles(market, pageMs, limit)))?.answer ?? null,
      closedByMs: () => clock.nowMs(),
    })
    await runHistory({
      core,
      symbol,
      feed,
      untilMs: Number.POSITIVE_INFINITY,
      signal,
      onProgress: (atMs) =>
        said(
          (atMs - neededMs) / Math.max(1, clock.nowMs() - neededMs),
          `${name} ${symbol} ${isoTime(atMs).slice(0, 16).replace('T', ' ')}`,
        ),
    })
    if (signal.aborted) return
    remember(core.store, symbol, { exchange: name, market, complete: true })
    if (fromMs === neededMs) this.fresh.add(symbol)
    this.tellShort(symbol)
  }

  /** Some exchanges give the last hours only: then it is the room that gathers the first window. */
  private tellShort(symbol: string): void {
    const { core } = this.parts
    const days = core.options.config.training.window_days
    const { firstMs } = core.store.bars.span(symbol)
    const neededMs: UnixMs = floorTo(this.clock.nowMs(), DAY_MS) - days * DAY_MS
    if (firstMs !== null && firstMs <= neededMs) return
    const have = firstMs === null ? 'no history' : `history from ${isoTime(firstMs).slice(0, 16)} UTC on only`
    const said = `${this.exchange.name} has ${have}: the first model is trained once ${days} days from a UTC midnight are there`
    const { desk } = core.station(symbol)
    core.store.db.transaction(() => desk.event('training', 'warning', said))
    this.parts.note(said)
  }
}

/** The room's names for markets. @throws OperatorError when none or two of the same name are asked for */
export function exchangeSymbols(markets: readonly string[]): string[] {
  const symbols = markets.map(roomSymbol)
  const twice = symbols.find((symbol, i) => symbols.indexOf(symbol) !== i)
  if (twice !== undefined)
    throw new OperatorError(`${twice} was named twice`, 'a market has one place in a room', 'name it once', 'symbol')
  if (symbols.length === 0)
    throw new OperatorError(
      'no market was named',
      'a room needs one',
      'write for instance: --symbol BTC/USDT',
      'symbol',
    )
  return symbols
}

function refuseOtherExchange(core: Core, exchange: string, symbol: string): void {
  const known = rememberedMarket(core.store, symbol)
  if (known === null || known.exchange === exchange) return
  throw new OperatorError(
    `${symbol} is ${known.exchange}'s in this data directory`,
    `${exchange}'s prices are those of another market`,
    'use another --data-dir',
    'exchange',
    409,
  )
}

function unreachable(exchange: string, fault: ExchangeFault): OperatorError {
  return new OperatorError(
    `${exchange} cannot be asked`,
    `it ${faultText(exchange, fault).slice(exchange.length + 1)}`,
    'look at the connection, and whether the exchange serves where you are; then start again',
    'exchange',
    503,
  )
}
