import type { UnixMs } from '../../src/engine/kernel/units.ts'
import { DAY_MS, MINUTE_MS } from '../../src/engine/kernel/units.ts'
import type { Bar } from '../../src/engine/market/bar.ts'
import type { DeskKit } from './a-desk.ts'

/** The bar of a minute of a market that wanders: the same minute is the same bar, whoever asks and when. */
export function wanderingBar(tsMs: UnixMs): Bar {
  const price = (minute: number): number =>
    100 + 8 * Math.sin(minute / 700) + 2 * Math.sin(minute / 41) + 0.3 * Math.sin(minute * 12.9898)
  const minute = tsMs / MINUTE_MS
  const open = price(minute - 1)
  const close = price(minute)
  return {
    tsMs,
    open,
    high: Math.max(open, close) + 0.02 + 0.01 * Math.cos(minute * 78.233),
    low: Math.min(open, close) - 0.02 - 0.01 * Math.sin(minute * 37.719),
    close,
    volume: 10 + 5 * Math.sin(minute * 4.1414),
  }
}

/** Stores the bars of a day and a minute, without rows or predictions. */
export function aDayOfBars({ desk, desks }: DeskKit, fromMs: UnixMs): void {
  desk.transaction(() => {
    for (let i = 0; i <= DAY_MS / MINUTE_MS; i++)
      desks.store.bars.insert(desk.symbol, wanderingBar(fromMs + i * MINUTE_MS), fromMs, false)
  })
}
