import { floorTo, MINUTE_MS, type UnixMs, minuteText } from '../../engine/kernel/units.ts'
import { messageOf } from '../../engine/kernel/errors.ts'
import { faultOf, type Bar } from '../../engine/market/bar.ts'
import { findGaps, type Gap } from '../../engine/market/gaps.ts'
import { ExchangeFault, type Exchange } from '../../feeds/exchange.ts'
import { closedBars, historyFromMs, LAST_PAUSE_MS, liveBars, newestPage, pagesOver } from '../../feeds/exchange-plan.ts'
import { storeFilled } from './backfill.ts'
import type { Desk } from '../desk/desk.ts'
import type { EvidenceWriter } from '../record/evidence-writer.ts'
import type { ExchangeClock } from './exchange-clock.ts'
import { faultText, type Requests } from './exchange-requests.ts'
import type { Pauses } from './pace.ts'
import { takeRow } from '../timeline/intake.ts'
import type { Timeline } from '../timeline/timeline.ts'
import type { Clock } from '../../engine/kernel/clock.ts'
import type { Turns } from '../../work/turns.ts'
import type { Config } from '../config/config.ts'
import type { Troubles } from '../desk/room-state.ts'
import { takePushed } from './pushed-bars.ts'

/** Looks for a minute's candle: where there was no trade there is none, and the next minute has its own. */
const LOOKS_A_MINUTE = 4
const LOOK_AGAIN_MS = 3_000

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

interface SymbolParts {
  readonly timeline: Timeline
  readonly desk: Desk
  readonly evidence: EvidenceWriter
  readonly config: Config
  readonly troubles: Troubles
  readonly market: string
  readonly exchange: Exchange
  readonly requests: Requests
  readonly clock: ExchangeClock
  readonly pauses: Pauses
  readonly wall: Clock
  readonly turns: Turns
  readonly signal: AbortSignal
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
    const newestMs = this.desk.tape.newestBar?.tsMs
    this.cursorMs = newestMs === undefined ? 0 : newestMs + MINUTE_MS
    if (lookBack && newestMs !== undefined)
      this.suspect = { fromMs: this.horizonMs(), untilMs: newestMs + 1, failed: 0 }
  }

  async run(): Promise<void> {
    const { desk, troubles, clock, pauses, signal } = this.parts
    const kind = `exchange ${desk.symbol}`
    while (!signal.aborted) {
      try {
        await this.minute()
        await pauses.wait(clock.untilNextCloseMs(), signal)
      } catch (error) {
        if (signal.aborted) return
        troubles.report(kind, `a minute could not be taken in: ${messageOf(error)}`)
        await pauses.wait(LAST_PAUSE_MS, signal)
      }
    }
  }

  /** Takes in what has closed by now, and fills the gaps that came to light. */
  async minute(): Promise<void> {
    const { pauses, signal, clock } = this.parts
    for (let look = 1; !signal.aborted; look++) {
      await this.takeClosed()
      const expectedMs = floorTo(clock.nowMs(), MINUTE_MS) - MINUTE_MS
      if (this.cursorMs > expectedMs || look >= LOOKS_A_MINUTE) break
      await pauses.wait(LOOK_AGAIN_MS, signal)
    }
    await this.fillGaps()
  }

  private async takeClosed(): Promise<void> {
    const { timeline, desk, market, exchange, requests, clock, wall, turns } = this.parts
    const asked = await requests.ask(desk.symbol, () => {
      const page = newestPage(this.cursorMs, clock.nowMs(), exchange.pageLimit(market))
      return exchange.candles(market, page.fromMs, page.minutes)
    })
    if (asked === null) return
    const closed = closedBars(asked.answer, this.cursorMs, clock.nowMs())
    const freshMs = desk.parts.limits.serving.stalenessBars * MINUTE_MS
    const bars = liveBars(closed, wall.now(), freshMs)
    if (bars.length === 0) return
    await turns.take(async () => {
      const beforeMs = desk.tape.newestBar?.tsMs
      await takePushed(timeline, desk, bars, wall)
      this.suspectBetween(beforeMs, desk.tape.newestBar?.tsMs)
    })
    this.cursorMs = Math.max(this.cursorMs, floorTo(closed.at(-1)?.tsMs ?? 0, MINUTE_MS) + MINUTE_MS)
  }

  private suspectBetween(beforeMs: UnixMs | undefined, newestMs: UnixMs | undefined): void {
    if (beforeMs === undefined || newestMs === undefined || newestMs === beforeMs) return
    const taken = this.desk.parts.store.bars.times(this.desk.symbol, beforeMs, newestMs + 1)
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
      this.desk.transaction(() => this.desk.events.log('gap', 'warning', said))
    }
  }

  /** @returns false when the room ends before all of it was asked for */
  private async fillWithin(suspect: Suspect): Promise<boolean> {
    const { desk, market, exchange, requests, turns } = this.parts
    const limit = Math.min(FILL_MINUTES, exchange.pageLimit(market))
    for (const page of pagesOver(this.gapsIn(suspect), limit)) {
      const asked = await requests.ask(
        desk.symbol,
        () => exchange.candles(market, page.fromMs, page.minutes),
        GAP_TRIES,
      )
      if (asked === null) return false
      const untilMs = Math.min(page.fromMs + page.minutes * MINUTE_MS, suspect.untilMs)
      await turns.take(() => this.fill(closedBars(asked.answer, page.fromMs, untilMs)))
    }
    return true
  }

  /** Minutes without a bar; before the first model also those before the first bar that it would be trained on. */
  private gapsIn(suspect: Suspect): Pick<Gap, 'fromMs' | 'untilMs'>[] {
    const times = this.desk.parts.store.bars.times(this.desk.symbol, suspect.fromMs, suspect.untilMs)
    const firstMs = times[0]
    const before =
      this.desk.lineUp.inCharge === null && firstMs !== undefined && firstMs > suspect.fromMs
        ? [{ fromMs: suspect.fromMs, untilMs: firstMs }]
        : []
    return [...before, ...findGaps(times)]
  }

  private fill(candles: readonly Bar[]): void {
    const { desk, evidence, exchange } = this.parts
    const { store } = desk.parts
    const missing = candles.filter((bar) => !store.bars.has(desk.symbol, bar.tsMs))
    this.countUnsound(missing.filter((bar) => faultOf(bar) !== null))
    const filled = missing.filter((bar) => faultOf(bar) === null)
    const [first] = filled
    if (first === undefined) return
    storeFilled(desk, filled, {
      evidence,
      text: `${filled.length} minutes from ${minuteText(first.tsMs)} UTC filled from ${exchange.name}'s history; they are not scored`,
    })
  }

  /** Counted and named like any other, once: the same stretch is asked for again after a start. */
  private countUnsound(bars: readonly Bar[]): void {
    if (bars.length === 0) return
    const { desk, wall, config } = this.parts
    const named = new Set(desk.parts.store.feeds.dropped(desk.symbol).map((drop) => drop.tsMs))
    desk.transaction(() => {
      for (const bar of bars.filter(({ tsMs }) => !named.has(tsMs)))
        takeRow(desk, { line: 0, bar }, wall.now(), config.features.gap_min)
      desk.persist()
    })
  }

  private horizonMs(): UnixMs {
    return historyFromMs(this.parts.clock.nowMs(), this.parts.config.training.window_days)
  }

  private get desk(): Desk {
    return this.parts.desk
  }
}
