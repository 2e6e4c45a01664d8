/** A room's memory fed from a loopback exchange, on a time that is moved by hand. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { databasePath } from '../../src/db/store.ts'
import { seededRandom } from '../../src/engine/kernel/random.ts'
import { MINUTE_MS, type UnixMs } from '../../src/engine/kernel/units.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import { openCcxt } from '../../src/feeds/exchange-ccxt.ts'
import { judgingOf, timelineOf, type Judging } from '../../src/room/timeline/assemble.ts'
import type { Desks } from '../../src/room/desk/desks.ts'
import type { Config } from '../../src/room/config/config.ts'
import { ExchangeFeed } from '../../src/room/drivers/exchange-feed.ts'
import { RealClock } from '../../src/room/drivers/real-clock.ts'
import type { Timeline } from '../../src/room/timeline/timeline.ts'
import { ServiceScoring } from '../../src/room/timeline/scoring.ts'
import { Turns } from '../../src/work/turns.ts'
import { WorkBoard } from '../../src/work/board.ts'
import { PredictionService } from '../../src/serving/service.ts'
import { vi } from 'vitest'
import { HandTime } from './hand-time.ts'
import { LoopbackExchange } from './loopback-exchange.ts'
import { wanderingBar } from './wandering-bars.ts'
import { configWith, openDesks } from './room.ts'

export const OPENED = Date.parse('2026-01-10T06:00:30Z')
/** A request that is to be answered has all the time that a busy machine needs. */
const PATIENCE_MS = 20_000
/** One that never is need not be waited for long. */
const HASTE_MS = 100
/** What the market's history is cut to where no model is to be trained. */
const SHORT_MS = 3 * 3_600_000

/** Requests that are sent while `stalls` says so are given up soon. */
export function impatientWhile(stalls: () => boolean): void {
  const timeout = AbortSignal.timeout.bind(AbortSignal)
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(stalls() ? HASTE_MS : ms))
}

interface StoredBar extends Bar {
  readonly backfilled: number
}

/** One exchange and one data directory; rooms come and go on them. */
export class Market {
  readonly dir = mkdtempSync(join(tmpdir(), 'onay-exchange-'))
  readonly time = new HandTime(OPENED)
  /** The exchange's clock less the machine's. */
  offsetMs = 0
  /** Where the exchange's history begins. */
  sinceMs = OPENED - SHORT_MS
  candle = (_symbol: string, tsMs: UnixMs): Bar | null => (tsMs < this.sinceMs ? null : wanderingBar(tsMs))
  readonly server = new LoopbackExchange({
    now: () => this.time.wall.now() + this.offsetMs,
    candle: (symbol, tsMs) => this.candle(symbol, tsMs),
  })
  readonly notes: string[] = []
  url = ''

  async close(): Promise<void> {
    await this.server.close()
    rmSync(this.dir, { recursive: true })
  }

  async open(
    options: { exchange?: string; market?: string; windowDays?: number; config?: Config } = {},
  ): Promise<OpenedRoom> {
    const { exchange = 'binance', market = 'BTC/USDT', windowDays = 1, config = configWith(windowDays) } = options
    const stop = new AbortController()
    const { wall } = this.time
    const desks = openDesks(this.dir, { config, clockKind: 'real', wall, symbols: ['BTCUSDT'] })
    const { signal } = stop
    const judging = judgingOf(desks)
    const timeline = timelineOf(desks, judging, {
      scoring: this.scoring(desks),
      meter: null,
      pages: null,
      signal,
    })
    this.time.byItself = true
    try {
      const feed = await ExchangeFeed.open({
        desks,
        timeline,
        choice: {
          kind: 'exchange',
          exchange,
          markets: [market],
          symbols: ['BTCUSDT'],
          open: (signal) => openCcxt({ name: exchange, url: this.url, signal, requestTimeoutMs: PATIENCE_MS }),
        },
        wall,
        work: new WorkBoard(),
        signal: stop.signal,
        log: { info: (text) => this.notes.push(text) },
        pauses: { wait: this.time.pause },
      })
      return new OpenedRoom(this, desks, feed, stop, { judging, timeline })
    } catch (error) {
      desks.close()
      throw error
    }
  }

  private scoring(desks: Desks): ServiceScoring {
    const stopwatch = (): number => this.time.wall.now()
    const service = new PredictionService({
      store: desks.store,
      wall: this.time.wall,
      stopwatch,
      random: seededRandom(7),
      limits: desks.limits.serving,
      meter: { answered: () => undefined, baselineRan: () => undefined, shadowRan: () => undefined },
      onTrouble: (text) => desks.troubles.report('predictions', text),
      onStored: () => desks.troubles.clear('predictions'),
    })
    return new ServiceScoring(service, stopwatch)
  }

  query<T>(sql: string): T[] {
    const raw = new Sqlite(databasePath(join(this.dir, 'data')), { readonly: true })
    try {
      return raw.prepare<[], T>(sql).all()
    } finally {
      raw.close()
    }
  }

  /** From a moment on. */
  bars(fromMs = 0): StoredBar[] {
    return this.query(
      `SELECT ts_ms AS tsMs, open, high, low, close, volume, backfilled FROM bars WHERE ts_ms >= ${fromMs} ORDER BY ts_ms`,
    )
  }

  scored(source: string): UnixMs[] {
    return this.query<{ tsMs: UnixMs }>(
      `SELECT ts_ms AS tsMs FROM predictions WHERE source = '${source}' ORDER BY ts_ms`,
    ).map((row) => row.tsMs)
  }

  events(): string[] {
    return this.query<{ text: string }>('SELECT text FROM events ORDER BY id').map((row) => row.text)
  }
}

export class OpenedRoom {
  private running: Promise<unknown> | null = null

  constructor(
    private readonly market: Market,
    readonly desks: Desks,
    private readonly feed: ExchangeFeed,
    private readonly stop: AbortController,
    readonly parts: { readonly judging: Judging; readonly timeline: Timeline },
  ) {}

  /** Lets it run until so many minutes after now, each at its time. @param tasks how many of it pause: a market and the clock */
  async minutes(n: number, tasks = 2): Promise<void> {
    const { time } = this.market
    time.byItself = false
    this.running ??= this.feed.run(new Turns())
    await time.reach(time.wall.now() + n * MINUTE_MS, tasks)
  }

  /** The same with the moments of its clock. */
  async pass(ms: number): Promise<void> {
    const { time } = this.market
    time.byItself = false
    this.running ??= this.runWithClock()
    await time.reach(time.wall.now() + ms, 3)
  }

  private runWithClock(): Promise<unknown> {
    const { desks, stop, parts } = this
    const { wall, stopwatch, pause } = this.market.time
    const turns = new Turns()
    const { timeline } = parts
    const clock = new RealClock({
      desks,
      timeline,
      wall,
      stopwatch,
      turns,
      signal: stop.signal,
      pauses: { wait: pause },
    })
    return Promise.all([this.feed.run(turns), clock.run()])
  }

  get troubles(): string[] {
    return [...this.desks.troubles.lines]
  }

  async close(): Promise<void> {
    this.stop.abort()
    await this.running
    this.desks.close()
  }
}
