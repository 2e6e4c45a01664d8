import type { Store } from '../../db/store.ts'
import { resultOf, type StoredPosition, type TradeRow } from '../../db/trading.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { ArmResults, RESULTS_MS } from '../../engine/trading/arm-results.ts'
import { FLAT, type Position, type TradedMinute } from '../../engine/trading/paper-trade.ts'

/** A bar that arms have been gone through with. */
type SeenMinute = Pick<TradedMinute, 'bar' | 'spreadBp'>

/** What each arm of one symbol has going on paper. */
export class PaperBook {
  private readonly held = new Map<string, StoredPosition>()
  private readonly changed = new Set<string>()
  private last: SeenMinute | null = null
  /** Read when they are first asked for. */
  private kept: ArmResults | null = null

  /** @param capital what results are measured against */
  constructor(
    private readonly symbol: string,
    private readonly store: Store,
    private readonly capital: number,
  ) {}

  /** What arms have closed, and what it came to lately. @param atMs now, on the market clock */
  results(atMs: UnixMs): ArmResults {
    if (this.kept !== null) return this.kept
    const kept = new ArmResults(this.capital)
    for (const { arm, total, result } of this.store.trading.results(this.symbol, atMs - RESULTS_MS))
      kept.add(arm, result, total)
    this.kept = kept
    return kept
  }

  /** A trade of an arm was closed and stored. */
  closed(row: TradeRow): void {
    this.store.trading.addTrade(row)
    this.kept?.add(row.arm, resultOf(row))
  }

  /** The bar before the one that is gone through; null at the first one, and after a start with nothing open. */
  get before(): SeenMinute | null {
    return this.last
  }

  of(arm: string): Position {
    return this.held.get(arm)?.position ?? FLAT
  }

  /** Arms that have an order or a trade going, whether they still may open one or not. */
  get busy(): readonly StoredPosition[] {
    return [...this.held.values()].filter(({ position }) => position.kind !== 'flat')
  }

  moved(stored: StoredPosition): void {
    this.held.set(stored.arm, stored)
    this.changed.add(stored.arm)
  }

  saw(minute: SeenMinute): void {
    this.last = minute
  }

  /** Writes what has changed; inside the caller's transaction. */
  persist(): void {
    for (const arm of this.changed) {
      const stored = this.held.get(arm)
      if (stored !== undefined) this.store.trading.putPosition(this.symbol, stored)
    }
    this.changed.clear()
  }

  /** Back to where the database stands. @param beforeMs bars from here on are still to be gone through */
  restore(beforeMs: UnixMs): void {
    this.held.clear()
    this.changed.clear()
    this.kept = null
    for (const stored of this.store.trading.positions(this.symbol)) this.held.set(stored.arm, stored)
    this.last = this.lastSince(beforeMs)
  }

  /** The bar before matters to open trades alone, and to these only since they were opened. */
  private lastSince(beforeMs: UnixMs): SeenMinute | null {
    const opened = this.busy.flatMap(({ position }) => ('entry' in position ? [position.entry.openedMs] : []))
    if (opened.length === 0) return null
    const bar = this.store.bars.observedBetween(this.symbol, Math.min(...opened), beforeMs).at(-1)
    if (bar === undefined) return null
    const spread = this.store.features.column(this.symbol, 'spread_bp', bar.tsMs, bar.tsMs + 1)
    return { bar, spreadBp: spread.get(bar.tsMs) ?? Number.NaN }
  }
}
