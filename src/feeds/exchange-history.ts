import { floorTo, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, knownAt, type Bar } from '../engine/market/bar.ts'
import { closedBars } from './exchange-plan.ts'
import type { RecordedRow } from './recording.ts'

interface HistorySource {
  readonly fromMs: UnixMs
  /** Candles that one request gives at most. */
  readonly limit: number
  /** One page; null when the room ends. */
  readonly page: (fromMs: UnixMs, limit: number) => Promise<readonly Bar[] | null>
  /** Up to when candles are closed; it goes on while pages are fetched. */
  readonly closedByMs: () => UnixMs
}

/** An exchange's candles from a moment until now, page by page as they are read, as a recording's are from its file. */
export class ExchangeHistory {
  private buffer: Bar[] = []
  private cursorMs: UnixMs
  private finished = false
  private lastKnownMs: UnixMs | null = null

  constructor(private readonly source: HistorySource) {
    this.cursorMs = source.fromMs
  }

  /** The moment of the first sound bar that is still to come; null at the end. */
  async nextKnownMs(): Promise<UnixMs | null> {
    for (;;) {
      const sound = this.buffer.find((bar) => faultOf(bar) === null)
      if (sound !== undefined) return knownAt(sound)
      if (this.finished) return null
      await this.fetch()
    }
  }

  /** The bars known by `momentMs`, unsound ones among them. */
  async takeKnown(momentMs: UnixMs): Promise<RecordedRow[]> {
    const taken: RecordedRow[] = []
    for (;;) {
      const nextMs = await this.nextKnownMs()
      const end = this.buffer.findIndex((bar) => faultOf(bar) === null && knownAt(bar) > momentMs)
      for (const bar of this.buffer.splice(0, end < 0 ? this.buffer.length : end)) {
        taken.push({ line: 0, bar })
        if (faultOf(bar) === null) this.lastKnownMs = knownAt(bar)
      }
      if (nextMs === null || nextMs > momentMs) return taken
    }
  }

  /** Once nothing is left: the moment of the last bar. */
  endMs(): UnixMs | null {
    return this.lastKnownMs
  }

  private async fetch(): Promise<void> {
    const { limit, page, closedByMs } = this.source
    const candles = await page(this.cursorMs, limit)
    if (candles === null) {
      this.finished = true
      return
    }
    const closed = closedBars(candles, this.cursorMs, closedByMs())
    this.buffer.push(...closed)
    const last = closed.at(-1)
    if (last !== undefined) this.cursorMs = floorTo(last.tsMs, MINUTE_MS) + MINUTE_MS
    // A stretch without a candle, an outage of the exchange say: what follows it is asked for until now is reached.
    else if (this.cursorMs + limit * MINUTE_MS < closedByMs()) this.cursorMs += limit * MINUTE_MS
    else this.finished = true
  }
}
