import { idPrefix } from '../db/predictions.ts'
import { floorTo, HOUR_MS, isoTime, MINUTE_MS, type UnixMs } from '../engine/kernel/units.ts'
import { faultOf, type Bar, type BarFault } from '../engine/market/bar.ts'
import type { RecordedRow } from '../feeds/recording.ts'
import type { Desk } from './desk.ts'

/** Gaps longer than this are told as events; shorter ones stand in the completeness alone. */
export interface IntakeLimits {
  readonly gapMin: number
}

export type Taken = { readonly ok: true } | { readonly ok: false; readonly fault: BarFault }

/**
 * Takes one bar of one symbol in: stored, its row computed and stored, counted for drift. A bar that does not fit is
 * counted, named and dropped, and bends nothing. Inside the caller's transaction.
 * @param nowMs the moment up to which bars may be known; a bar of a later minute is from the future
 */
export function takeBar(desk: Desk, row: RecordedRow, nowMs: UnixMs, limits: IntakeLimits): Taken {
  if (row.line > 0) desk.feed.line = row.line
  if ('fault' in row) return drop(desk, row.fault, null, row.line, row.text)
  const fault = faultOf(row.bar) ?? faultInTime(desk, row.bar, nowMs)
  if (fault !== null) return drop(desk, fault, row.bar, row.line, '')
  accept(desk, row.bar, limits)
  return { ok: true }
}

function faultInTime(desk: Desk, bar: Bar, nowMs: UnixMs): BarFault | null {
  if (bar.tsMs + MINUTE_MS > nowMs) return 'future'
  const newest = desk.newestBar
  if (newest === null || bar.tsMs > newest.tsMs) return null
  if (bar.tsMs === newest.tsMs) return 'duplicate'
  return desk.parts.store.bars.has(desk.symbol, bar.tsMs) ? 'duplicate' : 'late'
}

function drop(desk: Desk, fault: BarFault, bar: Bar | null, line: number, text: string): Taken {
  const { feed, parts } = desk
  switch (fault) {
    case 'duplicate':
      feed.duplicates++
      break
    case 'late':
      feed.late++
      break
    case 'future':
      feed.future++
      break
    case 'unparsable':
    case 'off_minute':
    case 'price':
    case 'high_below_low':
    case 'negative_volume':
      feed.badRows++
      break
  }
  const said =
    text === '' && bar !== null ? `${bar.tsMs},${bar.open},${bar.high},${bar.low},${bar.close},${bar.volume}` : text
  parts.store.feeds.nameDrop(
    desk.symbol,
    {
      tsMs: bar === null || !Number.isSafeInteger(bar.tsMs) ? null : bar.tsMs,
      line: line > 0 ? line : null,
      fault,
      text: said.slice(0, 120),
    },
    parts.wallNow(),
  )
  return { ok: false, fault }
}

function accept(desk: Desk, bar: Bar, limits: IntakeLimits): void {
  const { store, wallNow } = desk.parts
  const wallMs = wallNow()
  const previous = desk.newestBar
  const missing = previous === null ? 0 : (bar.tsMs - previous.tsMs) / MINUTE_MS - 1
  if (previous !== null && missing > limits.gapMin) {
    desk.event(
      'gap',
      'warning',
      `gap: ${missing} minutes missing from ${isoTime(previous.tsMs + MINUTE_MS).slice(0, 16)} UTC`,
    )
  }
  const row = desk.stream.push(bar)
  store.bars.insert(desk.symbol, bar, wallMs, false)
  store.features.insert(desk.symbol, row, wallMs)
  for (const counts of desk.drift.values()) counts.add(row)
  const hourMs = floorTo(bar.tsMs, HOUR_MS)
  if (previous !== null && floorTo(previous.tsMs, HOUR_MS) !== hourMs)
    desk.persistDriftHour(floorTo(previous.tsMs, HOUR_MS))
  desk.settlement.sawBar(bar)
  desk.newestBar = bar
  desk.latest = row
  desk.unlogged.push(row)
  desk.arrived.push({ bar, row, scored: false })
  desk.feed.bars++
}

/** The id of a prediction made while history is run through: one a minute, the same in every run. */
export function historyId(tsMs: UnixMs): string {
  return `${idPrefix(tsMs)}-h`
}
