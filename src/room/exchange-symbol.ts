import { DAY_MS, floorTo, isoTime, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { messageOf } from '../engine/kernel/errors.ts'
import { faultOf, type Bar } from '../engine/market/bar.ts'
import { findGaps, type Gap } from '../engine/market/gaps.ts'
import { ExchangeFault, type Exchange } from '../feeds/exchange.ts'
import { closedBars, historyFromMs, LAST_PAUSE_MS, liveBars, newestPage, pagesOver } from '../feeds/exchange-plan.ts'
import { storeFilled } from './backfill.ts'
import type { Core } from './core.ts'
import type { Desk } from './desk.ts'
import type { ExchangeClock } from './exchange-clock.ts'
import { faultText, type Pause, type Requests } from './exchange-requests.ts'
import { takeBar } from './intake.ts'
import { takePushed } from './push.ts'

/** Looks for a minute's candle: where there was no trade there is none, and the next minute has its own. */
const LOOKS_A_MINUTE = 4
const LOOK_AGAIN_MS = 3_000
/** Over two days Wilder's averages and the half-lives of half an hour forget where they began, to the last digit. */
const STREAM_WARM_MS = 2 * DAY_MS

/** Minutes that are filled in one go: some thirty milliseconds, so that a prediction hardly waits. */
const FILL_MINUTES = 240
/** Tries in one minute, and minutes in which it is tried. */
const GAP_TRIES = 2
const GAP_ROUNDS = 10

/** Where gaps may be that the exchange was not asked about. */
interface Suspect {
  readonly fromMs: UnixMs
  readonly untilMs: UnixMs
  /** Rounds in which it could not be asked. */
  failed: number
}

export interface SymbolParts {
  readonly core: Core
  readonly symbol: string
  readonly market: string
  readonly exchange: Exchange
  readonly requests: Requests
  readonly clock: ExchangeClock
  readonly pause: Pause
  readonly signal: AbortSignal
  readonly exclusive: <T>(work: () => Promise<T>) => Promise<T>
  readonly score: (desk: Desk) => Promise<void>
}

/**
 * One market of an exchange, minute by minute: what has closed since the newest bar is taken in as live where it is fresh; the
 * minutes of an outage before it are then asked for once and fill the gap, marked `backfilled`. A minute that the exchange has
 * no candle of stays a gap.
 */
export class ExchangeSymbol {
  private cursorMs: UnixMs
  /** Where gaps are to be looked for; null when none can have come about. */
  private suspect: Suspect | null = null

  /** @param lookBack whether gaps that were there before are asked for: not when history has just run through */
  constructor(
    private readonly parts: SymbolParts,
    lookBack: boolean,
  ) {
    const newestMs = this.desk.newestBar?.tsMs
    this.cursorMs = newestMs === undefined ? 0 : newestMs + MINUTE_MS
    if (lookBack && newestMs !== undefined)
      this.suspect = { fromMs: this.horizonMs(), untilMs: newestMs + 1, failed: 0 }
  }

  async run(): Promise<void> {
    const { core, symbol, clock, pause, signal } = this.parts
    const kind = `exchange ${symbol}`
    while (!signal.aborted) {
      try {
        await this.minute()
        await pause(clock.untilNextCloseMs(), signal)
      } catch (error) {
        if (signal.aborted) return
        core.trouble(kind, `a minute could not be taken in: ${messageOf(error)}`)
        this.reopen()
        await pause(LAST_PAUSE_MS, signal)
      }
    }
  }

  /** Memory may be ahead of the database after a write has failed. */
  private reopen(): void {
    try {
      this.parts.core.reopenDesk(this.parts.symbol)
    } catch {
      // The next minute tries again: what hinders it is on the screen already.
    }
  }

  /** Takes in what has closed by now, and fills the gaps that came to light. */
  async minute(): Promise<void> {
    const { pause, signal, clock } = this.parts
    for (let look = 1; !signal.aborted; look++) {
      await this.takeClosed()
      const expectedMs = floorTo(clock.nowMs(), MINUTE_MS) - MINUTE_MS
      if (this.cursorMs > expectedMs || look >= LOOKS_A_MINUTE) break
      await pause(LOOK_AGAIN_MS, signal)
    }
    await this.fillGaps()
  }

  private async takeClosed(): Promise<void> {
    const { core, symbol, market, exchange, requests, clock, exclusive, score } = this.parts
    const asked = await requests.ask(symbol, () => {
      const page = newestPage(this.cursorMs, clock.nowMs(), exchange.pageLimit(market))
      return exchange.candles(market, page.fromMs, page.minutes)
    })
    if (asked === null) return
    const closed = closedBars(asked.answer, this.cursorMs, clock.nowMs())
    const freshMs = core.limits.serving.stalenessBars * MINUTE_MS
    const bars = liveBars(closed, core.options.wall.now(), freshMs)
    if (bars.length === 0) return
    await exclusive(async () => {
      const beforeMs = this.desk.newestBar?.tsMs
      await takePushed(core, symbol, bars, score)
      this.suspectBetween(beforeMs, this.desk.newestBar?.tsMs)
    })
    this.cursorMs = Math.max(this.cursorMs, floorTo(closed.at(-1)?.tsMs ?? 0, MINUTE_MS) + MINUTE_MS)
  }

  private suspectBetween(beforeMs: UnixMs | undefined, newestMs: UnixMs | undefined): void {
    if (beforeMs === undefined || newestMs === undefined || newestMs === beforeMs) return
    const taken = this.parts.core.store.bars.times(this.parts.symbol, beforeMs, newestMs + 1)
    if (findGaps(taken).length === 0) return
    this.suspect = { fromMs: Math.min(this.suspect?.fromMs ?? beforeMs, beforeMs), untilMs: newestMs + 1, failed: 0 }
  }

  private async fillGaps(): Promise<void> {
    const { suspect } = this
    if (suspect === null) return
    try {
      if (await this.fillWithin(suspect)) this.suspect = null
    } catch (error) {
      if (!(error instanceof ExchangeFault)) throw error
      // What hinders history does not hinder the next minute: it is asked for again after that, and not for ever.
      suspect.failed++
      if (suspect.failed < GAP_ROUNDS) return
      this.suspect = null
      const said = `a gap was not filled: ${faultText(this.parts.exchange.name, error)}`
      this.parts.core.store.db.transaction(() => this.desk.event('gap', 'warning', said))
    }
  }

  /** @returns false when the room ends before all of it was asked for */
  private async fillWithin(suspect: Suspect): Promise<boolean> {
    const { symbol, market, exchange, requests, exclusive } = this.parts
    const limit = Math.min(FILL_MINUTES, exchange.pageLimit(market))
    for (const page of pagesOver(this.gapsIn(suspect), limit)) {
      const asked = await requests.ask(symbol, () => exchange.candles(market, page.fromMs, page.minutes), GAP_TRIES)
      if (asked === null) return false
      const untilMs = Math.min(page.fromMs + page.minutes * MINUTE_MS, suspect.untilMs)
      await exclusive(() => Promise.resolve(this.fill(closedBars(asked.answer, page.fromMs, untilMs))))
    }
    return true
  }

  /** Minutes without a bar; before the first model also those before the first bar that it would be trained on. */
  private gapsIn(suspect: Suspect): Pick<Gap, 'fromMs' | 'untilMs'>[] {
    const times = this.parts.core.store.bars.times(this.parts.symbol, suspect.fromMs, suspect.untilMs)
    const firstMs = times[0]
    const before =
      this.desk.slots.baseline === null && firstMs !== undefined && firstMs > suspect.fromMs
        ? [{ fromMs: suspect.fromMs, untilMs: firstMs }]
        : []
    return [...before, ...findGaps(times)]
  }

  private fill(candles: readonly Bar[]): void {
    const { core, symbol, exchange } = this.parts
    const missing = candles.filter((bar) => !core.store.bars.has(symbol, bar.tsMs))
    this.countUnsound(missing.filter((bar) => faultOf(bar) !== null))
    const filled = missing.filter((bar) => faultOf(bar) === null)
    const [first] = filled
    if (first === undefined) return
    storeFilled(core, symbol, filled, {
      streamFromMs: first.tsMs - STREAM_WARM_MS,
      text: `${filled.length} minutes from ${isoTime(first.tsMs).slice(0, 16)} UTC filled from ${exchange.name}'s history; they are not scored`,
    })
  }

  /** Counted and named like any other, once: the same stretch is asked for again after a start. */
  private countUnsound(bars: readonly Bar[]): void {
    if (bars.length === 0) return
    const { core, symbol } = this.parts
    const named = new Set(core.store.feeds.dropped(symbol).map((drop) => drop.tsMs))
    core.store.db.transaction(() => {
      for (const bar of bars.filter(({ tsMs }) => !named.has(tsMs)))
        takeBar(this.desk, { line: 0, bar }, core.options.wall.now(), { gapMin: core.options.config.features.gap_min })
      this.desk.persist()
    })
  }

  private horizonMs(): UnixMs {
    return historyFromMs(this.parts.clock.nowMs(), this.parts.core.options.config.training.window_days)
  }

  private get desk(): Desk {
    return this.parts.core.station(this.parts.symbol).desk
  }
}
