import type { Clock } from '../../engine/kernel/clock.ts'
import type { UnixMs } from '../../engine/kernel/units.ts'
import { faultOf, type Bar } from '../../engine/market/bar.ts'
import type { FillDocument } from '../../control/answers.ts'
import type { Desk } from '../desk/desk.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { filledText, storeFilled } from './backfill.ts'
import type { Pacing } from './pace.ts'
import { tellStandstill } from './standstill.ts'

interface PushAnswer {
  readonly accepted: number
  readonly duplicates: number
  readonly late: number
  readonly rejected: readonly { readonly index: number; readonly reason: string }[]
}

/**
 * Takes pushed bars in, one after the other, each with its row, prediction and settlement; what was accepted is in the
 * database when this resolves. The same bar twice changes nothing.
 */
export async function takePushed(
  timeline: Timeline,
  desk: Desk,
  bars: readonly Bar[],
  wall: Clock,
): Promise<PushAnswer> {
  const rejected: { index: number; reason: string }[] = []
  let accepted = 0
  let duplicates = 0
  let late = 0
  for (const [index, bar] of bars.entries()) {
    const [taken] = await timeline.push(desk, [{ line: 0, bar }], wall.now())
    if (taken === undefined || taken.ok) accepted++
    else if (taken.fault === 'duplicate') duplicates++
    else if (taken.fault === 'late') late++
    else rejected.push({ index, reason: REASONS[taken.fault] })
  }
  tellStandstill(desk, wall.now())
  timeline.writeOut()
  return { accepted, duplicates, late, rejected }
}

/**
 * Fills gaps with bars that were sent to a room that runs, in any order, marked `backfilled`: they serve training and PSI, and
 * are not scored. Bars newer than the newest are the feed's to bring.
 */
export function takeFilling(
  { timeline, desks }: Pick<Pacing, 'timeline' | 'desks'>,
  symbol: string,
  bars: readonly Bar[],
): FillDocument {
  const desk = desks.of(symbol)
  const { tape, parts } = desk
  const newestMs = tape.newestBar?.tsMs ?? Number.NEGATIVE_INFINITY
  const missing = new Map<UnixMs, Bar>()
  const answer = { known: 0, newer: 0, rejected: [] as { index: number; reason: string }[] }
  for (const [index, bar] of bars.entries()) {
    const fault = faultOf(bar)
    if (fault !== null) answer.rejected.push({ index, reason: REASONS[fault] })
    else if (bar.tsMs > newestMs) answer.newer++
    else if (missing.has(bar.tsMs) || parts.store.bars.has(symbol, bar.tsMs)) answer.known++
    else missing.set(bar.tsMs, bar)
  }
  const filled = [...missing.values()].sort((a, b) => a.tsMs - b.tsMs)
  storeFilled(desk, filled, { evidence: desks.evidence, text: filledText(filled.length) })
  timeline.writeOut()
  return { symbol, filled: filled.length, ...answer }
}

const REASONS = {
  unparsable: 'not a number',
  off_minute: 'ts_ms is not the start of a minute',
  price: 'a price is not above 0',
  high_below_low: 'high is below low',
  negative_volume: 'volume is negative',
  future: 'its minute has not ended yet',
  wild_time: 'its time is far from all others',
} as const
