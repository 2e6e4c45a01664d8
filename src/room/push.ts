import { floorTo, MINUTE_MS } from '../engine/kernel/units.ts'
import type { Bar } from '../engine/market/bar.ts'
import type { Core } from './core.ts'
import type { Desk } from './desk.ts'
import { takeBar } from './intake.ts'

export interface PushAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly late: number
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

/** A bar may be a little early: clocks differ. */
const EARLY_MS = 2_000

/**
 * Takes pushed bars in, one after the other, each with its row, prediction and settlement; what was accepted is in the
 * database when this resolves. The same bar twice changes nothing.
 */
export async function takePushed(
  core: Core,
  symbol: string,
  bars: readonly Bar[],
  score: (desk: Desk) => Promise<void>,
): Promise<PushAnswer> {
  const { desk } = core.stationFor(symbol)
  const { store, options } = core
  const rejected: { index: number; reason: string }[] = []
  let accepted = 0
  let duplicates = 0
  let late = 0
  for (const [index, bar] of bars.entries()) {
    const nowMs = options.wall.now() + EARLY_MS
    desk.momentMs = nowMs
    if (desk.feed.clockMs === 0) desk.feed.clockMs = floorTo(nowMs, MINUTE_MS)
    const taken = store.db.transaction(() => {
      const outcome = takeBar(desk, { line: 0, bar }, nowMs, { gapMin: options.config.features.gap_min })
      desk.persist()
      return outcome
    })
    if (taken.ok) {
      accepted++
      await score(desk)
      store.db.transaction(() => {
        for (const arrival of desk.arrived) desk.settlement.settle(arrival.bar, desk.slots, nowMs)
        desk.arrived = []
      })
    } else if (taken.fault === 'duplicate') duplicates++
    else if (taken.fault === 'late') late++
    else rejected.push({ index, reason: REASONS[taken.fault] })
  }
  core.writeLogs()
  return { accepted, duplicates, late, rejected }
}

const REASONS = {
  unparsable: 'not a number',
  off_minute: 'ts_ms is not the start of a minute',
  price: 'a price is not above 0',
  high_below_low: 'high is below low',
  negative_volume: 'volume is negative',
  future: 'its minute has not ended yet',
} as const
